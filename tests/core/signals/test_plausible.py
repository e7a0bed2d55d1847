"""Whether prices can be what they say they are."""

from datetime import timedelta
from decimal import Decimal

import pytest

from custom_components.home_flex.core.signals import (
    Note,
    Oddity,
    Signal,
    SignalError,
    SignalKind,
    age_note,
    check_size,
    shift_note,
)

from .signals import NOON, prices, slots

DAY = [f"0.{10 + hour}" for hour in range(24)]


def test_cents_that_are_told_as_euros_are_refused() -> None:
    with pytest.raises(SignalError, match="too_large") as refused:
        check_size(prices(*slots(["28.4", "31.0", "12.2"])))
    assert refused.value.placeholders == {"median": "28.40", "unit": "EUR/kWh"}


def test_one_dear_hour_is_believed() -> None:
    check_size(prices(*slots(["0.2", "4.0", "0.3"])))


def test_a_currency_whose_units_are_small_is_believed() -> None:
    check_size(Signal(kind=SignalKind.IMPORT_PRICE, unit="HUF/kWh", slots=slots(["70", "36"])))


def test_a_list_that_ended_three_days_ago_is_told() -> None:
    signal = prices(*slots(DAY))
    assert age_note(signal, NOON + timedelta(days=4)) == Note(Oddity.OLD, 72)
    assert age_note(signal, NOON + timedelta(hours=23)) is None
    assert age_note(signal, NOON + timedelta(hours=24)) == Note(Oddity.OLD, 0)


@pytest.mark.parametrize(("current", "hours"), [("0.13", 1), ("0.11", -1), ("0.12", 0), ("0.5", 0)])
def test_the_price_of_now_tells_whether_a_list_is_an_hour_off(current: str, hours: int) -> None:
    note = shift_note(prices(*slots(DAY)), NOON + timedelta(hours=2, minutes=5), Decimal(current))
    assert note == (Note(Oddity.SHIFTED, hours) if hours else None)
