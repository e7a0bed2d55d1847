"""Who can be called for something: homes that consent for all of it, and to which nothing else forbids it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ..web import Problem
from .guard import Asks, Claim, Stage, refusals
from .programs import Programme, programmes
from .standing_claims import claims_between
from .targets import Candidate, Targets, by_consent

NO_CONSENT: Final = "no_consent"
ONLY_DEVICES: Final = "only_devices"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What homes of a group would be called for, from ``start`` until ``end``.

    ``devices`` are those that are meant, where not the whole home is.
    """

    program_id: str
    start: datetime
    end: datetime
    asks: Asks
    targets: Targets
    devices: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True, slots=True)
class Willing:
    """The homes that can be called, and why other homes of the group cannot, by their venIDs."""

    programme: Programme
    homes: Sequence[Candidate]
    left_out: Mapping[str, str]


async def willing_for(session: AsyncSession, now: datetime, call: Call) -> Willing:
    """Return who can be called. Raises Problem 409 for no such programme."""
    programme = (await programmes(session)).get(call.program_id)
    if programme is None:
        raise Problem(HTTPStatus.CONFLICT, "no-such-program", "There is no such programme.")
    consenting, others = await by_consent(session, call.program_id, call.start, call.end, call.targets)
    left_out = {home.ven_id: NO_CONSENT for home in others}
    claims = await claims_between(session, now, call.start, call.end)
    homes: list[Candidate] = []
    for home in consenting:
        asked = home.asked_of(call.devices)
        if asked is None:
            left_out[home.ven_id] = ONLY_DEVICES
            continue
        standing = claims.get(home.ven_id)
        refused = refusals(_claim(programme, call, home), standing, Stage.DISPATCH) if standing else []
        if refused:
            left_out[home.ven_id] = refused[0].reason
        else:
            homes.append(asked)
    return Willing(programme=programme, homes=homes, left_out=left_out)


def _claim(programme: Programme, call: Call, home: Candidate) -> Claim:
    return Claim(
        id="", kind=programme.kind, start=call.start, end=call.end, asks=call.asks, devices=home.devices
    )
