"""Programmes as the guard sees them: what is said in the attributes of an OpenADR programme."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..store.tables import Program
from .guard import Kind

KIND: Final = "PROGRAM_KIND"
EXCLUSIVE: Final = "PROGRAM_EXCLUSIVE"
READS_ENERGY: Final = "PROGRAM_READS_ENERGY"


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """A programme: who asks by it, and whether it bears no other that pays for the same devices.

    ``reads_energy``: who consents to it lets the operator read what the home's meter counted.
    """

    id: str
    name: str
    kind: Kind
    exclusive: bool
    reads_energy: bool


def programme_of(row: Program) -> Programme:
    """Return a programme. One that does not say what it is, in words known here, is an aggregator's."""
    told: Mapping[str, Any] = {
        attribute["type"]: next(iter(attribute["values"]), None)
        for attribute in row.document.get("attributes") or ()
    }
    kind = told.get(KIND)
    return Programme(
        id=row.id,
        name=row.name,
        kind=Kind(kind) if kind in set(Kind) else Kind.AGGREGATOR,
        exclusive=told.get(EXCLUSIVE) is True,
        reads_energy=told.get(READS_ENERGY) is True,
    )


def program_request(name: str, kind: Kind, *, exclusive: bool, reads_energy: bool = False) -> dict[str, Any]:
    """Return the OpenADR ``programRequest`` of a programme."""
    attributes: list[dict[str, Any]] = [{"type": KIND, "values": [kind.value]}]
    told = {EXCLUSIVE: exclusive, READS_ENERGY: reads_energy}
    attributes += [{"type": name, "values": [True]} for name, holds in told.items() if holds]
    return {"programName": name, "attributes": attributes}


async def programmes(session: AsyncSession) -> Mapping[str, Programme]:
    """Return all programmes by id."""
    found = await session.scalars(select(Program).order_by(Program.created_at, Program.id))
    return {row.id: programme_of(row) for row in found}
