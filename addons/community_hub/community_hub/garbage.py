"""How often Python looks for what holds itself.

A hub makes and drops objects by the hundred thousand, nearly all of which go when the last name for them
goes. Looking for the others took a tenth of what a report costs, and more than half of making the events of
10,000 homes.
"""

import gc
from typing import Final

_ALLOCATIONS: Final = 50_000


def collect_seldom() -> None:
    """Look at what is new after so many allocations, and never at what is there now; once, at the start."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
