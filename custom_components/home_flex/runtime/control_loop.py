"""The loop that control runs in: a tick with whatever wakes it, and at least each second."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)

TICK_S = 1.0
# Intervals may be of any length: what changes sooner is decided on together.
SHORTEST_WAIT_S = 0.1
# So many failures in a row are no chance.
FAILURES_TOLD = 3


class ControlLoop:
    """Calls ``tick`` for ever; a tick that fails ends nothing.

    ``due_in_s`` is given the longest wait and returns how long to wait at most, both in s. ``on_failing`` is
    called when ticks have failed so often in a row that ``is_failing`` became true.
    """

    def __init__(
        self,
        *,
        tick: Callable[[], Awaitable[None]],
        due_in_s: Callable[[float], float],
        on_failing: Callable[[], None],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Take the parts; ``run`` brings it to life."""
        self._tick = tick
        self._due_in_s = due_in_s
        self._on_failing = on_failing
        self._warnings = SeldomWarnings(_LOGGER, monotonic_s)
        self._wake = asyncio.Event()
        self._failures = 0

    @property
    def is_failing(self) -> bool:
        """Return whether the last ticks all failed, and were too many for a chance."""
        return self._failures >= FAILURES_TOLD

    def wake(self) -> None:
        """Let the next tick come at once."""
        self._wake.set()

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(SHORTEST_WAIT_S, self._due_in_s(TICK_S))):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._tick()
                self._failures = 0
            except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
                # One bad tick must not leave the home without control: the setpoints expire by themselves.
                self._warnings.warn("tick", "The control loop failed once; it goes on", exc_info=True)
                self._failures += 1
                if self._failures == FAILURES_TOLD:
                    self._on_failing()
