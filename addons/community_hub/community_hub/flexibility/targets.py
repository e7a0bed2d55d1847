"""Whom something is asked of: groups of homes, and of these those that consent for the whole of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..homes.consents import in_force
from ..store.tables import Consent, Home, Resource
from ..web.fields import Name, ObjectId

_TICK: Final = timedelta(microseconds=1)
_KIND: Final = "DEVICE_KIND"
MOST_KINDS: Final = 64

type Some = Annotated[list[ObjectId], Field(max_length=10_000)]


class Targets(BaseModel):
    """A group: in one of the feeders *and* one of the postcodes *and* … An empty list restricts nothing."""

    model_config = ConfigDict(extra="forbid")

    feeders: Some = []
    postcodes: Annotated[list[Name], Field(max_length=10_000)] = []
    device_kinds: Annotated[list[Name], Field(max_length=MOST_KINDS)] = []
    ven_ids: Some = []

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what a home's row has to be."""
        columns = (
            (Home.feeder, self.feeders),
            (Home.postcode, self.postcodes),
            (Home.ven_id, self.ven_ids),
        )
        return [column.in_(chosen) for column, chosen in columns if chosen]


def told_targets(targets: Mapping[str, Any], own: Collection[str] | None) -> dict[str, Any]:
    """Return a stored group as it is told to somebody with these homes (None: who may see all): no others."""
    if own is None:
        return dict(targets)
    return dict(targets) | {"ven_ids": [ven_id for ven_id in targets["ven_ids"] if ven_id in own]}


class Candidate(NamedTuple):
    """A home that may be asked. ``devices`` are those that it consents with; none: the whole home.

    ``group`` is what of it is asked, as its resources name it; None: the whole home.
    """

    ven_id: str
    name: str
    feeder: str | None
    devices: frozenset[str] = frozenset()
    group: str | None = None

    def asked_of(self, meant: Collection[str]) -> Candidate | None:
        """Return the home as it may be asked where these devices are meant; None: it consents to none of it.

        Who consents with some devices alone is asked of one of them: what it offers as a whole is not its
        word on these, and an event is of the home or of one group.
        """
        if not self.devices:
            return self
        named = self.devices & frozenset(meant)
        return self._replace(group=next(iter(named))) if len(named) == 1 else None


async def by_consent(
    session: AsyncSession, program_id: str, start: datetime, end: datetime, targets: Targets
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the homes of a group with one consent to a programme from ``start`` until ``end``, and the rest.

    Both by venID.
    """
    consent = and_(
        Consent.ven_id == Home.ven_id,
        Consent.program_id == program_id,
        in_force(start),
        in_force(max(end - _TICK, start)),
    )
    query = (
        select(Home.ven_id, Home.name, Home.feeder, Consent.devices)
        .outerjoin(Consent, consent)
        .where(Home.state == "active", *targets.conditions())
        .order_by(Home.ven_id)
    )
    found, others = {}, []
    for ven_id, name, feeder, devices in await session.execute(query):
        if devices is None:
            others.append(Candidate(ven_id=ven_id, name=name, feeder=feeder))
        else:
            found[ven_id] = Candidate(ven_id=ven_id, name=name, feeder=feeder, devices=frozenset(devices))
    kinds = targets.device_kinds
    return await _of_kinds(session, list(found.values()), kinds), await _of_kinds(session, others, kinds)


async def consenting_homes(
    session: AsyncSession, program_id: str, start: datetime, end: datetime, targets: Targets
) -> list[Candidate]:
    """Return the homes of a group with one consent to a programme from ``start`` until ``end``, by venID."""
    found, _ = await by_consent(session, program_id, start, end, targets)
    return found


async def homes_in(session: AsyncSession, targets: Targets) -> list[Candidate]:
    """Return all homes of a group, whatever they consent to, by venID."""
    query = (
        select(Home.ven_id, Home.name, Home.feeder)
        .where(Home.state == "active", *targets.conditions())
        .order_by(Home.ven_id)
    )
    found = [
        Candidate(ven_id=ven_id, name=name, feeder=feeder)
        for ven_id, name, feeder in await session.execute(query)
    ]
    return await _of_kinds(session, found, targets.device_kinds)


async def _of_kinds(
    session: AsyncSession, homes: Sequence[Candidate], kinds: Sequence[str]
) -> list[Candidate]:
    """Return the homes that have a device of one of the kinds, as their resources say."""
    if not kinds:
        return list(homes)
    wanted = set(kinds)
    resources = await session.execute(select(Resource.ven_id, Resource.document))
    having = {ven_id for ven_id, document in resources if wanted & _kinds_of(document)}
    return [home for home in homes if home.ven_id in having]


def _kinds_of(resource: dict[str, Any]) -> set[str]:
    return {
        value
        for attribute in resource.get("attributes") or ()
        if attribute.get("type") == _KIND
        for value in attribute.get("values", ())
        if isinstance(value, str)
    }
