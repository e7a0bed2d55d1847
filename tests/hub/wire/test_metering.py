"""What meters counted: from reports, in whatever order they come, into the series of days."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from community_hub.store import Store
from community_hub.store.series import MISSING, QUARTERS, decoded
from community_hub.store.tables import MeteredDay, OpenSlot
from community_hub.wire.metering import PATIENCE, Slot, fold, series_of, slots_of
from community_hub.wire.mqtt5 import Message
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from ..running import Clock
from .samples import join, message
from .test_intake import leading_intake

DAY: Final = date(2026, 11, 29)
MIDNIGHT: Final = datetime(2026, 11, 29, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)


def metered(
    report: int, quarter: int, *kwh: float, version: int = 0, quality: str | None = None, **changes: Any
) -> Message:
    """Return a report of what was counted from a quarter-hour on, as the home last modified it."""
    start = MIDNIGHT + quarter * QUARTER
    said = (start + len(kwh) * QUARTER + timedelta(minutes=version)).isoformat()
    more = [] if quality is None else [{"type": "DATA_QUALITY", "values": [quality]}]
    site = {
        "resourceName": "SITE",
        "intervalPeriod": {"start": start.isoformat().replace("+00:00", "Z"), "duration": "PT15M"},
        "intervals": [
            {"id": number, "payloads": [{"type": "USAGE", "values": [each]}, *more]}
            for number, each in enumerate(kwh)
        ],
    }
    times = {"createdDateTime": said, "modificationDateTime": said}
    return message(report, **({"reportName": "metering", "resources": [site]} | times | changes))


async def took(store: Store, *messages: Message, at: datetime = MIDNIGHT + timedelta(days=1)) -> None:
    intake = await leading_intake(store)
    intake.clock = Clock(at)
    await intake.take(messages)


async def series(store: Store) -> dict[int, tuple[int, int, int]]:
    """Return import, export and mark of each quarter-hour of the day that is known."""
    async with store.reading() as session:
        found = await series_of(session, "home-1", DAY, DAY)
    day = decoded([found.get(DAY)])
    return {
        quarter: (int(day.import_wh[0, quarter]), int(day.export_wh[0, quarter]), int(day.marks[0, quarter]))
        for quarter in range(QUARTERS)
        if day.marks[0, quarter] != MISSING
    }


async def opened(store: Store) -> int:
    async with store.reading() as session:
        return await session.scalar(select(func.count()).select_from(OpenSlot)) or 0


OVER: Final = MIDNIGHT + timedelta(days=1) + PATIENCE


async def test_what_was_counted_is_there_before_its_day_is_over_and_after(store: Store) -> None:
    await join(store, "home-1")
    await took(store, metered(1, 4, 0.5, -0.25), metered(2, 6, 0.1, quality="ESTIMATED"))
    expected = {4: (500, 0, 0), 5: (0, 250, 0), 6: (100, 0, 2)}

    assert await series(store) == expected
    await fold(store, OVER - timedelta(seconds=1))
    assert await opened(store) == 3
    await fold(store, OVER)
    assert await opened(store) == 0
    assert await series(store) == expected


async def test_of_two_reports_on_a_quarter_hour_the_newer_counts_whatever_came_last(store: Store) -> None:
    await join(store, "home-1")
    await took(store, metered(1, 4, 0.5, version=2))
    await took(store, metered(2, 4, 0.4, version=1), metered(3, 5, 0.3, version=1))
    await took(store, metered(4, 5, 0.2, version=0))

    assert await series(store) == {4: (500, 0, 0), 5: (300, 0, 0)}


async def test_a_late_report_opens_its_day_again_and_says_so(store: Store) -> None:
    await join(store, "home-1")
    await took(store, metered(1, 4, 0.5, version=1))
    await fold(store, OVER)
    later = OVER + timedelta(hours=5)
    await took(store, metered(2, 4, 0.4, version=0), metered(3, 5, 0.3), at=later)
    async with store.reading() as session:
        before = await session.get_one(MeteredDay, ("home-1", DAY))
    assert (before.changed_at, before.reopened_at) == (OVER, later)

    await fold(store, later + timedelta(hours=1))

    assert await series(store) == {4: (500, 0, 0), 5: (300, 0, 0)}
    async with store.reading() as session:
        after = await session.get_one(MeteredDay, ("home-1", DAY))
    assert (after.changed_at, after.reopened_at) == (later + timedelta(hours=1), None)


async def test_the_same_report_again_opens_nothing(store: Store) -> None:
    await join(store, "home-1")
    await took(store, metered(1, 4, 0.5))
    await fold(store, OVER)
    await took(store, metered(1, 4, 0.5), at=OVER)

    async with store.reading() as session:
        assert (await session.get_one(MeteredDay, ("home-1", DAY))).reopened_at is None


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_order_they_come_in_and_whenever_the_day_is_made_it_comes_to_the_same(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 # no secret
    reports = [
        metered(number, chance.randrange(90), *(chance.randint(0, 9) / 10 for _ in range(3)), version=number)
        for number in range(1, 30)
    ]
    newest: dict[int, tuple[datetime, tuple[int, int, int]]] = {}
    for each in reports:
        from_ = datetime.fromisoformat(_object(each)["modificationDateTime"])
        for slot in slots_of(each.payload):
            quarter = (slot.start - MIDNIGHT) // QUARTER
            newest[quarter] = max(newest.get(quarter, (MIDNIGHT, (0, 0, 0))), (from_, slot[1:]))
    await join(store, "home-1")
    shuffled = chance.sample(reports, len(reports))
    at = OVER
    for first in range(0, len(shuffled), 7):
        await took(store, *shuffled[first : first + 7], at=at)
        at += timedelta(hours=1)
        if chance.random() < 0.5:
            await fold(store, at)
    await fold(store, at)

    assert await series(store) == {quarter: counted for quarter, (_, counted) in newest.items()}


def _object(each: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(each.payload)["object"]
    return found


SITE: Final = {"resourceName": "SITE", "intervalPeriod": {"start": "2026-11-29T01:00:00Z"}}
NO_SLOTS: Final[dict[str, Any]] = {
    "not on a quarter": SITE | {"intervalPeriod": {"start": "2026-11-29T01:01:00Z"}},
    "hours": SITE | {"intervalPeriod": {"start": "2026-11-29T01:00:00Z", "duration": "PT1H"}},
    "no start": SITE | {"intervalPeriod": {}},
    "a start that is none": SITE | {"intervalPeriod": {"start": "tomorrow"}},
    "a period that is a list": SITE | {"intervalPeriod": ["2026-11-29T01:00:00Z"]},
    "of a device": SITE | {"resourceName": "car"},
}


@pytest.mark.parametrize("name", NO_SLOTS)
def test_what_is_no_quarter_hour_of_a_home_is_left_out(name: str) -> None:
    intervals = [{"id": 0, "payloads": [{"type": "USAGE", "values": [0.5]}]}]
    assert slots_of(metered(1, 4, resources=[NO_SLOTS[name] | {"intervals": intervals}]).payload) == []


@pytest.mark.parametrize("value", [True, "0.5", 25.001, -9000])
def test_what_no_home_counts_in_a_quarter_hour_is_left_out_and_the_next_is_taken(value: Any) -> None:
    assert slots_of(metered(1, 4, value, 0.5).payload) == [Slot(MIDNIGHT + 5 * QUARTER, 500, 0, 0)]


KEYS: Final = st.sampled_from(["resourceName", "intervals", "intervalPeriod", "payloads", "values", "start"])
LEAVES: Final = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3)
TOLD: Final = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner))


@given(TOLD)
def test_whatever_is_told_is_read_or_left_out(told: Any) -> None:
    slots_of(metered(1, 4, resources=[SITE | {"intervals": told}]).payload)
