"""What a grid meter tells beside its power: what bills are made of, and what its owner asks it for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthPeak:
    """The highest mean power of a quarter-hour in one month, in W, and when that quarter-hour ended (UTC)."""

    power_w: float
    time: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterRegisters:
    """The registers of a grid meter at one moment; None or empty where it does not tell them.

    Times are in UTC, by the meter's own ``clock``, and None while that clock is known to be wrong.
    ``import_by_tariff_wh`` and ``export_by_tariff_wh`` hold one counter for each tariff, from tariff 1 on.
    ``quarter_hour_w``: mean import of the quarter-hour that runs; ``month_peak_w``: the highest of the month,
    which ended at ``month_peak_time``; ``past_peaks``: those of the months before, the newest first.
    Gas, water and heat are counters of meters that hang on this one, with the time at which each was read.
    """

    clock: datetime | None = None
    tariff: int | None = None
    import_by_tariff_wh: tuple[float, ...] = ()
    export_by_tariff_wh: tuple[float, ...] = ()
    quarter_hour_w: float | None = None
    month_peak_w: float | None = None
    month_peak_time: datetime | None = None
    past_peaks: tuple[MonthPeak, ...] = ()
    gas_m3: float | None = None
    gas_time: datetime | None = None
    water_m3: float | None = None
    water_time: datetime | None = None
    heat_wh: float | None = None
    heat_time: datetime | None = None
    power_failures: int | None = None
    long_power_failures: int | None = None
    message: str | None = None

    @property
    def mean_peak_w(self) -> float | None:
        """Mean of the last twelve whole months' peaks, as far as they are told; None without any."""
        peaks = [peak.power_w for peak in self.past_peaks[:12]]
        return sum(peaks) / len(peaks) if peaks else None


NO_REGISTERS = MeterRegisters()
