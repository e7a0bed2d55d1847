"""Publishes what the community is expected to draw and give in the coming day, slot by slot, each once.

It is summed up from the forecasts that homes report, over the cohorts of the statistics and by the same rules
(``privacy``): a slot is published of which every home of a cohort has told what it expects, and stays as it
was first published, whatever homes tell later.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..arrays import Flags, Whole
from ..flexibility.direction import Direction
from ..flexibility.packed import StandingOffers
from ..flexibility.standing import standing_offers
from ..privacy.cohorts import Cohort, resolution_s, withheld
from ..privacy.publish import Key
from ..store import Store
from ..store.database import Turn, take_turn
from ..store.series import MOST_WH, QUARTER_S
from ..store.tables import FrozenCohort, PublishedNumber
from .publishing import Uniform, cohorts_of, numbers_of, unguessable

AHEAD: Final = timedelta(hours=24)
FIGURES: Final = ("import_ahead", "export_ahead")
# Homes tell half-hours, so that nothing shorter is known of them.
FINEST_S: Final = 1800
_S_AN_HOUR: Final = 3600
# As what a meter counts: beyond it is a wrong unit or a lie, and nothing is known of the slot.
_MOST_W: Final = MOST_WH * _S_AN_HOUR // QUARTER_S


async def publish_ahead(store: Store, now: datetime, uniform: Uniform = unguessable) -> None:
    """Publish the slots of the coming day that are whole and were not published yet."""
    async with store.writing() as session:
        await take_turn(session, Turn.PUBLISHING)
        for month in sorted({moment.date().replace(day=1) for moment in (now, now + AHEAD)}):
            for frozen in await cohorts_of(session, month):
                session.add_all(await _numbers(session, frozen, now, uniform))


async def _numbers(
    session: AsyncSession, frozen: FrozenCohort, now: datetime, uniform: Uniform
) -> list[PublishedNumber]:
    finest_s = resolution_s(len(frozen.homes))
    if finest_s is None:
        return []
    slot_s = max(finest_s, FINEST_S)
    told = await standing_offers(session, now, frozen.homes, Direction.LESS, (now, now))
    if set(told.ven_ids) != set(frozen.homes):
        return []
    slots = _slots(frozen.month, now, slot_s)
    import_wh, export_wh, known = expected_wh(told, slots, slot_s)
    complete = known.all(axis=0)
    cohort = Cohort(id=frozen.id, month=frozen.month, homes=frozenset(frozen.homes))
    kept = await _kept(session, frozen.id, now)
    found: list[PublishedNumber] = []
    for figure, energy_wh in zip(FIGURES, (import_wh, export_wh), strict=True):
        # One stands out over all that is ahead, or not: an hour alone says little of that.
        whole = energy_wh[:, complete]
        if withheld(cohort, None, whole, np.ones_like(whole, dtype=np.bool_)) is not None:
            continue
        new = [
            index
            for index in np.flatnonzero(complete).tolist()
            if (figure, slots[index] * slot_s) not in kept
        ]
        keys = [Key(cohort.id, figure, slots[index], slot_s) for index in new]
        found += numbers_of(frozen, keys, energy_wh[:, new], uniform) if new else []
    return found


def _slots(month: date, now: datetime, slot_s: int) -> list[int]:
    """Return the slots of a month that begin within the coming day (UTC epoch // their length)."""
    first = -int(-now.timestamp() // slot_s)
    last = int((now + AHEAD).timestamp()) // slot_s
    return [
        slot
        for slot in range(first, last)
        if datetime.fromtimestamp(slot * slot_s, UTC).date().replace(day=1) == month
    ]


async def _kept(session: AsyncSession, cohort_id: str, now: datetime) -> set[tuple[str, int]]:
    """Return which figures of which starts (s since 1970) were published already."""
    query = select(PublishedNumber.figure, PublishedNumber.start).where(
        PublishedNumber.cohort_id == cohort_id,
        PublishedNumber.figure.in_(FIGURES),
        PublishedNumber.start >= now,
    )
    return {(figure, int(start.timestamp())) for figure, start in (await session.execute(query)).tuples()}


def expected_wh(told: StandingOffers, slots: Sequence[int], slot_s: int) -> tuple[Whole, Whole, Flags]:
    """Return import and export that homes expect, and where they told it, of shape (homes, slots).

    A half-hour in which a home gives more than it draws on the mean is export, and none of it import. A slot
    is known of a home whose told intervals fill it, each within what a connection carries.
    """
    starts = np.array(slots, dtype=np.int64) * slot_s
    shape = (len(told.ven_ids), len(starts))
    import_ws, export_ws, told_s = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    is_absurd = np.abs(told.baseline_w) > _MOST_W
    power_w = np.where(is_absurd, 0, told.baseline_w)
    for index, start_s in enumerate(starts.tolist()):
        within_s = np.minimum(told.end_s, start_s + slot_s) - np.maximum(told.start_s, start_s)
        within_s = np.where(is_absurd, 0, np.maximum(within_s, 0))
        told_s[:, index] = within_s.sum(axis=1)
        import_ws[:, index] = (within_s * np.maximum(power_w, 0)).sum(axis=1)
        export_ws[:, index] = (within_s * np.maximum(-power_w, 0)).sum(axis=1)
    return import_ws // _S_AN_HOUR, export_ws // _S_AN_HOUR, told_s == slot_s
