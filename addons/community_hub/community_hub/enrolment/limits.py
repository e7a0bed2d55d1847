"""How many attempts one network address has."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

_MOST_ADDRESSES: Final = 10_000


class AddressLimit:
    """Grants each address ``attempts`` within any window of ``window_s`` seconds.

    Forgets the oldest addresses first.
    """

    def __init__(
        self, attempts: int = 30, window_s: float = 60, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nobody has tried yet."""
        self._attempts = attempts
        self._window_s = window_s
        self._clock = clock
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Count an attempt and return 0, or return after how many whole seconds the address may try again."""
        now = self._clock()
        tried = self._tried.setdefault(address, deque())
        self._tried.move_to_end(address)
        if len(self._tried) > _MOST_ADDRESSES:
            self._tried.popitem(last=False)
        while tried and tried[0] <= now - self._window_s:
            tried.popleft()
        if len(tried) >= self._attempts:
            return max(1, math.ceil(tried[0] + self._window_s - now))
        tried.append(now)
        return 0
