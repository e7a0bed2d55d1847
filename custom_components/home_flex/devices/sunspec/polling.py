"""A SunSpec device on a Modbus unit: found, polled, written to, lost and found again."""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from modbus_connection import ModbusError, ModbusUnit

from ...core.model import Reading
from ..backoff import Backoff
from ..driver import DeviceError, LinkDown, Publish
from ..kept import KeptDocument, NothingKept
from .actuator import Actuator
from .controls import Control
from .discovery import Discovery, SunSpecDevice
from .line import Line
from .reads import Reads
from .requests import read
from .roles import NAMEPLATES, RATED_POWER, Role
from .snapshot import Snapshot, spans

_FAILED_POLLS_TO_LOSE = 3
_NAMEPLATE_EVERY_S = 60.0
# What other programs on a slow link are left, as a share of the time a poll takes.
_LEFT_TO_OTHERS = 0.25
# After these the walk through a map goes on where it stopped.
_GOES_ON = frozenset({"timeout", "busy", "bad_answer"})
# Waiting longer would hold up the end of Home Assistant.
_LET_GO_S = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """How a device is reached: its unit, the line it shares, and what it remembers."""

    unit: ModbusUnit
    line: Line = field(default_factory=Line)
    kept: KeptDocument = field(default_factory=NothingKept)
    monotonic_s: Callable[[], float] = monotonic


class SunSpecPoller:
    """Polls the models a driver needs and performs its writes, in turn with the other units of the link."""

    def __init__(
        self,
        access: Access,
        *,
        models: frozenset[int],
        required: Sequence[Role],
        controls: Sequence[Control] = (),
        poll_interval_s: float,
    ) -> None:
        """Take the models to read, what at least one of them must tell, and how to set the device."""
        self.actuator = Actuator(access.unit, controls, access.kept, access.monotonic_s)
        self._access = access
        self._models = models
        self._required = required
        self._poll_interval_s = poll_interval_s
        self._discovery = Discovery(access.unit, self._polled)
        self._found: tuple[SunSpecDevice, Reads] | None = None
        self._nameplate: tuple[float, dict[int, int]] | None = None
        self._snapshot: Snapshot | None = None
        self._finding = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._writes = 0
        self._poll_now = asyncio.Event()
        self._is_loaded = False

    async def read(self) -> Snapshot:
        """Read all models, after finding them the first time. Raises DeviceError.

        A snapshot that a write fell into shows half of before and half of after, and is taken once more.
        """
        device, reads = await self._find()
        writes = self._writes
        snapshot = await self._take(device, reads)
        if self._writes != writes:
            snapshot = await self._take(device, reads)
        self._snapshot = snapshot
        self.actuator.watch(snapshot)
        return snapshot

    async def set(self, value_w: float | None, expires_in_s: float) -> None:
        """Write a value, W as SunSpec has it; None hands back. Raises DeviceError as ``Actuator``."""
        if not math.isfinite(expires_in_s) or (value_w is not None and not math.isfinite(value_w)):
            raise DeviceError("invalid_setpoint", "a setpoint and its expiry are finite numbers")
        async with self._writing:
            last = self._snapshot or await self.read()
            try:
                async with self._access.line.writing():
                    if value_w is None:
                        await self.actuator.release(last)
                    else:
                        await self.actuator.set(last, value_w, expires_in_s)
            except DeviceError as err:
                if err.reason == "map_shifted":
                    self._begin_anew()
                raise
            finally:
                self._writes += 1
                self._poll_now.set()

    async def run(self, reading: Callable[[Snapshot], Reading], publish: Publish) -> None:
        """Publish a reading per poll until cancelled; see ``devices.driver.Driver``."""
        try:
            await self._poll_forever(reading, publish)
        finally:
            await self._let_go()

    async def _poll_forever(self, reading: Callable[[Snapshot], Reading], publish: Publish) -> None:
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
                if err.reason == "map_shifted":
                    self._begin_anew()
                if failed_polls >= _FAILED_POLLS_TO_LOSE:
                    if not down:
                        down = True
                        publish(LinkDown(err.reason, str(err)))
                    await self._forget(err)
                    wait_s = backoff.next_s()
            else:
                failed_polls, down = 0, False
                backoff.reset()
                took_s = asyncio.get_running_loop().time() - started
                wait_s = max(self._poll_interval_s - took_s, _LEFT_TO_OTHERS * took_s)
            await self._pause(wait_s)

    async def _find(self) -> tuple[SunSpecDevice, Reads]:
        async with self._finding:
            if not self._is_loaded:
                await self.actuator.load()
                self._is_loaded = True
            if self._found is None:
                device = await self._discovery.find()
                device.require(*self._required)
                self.actuator.meet(device)
                self._found = device, Reads(spans(device, self._models - NAMEPLATES))
            return self._found

    async def _take(self, device: SunSpecDevice, reads: Reads) -> Snapshot:
        now_s = self._access.monotonic_s()
        if self._nameplate is None or now_s - self._nameplate[0] >= _NAMEPLATE_EVERY_S:
            plate = await Reads(spans(device, self._models & NAMEPLATES)).take(self._polled)
            if self._nameplate is not None and Snapshot(device, plate).positive(RATED_POWER) is None:
                plate = self._nameplate[1]  # left out while the device sleeps
            self._nameplate = now_s, plate
        return Snapshot(device, {**self._nameplate[1], **await reads.take(self._polled)})

    async def _polled(self, address: int, count: int) -> list[int]:
        async with self._access.line.reading():
            return await read(self._access.unit, address, count)

    async def _let_go(self) -> None:
        """Hand back what no timer in the device would end when nobody is there any more."""
        held = self.actuator.held
        if held is not None and held.until_s is None and self._snapshot is not None:
            with suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(_LET_GO_S):
                    await self.set(None, 0.0)

    async def _forget(self, error: DeviceError) -> None:
        """Find the device anew next time: another one may answer. Renew a link that is up but silent.

        What was found of a map that is still being walked is kept.
        """
        if self._found is not None or error.reason not in _GOES_ON:
            self._begin_anew()
        if error.reason in {"timeout", "no_answer", "busy"}:
            with suppress(ModbusError):
                await self._access.unit.disconnect()

    def _begin_anew(self) -> None:
        self._discovery = Discovery(self._access.unit, self._polled)
        self._found = self._nameplate = self._snapshot = None

    async def _pause(self, seconds: float) -> None:
        """Wait, but not after a write: its effect is to be seen at once."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._poll_now.wait()
        except TimeoutError:
            return
        self._poll_now.clear()
