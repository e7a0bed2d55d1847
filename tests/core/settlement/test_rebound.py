"""What is taken back after an event is measured, signed, and unknown where too little was."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import pytest

from custom_components.home_flex.core.settlement.baselines import Missing
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.rebound import After, Rebound, asked_after, rebound
from custom_components.home_flex.core.settlement.tally import milliseconds

# A Wednesday.
TODAY = date(2026, 11, 25)
# From five to seven in the evening.
START, END = 17, 19
USUAL_WH = 1000


def at_ms(hour: float, day: date = TODAY) -> int:
    return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour))


def day_of(when: date, hours_wh: Mapping[int, int | None] = MappingProxyType({})) -> UseDay:
    """Return a day of 1,000 Wh each hour, but for those that are named."""
    hours = [hours_wh.get(hour, USUAL_WH) for hour in range(24)]
    quarters = [None if wh is None else wh // 4 for wh in hours for _ in range(4)]
    return UseDay(date=when, use_wh=tuple(quarters), is_working=when.weekday() < 5)


def after_of(asked: Asked, price: str | None = "0.30", carbon: str | None = "200") -> After:
    """Return a question whose quarter-hours all cost the same; what is fed in brings a third of it."""
    count = len(asked.window)
    return After(
        asked=asked,
        currency="EUR",
        import_prices=(None if price is None else Decimal(price),) * count,
        export_prices=(None if price is None else Decimal(price) / 3,) * count,
        carbon=(None if carbon is None else Decimal(carbon),) * count,
    )


def taken_back(hours_wh: dict[int, int | None], *others: tuple[float, float], days: int = 40) -> object:
    known = {TODAY - timedelta(days=back): day_of(TODAY - timedelta(days=back)) for back in range(1, days)}
    known[TODAY] = day_of(TODAY, hours_wh)
    asked = asked_after(
        known,
        UTC,
        start_ms=at_ms(START),
        end_ms=at_ms(END),
        others=[(at_ms(first), at_ms(last)) for first, last in others],
    )
    return None if asked is None else rebound(after_of(asked))


def found(hours_wh: dict[int, int | None], *others: tuple[float, float]) -> Rebound:
    told = taken_back(hours_wh, *others)
    assert isinstance(told, Rebound)
    return told


@pytest.mark.parametrize(
    ("after_wh", "energy_wh"),
    [
        ({}, 0),
        ({19: 3000, 20: 1400}, 2400),
        ({19: 400}, -600),
        # What the event itself changed, and what is used after four hours, is none of it.
        ({17: 0, 18: 0, 23: 9000}, 0),
    ],
)
def test_it_is_what_was_used_above_the_baseline_in_four_hours(
    after_wh: dict[int, int | None], energy_wh: int
) -> None:
    told = found(after_wh)
    assert (told.energy_wh, told.known, told.length_s) == (energy_wh, Fraction(1), 4 * 3600)
    assert (told.rule, told.half_width_wh) == ("ten_working_days", 0)


def test_it_costs_what_the_tariff_says_and_is_as_carbon_heavy_as_the_grid() -> None:
    # 2.4 kWh more at 0.30, and at 200 g/kWh.
    told = found({19: 3000, 20: 1400})
    assert (told.cost, told.carbon_g) == (Decimal("0.72"), Decimal(480))


def test_where_it_takes_from_what_would_be_fed_in_it_costs_what_that_would_have_brought() -> None:
    # 1 kWh would have been bought, and 0.4 kWh were fed in: 0.30 and 0.04 less.
    told = found({19: -400})
    assert (told.energy_wh, told.cost, told.carbon_g) == (-1400, Decimal("-0.34"), Decimal(-200))


def test_without_a_price_or_an_intensity_it_is_energy_alone() -> None:
    known = {TODAY - timedelta(days=back): day_of(TODAY - timedelta(days=back)) for back in range(40)}
    asked = asked_after(known, UTC, start_ms=at_ms(START), end_ms=at_ms(END), others=[])
    assert asked is not None
    told = rebound(after_of(asked, price=None, carbon=None))
    assert isinstance(told, Rebound)
    assert (told.energy_wh, told.cost, told.carbon_g) == (0, None, None)


def test_with_less_than_nine_tenths_measured_it_is_unknown() -> None:
    told = found({22: None, 19: 3000})
    assert (told.energy_wh, told.half_width_wh, told.known) == (None, None, Fraction(3, 4))
    assert (told.cost, told.carbon_g) == (None, None)


def test_it_ends_where_the_next_event_begins() -> None:
    told = found({19: 3000, 21: 0}, (21, 22))
    assert (told.energy_wh, told.length_s) == (2000, 2 * 3600)


@pytest.mark.parametrize("other", [(18, 20), (19, 20)])
def test_where_another_event_goes_on_nothing_is_told(other: tuple[float, float]) -> None:
    assert taken_back({19: 3000}, other) is None


def test_it_ends_with_the_day() -> None:
    known = {TODAY - timedelta(days=back): day_of(TODAY - timedelta(days=back)) for back in range(40)}
    asked = asked_after(known, UTC, start_ms=at_ms(21), end_ms=at_ms(22.6), others=[])
    assert asked is not None
    # From the first whole quarter-hour after 22:36 on.
    assert (asked.first, asked.last) == (91, 96)


def test_without_like_days_it_is_said_why_there_is_none() -> None:
    assert taken_back({}, days=3) is Missing.TOO_FEW_DAYS
