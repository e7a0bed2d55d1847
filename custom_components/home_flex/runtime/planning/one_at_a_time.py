"""The way to a solver: one job at a time in an executor, whoever stops waiting for one."""

import asyncio
from collections.abc import Callable

from .forecasting import Executor


class OneAtATime:
    """Runs jobs that share what only one thread may use, one at a time.

    Who waits may be cancelled or run out of time; the job goes on in its thread: a turn ends with its job.
    """

    def __init__(self, executor: Executor) -> None:
        """Start with nobody at work."""
        self._executor = executor
        self._turn = asyncio.Lock()

    async def __call__[T](self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, once it is its turn."""
        await self._turn.acquire()
        try:
            job = asyncio.ensure_future(self._executor(work))
        except BaseException:
            self._turn.release()
            raise
        job.add_done_callback(lambda _: self._turn.release())
        return await asyncio.shield(job)
