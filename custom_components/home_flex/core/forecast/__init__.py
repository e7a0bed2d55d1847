"""What the home will draw and what its roof will give: simple, explained, and measured against naive.

``load_ahead`` and ``production_ahead`` are one round each; what they return goes into the next round.
"""

from .arrivals import back_at
from .days import DayMark, DayMarks
from .forecast import FloatArray, Forecast
from .history import History
from .look_ahead import YESTERDAY, LookAhead, When, load_ahead, production_ahead
from .outlook import LEVELS
from .quality import Quality
from .resample import on_steps
from .sun import Place, clear_sky, sine_of_elevation

__all__ = [
    "LEVELS",
    "YESTERDAY",
    "DayMark",
    "DayMarks",
    "FloatArray",
    "Forecast",
    "History",
    "LookAhead",
    "Place",
    "Quality",
    "When",
    "back_at",
    "clear_sky",
    "load_ahead",
    "on_steps",
    "production_ahead",
    "sine_of_elevation",
]
