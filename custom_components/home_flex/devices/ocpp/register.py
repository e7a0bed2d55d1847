"""A charger's energy register, guarded against the values real chargers let slip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

_SLACK_WH: Final = 500.0
_BELIEVED_AFTER: Final = 3


@dataclass
class EnergyRegister:
    """The import register in Wh. It only grows, and not faster than the charger can charge.

    A value that breaks this is left out (150 kWh after 15 s, kWh told as Wh, a rounded final value), unless
    ``_BELIEVED_AFTER`` values in a row agree with each other: then the register
    was exchanged, or the first one wrong.
    """

    energy_wh: float | None = None
    _time: datetime | None = None
    _other_wh: float | None = None
    _other_time: datetime | None = None
    _others: int = 0

    def restart(self) -> None:
        """Believe the next value whatever it is: the charger started anew, or counts each transaction."""
        self._time = None
        self._others = 0

    def take(self, energy_wh: float, now: datetime, max_power_w: float) -> bool:
        """Take a value that arrived at ``now``; whether it is believed."""
        if self.energy_wh is None or _follows(self.energy_wh, self._time, energy_wh, now, max_power_w):
            self._believe(energy_wh, now)
            return True
        agrees = self._other_wh is not None and _follows(
            self._other_wh, self._other_time, energy_wh, now, max_power_w
        )
        self._others = self._others + 1 if agrees and self._others else 1
        self._other_wh, self._other_time = energy_wh, now
        if self._others < _BELIEVED_AFTER:
            return False
        self._believe(energy_wh, now)
        return True

    def _believe(self, energy_wh: float, now: datetime) -> None:
        self.energy_wh, self._time, self._others = energy_wh, now, 0


def _follows(
    before_wh: float, since: datetime | None, energy_wh: float, now: datetime, max_power_w: float
) -> bool:
    """Whether a register that showed ``before_wh`` at ``since`` can show ``energy_wh`` at ``now``."""
    if since is None:
        return True
    hours = max(0.0, (now - since).total_seconds()) / 3600.0
    return before_wh <= energy_wh <= before_wh + max_power_w * hours + _SLACK_WH
