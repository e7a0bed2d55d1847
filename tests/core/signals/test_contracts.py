"""What a home has agreed on with its supplier."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.signals import PriceFormula, SignalKind
from custom_components.home_flex.core.signals.contracts import (
    CalendarContract,
    FixedContract,
    Hours,
    agreed,
    day_and_night,
    wanted_from,
)

BERLIN = ZoneInfo("Europe/Berlin")
LOW = Hours(price_per_kwh=Decimal("0.2"), since=time(22), until=time(6))
HIGH = Hours(price_per_kwh=Decimal("0.4"), since=time(17), until=time(20))
FRIDAY, SATURDAY = datetime(2026, 11, 27, tzinfo=BERLIN), datetime(2026, 11, 28, tzinfo=BERLIN)


def prices_of(day: datetime, *, weekends_low: bool) -> list[tuple[str, float]]:
    calendar = day_and_night(Decimal("0.3"), LOW, HIGH, weekends_low=weekends_low)
    start = day.astimezone(UTC)
    wanted = wanted_from(SignalKind.IMPORT_PRICE, "EUR", start, start + timedelta(days=1))
    signal = agreed(CalendarContract(calendar=calendar), wanted, BERLIN)
    return [(str(slot.value), (slot.end - slot.start) / timedelta(hours=1)) for slot in signal.slots]


@pytest.mark.parametrize("weekends_low", [True, False])
def test_a_working_day_has_its_low_normal_and_high_hours(weekends_low: bool) -> None:
    assert prices_of(FRIDAY, weekends_low=weekends_low) == [
        ("0.2", 6),
        ("0.3", 11),
        ("0.4", 3),
        ("0.3", 2),
        ("0.2", 2),
    ]


def test_a_weekend_has_no_high_hours() -> None:
    assert prices_of(SATURDAY, weekends_low=False) == [("0.2", 6), ("0.3", 16), ("0.2", 2)]


def test_a_weekend_may_be_low_all_day() -> None:
    assert prices_of(SATURDAY, weekends_low=True) == [("0.2", 24)]


def test_a_fixed_price_is_known_from_the_start_of_what_is_asked() -> None:
    start = FRIDAY.astimezone(UTC)
    wanted = wanted_from(SignalKind.EXPORT_PRICE, "EUR", start, start + timedelta(days=2))
    (slot,) = agreed(FixedContract(price_per_kwh=Decimal("0.08")), wanted, BERLIN).slots
    assert (slot.value, slot.known_at, slot.end - slot.start) == (Decimal("0.08"), start, timedelta(days=2))


@pytest.mark.parametrize(
    ("formula", "paid"),
    [
        (PriceFormula(), "0.10"),
        (PriceFormula(factor=Decimal("1.1")), "0.110"),
        # VAT is paid on fees and taxes as well.
        (PriceFormula(addition_per_kwh=Decimal("0.15"), vat_share=Decimal("0.21")), "0.3025"),
        (PriceFormula(factor=Decimal("0.9"), addition_per_kwh=Decimal("-0.02")), "0.070"),
    ],
)
def test_what_the_exchange_tells_is_paid_with_taxes_and_fees(formula: PriceFormula, paid: str) -> None:
    assert formula.apply(Decimal("0.10")) == Decimal(paid)
