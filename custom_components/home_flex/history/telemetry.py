"""Telemetry: points in, batches on disk, the measurement store filled from there, whatever happens to it."""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .telemetry_schema import Point, line, nanoseconds
from .telemetry_spool import Batch, Spool, SpoolLimits, SpoolState
from .telemetry_store import Store, StoreError

_LOGGER = logging.getLogger(__name__)

# What waits for a disk that fails; beyond that the oldest points go.
MAX_BUFFERED_POINTS = 20_000
TOKEN_REASONS = frozenset({"not_authorised", "token_missing"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Timings:
    """How long things take, in seconds."""

    # Each batch is a few pages on a memory card, however little is in it.
    flush_s: float = 60.0
    first_retry_s: float = 1.0
    longest_retry_s: float = 300.0
    token_poll_s: float = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryHealth:
    """How delivery goes.

    ``problem`` is a StoreError's reason, ``disk``, or None while all is well; it began at ``failing_since``.
    ``points_waiting`` and ``oldest`` count what is still in memory too. ``points_dropped`` had to give way to
    newer ones, ``points_set_aside`` were refused by the store; both count since the store was set up.
    """

    points_waiting: int
    bytes_waiting: int
    oldest: datetime | None
    last_success: datetime | None
    points_dropped: int
    points_set_aside: int
    problem: str | None
    failing_since: datetime | None


class Telemetry:
    """Writes points to a store. ``run`` it in one task, ``close`` it when that task has ended."""

    def __init__(
        self,
        *,
        store: Store,
        folder: Path,
        home: str,
        clock: Callable[[], datetime],
        timings: Timings | None = None,
        limits: SpoolLimits | None = None,
    ) -> None:
        """Take the parts; the folder is looked at first when ``run``."""
        self._store = store
        self._folder = folder
        self._home = home
        self._clock = clock
        self._timings = timings or Timings()
        self._limits = limits
        # One thread, so that one thing at a time is done with the disk.
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="home_flex_telemetry")
        self._pending: set[asyncio.Future[Any]] = set()
        self._opened: Spool | None = None
        self._state = SpoolState(points=0, size=0, oldest_ns=None, dropped=0, quarantined=0)
        self._buffer: list[tuple[int, str]] = []
        self._on_its_way: list[tuple[int, str]] = []
        self._unnoted: list[str] = []
        self._overflow = 0
        self._latest_ns: dict[tuple[str, ...], int] = {}
        self._flush_now = asyncio.Event()
        self._collected = asyncio.Event()
        self._spooled = asyncio.Event()
        self._last_success: datetime | None = None
        self._problem: str | None = None
        self._disk_fails = False
        self._failing_since: datetime | None = None

    def add(self, points: Iterable[Point], *, urgent: bool = False) -> None:
        """Take points in; ``urgent`` ones go to the disk at once, the others with the next batch.

        A point of the same series as the one before and not later than it is moved to one nanosecond after
        it, so that none is overwritten.
        """
        for point in points:
            time_ns = max(nanoseconds(point.time), self._latest_ns.get(point.series, -1) + 1)
            if (text := line(point, home=self._home, time_ns=time_ns)) is not None:
                self._latest_ns[point.series] = time_ns
                self._buffer.append((time_ns, text))
                self._unnoted.append(text)
        if (excess := len(self._buffer) - MAX_BUFFERED_POINTS) > 0:
            del self._buffer[:excess]
            self._overflow += excess
        self._collected.set()
        if urgent:
            self._flush_now.set()

    @property
    def health(self) -> TelemetryHealth:
        """How delivery goes now."""
        state = self._state
        collected = [*self._on_its_way[:1], *self._buffer[:1]]
        times = [time for time in (state.oldest_ns, *(time for time, _ in collected)) if time is not None]
        return TelemetryHealth(
            points_waiting=state.points + len(self._on_its_way) + len(self._buffer),
            bytes_waiting=state.size,
            oldest=datetime.fromtimestamp(min(times) / 1e9, UTC) if times else None,
            last_success=self._last_success,
            points_dropped=state.dropped + self._overflow,
            points_set_aside=state.quarantined,
            problem="disk" if self._disk_fails else self._problem,
            failing_since=self._failing_since,
        )

    async def run(self) -> None:
        """Collect and send until cancelled; what was collected by then goes to the disk first."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._collect_forever(), name="home_flex telemetry collect")
                tasks.create_task(self._flush_forever(), name="home_flex telemetry spool")
                tasks.create_task(self._send_forever(), name="home_flex telemetry send")
        finally:
            await self._flush()

    async def close(self) -> None:
        """Wait for what is under way, and put the rest on the disk."""
        if self._pending:
            await asyncio.wait(self._pending)
        await self._flush()
        try:
            await self._on_disk(Spool.close)
        except OSError as error:
            _LOGGER.warning("The end of the measurements cannot be put on the disk: %s", error.strerror)
        finally:
            self._executor.shutdown(wait=False)

    async def _collect_forever(self) -> None:
        """Hand points to the system as they come, so that a kill does not cost a batch."""
        while True:
            await self._collected.wait()
            self._collected.clear()
            await self._collect()

    async def _collect(self) -> None:
        text = "".join(f"{line}\n" for line in self._unnoted).encode()
        self._unnoted = []
        try:
            await self._on_disk(lambda spool: spool.collect(text))
        except OSError as error:
            _LOGGER.debug("Measurements are in memory only: %s", error.strerror)

    async def _flush_forever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timings.flush_s):
                    await self._flush_now.wait()
            self._flush_now.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Put what was collected on the disk, as one batch; keep it when the disk fails."""
        if not self._buffer:
            return
        taken, overflow = self._buffer, self._overflow
        self._on_its_way, self._buffer = taken, []
        text = "\n".join(text for _, text in taken).encode()

        def append(spool: Spool) -> None:
            spool.append(text, points=len(taken), oldest_ns=min(time for time, _ in taken))
            if overflow:
                spool.lose(overflow)

        try:
            await self._on_disk(append)
        except OSError as error:
            self._buffer = taken + self._buffer
            self._on_its_way = []
            if not self._disk_fails:
                _LOGGER.warning("Measurements cannot be put on the disk: %s", error.strerror)
            self._failing_since = self._failing_since or self._clock()
            self._disk_fails = True
            return
        self._on_its_way = []
        self._overflow -= overflow
        self._disk_fails = False
        self._settle()
        self._spooled.set()

    async def _send_forever(self) -> None:
        failures = 0
        while True:
            self._spooled.clear()
            try:
                head = await self._on_disk(Spool.head)
                if head is None:
                    await self._spooled.wait()
                    continue
                await self._deliver(*head)
                failures = 0
            except StoreError as error:
                failures += 1
                self._note_problem(error)
                await self._wait(error, failures)
            except OSError as error:
                failures += 1
                _LOGGER.debug("The spool cannot be read: %s", error)
                await asyncio.sleep(self._delay_s(failures))
            except Exception:
                # Measurements go on being collected, and delivered once what went wrong has passed.
                failures += 1
                _LOGGER.exception("Delivering measurements failed once; it goes on")
                await asyncio.sleep(self._delay_s(failures))

    async def _deliver(self, batch: Batch, lines: bytes) -> None:
        try:
            await self._write(lines)
        except StoreError as error:
            if error.reason not in {"refused_points", "too_large"}:
                raise
            message = str(error)
            _LOGGER.warning("%d measurements are set aside: %s", batch.points, message)
            await self._on_disk(lambda spool: spool.set_aside(batch, lines, message))
            return
        await self._on_disk(lambda spool: spool.done(batch))
        if self._problem is not None:
            _LOGGER.warning("The measurement store takes measurements again")
        self._problem = None
        self._settle()
        self._last_success = self._clock()

    async def _write(self, lines: bytes) -> None:
        """Send lines, in halves when the store finds them too many at once."""
        try:
            await self._store.write(lines)
        except StoreError as error:
            rows = lines.split(b"\n")
            if error.reason != "too_large" or len(rows) == 1:
                raise
            middle = len(rows) // 2
            await self._write(b"\n".join(rows[:middle]))
            await self._write(b"\n".join(rows[middle:]))

    async def _wait(self, error: StoreError, failures: int) -> None:
        """Leave the store alone for a while; a new token is tried as soon as it is there."""
        if error.reason not in TOKEN_REASONS:
            await asyncio.sleep(max(self._delay_s(failures), error.retry_after_s or 0.0))
            return
        for _ in range(math.ceil(self._timings.longest_retry_s / self._timings.token_poll_s)):
            if await self._store.token_changed():
                return
            await asyncio.sleep(self._timings.token_poll_s)

    def _delay_s(self, failures: int) -> float:
        """Return a wait that doubles with each failure, with jitter so that homes do not come in step."""
        step_s = self._timings.first_retry_s * 2.0 ** min(failures - 1, 30)
        return min(step_s, self._timings.longest_retry_s) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load

    def _note_problem(self, error: StoreError) -> None:
        if error.reason != self._problem:
            _LOGGER.warning("The measurement store takes no measurements: %s", error)
        self._problem = error.reason
        self._failing_since = self._failing_since or self._clock()

    def _settle(self) -> None:
        if self._problem is None and not self._disk_fails:
            self._failing_since = None

    async def _on_disk[Result](self, work: Callable[[Spool], Result]) -> Result:
        """Do something with the spool, one thing at a time, and look at what waits now. Raises OSError."""

        def done() -> tuple[Result, SpoolState]:
            if self._opened is None:
                self._opened = Spool(self._folder, self._limits)
            return work(self._opened), self._opened.state()

        result, self._state = await self._in_thread(done)
        return result

    async def _in_thread[Result](self, work: Callable[[], Result]) -> Result:
        """Do something in a thread; it is done to its end also when the caller is cancelled."""
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        self._pending.add(future)
        future.add_done_callback(self._ended)
        await asyncio.wait([future])
        return future.result()

    def _ended(self, future: asyncio.Future[Any]) -> None:
        """Forget a thread's work; asking for its error tells asyncio that it was seen."""
        self._pending.discard(future)
        if not future.cancelled():
            future.exception()
