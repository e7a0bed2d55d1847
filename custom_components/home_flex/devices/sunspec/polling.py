"""A SunSpec device on a Modbus unit: found, polled, written to, lost and found again."""

import asyncio
import math
from collections.abc import Callable, Sequence

from modbus_connection import ModbusError, ModbusUnit

from ...core.model import Reading
from ..backoff import Backoff
from ..driver import DeviceError, LinkDown, Publish
from .controls import Control, Write
from .discovery import SunSpecDevice, discover
from .models import Role
from .requests import write
from .snapshot import Snapshot, Span, plan_reads, take_snapshot

_FAILED_POLLS_TO_LOSE = 3


class SunSpecPoller:
    """Polls the models a driver needs and performs its writes, one request at a time.

    The link lets one request through at a time, in order: a write waits for the read in flight, not for the
    poll it belongs to.
    """

    def __init__(
        self, unit: ModbusUnit, *, models: frozenset[int], required: Sequence[Role], poll_interval_s: float
    ) -> None:
        """Remember the unit, the models to read and what at least one of them must tell."""
        self._unit = unit
        self._models = models
        self._required = required
        self._poll_interval_s = poll_interval_s
        self._found: tuple[SunSpecDevice, list[Span]] | None = None
        self._snapshot: Snapshot | None = None
        self._finding = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._writes = 0
        self._poll_now = asyncio.Event()

    async def read(self) -> Snapshot:
        """Read all models, after finding them the first time. Raises DeviceError.

        A snapshot that a write fell into shows half of before and half of after, and is taken once more.
        """
        device, spans = await self._find()
        writes = self._writes
        snapshot = await take_snapshot(self._unit, device, spans)
        if self._writes != writes:
            snapshot = await take_snapshot(self._unit, device, spans)
        self._snapshot = snapshot
        return snapshot

    async def set(self, controls: Sequence[Control], value_w: float | None, expires_in_s: float) -> None:
        """Write a value with the first control the device has; None releases. Raises DeviceError."""
        if not math.isfinite(expires_in_s) or (value_w is not None and not math.isfinite(value_w)):
            raise DeviceError("invalid_setpoint", "a setpoint and its expiry are finite numbers")
        async with self._writing:
            snapshot = self._snapshot or await self.read()
            control = control_of(snapshot, controls)
            if control is None:
                models = " or ".join(str(control.model) for control in controls)
                raise DeviceError("missing_model", f"the device has no SunSpec model {models} to be set by")
            try:
                writes = (
                    control.release(snapshot)
                    if value_w is None
                    else control.set(snapshot, value_w, expires_in_s)
                )
            except OverflowError as err:
                raise DeviceError("invalid_setpoint", str(err)) from err
            await self._perform(writes)
        self._poll_now.set()

    async def run(self, reading: Callable[[Snapshot], Reading], publish: Publish) -> None:
        """Publish a reading per poll until cancelled; see ``devices.driver.Driver``."""
        backoff = Backoff()
        failed_polls = _FAILED_POLLS_TO_LOSE  # nothing was read yet: the first failure is a loss
        down = False
        while True:
            started = asyncio.get_running_loop().time()
            try:
                publish(reading(await self.read()))
            except DeviceError as err:
                failed_polls += 1
                wait_s = self._poll_interval_s
                if failed_polls >= _FAILED_POLLS_TO_LOSE:
                    if not down:
                        down = True
                        publish(LinkDown(err.reason, str(err)))
                    await self._forget(err)
                    wait_s = backoff.next_s()
            else:
                failed_polls, down = 0, False
                backoff.reset()
                wait_s = started + self._poll_interval_s - asyncio.get_running_loop().time()
            await self._pause(wait_s)

    async def _find(self) -> tuple[SunSpecDevice, list[Span]]:
        async with self._finding:
            if self._found is None:
                device = await discover(self._unit)
                device.require(*self._required)
                self._found = device, plan_reads(device, self._models)
            return self._found

    async def _perform(self, writes: Sequence[Write]) -> None:
        for request in writes:
            try:
                await write(self._unit, request.address, request.words)
            finally:
                self._writes += 1

    async def _forget(self, error: DeviceError) -> None:
        """Find the device anew next time: another one may answer. Renew a link that is up but silent."""
        self._found = self._snapshot = None
        if error.reason == "timeout":
            try:
                await self._unit.disconnect()
            except ModbusError:
                return

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after a write: its effect is to be seen at once."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._poll_now.wait()
        except TimeoutError:
            return
        self._poll_now.clear()


def control_of(snapshot: Snapshot, controls: Sequence[Control]) -> Control | None:
    """Return the first control whose model the device has."""
    return next((control for control in controls if snapshot.has(control.model)), None)
