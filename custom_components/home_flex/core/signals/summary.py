"""A signal in few words and as a line of bars, for a person who says whether it is theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from ..model import even
from .on_grid import on_grid
from .signal import Signal, Slot

_BARS: Final = "▁▂▃▄▅▆▇█"
_HOLE: Final = "·"


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """The lowest and the highest slot of a time, the mean over what is known, and a bar for each hour.

    ``known_until`` is when the last value that is not guessed ends; "·" stands for an hour that is not known.
    """

    lowest: Slot
    highest: Slot
    mean: Decimal
    bars: str
    known_until: datetime | None


def summary(signal: Signal, start: datetime, hours: int) -> Summary | None:
    """Return a summary over some hours from the one that holds ``start``; None if nothing is known of it."""
    grid = even(start, 3600, hours)
    part = signal.between(grid.start, grid.end)
    if not part.slots:
        return None
    length = sum((slot.end - slot.start for slot in part.slots), timedelta())
    weighted = sum(slot.value * Decimal((slot.end - slot.start) / length) for slot in part.slots)
    return Summary(
        lowest=min(part.slots, key=lambda slot: slot.value),
        highest=max(part.slots, key=lambda slot: slot.value),
        mean=Decimal(weighted),
        bars=bars([value.value for value in on_grid(part, grid)]),
        known_until=part.known_until,
    )


def bars(values: list[float | None]) -> str:
    """Return one bar for each value, from the lowest to the highest; all alike stand in the middle."""
    known = [value for value in values if value is not None]
    if not known:
        return _HOLE * len(values)
    low, high = min(known), max(known)
    span = high - low

    def bar(value: float | None) -> str:
        if value is None:
            return _HOLE
        share = (value - low) / span if span else 0.5
        return _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]

    return "".join(bar(value) for value in values)
