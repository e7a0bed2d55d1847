"""What an event delivered: baseline less what was used, signed, with how sure and how complete it is.

Nothing is cut off at zero in single intervals: noise around nothing done would become delivery. What a
programme does with a negative sum is its own rule (money.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from .baselines import Baseline

# With less than so much of an event measured its energy is not known.
LEAST_COMPLETE: Final = Fraction(9, 10)


class Asks(StrEnum):
    """Which way an event asks the home to move."""

    LESS = "less"
    MORE = "more"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """One interval of an event.

    ``used_wh``: what the meter's registers say, import minus export, None where it is not known.
    ``most_wh`` is what a limit allowed, None without one. ``opted_out_s``: for how long of it the resident
    had left the event.
    """

    used_wh: int | None
    most_wh: int | None = None
    opted_out_s: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Exceeded:
    """How far a limit was exceeded, in the intervals that are known.

    ``energy_wh`` above it in all, ``worst_w`` the mean power above it in the worst interval.
    ``kept_share``: the intervals in which it was kept, of all that had a limit; None when not all of those
    are known.
    """

    energy_wh: int
    worst_w: int
    kept_share: Fraction | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What an event delivered against one baseline, in the direction that was asked for.

    ``delivered_wh`` is signed: negative when the home moved the other way; None when too little of the
    event was measured. ``half_width_wh``: in nine of ten events the truth lies so near; None when that
    cannot be told. ``known``: which share of the intervals was measured.
    """

    delivered_wh: int | None
    by_interval_wh: tuple[int | None, ...]
    half_width_wh: int | None
    known: Fraction


def delivered(intervals: Sequence[Interval], baseline: Baseline, asks: Asks) -> Delivered:
    """Return what was delivered against a baseline that covers these intervals.

    A missing interval counts in neither baseline nor use. Raises ValueError for a baseline of another
    length.
    """
    rows = zip(baseline.use_wh, intervals, strict=True)
    sign = 1 if asks is Asks.LESS else -1
    by_interval = tuple(
        None if interval.used_wh is None else sign * (expected_wh - interval.used_wh)
        for expected_wh, interval in rows
    )
    found = [energy_wh for energy_wh in by_interval if energy_wh is not None]
    known = Fraction(len(found), len(intervals))
    is_known = known >= LEAST_COMPLETE
    return Delivered(
        delivered_wh=sum(found) if is_known else None,
        by_interval_wh=by_interval,
        half_width_wh=baseline.half_width_wh if is_known else None,
        known=known,
    )


def exceeded(intervals: Sequence[Interval], interval_s: int) -> Exceeded | None:
    """Return how far the limits of an event were exceeded, None for an event without any."""
    limited = [(row.used_wh, row.most_wh) for row in intervals if row.most_wh is not None]
    if not limited:
        return None
    over_wh = [max(used_wh - most_wh, 0) for used_wh, most_wh in limited if used_wh is not None]
    is_whole = len(over_wh) == len(limited)
    kept = sum(1 for energy_wh in over_wh if energy_wh == 0)
    return Exceeded(
        energy_wh=sum(over_wh),
        worst_w=max(over_wh, default=0) * 3600 // interval_s,
        kept_share=Fraction(kept, len(limited)) if is_whole else None,
    )
