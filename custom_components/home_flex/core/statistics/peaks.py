"""The highest quarter-hour of import in each month, and its rolling year, as capacity tariffs count them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from ..model import QUARTER_HOUR_S
from .periods import Period
from .slots import Coverage, SlotSeries, slot_start

_QUARTERS_PER_H: Final = 3600 // QUARTER_HOUR_S
MONTHS: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarterHourPeak:
    """The highest mean import of a quarter-hour in a period, in W, and when that quarter-hour began (UTC).

    None where not one quarter-hour is known.
    """

    power_w: int | None
    start: datetime | None
    coverage: Coverage


def quarter_hour_peak(imported: SlotSeries, period: Period) -> QuarterHourPeak:
    """Return the peak of a period from what was imported (Wh, all registers); the first of equal ones."""
    slots = period.slots(imported.slot_s)
    quarters = imported.between(slots.start, slots.stop).sums(QUARTER_HOUR_S)
    found = max(
        ((value, -slot) for slot, value, _ in quarters if value is not None),
        default=None,
    )
    return QuarterHourPeak(
        power_w=None if found is None else found[0] * _QUARTERS_PER_H,
        start=None if found is None else slot_start(-found[1], QUARTER_HOUR_S),
        coverage=quarters.coverage,
    )


def rolling_peak_w(month_peaks_w: Iterable[int], least_w: int = 2_500) -> Decimal | None:
    """Return the mean of the last twelve months' peaks (the newest last) in W, each at least ``least_w``.

    As the capacity tariff of Flanders is charged; None without a month. The mean of fewer months is that of
    those there are.
    """
    peaks = list(month_peaks_w)[-MONTHS:]
    if not peaks:
        return None
    return Decimal(sum(max(least_w, peak_w) for peak_w in peaks)) / len(peaks)
