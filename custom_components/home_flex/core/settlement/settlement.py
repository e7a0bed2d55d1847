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
from .exact import half_up
from .observed import Observed
from .rerun import MS_AN_HOUR

# With less than so much of an event measured its energy is not known, nor whether its limit was kept.
LEAST_COMPLETE: Final = Fraction(9, 10)


class Asks(StrEnum):
    """Which way an event asks the home to move."""

    LESS = "less"
    MORE = "more"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval(Observed):
    """A stretch of an event, within one quarter-hour and one interval of its own.

    ``used_wh``: import minus export in the part of its ``length_ms`` that was measured. ``quarter``: which of
    the quarter-hours of the event it lies in.
    """

    length_ms: int
    used_wh: int
    quarter: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Exceeded:
    """How far what an event asks was exceeded, as far as it was watched.

    ``energy_wh`` beyond it in all, ``worst_w`` the most. ``kept_share``: the time in which it was kept, of
    that in which it was watched; None when less than nine tenths were.
    """

    energy_wh: int
    worst_w: int
    kept_share: Fraction | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What an event delivered against one baseline, in the direction that was asked for.

    ``delivered_wh`` is signed: negative when the home moved the other way; None when too little of the
    event was measured. ``half_width_wh``: in nine of ten events the truth lies so near; None when that
    cannot be told. ``known``: which share of the event was measured.
    """

    delivered_wh: int | None
    by_interval_wh: tuple[int, ...]
    half_width_wh: int | None
    known: Fraction


def known_share(intervals: Sequence[Interval]) -> Fraction:
    """Return which share of an event was measured; 0 for one without length."""
    length_ms = sum(each.length_ms for each in intervals)
    return Fraction(sum(each.covered_ms for each in intervals), length_ms) if length_ms else Fraction(0)


def delivered(intervals: Sequence[Interval], baseline: Baseline, asks: Asks) -> Delivered:
    """Return what was delivered against a baseline of the measured part of each of these intervals.

    Raises ValueError for a baseline of another length.
    """
    sign = 1 if asks is Asks.LESS else -1
    by_interval = tuple(
        sign * (expected_wh - interval.used_wh)
        for expected_wh, interval in zip(baseline.use_wh, intervals, strict=True)
    )
    known = known_share(intervals)
    is_known = known >= LEAST_COMPLETE
    return Delivered(
        delivered_wh=sum(by_interval) if is_known else None,
        by_interval_wh=by_interval,
        half_width_wh=baseline.half_width_wh if is_known else None,
        known=known,
    )


def exceeded(intervals: Sequence[Interval]) -> Exceeded | None:
    """Return how far what an event asks was exceeded, None for one that asks nothing of the power."""
    asked = [each for each in intervals if each.asks_power]
    if not asked:
        return None
    length_ms = sum(each.length_ms for each in asked)
    watched_ms = sum(each.watched_ms for each in asked)
    is_known = watched_ms > 0 and watched_ms >= LEAST_COMPLETE * length_ms
    return Exceeded(
        energy_wh=half_up(Fraction(sum(each.exceeded_w_ms for each in asked), MS_AN_HOUR)),
        worst_w=max(each.worst_w for each in asked),
        kept_share=Fraction(sum(each.kept_ms for each in asked), watched_ms) if is_known else None,
    )
