"""A fleet's settlement says of each home what the home's own settlement says, to the last Wh and cent."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from community_hub.settlement.fleet import RULES, FleetEvent, State, paid, settled
from community_hub.settlement.fleet_days import FleetDays, local_days
from community_hub.store.series import MISSING, QUARTERS, UNKNOWN, DaySeries
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.baselines import HISTORY_RULES, Baseline, Missing
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.money import Penalty, Terms, pay
from custom_components.home_flex.core.settlement.past import asked_of
from custom_components.home_flex.core.settlement.settlement import Asks, Interval, delivered

ZONE = ZoneInfo("Europe/Brussels")
# Forty days, of which 25 October has 25 hours.
FIRST, DAYS, HOMES = date(2026, 9, 28), 40, 4
TERMS = Terms(
    currency="EUR",
    per_kwh=Decimal("0.337"),
    paid_up_to_share=Decimal("1.2"),
    penalty=Penalty(per_kwh=Decimal("0.11"), tolerated_share=Decimal("0.1")),
)
_START = datetime.combine(FIRST - timedelta(days=1), time(), UTC)
# The local date of each stored quarter-hour.
LOCAL_DATES = [
    (_START + timedelta(minutes=15 * slot)).astimezone(ZONE).date() for slot in range((DAYS + 1) * QUARTERS)
]
STATES = {Missing.TOO_FEW_DAYS: State.TOO_FEW_DAYS, Missing.CLOCK_CHANGE: State.CLOCK_CHANGE}


def _is_working(day: date) -> bool:
    return day.weekday() < 5


def _fleet(seed: int, missing: float) -> DaySeries:
    random = np.random.default_rng(seed)
    shape = (HOMES * (DAYS + 1), QUARTERS)
    unknown = random.random(shape) < missing * random.random((shape[0], 1)) ** 4
    energies = [np.where(unknown, UNKNOWN, random.integers(0, most, shape)) for most in (1200, 400)]
    return DaySeries(
        import_wh=energies[0].astype(np.int32),
        export_wh=energies[1].astype(np.int32),
        marks=np.where(unknown, MISSING, 0).astype(np.uint8),
    )


@st.composite
def _events(draw: st.DrawFn) -> list[FleetEvent]:
    events = []
    for day in sorted(draw(st.lists(st.integers(8, DAYS - 1), min_size=1, max_size=6))):
        first = draw(st.integers(0, QUARTERS - 2))
        random = np.random.default_rng(draw(st.integers(0, 2**32)))
        events.append(
            FleetEvent(
                day=day,
                first=first,
                last=draw(st.integers(first + 1, min(first + 12, QUARTERS))),
                asks_less=draw(st.booleans()),
                asked=random.random(HOMES) < 0.8,
                agreed_wh=random.integers(0, 3000, HOMES),
            )
        )
    return events


def _days(series: DaySeries) -> FleetDays:
    return local_days(series, FIRST - timedelta(days=1), ZONE, homes=HOMES, is_working=_is_working)


def _use_days(series: DaySeries, home: int) -> dict[date, UseDay]:
    """Return a home's local days by the slots' own times, whatever their number."""
    rows = slice(home * (DAYS + 1), (home + 1) * (DAYS + 1))
    use, known = series.net_wh[rows].ravel(), series.known[rows].ravel()
    days: dict[date, list[int | None]] = {}
    for day, energy, is_known in zip(LOCAL_DATES, use.tolist(), known.tolist(), strict=True):
        days.setdefault(day, []).append(energy if is_known else None)
    return {
        day: UseDay(date=day, use_wh=tuple(values), is_working=_is_working(day))
        for day, values in days.items()
        if FIRST <= day < FIRST + timedelta(days=DAYS)
    }


def _span(event: FleetEvent) -> tuple[int, int]:
    midnight = datetime.combine(FIRST + timedelta(days=event.day), time(), ZONE).timestamp()
    return tuple(int(1000 * (midnight + 900 * each)) for each in (event.first, event.last))  # type: ignore[return-value] # of two


def _alone(asked: Asked, rule: str, event: FleetEvent) -> tuple[State, int]:
    """Return what the home's own settlement says: the state, and what was delivered in Wh."""
    answer = HISTORY_RULES[rule](asked)
    used = [asked.today.use_wh[index] for index in asked.window]
    intervals = [
        Interval(length_ms=900_000, covered_ms=0 if each is None else 900_000, used_wh=each or 0)
        for each in used
    ]
    if not isinstance(answer, Baseline):
        return STATES[answer], 0
    measured = tuple(0 if each is None else energy for each, energy in zip(used, answer.use_wh, strict=True))
    asks = Asks.LESS if event.asks_less else Asks.MORE
    found = delivered(intervals, replace(answer, use_wh=measured), asks).delivered_wh
    return (State.NOT_MEASURED, 0) if found is None else (State.SETTLED, found)


def _cents(delivered_wh: int, agreed_wh: int) -> int:
    return int(pay(TERMS, delivered_wh=delivered_wh, agreed_wh=agreed_wh).total.scaleb(2))


@pytest.mark.parametrize("rule", RULES)
@given(seed=st.integers(0, 2**32), missing=st.sampled_from([0.0, 0.05, 0.6]), events=_events())
def test_each_home_is_settled_as_by_itself(
    rule: str, seed: int, missing: float, events: list[FleetEvent]
) -> None:
    series = _fleet(seed, missing)
    days = _days(series)
    assert days.known.shape == (HOMES, DAYS, QUARTERS)
    use_days = [_use_days(series, home) for home in range(HOMES)]
    for found, event in zip(settled(days, events, rule), events, strict=True):
        amounts = paid(found, event, _cents)
        for home in range(HOMES):
            if not event.asked[home]:
                assert found.state[home] == State.NOT_ASKED
                continue
            if not days.is_ordinary[event.day]:
                assert found.state[home] == State.CLOCK_CHANGE
                continue
            others = [_span(each) for each in events if each is not event and each.asked[home]]
            start_ms, end_ms = _span(event)
            asked = asked_of(use_days[home], ZONE, start_ms=start_ms, end_ms=end_ms, others=others)
            assert asked is not None
            state, delivered_wh = _alone(asked, rule, event)
            if state is not State.SETTLED and found.state[home] == State.NOT_MEASURED:
                # Neither is paid: too little was measured, and there was no baseline either.
                state = State.NOT_MEASURED
            assert (found.state[home], found.delivered_wh[home]) == (state, delivered_wh)
            is_paid = state is State.SETTLED
            assert amounts[home] == (_cents(delivered_wh, int(event.agreed_wh[home])) if is_paid else 0)


def test_most_of_an_ordinary_month_is_settled() -> None:
    event = FleetEvent(
        day=30,
        first=68,
        last=76,
        asks_less=True,
        asked=np.ones(HOMES, dtype=np.bool_),
        agreed_wh=np.full(HOMES, 1000),
    )
    found = settled(_days(_fleet(1, 0.0)), [event], "ten_working_days")[0]
    assert set(found.state.tolist()) == {State.SETTLED}
    assert np.array_equal(found.delivered_wh, found.expected_wh - found.used_wh)
    more = settled(_days(_fleet(1, 0.0)), [replace(event, asks_less=False)], "ten_working_days")[0]
    assert np.array_equal(more.delivered_wh, -found.delivered_wh)


def test_a_day_on_which_the_clock_changes_is_none_of_the_others() -> None:
    days = _days(_fleet(1, 0.0))
    assert [day for day in range(DAYS) if not days.is_ordinary[day]] == [(date(2026, 10, 25) - FIRST).days]


def test_homes_with_different_days_are_refused() -> None:
    with pytest.raises(ValueError, match="same days"):
        local_days(_fleet(1, 0.0), FIRST, ZONE, homes=HOMES - 1, is_working=_is_working)


def test_an_event_until_midnight_leaves_the_next_day_out_of_what_is_learnt_from() -> None:
    late = FleetEvent(
        day=8,
        first=84,
        last=QUARTERS,
        asks_less=True,
        asked=np.ones(HOMES, dtype=np.bool_),
        agreed_wh=np.full(HOMES, 1000),
    )
    event = replace(late, day=14, first=40, last=44)
    days = _days(_fleet(1, 0.0))
    until_midnight, sooner = (
        settled(days, [other, event], "three_weeks")[1].expected_wh.tolist()
        for other in (late, replace(late, last=QUARTERS - 1))
    )
    assert until_midnight != sooner
