"""How long to wait before what failed is tried again."""

import random


class BackOff:
    """Waits that double from ``least_s`` to ``most_s`` seconds.

    ``jitter`` shortens each by up to that share, so that a thousand homes do not return in step.
    """

    def __init__(self, least_s: float, most_s: float, *, jitter: float = 0.5) -> None:
        """Begin with the shortest wait."""
        self._least_s, self._most_s, self._jitter = least_s, max(least_s, most_s), jitter
        self._next_s = least_s

    def next_s(self) -> float:
        """Return the seconds to wait now."""
        wait_s = self._next_s * random.uniform(1.0 - self._jitter, 1.0)  # noqa: S311 # spreads load, hides nothing
        self._next_s = min(self._next_s * 2.0, self._most_s)
        return wait_s

    def reset(self) -> None:
        """Begin again with the shortest wait: it worked."""
        self._next_s = self._least_s
