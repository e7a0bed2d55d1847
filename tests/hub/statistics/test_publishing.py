"""The community's days: published once of enough homes, kept, and never so that a difference tells of one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import pytest
from community_hub.accounts import housekeeping
from community_hub.arrays import Real
from community_hub.statistics.publishing import PATIENCE, publish_days, unguessable
from community_hub.store import Store
from community_hub.store.series import Counted, folded
from community_hub.store.tables import FrozenCohort, Home, MeteredDay, PublishedNumber
from sqlalchemy import select

from ..running import PASSWORD, Running, person_id, problem

DAY: Final = date(2026, 11, 3)
# The first moment at which that day is published.
DUE: Final = datetime(2026, 11, 4, tzinfo=UTC) + PATIENCE
BEFORE: Final = date(2026, 10, 20)
QUARTERS: Final = range(96)


def without_noise(count: int) -> Real:
    return np.full(count, 0.5)


async def homes(store: Store, *numbers: int, feeder: str = "north", **more: Any) -> None:
    """Let homes be members since summer, whose meters told something in October."""
    told = folded(None, [Counted(0, 1, 0)])
    async with store.writing() as session:
        for number in numbers:
            ven_id = f"home-{number:02}"
            joined = datetime(2026, 7, 1, tzinfo=UTC)
            session.add(
                Home(**({"ven_id": ven_id, "name": ven_id, "feeder": feeder, "created_at": joined} | more))
            )
            session.add(MeteredDay(ven_id=ven_id, day=BEFORE, series=told, changed_at=joined))


async def counted(
    store: Store, *numbers: int, wh: int = 100, day: date = DAY, quarters: range = QUARTERS
) -> None:
    series = folded(None, [Counted(quarter, wh, 0) for quarter in quarters])
    async with store.writing() as session:
        for number in numbers:
            session.add(MeteredDay(ven_id=f"home-{number:02}", day=day, series=series, changed_at=DUE))


async def numbers(store: Store, cohort: str = "community") -> list[PublishedNumber]:
    query = select(PublishedNumber).where(PublishedNumber.cohort_id == cohort).order_by(PublishedNumber.start)
    async with store.reading() as session:
        return list(await session.scalars(query))


async def test_hours_of_fifteen_complete_homes_are_published_rounded(store: Store) -> None:
    await homes(store, *range(15))
    await counted(store, *range(15), quarters=range(8))

    await publish_days(store, DUE, without_noise)

    # 15 x 400 Wh an hour, in steps of 100 Wh a home; of the hours that not all told nothing is said.
    told = [(each.figure, each.start.hour, each.slot_s, each.energy_wh) for each in await numbers(store)]
    assert told == [("import", 0, 3600, 6000), ("import", 1, 3600, 6000)]


@pytest.mark.parametrize(
    "case", ["fourteen", "one told nothing", "one stands out", "one joined in the month"]
)
async def test_of_too_few_and_of_one_that_stands_out_nothing_is_published(store: Store, case: str) -> None:
    members = range(14) if case == "fourteen" else range(15)
    await homes(store, *members[:14])
    if case != "fourteen":
        in_month: dict[str, Any] = {"created_at": datetime(2026, 11, 1, tzinfo=UTC)}
        await homes(store, 14, **(in_month if case == "one joined in the month" else {}))
    await counted(store, *members[:14])
    if case != "one told nothing" and len(members) == 15:
        await counted(store, 14, wh=5_000 if case == "one stands out" else 100)

    await publish_days(store, DUE, without_noise)

    assert await numbers(store) == []


async def test_a_day_is_published_when_no_report_on_it_comes_any_more_and_then_stays(store: Store) -> None:
    await homes(store, *range(15))
    await counted(store, *range(15))
    await publish_days(store, DUE - timedelta(seconds=1))
    assert await numbers(store) == []
    await publish_days(store, DUE)
    first = [each.energy_wh for each in await numbers(store)]

    async with store.writing() as session:
        for row in await session.scalars(select(MeteredDay).where(MeteredDay.day == DAY)):
            row.series = folded(None, [Counted(quarter, 900, 0) for quarter in QUARTERS])
    await publish_days(store, DUE + timedelta(hours=1))

    assert len(first) == 24
    assert [each.energy_wh for each in await numbers(store)] == first


async def test_a_feeder_whose_difference_to_all_is_a_few_homes_is_held_back(store: Store) -> None:
    await homes(store, *range(20))
    await homes(store, *range(20, 24), feeder="south")
    await homes(store, *range(30, 50), feeder="west")
    await counted(store, *range(24), *range(30, 50))

    await publish_days(store, DUE, without_noise)

    # All less north and west would be the four of south.
    assert len(await numbers(store)) == 24
    assert len(await numbers(store, "feeder-north")) == 24
    assert await numbers(store, "feeder-west") == []
    assert await numbers(store, "feeder-south") == []


async def test_who_is_in_a_sum_is_frozen_for_the_month(store: Store) -> None:
    await homes(store, *range(15))
    for day in (DAY, DAY + timedelta(days=1)):
        await counted(store, *range(15), day=day)
    await publish_days(store, DUE, without_noise)
    await homes(store, 15)
    await counted(store, 15, wh=1_000, day=DAY + timedelta(days=1))

    await publish_days(store, DUE + timedelta(days=1), without_noise)

    assert {each.energy_wh for each in await numbers(store)} == {6000}


def test_noise_is_drawn_from_the_whole_range_below_one() -> None:
    drawn = unguessable(10_000)
    assert 0 <= drawn.min() < 0.01
    assert 0.99 < drawn.max() < 1
    assert not np.array_equal(drawn, unguessable(10_000))


async def published(hub: Running) -> None:
    hub.clock.now = DUE
    await homes(hub.store, *range(15))
    await counted(hub.store, *range(15))
    await publish_days(hub.store, hub.clock(), without_noise)


async def test_everybody_of_the_community_reads_what_was_published_by_period(hub: Running) -> None:
    await published(hub)
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    asked = {"start": "2026-11-03T00:00:00Z", "end": "2026-11-05T00:00:00Z"}

    answer = await household.get("/api/v1/community/statistics", params=asked)

    told = answer.json()
    assert told["rule"] == {"fewest_homes": 15, "largest_share": 0.25, "epsilon_a_number": 1.0}
    assert told["cohorts"] == ["community"]
    assert [(each["import_kwh"], each["import_known_share"]) for each in told["periods"]] == [
        (144.0, 1.0),
        (None, 0.0),
    ]
    assert [each["export_kwh"] for each in told["periods"]] == [None, None]
    assert "home-" not in answer.text
    assert problem(await hub.visitor().get("/api/v1/community/statistics", params=asked))[0] == 401


@pytest.mark.parametrize("asked", [{"by": "15min"}, {"start": "now"}, {"cohort": "a b"}, {"zone": "Mars"}])
async def test_what_is_no_question_is_refused(hub: Running, asked: dict[str, str]) -> None:
    operator = await hub.operator()
    answer = await operator.get(
        "/api/v1/community/statistics", params={"start": "2026-11-03T00:00:00Z"} | asked
    )
    assert problem(answer) == (400, "invalid-request")


async def test_a_home_that_goes_stands_in_its_cohort_under_a_pseudonym_and_sees_what_it_cost(
    hub: Running,
) -> None:
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    hub.clock.now = DUE
    await homes(hub.store, *range(14))
    await homes(hub.store, 14, owner_id=await person_id(household))
    await counted(hub.store, *range(15))
    await publish_days(hub.store, hub.clock(), without_noise)
    household = await hub.signed_in("hanna@hub.example")

    (spent,) = (await household.get("/api/v1/account/export")).json()["published_with_others"]
    await household.post("/api/v1/account/leave", json={"password": PASSWORD})
    hub.clock.go_on(days=15)
    await housekeeping.once(hub.hub)

    assert (spent["ven_id"], spent["numbers"], spent["epsilon"]) == ("home-14", 24, 24.0)
    async with hub.store.reading() as session:
        (cohort,) = await session.scalars(
            select(FrozenCohort).where(FrozenCohort.month == DAY.replace(day=1))
        )
    assert len(cohort.homes) == 15
    assert "home-14" not in cohort.homes
