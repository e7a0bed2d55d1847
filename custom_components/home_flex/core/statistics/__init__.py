"""What the home counted: figures in whole watt-hours and ``Decimal`` money, each with its marks."""

from .counters import Counted, count, shares
from .readings import CounterReading, CounterRule, Finding, MeterSwap, Problem, counter_reading, fuse_rule
from .slots import SLOT_S, Coverage, Mark, SlotSeries, coverage_of, series_of, slot_at, slot_start

__all__ = [
    "SLOT_S",
    "Counted",
    "CounterReading",
    "CounterRule",
    "Coverage",
    "Finding",
    "Mark",
    "MeterSwap",
    "Problem",
    "SlotSeries",
    "count",
    "counter_reading",
    "coverage_of",
    "fuse_rule",
    "series_of",
    "shares",
    "slot_at",
    "slot_start",
]
