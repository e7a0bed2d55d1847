"""What a counter said, what is known of the counter, and what was found wrong with what it said."""

import math
from dataclasses import dataclass
from enum import StrEnum

# Registers of homes stay far below this; it keeps every sum within 64 bits.
_MOST = 1 << 53


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class CounterReading:
    """A counter at one moment: ``time_s`` in seconds of the UTC epoch, ``value`` in its unit (Wh, dm3).

    ``meter_id`` tells one meter from the one that took its place. ``is_time_certain`` is False while the
    clock that stamped it had jumped and nothing had set it right.
    """

    time_s: int
    value: int
    meter_id: str = ""
    is_time_certain: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterSwap:
    """What a person read off when a meter was changed: the old one's last value and the new one's first."""

    time_s: int
    end_value: int
    start_value: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterRule:
    """What is known of a counter. ``most_per_h``: more than this in an hour it cannot count (of Wh: W).

    ``resolution``: its smallest step. ``modulus``: where it starts anew from 0, None where nobody told; it is
    never guessed. ``edge_s``: how near to a slot's edge a reading counts as read there. Raises ValueError.
    """

    most_per_h: int
    resolution: int = 1
    modulus: int | None = None
    edge_s: int = 10

    def __post_init__(self) -> None:
        """Raise for what no counter is."""
        if self.most_per_h <= 0 or self.resolution <= 0 or self.edge_s < 0:
            raise ValueError(f"No counter is like {self}")
        if self.modulus is not None and self.modulus <= 0:
            raise ValueError(f"A counter cannot start anew at {self.modulus}")

    def most_in(self, seconds: int) -> int:
        """Return the most it can count in a time, rounded up, and one step more for its own rounding."""
        return -(-self.most_per_h * seconds // 3600) + self.resolution


class Problem(StrEnum):
    """What was found in a counter's readings."""

    CONFLICT = "conflict"  # two values at one time; the smaller was taken
    DIP = "dip"  # a step back within its own noise
    RESET = "reset"  # it began anew; ``amount`` is the most that may be lost
    METER_CHANGED = "meter_changed"  # another meter, and nobody told its first and the old one's last value
    SWAP_REFUSED = "swap_refused"  # what was entered of a change of meter does not fit the readings
    JUMP = "jump"  # ahead by more than the fuse lets through
    UNALLOCATED = "unallocated"  # ``amount`` was counted, but nobody knows in which slots


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A problem between two moments (seconds of the UTC epoch); ``amount`` in the unit of the counter."""

    problem: Problem
    start_s: int
    end_s: int
    amount: int | None = None


def fuse_rule(main_fuse_a: float, phases: int, voltage_v: float = 230.0, *, edge_s: int = 10) -> CounterRule:
    """Return the rule of a counter of Wh behind a fuse: its rating and a tenth more. Raises ValueError."""
    return CounterRule(most_per_h=math.ceil(main_fuse_a * phases * voltage_v * 1.1), edge_s=edge_s)


def counter_reading(time_s: float, value: float | None, meter_id: str = "") -> CounterReading | None:
    """Return a reading of what a device told; None where that is no reading: nothing, NaN, or below 0.

    Whole steps count; 1001.001 kWh are 1001001 Wh, though as floats they are a trifle less.
    """
    if value is None or not math.isfinite(value) or not math.isfinite(time_s) or not 0 <= value < _MOST:
        return None
    return CounterReading(time_s=math.floor(time_s), value=math.floor(round(value, 3)), meter_id=meter_id)
