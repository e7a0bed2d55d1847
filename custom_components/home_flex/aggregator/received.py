"""Sends reports again that the hub does not have, until it says that it has them.

The broker's word is not enough: one that is killed may forget what it acknowledged. So a home keeps each
report until the hub told up to where it has all of them. Whoever never tells that is sent nothing again, and
what the home keeps meanwhile is bounded by its store.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from .errors import AggregatorError, UnheardError
from .mqtt_client import MqttClient
from .publishing import OutgoingReport, ReportPublisher

_LOGGER = logging.getLogger(__name__)

# Nothing is heard of what was sent last: the hub is asked by sending that again, ever more seldom.
ASK_FIRST_S: Final = 30.0
ASK_LAST_S: Final = 3600.0
# Who has not told for so long does not tell any more; what was kept for them has expired by then.
TELLS_FOR: Final = timedelta(days=7)
MOST_MISSING: Final = 100


@dataclass(frozen=True, slots=True)
class Told:
    """The hub has all reports of ``stream`` up to a number; of those after it these are ``missing``."""

    stream: str
    up_to: int
    missing: Sequence[int]


def told(payload: bytes) -> Told | None:
    """Return what ``reports/received`` says; None when it is not as described."""
    try:
        document: Any = json.loads(payload)
    except ValueError, RecursionError:
        return None
    match document:
        case {"stream": str(stream), "upTo": int(up_to), **more} if up_to >= 0:
            missing = more.get("missing", [])
            if isinstance(missing, list) and all(isinstance(number, int) for number in missing):
                return Told(stream, up_to, missing[:MOST_MISSING])
    return None


class Kept(Protocol):
    """The store of reports that were sent and are kept."""

    async def unreceived_reports(self, numbers: Collection[int], after: int, /) -> Sequence[OutgoingReport]:
        """Return, of those after a number, the oldest, the newest and these that are kept, in order."""

    async def reports_received(self, stream: str, up_to: int, on: date, /) -> None:
        """Let those up to a number go, and remember when that was told last."""

    async def last_told(self) -> date | None:
        """Return when it was told last that reports were received; None: never."""


class ReportKeeper:
    """Hears which reports the hub has, and sends again which it has not."""

    def __init__(self, kept: Kept, publisher: ReportPublisher, *, clock: Callable[[], datetime]) -> None:
        """Prepare; ``run`` sends."""
        self._kept = kept
        self._publisher = publisher
        self._clock = clock
        self._news = asyncio.Event()
        self._told: Told | None = None
        self._asks_after_s = ASK_FIRST_S

    def hear(self, payload: bytes) -> None:
        """Take what the hub says. What is not so, or of what was never sent, changes nothing."""
        heard = told(payload)
        if heard is None or not self._publisher.has_published(heard.stream, heard.up_to):
            _LOGGER.debug("What the aggregator says of reports is not taken: %s", payload[:200])
            return
        self._told = heard
        self._news.set()

    def ask_soon(self) -> None:
        """Ask soon what the hub has: something may have been lost on the way."""
        self._asks_after_s = ASK_FIRST_S
        self._news.set()

    async def run(self, client: MqttClient) -> None:
        """Send again over one connection until cancelled. Raises MqttError when it is lost."""
        if not client.is_version_5:
            return  # without properties reports have no numbers
        self._asks_after_s = ASK_FIRST_S
        while True:
            has_news = await self._wait()
            heard, self._told = self._told, None
            if heard is not None:
                self._asks_after_s = ASK_FIRST_S
                await self._take(client, heard)
            elif not has_news:
                self._asks_after_s = min(2 * self._asks_after_s, ASK_LAST_S)
                if await self._tells():
                    await self._send_again(client, (), after=0)

    async def _wait(self) -> bool:
        """Wait for news, or until it is time to ask; return whether there are any."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._asks_after_s):
                await self._news.wait()
        has_news = self._news.is_set()
        self._news.clear()
        return has_news

    async def _take(self, client: MqttClient, heard: Told) -> None:
        await self._kept.reports_received(heard.stream, heard.up_to, self._clock().date())
        if heard.missing:
            await self._send_again(client, heard.missing, after=heard.up_to)

    async def _tells(self) -> bool:
        last = await self._kept.last_told()
        return last is not None and self._clock().date() - last <= TELLS_FOR

    async def _send_again(self, client: MqttClient, numbers: Collection[int], *, after: int) -> None:
        """Send these again, with the oldest, which says what is not to be waited for, and the newest."""
        for report in await self._kept.unreceived_reports(numbers, after):
            if report.place is None or self._publisher.is_on_its_way(report.place):
                continue
            try:
                await self._publisher.publish(client, report)
            except (AggregatorError, UnheardError) as error:
                _LOGGER.debug("A report is not sent again: %s", error)
                return
