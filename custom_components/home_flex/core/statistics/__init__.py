"""What the home counted: figures in whole watt-hours and ``Decimal`` money, each with its marks."""

from .carbon import Carbon, carbon_of
from .counters import Counted, count, shares
from .energy import (
    ALL,
    BatteryFigures,
    EnergyFigures,
    HomeSeries,
    battery_figures,
    energy_figures,
)
from .money import Cost, Fee, Prices, Tariff, cost_of, energy_cost, fees_of, peak_cost_of, rounded
from .peaks import QuarterHourPeak, quarter_hour_peak, rolling_peak_w
from .periods import Grouping, Period, civil_period, midnight, periods
from .readings import CounterReading, CounterRule, Finding, MeterSwap, Problem, counter_reading, fuse_rule
from .slots import SLOT_S, Coverage, Mark, SlotSeries, coverage_of, series_of, slot_at, slot_start

__all__ = [
    "ALL",
    "SLOT_S",
    "BatteryFigures",
    "Carbon",
    "Cost",
    "Counted",
    "CounterReading",
    "CounterRule",
    "Coverage",
    "EnergyFigures",
    "Fee",
    "Finding",
    "Grouping",
    "HomeSeries",
    "Mark",
    "MeterSwap",
    "Period",
    "Prices",
    "Problem",
    "QuarterHourPeak",
    "SlotSeries",
    "Tariff",
    "battery_figures",
    "carbon_of",
    "civil_period",
    "cost_of",
    "count",
    "counter_reading",
    "coverage_of",
    "energy_cost",
    "energy_figures",
    "fees_of",
    "fuse_rule",
    "midnight",
    "peak_cost_of",
    "periods",
    "quarter_hour_peak",
    "rolling_peak_w",
    "rounded",
    "series_of",
    "shares",
    "slot_at",
    "slot_start",
]
