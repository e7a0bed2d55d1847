"""Publishes the community's sums, day by day and month by month, once and for good.

Who is in a sum is frozen for a month: homes that joined before it and whose meters told anything in the month
before. Which sums may stand beside each other, and of how many homes, is ``privacy.cohorts``; how a number is
noised and rounded is ``privacy.publish``.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..arrays import Real, Whole
from ..privacy.cohorts import FEWEST_HOMES, Cohort, published_together, resolution_s, withheld
from ..privacy.publish import EPSILON, Key, Published, publish
from ..store import Store
from ..store.database import Turn, take_turn
from ..store.series import QUARTER_S, DaySeries, decoded
from ..store.tables import FrozenCohort, Home, MeteredDay, PublishedNumber

# All homes; a feeder's are "feeder-" and its name.
COMMUNITY: Final = "community"
FIGURES: Final = ("import", "export")
# A home may send a report again for a week, and a day is made within hours.
PATIENCE: Final = timedelta(days=8)
_DAY: Final = timedelta(days=1)
_AT_ONCE: Final = 500

type Uniform = Callable[[int], Real]


def unguessable(count: int) -> Real:
    """Return numbers of [0, 1) that nobody can guess: of 53 bits each, from the system's own source."""
    whole = np.frombuffer(secrets.token_bytes(8 * count), dtype="<u8") >> np.uint64(11)
    return whole.astype(np.float64) * 2.0**-53


async def publish_days(store: Store, now: datetime, uniform: Uniform = unguessable) -> None:
    """Publish the days that are due, each in a transaction of its own."""
    while True:
        async with store.writing() as session:
            await take_turn(session, Turn.PUBLISHING)
            day = await _next(session, now)
            if day is None:
                return
            for frozen in await cohorts_of(session, day.replace(day=1)):
                session.add_all(await _numbers(session, frozen, day, uniform))
                frozen.published_until = day


async def _next(session: AsyncSession, now: datetime) -> date | None:
    """Return the first day that was not looked at and is due; of a new hub that is the newest alone."""
    due = (now - PATIENCE).date() - _DAY
    last = await session.scalar(select(func.max(FrozenCohort.published_until)))
    day = due if last is None else last + _DAY
    return day if day <= due else None


async def cohorts_of(session: AsyncSession, month: date) -> list[FrozenCohort]:
    """Return the cohorts of a month; who is in them is said when they are asked for first."""
    query = select(FrozenCohort).where(FrozenCohort.month == month).order_by(FrozenCohort.id)
    if found := list(await session.scalars(query)):
        return found
    feeders = await _feeders(session, month)
    everybody = Cohort(id=COMMUNITY, month=month, homes=frozenset(feeders))
    wanted = [everybody]
    for feeder in sorted({each for each in feeders.values() if each is not None}):
        homes = frozenset(ven_id for ven_id, its in feeders.items() if its == feeder)
        # The same homes twice would be noised twice, and the mean of both tell more than either.
        if homes != everybody.homes:
            wanted.append(Cohort(id=f"feeder-{feeder}", month=month, homes=homes))
    free, _ = published_together([each for each in wanted if len(each.homes) >= FEWEST_HOMES])
    # The community's row says how far it was looked at, also where there are too few.
    kept = free if everybody in free else [Cohort(id=COMMUNITY, month=month, homes=frozenset()), *free]
    made = [FrozenCohort(id=each.id, month=month, homes=sorted(each.homes)) for each in kept]
    session.add_all(made)
    return made


async def _feeders(session: AsyncSession, month: date) -> Mapping[str, str | None]:
    """Return the feeders of the homes that are summed up in a month."""
    before = (month - _DAY).replace(day=1)
    told = select(MeteredDay.ven_id).where(MeteredDay.day >= before, MeteredDay.day < month)
    query = select(Home.ven_id, Home.feeder).where(
        Home.state == "active", Home.created_at < _begin(month), Home.ven_id.in_(told)
    )
    return dict((await session.execute(query)).tuples().all())


async def _numbers(
    session: AsyncSession, frozen: FrozenCohort, day: date, uniform: Uniform
) -> list[PublishedNumber]:
    """Return what is published of a cohort's day: of the slots that are known of all of its homes."""
    slot_s = resolution_s(len(frozen.homes))
    if slot_s is None:
        return []
    cohort = Cohort(id=frozen.id, month=frozen.month, homes=frozenset(frozen.homes))
    series = await _days(session, frozen.homes, day)
    parts = slot_s // QUARTER_S
    shape = (len(frozen.homes), -1, parts)
    complete = series.known.reshape(shape).all(axis=(0, 2))
    first = int(_begin(day).timestamp()) // slot_s
    slots = [first + slot for slot in np.flatnonzero(complete).tolist()]
    found: list[PublishedNumber] = []
    for figure, counted in zip(FIGURES, (series.import_wh, series.export_wh), strict=True):
        energy_wh = counted.reshape(shape).sum(axis=2, dtype=np.int64)[:, complete]
        if withheld(cohort, None, energy_wh, np.ones_like(energy_wh, dtype=np.bool_)) is None:
            keys = [Key(cohort.id, figure, slot, slot_s) for slot in slots]
            found += numbers_of(frozen, keys, energy_wh, uniform)
    return found


def numbers_of(
    frozen: FrozenCohort, keys: Sequence[Key], energy_wh: Whole, uniform: Uniform
) -> list[PublishedNumber]:
    """Return numbers to keep, noised now, of a cohort's energies of shape (homes, keys)."""
    nothing = Published(numbers_wh={}, spent={})
    published = publish(nothing, keys, frozen.homes, energy_wh, uniform).numbers_wh
    return [_row(key, energy) for key, energy in published.items()]


def _row(key: Key, energy_wh: int) -> PublishedNumber:
    start = datetime.fromtimestamp(key.slot * key.slot_s, UTC)
    return PublishedNumber(
        cohort_id=key.cohort, figure=key.figure, start=start, slot_s=key.slot_s, energy_wh=energy_wh
    )


async def _days(session: AsyncSession, homes: Sequence[str], day: date) -> DaySeries:
    """Return one day of many homes, in their order."""
    found: dict[str, bytes] = {}
    for some in batched(homes, _AT_ONCE, strict=False):
        query = select(MeteredDay.ven_id, MeteredDay.series).where(
            MeteredDay.day == day, MeteredDay.ven_id.in_(some)
        )
        found |= dict((await session.execute(query)).tuples().all())
    return decoded([found.get(ven_id) for ven_id in homes])


async def spent_by(session: AsyncSession, ven_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return in how many published numbers each of these homes is, by cohort and month, and what that cost.

    The cost is the sum of the numbers' epsilons: how much all of them together may tell of one home.
    """
    found: list[dict[str, Any]] = []
    for frozen in await session.scalars(select(FrozenCohort).order_by(FrozenCohort.month, FrozenCohort.id)):
        own = sorted(set(ven_ids) & set(frozen.homes))
        if not own:
            continue
        end = _begin((frozen.month + timedelta(days=32)).replace(day=1))
        numbers = await session.scalar(
            select(func.count()).where(
                PublishedNumber.cohort_id == frozen.id,
                PublishedNumber.start >= _begin(frozen.month),
                PublishedNumber.start < end,
            )
        )
        found += [
            {
                "ven_id": ven_id,
                "cohort": frozen.id,
                "month": frozen.month,
                "numbers": numbers or 0,
                "epsilon": (numbers or 0) * EPSILON,
            }
            for ven_id in own
        ]
    return found


async def hide(session: AsyncSession, ven_id: str, pseudonym: str) -> None:
    """Let a home that goes stand in its cohorts under a pseudonym: what was published stays."""
    for frozen in await session.scalars(select(FrozenCohort)):
        if ven_id in frozen.homes:
            frozen.homes = sorted({*frozen.homes, pseudonym} - {ven_id})


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
