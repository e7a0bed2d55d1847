"""How often figures are shown: control decides each second, what a person reads may rest."""

from typing import Final

from .view import SiteView

FIGURES_EVERY_S: Final = 5.0


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
