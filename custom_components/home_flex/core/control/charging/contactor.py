"""A charger's contactor: when it closed, how long it stays, and how often it may close."""

import math
from dataclasses import dataclass, replace

from .model import ChargerInput

# A start, a turn and a change of phases each close the contactor: one budget for all.
CLOSINGS_PER_HOUR = 4
# A little more than the hour: a vehicle closes seconds after it was allowed to, now sooner, now later.
_HOUR_S = 3660.0
MIN_ON_S = 300.0
MIN_OFF_S = 60.0
# A pause that nobody here wanted is believed when it has lasted longer than a charger's dead time.
_OVERRULED_AFTER_S = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Contactor:
    """Whether the vehicle is allowed to charge, since when, and when it was let in during the last hour."""

    on: bool = False
    since_s: float = -math.inf
    closings: tuple[float, ...] = ()

    def moved(self, now_s: float, *, on: bool) -> Contactor:
        """Return the contactor with what is wanted of it now; a closing is counted when it is ordered."""
        if on == self.on:
            return self
        closings = (*self.closings, now_s) if on else self.closings
        return Contactor(on=on, since_s=now_s, closings=closings)

    def may_close(self, now_s: float, *, reserve: int = 0) -> bool:
        """Return whether the hour's budget allows one more closing and leaves ``reserve``."""
        used = sum(1 for closed_s in self.closings if now_s - closed_s < _HOUR_S)
        return used + reserve < CLOSINGS_PER_HOUR

    def rested(self, now_s: float) -> bool:
        """Return whether it has been open long enough."""
        return not self.on and now_s - self.since_s >= MIN_OFF_S

    def settled(self, now_s: float) -> bool:
        """Return whether it has been closed long enough."""
        return self.on and now_s - self.since_s >= MIN_ON_S


def observed(contactor: Contactor, charger: ChargerInput, now_s: float) -> Contactor:
    """Return the contactor as the charger tells of it: somebody above may have paused it."""
    kept = replace(
        contactor, closings=tuple(closed_s for closed_s in contactor.closings if now_s - closed_s < _HOUR_S)
    )
    if not charger.connected:
        return replace(kept, on=False)
    paused = charger.current_limit_a is not None and charger.current_limit_a < charger.min_current_a - 0.5
    if kept.on and paused and now_s - kept.since_s >= _OVERRULED_AFTER_S:
        return replace(kept, on=False, since_s=now_s)
    return kept
