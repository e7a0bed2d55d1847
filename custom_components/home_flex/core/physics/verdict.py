"""What can be said of how a device is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """How a device's power stands to what it really does. UNDECIDED: not seen yet, which is no fault."""

    UNDECIDED = "undecided"
    RIGHT = "right"
    SWAPPED = "swapped"
    TOO_LARGE = "too_large"  # by a thousand
    TOO_SMALL = "too_small"  # by a thousand
    COUNTED_TWICE = "counted_twice"
    NOT_SEEN = "not_seen"  # the meter does not show what it does
    MISSING = "missing"  # there is more of it than is read


# What nobody has to be told of.
HARMLESS = frozenset({Verdict.UNDECIDED, Verdict.RIGHT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """The verdict on the grid meter and on each device that was judged.

    ``impossible``: devices draw more than the meter shows, and what explains it is not known.
    """

    meter: Verdict = Verdict.UNDECIDED
    devices: Mapping[str, Verdict] = field(default_factory=dict)
    impossible: bool = False
