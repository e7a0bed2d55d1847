"""What a driver published, and waiting for it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from custom_components.home_flex.core.model import Reading
from custom_components.home_flex.devices.driver import Driver, LinkDown

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def noon() -> datetime:
    return NOON


class Listener:
    """Collects what a driver publishes."""

    def __init__(self) -> None:
        self.published: list[Reading | LinkDown] = []
        self._news = asyncio.Event()

    def __call__(self, news: Reading | LinkDown) -> None:
        self.published.append(news)
        self._news.set()

    @property
    def readings(self) -> list[Reading]:
        return [news for news in self.published if not isinstance(news, LinkDown)]

    @property
    def losses(self) -> list[LinkDown]:
        return [news for news in self.published if isinstance(news, LinkDown)]

    async def until(self, condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until ``condition`` holds after some news."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def running(driver: Driver) -> AsyncIterator[Listener]:
    """Run a driver, and see that it ends when cancelled and leaves no task behind."""
    before = asyncio.all_tasks()
    listener = Listener()
    task = asyncio.create_task(driver.run(listener))
    try:
        yield listener
    finally:
        task.cancel()
        results = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError), results
    left = {task.get_name() for task in asyncio.all_tasks() - before if "home_flex" in repr(task.get_coro())}
    assert not left
