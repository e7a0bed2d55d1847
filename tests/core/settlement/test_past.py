"""From the slots of the home's series to the days that rules of history look at."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.settlement.past import QUARTER_S, asked_of, days_of, net_of
from custom_components.home_flex.core.settlement.tally import milliseconds
from custom_components.home_flex.core.statistics import (
    SLOT_S,
    CounterReading,
    CounterRule,
    Mark,
    SlotSeries,
    count,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
# A Wednesday, at six in the evening.
START = datetime(2026, 11, 25, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def constant(power_w: int, start: datetime, end: datetime) -> SlotSeries:
    """Return the slots of a register at a power, in Wh."""
    first, last = (int(each.timestamp()) // SLOT_S for each in (start, end))
    cells = tuple(power_w * SLOT_S // 3600 for _ in range(first, last))
    return SlotSeries(first_slot=first, values=cells, marks=(Mark.MEASURED,) * len(cells))


def slots(start: datetime, end: datetime) -> range:
    return range(int(start.timestamp()) // SLOT_S, int(end.timestamp()) // SLOT_S)


def is_working(day: date) -> bool:
    return day.weekday() < 5


def test_use_is_import_minus_export_of_quarter_hours() -> None:
    end = START + HOUR
    net = net_of([constant(2400, START, end)], [constant(1200, START, end)], slots(START, end))
    assert net.values == (300,) * 4
    assert net.slot_s == QUARTER_S


def test_a_quarter_hour_of_which_a_register_is_missing_is_missing() -> None:
    end = START + HOUR
    half = constant(1200, START, START + HOUR / 2)
    assert net_of([constant(2400, START, end)], [half], slots(START, end)).values == (300, 300)


@pytest.mark.parametrize(
    ("day", "quarters"),
    [(date(2026, 10, 25), 100), (date(2026, 3, 29), 92), (date(2026, 11, 25), 96)],
)
def test_a_day_on_which_the_clock_changes_has_its_own_length(day: date, quarters: int) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    end = start + timedelta(days=4)
    net = net_of([constant(1200, start, end)], [], slots(start, end))
    assert days_of(net, BRUSSELS, day, day, is_working)[day].use_wh == (300,) * quarters


def _days(back: int = 3) -> dict[date, object]:
    start = START - timedelta(days=back)
    net = net_of([constant(1200, start, START)], [], slots(start, START))
    return dict(days_of(net, BRUSSELS, date(2026, 9, 27), date(2026, 11, 26), is_working))


def _asked(start: datetime, end: datetime, *others: tuple[datetime, datetime]) -> object:
    spans = [(milliseconds(first), milliseconds(last)) for first, last in others]
    return asked_of(
        _days(),  # type: ignore[arg-type] # days by their dates
        BRUSSELS,
        start_ms=milliseconds(start),
        end_ms=milliseconds(end),
        others=spans,
    )


def test_the_window_are_the_quarter_hours_that_the_event_touches() -> None:
    asked = _asked(START + timedelta(minutes=7), START + timedelta(minutes=22))
    assert (asked.first, asked.last) == (72, 74)  # type: ignore[attr-defined] # a question
    assert asked.today.date == date(2026, 11, 25)  # type: ignore[attr-defined] # a question


def test_the_hours_in_which_another_event_ran_and_came_back_from_are_disturbed_and_its_day_held_one() -> None:
    earlier = START - timedelta(days=1)
    asked = _asked(START, START + HOUR, (START - 2 * HOUR, START - HOUR), (earlier, earlier + HOUR))
    assert asked.disturbed == frozenset(range(64, 84))  # type: ignore[attr-defined] # a question
    held = {day.date: day.held_event for day in asked.past}  # type: ignore[attr-defined] # a question
    assert held[date(2026, 11, 24)] is True
    assert held[date(2026, 11, 23)] is False


def test_an_event_over_midnight_is_like_no_day() -> None:
    assert _asked(START + 5 * HOUR, START + 7 * HOUR) is None


def _counted(readings: Sequence[CounterReading]) -> SlotSeries:
    return count(readings, CounterRule(most_per_h=20_000)).series


@given(
    st.lists(st.tuples(st.integers(0, 6 * 3600), st.integers(0, 40)), min_size=3, max_size=40), st.randoms()
)
def test_the_order_in_which_readings_came_changes_nothing(
    steps: list[tuple[int, int]], random: object
) -> None:
    value, readings = 1000, []
    for offset_s, more_wh in sorted(steps):
        value += more_wh
        readings.append(CounterReading(time_s=int(START.timestamp()) + offset_s, value=value))
    shuffled = list(readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' own
    asked = slots(START, START + 6 * HOUR)
    assert net_of([_counted(readings)], [], asked) == net_of([_counted(shuffled)], [], asked)
