"""Works beside influxd: reconciles it after its start, then polls the queue and closes gaps."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from time import monotonic
from typing import Final

from home_common.retry import BackOff

from .annotated_csv import CsvError
from .api import ApiError, InfluxApi
from .configuration import Configuration
from .flux import ORG
from .hours import Gaps, HourLedger, RemoteEnd, close_gaps, downsample_late
from .metrics import replication_counters
from .queue_health import QueueHealth, QueueSample, judge
from .reconcile import Reconciled, reconcile
from .status import Status, document

_LOGGER = logging.getLogger(__name__)
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400.0
_DAY: Final = timedelta(days=1)
# The way back of the hourly look; once a day, and after a start, it goes back as far as values may come late.
_SHORT_LOOK: Final = timedelta(hours=26)
# No answer, no such service (a plain InfluxDB at the other end), a pause: the queue tells of the line.
_LATER: Final = frozenset({0, 404, 429})
_FAILURES: Final = (ApiError, CsvError, OSError, LookupError, TypeError, ValueError)

type Clock = Callable[[], datetime]
type Uptime = Callable[[], float]


class Keeper:
    """One home's InfluxDB, kept as it should be."""

    def __init__(
        self,
        configuration: Configuration,
        status: Status,
        stop: Event,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        uptime_s: Uptime = monotonic,
    ) -> None:
        """Only keep what is given; nothing is asked yet.

        What is due goes by ``uptime_s``: the clock of a gateway may be years off until the line is there.
        """
        self._configuration = configuration
        self._status = status
        self._stop = stop
        self._clock = clock
        self._uptime_s = uptime_s
        self._api = InfluxApi(url=configuration.api_url)
        self._ledger = HourLedger(configuration.data / "downsampled_hours.json")
        self._reconciled: Reconciled | None = None
        self._queue: QueueHealth | None = None
        self._gaps: Gaps | None = None
        self._hourly_due_s = 0.0
        self._long_look_due_s = 0.0
        self._hourly_problems: tuple[str, ...] = ()

    def run(self) -> None:
        """Work until told to stop. Whatever fails is logged, shown, and tried again at the next poll."""
        back_off = BackOff(2.0, self._configuration.poll_s)
        while not self._stop.is_set():
            self.poll()
            self._stop.wait(self._configuration.poll_s if self._reconciled else back_off.next_s())

    def poll(self) -> None:
        """Do once what is due, and publish the result."""
        passes = self._passes()
        if passes and self._reconciled is None:
            self._try("reconcile_failed", self._reconcile)
        if passes and self._reconciled is not None:
            self._try("queue_poll_failed", self._poll_queue)
            if self._uptime_s() >= self._hourly_due_s:
                self._hourly(self._reconciled)
        self._status.publish(
            document(
                at=self._clock(),
                home_id=self._configuration.home_id,
                influxdb_passes=passes,
                reconciled=self._reconciled is not None,
                replication_configured=self._configuration.replication is not None,
                queue=self._queue,
                gaps=self._gaps,
                more_problems=self._hourly_problems,
            )
        )

    def _passes(self) -> bool:
        try:
            return bool(self._api.get("/health").get("status") == "pass")
        except _FAILURES:
            return False

    def _reconcile(self) -> None:
        self._reconciled = reconcile(self._configuration, self._api)

    def _poll_queue(self) -> None:
        reconciled = self._reconciled
        if reconciled is None or reconciled.replication_id is None:
            return
        replication = reconciled.api.get(f"/api/v2/replications/{reconciled.replication_id}")
        counters = replication_counters(reconciled.api.text("/metrics"), reconciled.replication_id)
        self._queue = judge(
            self._queue, QueueSample.of(self._clock(), self._uptime_s(), replication, counters)
        )

    def _hourly(self, reconciled: Reconciled) -> None:
        now, now_s = self._clock(), self._uptime_s()
        is_long = now_s >= self._long_look_due_s
        self._hourly_due_s = now_s + _HOUR_S
        work = {
            "downsampling_failed": lambda: self._downsample_late(reconciled, now, is_long=is_long),
            "gap_check_failed": lambda: self._close_gaps(reconciled, now, is_long=is_long),
        }
        failed = tuple(name for name, step in work.items() if not self._try(name, step))
        if is_long and not failed:
            self._long_look_due_s = now_s + _DAY_S
        self._hourly_problems = failed

    def _downsample_late(self, reconciled: Reconciled, now: datetime, *, is_long: bool) -> None:
        longest = timedelta(days=self._configuration.late_days)
        back = longest if is_long else _SHORT_LOOK
        downsample_late(reconciled.api, self._ledger, now, back=back, keep=longest + _DAY)

    def _close_gaps(self, reconciled: Reconciled, now: datetime, *, is_long: bool) -> None:
        wanted = self._configuration.replication
        if wanted is None or self._queue is None or self._queue.sample.remaining_bytes > 0:
            # What still waits in the queue is no gap.
            return
        api = InfluxApi(url=wanted.url, token=wanted.token)
        remote = RemoteEnd(api=api, org=wanted.org_id or ORG, bucket=wanted.bucket)
        back = timedelta(days=wanted.gap_days) if is_long else _SHORT_LOOK
        try:
            self._gaps = close_gaps(reconciled.api, remote, now, back=back, before=self._gaps)
        except ApiError as error:
            if error.status not in _LATER and error.status < 500:
                raise
            _LOGGER.info("The community cannot be compared with now: %s", error)

    def _try(self, problem: str, work: Callable[[], None]) -> bool:
        try:
            work()
        except _FAILURES as error:
            _LOGGER.warning("%s: %s", problem, error)
            return False
        return True
