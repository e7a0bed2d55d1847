"""Prices that follow from a contract."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.signals import (
    PriceFormula,
    Signal,
    SignalError,
    SignalKind,
    TariffCalendar,
    TimeRange,
    Wanted,
    fixed,
    from_calendar,
    with_formula,
)

from .signals import NOON, prices, slots

BRUSSELS = ZoneInfo("Europe/Brussels")
WORKING = frozenset(range(5))
# Day rate on working days from 7 to 22 o'clock, but for holidays; night rate else.
DAY_NIGHT = TariffCalendar(
    price_per_kwh={"day": Decimal("0.30"), "night": Decimal("0.20")},
    ranges=(TimeRange(register="day", since=time(7), until=time(22), weekdays=WORKING, on_holidays=False),),
    otherwise="night",
)


def of_day(calendar: TariffCalendar, day: date, holidays: frozenset[date] = frozenset()) -> Signal:
    start = datetime.combine(day, time(), BRUSSELS)
    wanted = Wanted(
        kind=SignalKind.IMPORT_PRICE,
        unit="EUR/kWh",
        start=start.astimezone(UTC),
        end=(start + timedelta(days=1)).astimezone(UTC),
        known_at=NOON,
    )
    return from_calendar(calendar, wanted, BRUSSELS, holidays)


def hours(signal: Signal) -> list[tuple[str, float]]:
    return [(slot.source, (slot.end - slot.start) / timedelta(hours=1)) for slot in signal.slots]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 27), [("night", 7), ("day", 15), ("night", 2)]),  # a Friday
        (date(2026, 11, 28), [("night", 24)]),  # a Saturday
        (date(2026, 12, 25), [("night", 24)]),  # a Friday, and Christmas
        (date(2026, 3, 29), [("night", 23)]),  # a Sunday, and the spring's change
        (date(2026, 10, 25), [("night", 25)]),
    ],
)
def test_a_day_has_the_registers_of_its_calendar(day: date, expected: list[tuple[str, float]]) -> None:
    assert hours(of_day(DAY_NIGHT, day, frozenset({date(2026, 12, 25)}))) == expected


@pytest.mark.parametrize(("day", "night_hours"), [(date(2026, 3, 29), 4), (date(2026, 10, 25), 6)])
def test_a_night_rate_over_the_clocks_change_is_as_long_as_the_night(day: date, night_hours: int) -> None:
    calendar = TariffCalendar(
        price_per_kwh={"low": Decimal("0.1"), "high": Decimal("0.3")},
        ranges=(TimeRange(register="low", until=time(5)),),
        otherwise="high",
    )
    assert hours(of_day(calendar, day))[0] == ("low", night_hours)


def test_a_range_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    calendar = TariffCalendar(
        price_per_kwh={"low": Decimal("0.1"), "high": Decimal("0.3")},
        ranges=(TimeRange(register="low", since=time(22), until=time(6), weekdays=frozenset({4})),),
        otherwise="high",
    )
    assert hours(of_day(calendar, date(2026, 11, 27))) == [("high", 22), ("low", 2)]
    assert hours(of_day(calendar, date(2026, 11, 28))) == [("low", 6), ("high", 18)]


def test_a_season_has_its_own_hours() -> None:
    calendar = TariffCalendar(
        price_per_kwh={"sun": Decimal("0.05"), "else": Decimal("0.3")},
        ranges=(TimeRange(register="sun", since=time(12), until=time(15), months=frozenset(range(4, 10))),),
        otherwise="else",
    )
    assert hours(of_day(calendar, date(2026, 11, 27))) == [("else", 24)]
    assert hours(of_day(calendar, date(2026, 7, 1))) == [("else", 12), ("sun", 3), ("else", 9)]


def test_a_holiday_may_count_as_a_sunday() -> None:
    calendar = TariffCalendar(
        price_per_kwh={"sunday": Decimal("0.1"), "else": Decimal("0.3")},
        ranges=(
            TimeRange(register="sunday", weekdays=frozenset({6})),
            TimeRange(register="sunday", weekdays=frozenset(), on_holidays=True),
        ),
        otherwise="else",
    )
    christmas = date(2026, 12, 25)
    assert hours(of_day(calendar, christmas, frozenset({christmas}))) == [("sunday", 24)]
    assert hours(of_day(calendar, christmas)) == [("else", 24)]


def test_a_register_without_a_price_is_refused() -> None:
    with pytest.raises(SignalError, match="register_unknown"):
        TariffCalendar(price_per_kwh={}, ranges=(), otherwise="day")


def test_a_fixed_price_holds_all_the_time() -> None:
    wanted = Wanted(
        kind=SignalKind.EXPORT_PRICE,
        unit="EUR/kWh",
        start=NOON,
        end=NOON + timedelta(days=2),
        known_at=NOON,
    )
    (slot,) = fixed(Decimal("0.08"), wanted).slots
    assert (slot.start, slot.end, slot.value) == (NOON, NOON + timedelta(days=2), Decimal("0.08"))


def test_taxes_and_fees_come_before_the_vat() -> None:
    formula = PriceFormula(
        factor=Decimal("1.02"), addition_per_kwh=Decimal("0.13"), vat_share=Decimal("0.21")
    )
    (slot,) = with_formula(prices(*slots(["0.10"])), formula).slots
    assert slot.value == Decimal("0.28072")


@pytest.mark.parametrize("wrong", [{"vat_share": Decimal(21)}, {"factor": Decimal("NaN")}])
def test_a_formula_that_no_bill_has_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"VAT|numbers"):
        PriceFormula(**wrong)
