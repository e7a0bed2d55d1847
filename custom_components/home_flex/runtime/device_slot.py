"""One device of the site at run time: its driver, what it last said, and the setpoint written to it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..core.control.arbiter import differs
from ..core.control.read_back import followed
from ..core.control.state import DeviceState
from ..core.model import (
    BatteryReading,
    ChargerReading,
    DeviceKind,
    PvReading,
    Quantity,
    Reading,
    Setpoint,
)
from ..devices.driver import (
    DeviceError,
    Driver,
    LimitsCurrent,
    LimitsProduction,
    LinkDown,
    SetsPower,
)
from ..history.store import LedgerEntry

_LOGGER = logging.getLogger(__name__)

# Half of the shortest life of a setpoint: one lost renewal does not end an event.
REFRESH_BEFORE_S = 30.0
WRITE_TIMEOUT_S = 8.0
RETRY_AFTER = timedelta(seconds=2)


@dataclass(kw_only=True)
class DeviceSlot:
    """Reads a device through its driver and writes the newest wanted setpoint, one write at a time.

    ``on_reading`` is called after each reading or loss, ``on_ledger`` with each row for the ledger.
    """

    device_id: str
    name: str
    kind: DeviceKind
    wired_phases: tuple[int, ...]
    driver: Driver
    clock: Callable[[], datetime]
    on_reading: Callable[[DeviceSlot], None]
    on_ledger: Callable[[LedgerEntry], None]
    reserve: float = 0.0
    charge_now: bool = False
    reading: Reading | None = None
    link_reason: str | None = "not_read_yet"
    written: Setpoint | None = None
    changed_at: datetime | None = None
    followed: bool | None = None
    _wanted: Setpoint | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _not_before: datetime | None = None

    async def run(self) -> None:
        """Read and write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.driver.run(self._publish), name=f"home_flex read {self.name}")
            tasks.create_task(self._write_forever(), name=f"home_flex write {self.name}")

    def state(self) -> DeviceState:
        """Return what the arbiter needs to know."""
        return DeviceState(
            device_id=self.device_id,
            kind=self.kind,
            wired_phases=self.wired_phases,
            reading=self.reading,
            written=self.written,
            changed_at=self.changed_at,
            reserve=self.reserve,
            charge_now=self.charge_now,
        )

    def want(self, setpoint: Setpoint) -> None:
        """Ask for ``setpoint``; written soon when it is news, or when the old one must be renewed."""
        now = self.clock()
        if setpoint.value is None and self.written is None and not self._under_remote_control():
            self._wanted = None
        elif differs(setpoint, self.written, now, REFRESH_BEFORE_S):
            self._wanted = setpoint
            if self._not_before is None or now >= self._not_before:
                self._wake.set()
        else:
            self._wanted = None

    def check_read_back(self, now: datetime) -> None:
        """Believe a write only when the measured power shows it; put the finding into the ledger once."""
        if self.written is None or self.reading is None or self.written.value is None:
            self.followed = None
            return
        finding = followed(self.written, self.reading, now)
        if finding is not None and finding != self.followed:
            self.followed = finding
            self._log(self.written, "followed" if finding else "not_followed", self.reading.power_w)

    def _under_remote_control(self) -> bool:
        """Whether the device itself says that somebody set it: we did, in an earlier life."""
        match self.reading:
            case BatteryReading(power_setpoint_w=value) | PvReading(production_limit_w=value):
                return value is not None
            case ChargerReading(current_limit_a=value):
                return value is not None
        return False

    def _publish(self, message: Reading | LinkDown) -> None:
        if isinstance(message, LinkDown):
            self.reading = None
            self.link_reason = message.reason
            _LOGGER.warning("%s cannot be read: %s", self.name, message.message)
        else:
            if self.link_reason not in {None, "not_read_yet"}:
                _LOGGER.warning("%s can be read again", self.name)
            self.link_reason = None
            self.reading = message
        self.on_reading(self)

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if (setpoint := self._wanted) is None:
                continue
            try:
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await self._write(setpoint)
            except (DeviceError, TimeoutError) as error:
                reason = error.reason if isinstance(error, DeviceError) else "timeout"
                self._not_before = self.clock() + RETRY_AFTER
                self._log(setpoint, reason, None)
                _LOGGER.debug("%s refused a setpoint: %s", self.name, error)
                continue
            self._accept(setpoint)

    async def _write(self, setpoint: Setpoint) -> None:
        """Hand the value to the driver's one capability that fits."""
        expires_in_s = max(1.0, (setpoint.expires - self.clock()).total_seconds())
        match setpoint.quantity, self.driver:
            case Quantity.POWER_W, SetsPower() as battery:
                await battery.set_power(setpoint.value, expires_in_s=expires_in_s)
            case Quantity.PRODUCTION_LIMIT_W, LimitsProduction() as inverter:
                await inverter.set_production_limit(setpoint.value, expires_in_s=expires_in_s)
            case Quantity.CURRENT_LIMIT_A, LimitsCurrent() as charger:
                await charger.set_current_limit(setpoint.value, expires_in_s=expires_in_s)
            case _:
                raise DeviceError("not_supported", f"{self.name} cannot take {setpoint.quantity}")

    def _accept(self, setpoint: Setpoint) -> None:
        changed = self.written is None or self.written.value != setpoint.value
        self.written = replace(setpoint, issued=self.clock())
        if changed:
            self.changed_at = self.clock()
            self.followed = None
            self._log(setpoint, "handed_back" if setpoint.value is None else "accepted", None)

    def _log(self, setpoint: Setpoint, outcome: str, read_back: float | None) -> None:
        self.on_ledger(
            LedgerEntry(
                time=self.clock(),
                device_id=self.device_id,
                owner=setpoint.owner.name.lower(),
                reason=setpoint.reason,
                event_id=setpoint.event_id,
                quantity=setpoint.quantity.value,
                value=setpoint.value,
                outcome=outcome,
                read_back=read_back,
            )
        )
