"""How long to wait before trying a lost device again."""

import random

_FIRST_S = 1.0
_LONGEST_S = 30.0


class Backoff:
    """Waits that double from 1 s to 30 s, each with jitter so that devices do not return in step."""

    def __init__(self) -> None:
        """Begin with the shortest wait."""
        self._next_s = _FIRST_S

    def next_s(self) -> float:
        """Return the seconds to wait now: between half and the whole of the current step."""
        wait_s = self._next_s * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing
        self._next_s = min(self._next_s * 2, _LONGEST_S)
        return wait_s

    def reset(self) -> None:
        """Begin again with the shortest wait, because the device answered."""
        self._next_s = _FIRST_S
