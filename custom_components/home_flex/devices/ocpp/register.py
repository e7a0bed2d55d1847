"""A charger's energy register, guarded against the values real chargers let slip."""

from dataclasses import dataclass
from typing import Final

_SLACK_WH: Final = 500.0
_BELIEVED_AFTER: Final = 3
# What was queued comes all at once; a register that was exchanged stays so.
_BELIEVED_AFTER_S: Final = 20.0
# What a register that has counted would have to have leapt is not believed for what is told for minutes.
_LEAPT_AFTER_S: Final = 3900.0
# A register that counts so little of what is drawn, of so much, tells another unit than it says, or stands.
_LEAST_PART: Final = 0.05
_OF_WH: Final = 2000.0
# Samples further apart than this say nothing of the time between them.
_LONGEST_GAP_S: Final = 900.0


@dataclass
class EnergyRegister:
    """The import register in Wh. It only grows, and not faster than the charger can charge.

    A value that breaks this is left out (150 kWh after 15 s, kWh told as Wh, a rounded final value, one that
    was queued), unless ``_BELIEVED_AFTER`` values in a row agree with each other over ``_BELIEVED_AFTER_S``,
    or ``_LEAPT_AFTER_S`` where one that has counted leaps: then the register was exchanged, or the first
    value wrong. ``is_behind``: it counts next to nothing of what is drawn. Times are seconds of a monotonic
    clock.
    """

    energy_wh: float | None = None
    _at_s: float | None = None
    _other_wh: float | None = None
    _other_at_s: float | None = None
    _other_since_s: float = 0.0
    _others: int = 0
    _has_counted: bool = False
    is_behind: bool = False
    _drawn_wh: float = 0.0
    _drawn_from_wh: float | None = None
    _power: tuple[float, float] | None = None

    def restart(self) -> None:
        """Believe the next value whatever it is: the charger started anew, or counts each transaction."""
        self._at_s = None
        self._others, self._has_counted = 0, False
        self._drawn_wh, self._drawn_from_wh, self._power = 0.0, None, None

    def draw(self, power_w: float, now_s: float) -> None:
        """Take the power at ``now_s``; whether the register keeps up with it is seen with its next value."""
        if self._power is not None and now_s - self._power[1] <= _LONGEST_GAP_S:
            self._drawn_wh += self._power[0] * (now_s - self._power[1]) / 3600.0
        self._power = power_w, now_s

    def take(self, energy_wh: float, now_s: float, max_power_w: float) -> bool:
        """Take a value that arrived at ``now_s``; whether it is believed."""
        if self.energy_wh is None or _follows(self.energy_wh, self._at_s, energy_wh, now_s, max_power_w):
            self._has_counted |= self._at_s is not None and energy_wh > (self.energy_wh or 0.0)
            self._believe(energy_wh, now_s)
            return True
        agrees = self._other_wh is not None and _follows(
            self._other_wh, self._other_at_s, energy_wh, now_s, max_power_w
        )
        if not (agrees and self._others):
            self._others, self._other_since_s = 0, now_s
        self._others += 1
        self._other_wh, self._other_at_s = energy_wh, now_s
        has_leapt = self._has_counted and energy_wh > self.energy_wh
        patience_s = _LEAPT_AFTER_S if has_leapt else _BELIEVED_AFTER_S
        if self._others < _BELIEVED_AFTER or now_s - self._other_since_s < patience_s:
            return False
        self._has_counted = False
        self._believe(energy_wh, now_s)
        return True

    def _believe(self, energy_wh: float, now_s: float) -> None:
        self.energy_wh, self._at_s, self._others = energy_wh, now_s, 0
        if self._drawn_from_wh is None:
            self._drawn_from_wh, self._drawn_wh = energy_wh, 0.0
        elif self._drawn_wh >= _OF_WH:
            self.is_behind = energy_wh - self._drawn_from_wh < _LEAST_PART * self._drawn_wh


def _follows(
    before_wh: float, since_s: float | None, energy_wh: float, now_s: float, max_power_w: float
) -> bool:
    """Whether a register that showed ``before_wh`` at ``since_s`` can show ``energy_wh`` at ``now_s``."""
    if since_s is None:
        return True
    hours = max(0.0, now_s - since_s) / 3600.0
    return before_wh <= energy_wh <= before_wh + max_power_w * hours + _SLACK_WH
