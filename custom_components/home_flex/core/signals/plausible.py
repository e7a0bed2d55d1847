"""Whether prices can be what they say they are: their size, their hour, their age."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from .published import Note, Oddity
from .signal import Signal, SignalError, SignalKind

# What a kWh costs in no country for most of a day, in the currency's own unit: ten times what is dear there.
# Where a hundredth of it is usual, cents (or MWh) are told as if they were whole (or kWh).
_MOST_PER_KWH: Final = {
    "EUR": 3, "GBP": 3, "USD": 3, "CHF": 3, "AUD": 5, "CAD": 3, "NZD": 5, "PLN": 12, "RON": 15, "BGN": 6,
    "SEK": 30, "NOK": 30, "DKK": 20, "CZK": 70, "HUF": 1000, "ISK": 400, "JPY": 400,
}  # fmt: skip
# What a kWh usually costs in EUR, and the least level of any prices.
_USUAL_EUR: Final = 0.30
_LEAST_LEVEL: Final = 1e-3
_MOST_GRAMS: Final = 2000
_HOUR: Final = timedelta(hours=1)
_EQUAL: Final = Decimal("0.00005")


def price_level(currency: str, per_kwh: Sequence[float]) -> float:
    """Return how many times those in EUR prices of energy are in a currency.

    By what a kWh costs in no country (EUR 3, CZK 70: 23.3). In a currency of which that is not known: the
    median of the prices seen, whatever their sign, against 0.30 EUR, and never below 0.001; 1 where no price
    is known (NaN is none).
    """
    if (most := _MOST_PER_KWH.get(currency)) is not None:
        return most / _MOST_PER_KWH["EUR"]
    known = [abs(each) for each in per_kwh if math.isfinite(each)]
    return max(median(known) / _USUAL_EUR, _LEAST_LEVEL) if known else 1.0


def most_per_kwh(currency: str) -> float:
    """Return what a kWh costs in no country for most of a day, in a currency; infinite: nobody knows."""
    return _MOST_PER_KWH.get(currency, math.inf)


def check_size(signal: Signal) -> None:
    """Raise SignalError ``too_large`` (median, unit) when most values are beyond what any home pays."""
    if not signal.slots:
        return
    currency = signal.unit.partition("/")[0]
    most = _MOST_GRAMS if signal.kind is SignalKind.CARBON_INTENSITY else most_per_kwh(currency)
    usual = median(abs(slot.value) for slot in signal.slots)
    if usual > most:
        raise SignalError("too_large", median=f"{usual:.2f}", unit=signal.unit)


def age_note(signal: Signal, now: datetime) -> Note | None:
    """Return a note when nothing of a signal is about now or later: how many hours it ended ago."""
    if signal.end is not None and signal.end <= now:
        return Note(Oddity.OLD, int((now - signal.end) / _HOUR))
    return None


def shift_note(signal: Signal, now: datetime, current: Decimal | None) -> Note | None:
    """Return a note when the price that is said to be of now is that of the hour before or after.

    ``current`` in the signal's unit; the note's slots are how many hours the list is late (1) or early (-1).
    """
    here = signal.at(now)
    if current is None or here is None or abs(here.value - current) <= _EQUAL:
        return None
    for hours in (1, -1):
        beside = signal.at(now + hours * _HOUR)
        if beside is not None and abs(beside.value - current) <= _EQUAL:
            return Note(Oddity.SHIFTED, hours)
    return None
