"""How often figures are shown: control decides each second, what a person reads may rest.

Each figure that is shown becomes a row of Home Assistant's recorder, on a memory card that wears.
"""

from dataclasses import dataclass
from typing import Final

from .view import SiteView

FIGURES_EVERY_S: Final = 5.0
# A figure that moved too little to be noticed is shown as it is after this time.
UNNOTICED_FOR_S: Final = 60.0


class FigurePace:
    """Says for each new view whether its figures are to be shown, all of one moment together."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self._shown_s: float | None = None
        self._there: frozenset[str] = frozenset()

    def is_due(self, view: SiteView, now_s: float) -> bool:
        """Return whether to show figures at ``now_s`` (monotonic).

        They are shown after a while, and when a device came or went.
        """
        there = frozenset(key for key, device in view.devices.items() if device.link_reason is None)
        is_rested = self._shown_s is None or now_s - self._shown_s >= FIGURES_EVERY_S
        if not is_rested and there == self._there:
            return False
        self._shown_s, self._there = now_s, there
        return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What a person notices of a figure: a move by ``step`` in its unit and ``share`` of what is shown."""

    step: float = 0.0
    share: float = 0.0


class Figure:
    """One figure, as it was last shown."""

    def __init__(self, notice: Notice) -> None:
        """Begin with nothing shown."""
        self._notice = notice
        self._shown: float | None = None
        self._shown_s: float | None = None

    def is_due(self, value: float | None, now_s: float) -> bool:
        """Return whether to show ``value`` at ``now_s`` (monotonic).

        It moved noticeably, became known or unknown, or moved at all and rested long enough.
        """
        if value == self._shown or (self._rests(now_s) and not self._is_noticed(value)):
            return False
        self._shown, self._shown_s = value, now_s
        return True

    def _rests(self, now_s: float) -> bool:
        return self._shown_s is not None and now_s - self._shown_s < UNNOTICED_FOR_S

    def _is_noticed(self, value: float | None) -> bool:
        if value is None or self._shown is None:
            return True
        return abs(value - self._shown) >= max(self._notice.step, self._notice.share * abs(self._shown))
