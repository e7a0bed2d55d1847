"""Counters of three phases as most utilities' meters have them: what one phase feeds in, another takes.

A Shelly counts each phase for itself, so that with sun on one phase both of its sums run at once. What both
have grown by between two readings is what flowed in all; it went one way.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..kept import KeptDocument

_VERSION: Final = 1
# What was not kept when a home is killed is netted in one step afterwards: little is lost by it.
_KEPT_EVERY_S: Final = 900.0

type Pair = tuple[float, float]


class NettedCounters:
    """Makes of what all phases took and gave (Wh) what the home took and gave. It goes on after a restart."""

    def __init__(self, kept: KeptDocument, monotonic_s: Callable[[], float]) -> None:
        """Begin where a former life ended, else with the counters as they are."""
        self._kept = kept
        self._monotonic_s = monotonic_s
        self._is_loaded = False
        self._last: Pair | None = None
        self._netted: Pair = (0.0, 0.0)
        self._kept_s: float | None = None

    async def netted(self, taken_wh: float, given_wh: float) -> Pair:
        """Return what the home took and gave in Wh; counters that fall begin anew, and nothing is counted."""
        if not self._is_loaded:
            self._last, self._netted = _decoded(await self._kept.load())
            self._is_loaded = True
        if self._last is None:
            self._netted = taken_wh, given_wh
        elif taken_wh >= self._last[0] and given_wh >= self._last[1]:
            flowed_wh = (taken_wh - self._last[0]) - (given_wh - self._last[1])
            self._netted = self._netted[0] + max(0.0, flowed_wh), self._netted[1] + max(0.0, -flowed_wh)
        self._last = taken_wh, given_wh
        self._keep()
        return self._netted

    def _keep(self) -> None:
        now_s = self._monotonic_s()
        if self._kept_s is None or now_s - self._kept_s >= _KEPT_EVERY_S:
            self._kept_s = now_s
            self._kept.put({"version": _VERSION, "last": self._last, "netted": self._netted})


def _decoded(document: Mapping[str, Any] | None) -> tuple[Pair | None, Pair]:
    match document:
        case {
            "last": [float() | int() as taken, float() | int() as given],
            "netted": [float() | int() as net_taken, float() | int() as net_given],
        }:
            return (float(taken), float(given)), (float(net_taken), float(net_given))
    return None, (0.0, 0.0)
