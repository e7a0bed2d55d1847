"""Prices and carbon intensity: what is known of them, since when and from whom, and what is guessed."""

from .combine import holes, overlay
from .formula import PriceFormula, with_formula
from .guess import GUESS, with_guess
from .on_grid import SlotValue, on_grid
from .peaks import PeakPrice, PeakTariff, peak_prices
from .plausible import age_note, check_size, most_per_kwh, price_level, shift_note
from .published import Note, Oddity, Published, PublishedBy, published
from .shapes import SHAPES, PriceShape, recognised
from .signal import Signal, SignalError, SignalKind, Slot
from .summary import Summary, bars, summary
from .tariffs import TariffCalendar, TimeRange, Wanted, fixed, from_calendar
from .units import CARBON_UNIT, UnitFactor, unit_factor, unit_of

__all__ = [
    "CARBON_UNIT",
    "GUESS",
    "SHAPES",
    "Note",
    "Oddity",
    "PeakPrice",
    "PeakTariff",
    "PriceFormula",
    "PriceShape",
    "Published",
    "PublishedBy",
    "Signal",
    "SignalError",
    "SignalKind",
    "Slot",
    "SlotValue",
    "Summary",
    "TariffCalendar",
    "TimeRange",
    "UnitFactor",
    "Wanted",
    "age_note",
    "bars",
    "check_size",
    "fixed",
    "from_calendar",
    "holes",
    "most_per_kwh",
    "on_grid",
    "overlay",
    "peak_prices",
    "price_level",
    "published",
    "recognised",
    "shift_note",
    "summary",
    "unit_factor",
    "unit_of",
    "with_formula",
    "with_guess",
]
