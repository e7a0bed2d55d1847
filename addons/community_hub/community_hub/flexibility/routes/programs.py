"""``/api/v1/programs``: what homes consent to, and events belong to."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, StrictBool

from ...accounts.identity import Asking, require
from ...accounts.roles import Thing, Verb
from ...hub import hub_of
from ...openadr.issuing import issuing_of
from ...store.audit import Act, record
from ...web import StrictRoute
from ...web.fields import Name
from ..guard import Kind
from ..programs import Programme, program_request, programme_of, programmes

router = APIRouter(prefix="/programs", tags=["programs"], route_class=StrictRoute)


class NewProgram(BaseModel):
    """A programme. ``exclusive``: it bears no other that pays for the same devices.

    ``reads_energy``: by its terms the operator may read what the home's meter counted.
    """

    name: Name
    kind: Kind = Kind.AGGREGATOR
    exclusive: StrictBool = False
    reads_energy: StrictBool = False


@router.get("")
async def list_programs(who: Asking, request: Request) -> list[dict[str, Any]]:
    """List all programmes: who consents to one reads what there is."""
    require(who, Verb.READ, Thing.PROGRAM, owner_id=who.person_id)
    async with hub_of(request).store.reading() as session:
        return [described(each) for each in (await programmes(session)).values()]


@router.post("", status_code=HTTPStatus.CREATED)
async def add_program(who: Asking, body: NewProgram, request: Request) -> dict[str, Any]:
    """Make a programme, which VENs see as any other."""
    require(who, Verb.WRITE, Thing.PROGRAM)
    hub = hub_of(request)
    told = body.model_dump()
    wanted = program_request(**told)
    async with hub.store.writing() as session:
        row = await issuing_of(request).program(session, wanted)
        act = Act(actor=who.person_id, act="program.add", object=row.id, details=told)
        await record(session, hub.clock(), act)
    return described(programme_of(row))


def described(programme: Programme) -> dict[str, Any]:
    """Return what is told of a programme."""
    return {
        "id": programme.id,
        "name": programme.name,
        "kind": programme.kind.value,
        "exclusive": programme.exclusive,
        "reads_energy": programme.reads_energy,
    }
