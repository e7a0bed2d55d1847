"""Reports on their way out: each waits in the home until the broker has surely kept it for somebody.

What becomes of it after that is ``received``'s.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from typing import Protocol

from .errors import AggregatorError, UnheardError
from .mqtt_client import MqttClient
from .publishing import OutgoingReport, ReportPublisher
from .received import Kept

_LOGGER = logging.getLogger(__name__)

# What the broker refuses, or keeps for nobody, is tried again ever more seldom.
TRY_AGAIN_FIRST_S = 2.0
TRY_AGAIN_LAST_S = 60.0
REPORTS_AT_ONCE = 200
# Mosquitto 2.1 acknowledges in the turn of its loop at whose end it commits to its database: what a kill
# takes from it had been acknowledged just before the connection was lost.
KEPT_AFTER_S = 1.0


class Outbox(Kept, Protocol):
    """The durable queue of reports."""

    async def pending_reports(self, limit: int) -> Sequence[OutgoingReport]:
        """Return the oldest reports that wait, in the order they were made."""

    async def report_sent(self, report_id: str, /) -> None:
        """Take a report off the queue: the broker has kept it, or it is too late for it."""


class ReportSender:
    """Sends what the outbox holds, oldest first.

    A report is taken off the queue when the connection has outlived its acknowledgement by KEPT_AFTER_S. One
    whose connection is lost before that is sent again with the same id; the aggregator knows it by that.
    """

    def __init__(self, outbox: Outbox, publisher: ReportPublisher) -> None:
        """Prepare; ``run`` sends."""
        self._outbox = outbox
        self._publisher = publisher
        self._wake = asyncio.Event()
        self._said_refused = False

    def wake(self) -> None:
        """Say that the outbox holds something new."""
        self._wake.set()

    async def run(self, client: MqttClient) -> None:
        """Send over one connection until cancelled. Raises MqttError when it is lost."""
        acknowledged: dict[str, float] = {}
        try_again_s = TRY_AGAIN_FIRST_S
        while True:
            self._wake.clear()
            reports = await self._outbox.pending_reports(REPORTS_AT_ONCE)
            if not await self._send_all(client, reports, acknowledged):
                await self._rest(try_again_s)
                try_again_s = min(2 * try_again_s, TRY_AGAIN_LAST_S)
            elif reports:
                try_again_s = TRY_AGAIN_FIRST_S
                await self._rest(KEPT_AFTER_S)
            else:
                await self._wake.wait()
            await self._forget_kept(acknowledged)

    async def _send_all(
        self, client: MqttClient, reports: Sequence[OutgoingReport], acknowledged: dict[str, float]
    ) -> bool:
        """Send those that are not yet ``acknowledged``, by id; return whether the broker took them all."""
        for report in reports:
            if report.id not in acknowledged:
                if not await self._send(client, report):
                    return False
                acknowledged[report.id] = asyncio.get_running_loop().time()
        return True

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _forget_kept(self, acknowledged: dict[str, float]) -> None:
        kept_until = asyncio.get_running_loop().time() - KEPT_AFTER_S
        for report_id in [each for each, at in acknowledged.items() if at <= kept_until]:
            await self._outbox.report_sent(report_id)
            del acknowledged[report_id]

    async def _send(self, client: MqttClient, report: OutgoingReport) -> bool:
        try:
            if not await self._publisher.publish(client, report):
                _LOGGER.info("Report %s came too late to be sent", report.id)
        except (AggregatorError, UnheardError) as error:
            if not self._said_refused:
                _LOGGER.warning("Reports wait, they cannot be sent: %s", error)
                self._said_refused = True
            return False
        self._said_refused = False
        return True
