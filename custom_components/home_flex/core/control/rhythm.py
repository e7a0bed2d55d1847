"""How often a source speaks, learned from it: when it is late, and when it is lost.

The lost rule lets one telegram in a hundred of an honest ten-second meter be missing without a false alarm,
and finds a dead one in 40 s.
"""

from dataclasses import replace
from statistics import median

from .memory import Rhythm

_GAPS = 9
_ENOUGH_GAPS = 3
# Until the rhythm is known.
UNKNOWN_LOST_S = 30.0
LOST_AT_LEAST_S = 10.0
LOST_AT_MOST_S = 180.0


def heard(rhythm: Rhythm, heard_s: float) -> Rhythm:
    """Return the rhythm with a message that came at ``heard_s``; the same message twice is one."""
    if rhythm.heard_s is None:
        return Rhythm(heard_s=heard_s)
    if heard_s <= rhythm.heard_s:
        return rhythm
    gaps_s = (*rhythm.gaps_s, heard_s - rhythm.heard_s)[-_GAPS:]
    return replace(rhythm, gaps_s=gaps_s, heard_s=heard_s)


def period_s(rhythm: Rhythm) -> float:
    """Return the median gap; a second while there is none."""
    return median(rhythm.gaps_s) if rhythm.gaps_s else 1.0


def stale_after_s(rhythm: Rhythm) -> float:
    """Return the age from which one message was missed."""
    return 1.5 * period_s(rhythm) + 1.0 + _jitter_s(rhythm)


def lost_after_s(rhythm: Rhythm, at_least_s: float = LOST_AT_LEAST_S) -> float:
    """Return the age from which the source says nothing about now."""
    if len(rhythm.gaps_s) < _ENOUGH_GAPS:
        return max(UNKNOWN_LOST_S, at_least_s)
    learned_s = 3.3 * period_s(rhythm) + 2.0 + _jitter_s(rhythm)
    return max(at_least_s, min(LOST_AT_MOST_S, learned_s))


def _jitter_s(rhythm: Rhythm) -> float:
    """Return the second largest less the second smallest gap: one outlier on each side is nobody's rhythm."""
    gaps_s = sorted(rhythm.gaps_s)
    return gaps_s[-2] - gaps_s[1] if len(gaps_s) > _ENOUGH_GAPS else 0.0
