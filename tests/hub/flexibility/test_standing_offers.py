"""What stands as a home's offer: written in numbers when its report comes, and read back as it was told."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from community_hub.flexibility.direction import Direction
from community_hub.flexibility.fleet import Span, fleet_of
from community_hub.flexibility.offers import NO_BUDGET_WH
from community_hub.flexibility.packed import NOT_TOLD, Row, StandingOffers, packed, place_at, standing
from community_hub.flexibility.targets import Candidate
from community_hub.flexibility.told import Point, Side, ToldInterval, ToldOffer
from community_hub.store.tables import Home, StandingOffer
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ..running import Running
from .communities import HALF_HOUR, Flexible, flexible

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SPAN = (AT, AT + timedelta(hours=2))

type Happens = Callable[[Flexible], Coroutine[Any, Any, None]]


async def nothing_more(_: Flexible) -> None:
    pass


async def replaced(here: Flexible) -> None:
    here.hub.clock.go_on(minutes=5)
    await here.offer("home-1", 3.0)


async def told_again_of_before(here: Flexible) -> None:
    await here.offer("home-1", 9.0, ago=timedelta(minutes=20))


async def withdrawn(here: Flexible) -> None:
    here.hub.clock.go_on(minutes=5)
    await here.offer("home-1", 0.0)


async def replaced_by_what_cannot_be_read(here: Flexible) -> None:
    here.hub.clock.go_on(minutes=5)
    await here.offer("home-1", 9.0, hours=1, changed=lambda interval: interval.pop("intervalPeriod"))


async def of_the_year_9999(here: Flexible) -> None:
    here.hub.clock.go_on(minutes=5)
    period = {"start": "9999-01-01T00:00:00Z", "duration": "PT30M"}
    await here.offer("home-1", 9.0, hours=1, changed=lambda each: each.update(intervalPeriod=period))


async def absurd(here: Flexible) -> None:
    here.hub.clock.go_on(minutes=5)
    await here.offer("home-1", 20_000.0)


async def by_a_clock_ahead(here: Flexible) -> None:
    await here.offer("home-1", 9.0, ago=timedelta(hours=-2))


async def expired(here: Flexible) -> None:
    here.hub.clock.go_on(hours=2, minutes=1)


async def without_consent(here: Flexible) -> None:
    [consent] = (await here.household.get("/api/v1/homes/home-1/consents")).json()
    answer = await here.household.post(f"/api/v1/consents/{consent['id']}/end")
    assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("happens", "offered_kw"),
    [
        (nothing_more, 2.0),
        (replaced, 3.0),
        (told_again_of_before, 2.0),
        (withdrawn, 0.0),
        (replaced_by_what_cannot_be_read, 0.0),
        (of_the_year_9999, 0.0),
        # Refused as a whole: what it told before stands.
        (absurd, 2.0),
        (by_a_clock_ahead, 2.0),
        (expired, 0.0),
        (without_consent, 0.0),
    ],
)
async def test_what_a_home_can_be_called_for(hub: Running, happens: Happens, offered_kw: float) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)

    await happens(here)

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(10.0))
    called = sum(answer.json()["called_kw"]) if answer.status_code == 201 else 0.0
    assert called == offered_kw


async def test_what_a_home_offers_goes_with_it(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    async with hub.store.writing() as session:
        await session.delete(await session.get_one(Home, "home-1"))

    async with hub.store.reading() as session:
        assert (await session.scalars(select(StandingOffer))).all() == []


def side(*points: tuple[int, int | None], energy_wh: int | None = None) -> Side:
    return Side(points=tuple(Point(*point) for point in points), energy_wh=energy_wh)


def interval(number: float, less: Side, baseline_w: int = 500, more: Side | None = None) -> ToldInterval:
    start = AT + number * HALF_HOUR
    return ToldInterval(
        start=start,
        end=start + HALF_HOUR,
        baseline_w=baseline_w,
        sides={Direction.LESS: less, Direction.MORE: more or side()},
    )


def told(
    *offers: list[ToldInterval],
    direction: Direction = Direction.LESS,
    window: tuple[datetime, datetime] = SPAN,
) -> StandingOffers:
    rows = []
    for number, intervals in enumerate(offers):
        name = f"home-{number}"
        numbers = packed(ToldOffer(ven_id=name, told_at=AT, intervals=tuple(intervals)))
        chosen = numbers.less if direction is Direction.LESS else numbers.more
        rows.append(Row(name, AT, numbers.expected, chosen, None, None))
    return standing(rows, window)


sides = st.builds(
    lambda powers, prices, energy_wh: Side(
        points=tuple(map(Point, sorted(powers), sorted(prices), strict=False)), energy_wh=energy_wh
    ),
    st.lists(st.integers(1, 1_000_000), min_size=3, max_size=3, unique=True),
    st.lists(st.integers(-(10**9), 10**9), min_size=0, max_size=3),
    st.none() | st.integers(0, 10**7),
)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.lists(st.tuples(sides, sides), min_size=1, max_size=4)), max_size=4
    ),
    st.sampled_from(Direction),
)
def test_what_is_read_back_is_what_was_told(
    homes: list[tuple[int, list[tuple[Side, Side]]]], direction: Direction
) -> None:
    offers = [
        [interval(first + number, less, 100 * number, more) for number, (less, more) in enumerate(its)]
        for first, its in homes
    ]

    read = told(*offers, direction=direction, window=(AT, AT + timedelta(days=1)))

    for place, intervals in enumerate(offers):
        for number, each in enumerate(intervals):
            start_s = each.start.timestamp()
            is_told, baseline_w = read.baseline_at(start_s)
            assert (bool(is_told[place]), int(baseline_w[place])) == (True, each.baseline_w)
            assert place_at(read.offered.start_s, read.offered.end_s, start_s)[place] == number
            its = each.sides[direction]
            powers = read.offered.power_w[place, number].tolist()
            prices = read.offered.price_micro[place, number].tolist()
            # Beyond its end a curve goes on with its last point.
            assert [Point(*point) for point in zip(powers, prices, strict=True)][: len(its.points)] == list(
                its.points
            )
            assert set(powers[len(its.points) :]) <= {its.most_w}
            energy_wh = int(read.offered.energy_wh[place, number])
            assert energy_wh == (NOT_TOLD if its.energy_wh is None else its.energy_wh)


LESS_THEN_MORE = [
    interval(0, side((1000, 100_000), (2000, 300_000))),
    interval(1, side((1500, 200_000))),
    interval(2, side((4000, None))),
]


@pytest.mark.parametrize(
    ("intervals", "start", "length_s", "power_w"),
    [
        # Within one that is told, over two (the least of them), and where nothing or not all is told.
        (LESS_THEN_MORE, AT, 900, [1000, 2000]),
        (LESS_THEN_MORE, AT + HALF_HOUR / 2, 1800, [1500, 1500]),
        (LESS_THEN_MORE, AT + 2 * HALF_HOUR, 1800, [4000, 4000]),
        (LESS_THEN_MORE, AT + 2 * HALF_HOUR, 3600, None),
        (LESS_THEN_MORE, AT - HALF_HOUR, 3600, None),
        ([LESS_THEN_MORE[0], LESS_THEN_MORE[2]], AT, 5400, None),
        ([interval(0, side())], AT, 1800, None),
    ],
)
def test_an_interval_of_a_need_offers_what_is_told_for_all_of_it(
    intervals: list[ToldInterval], start: datetime, length_s: int, power_w: list[int] | None
) -> None:
    span = Span(start=start, interval_s=length_s, intervals=1)
    home = Candidate(ven_id="home-0", name="Home", feeder=None)
    offers = told(intervals, window=(span.start, span.end))

    fleet = fleet_of([home], offers, span, unpriced_micro=7)

    found = fleet.offers.step_w.cumsum(axis=2)[:, 0].tolist()
    assert found == ([] if power_w is None else [power_w[: len(found[0])]])
    assert np.all(fleet.offers.budget_wh >= 0)


@pytest.mark.parametrize(
    ("energies_wh", "intervals", "budget_wh"),
    [
        # Of one interval that lies within one told there is no more to say than its power.
        ((None, None), 1, NO_BUDGET_WH),
        # Half-hours exclude each other: the best one, or what is told for that.
        ((None, None), 2, 2000),
        ((700, 300), 2, 700),
        ((None, 300), 2, 300),
    ],
)
def test_over_several_intervals_a_home_gives_the_energy_that_it_told(
    energies_wh: tuple[int | None, int | None], intervals: int, budget_wh: int
) -> None:
    first, second = energies_wh
    offer = [
        interval(0, side((4000, 1), energy_wh=first)),
        interval(1, side((2000, 1), energy_wh=second)),
    ]
    span = Span(start=AT, interval_s=1800, intervals=intervals)

    fleet = fleet_of(
        [Candidate(ven_id="home-0", name="Home", feeder=None)], told(offer), span, unpriced_micro=0
    )

    assert fleet.offers.budget_wh.tolist() == [budget_wh]


def test_homes_that_told_nothing_are_none_of_the_fleet() -> None:
    fleet = fleet_of(
        [Candidate(ven_id="silent", name="Silent", feeder="north")],
        told(LESS_THEN_MORE),
        Span(start=AT, interval_s=1800, intervals=2),
        unpriced_micro=0,
    )

    assert (fleet.homes, fleet.feeders) == ((), ())
