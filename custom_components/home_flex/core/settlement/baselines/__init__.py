"""Rules that say what would have been used without an event, by the names that programmes know them by.

``as_dispatched`` is not among the rules of a meter's history: it needs to know the devices
(as_dispatched.py).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .before_and_after import before_and_after
from .high_5_of_10 import high_5_of_10
from .last_in import last_in
from .placebo import half_width_wh, with_half_width
from .rule import Answer, Baseline, Missing, Rule
from .ten_working_days import ten_working_days
from .three_weeks import three_weeks

HISTORY_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "three_weeks": three_weeks,
        "high_5_of_10": high_5_of_10,
        "ten_working_days": ten_working_days,
        "last_in": last_in,
        "before_and_after": before_and_after,
    }
)

__all__ = ["HISTORY_RULES", "Answer", "Baseline", "Missing", "Rule", "half_width_wh", "with_half_width"]
