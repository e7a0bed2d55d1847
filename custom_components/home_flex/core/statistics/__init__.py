"""What the home counted: figures in whole watt-hours and ``Decimal`` money, each with its marks."""

from .slots import (
    SLOT_S,
    Coverage,
    Mark,
    SlotSeries,
    coverage_of,
    series_of,
    slot_at,
    slot_start,
)

__all__ = [
    "SLOT_S",
    "Coverage",
    "Mark",
    "SlotSeries",
    "coverage_of",
    "series_of",
    "slot_at",
    "slot_start",
]
