"""One device of the site at run time: its driver, what it last said, and the setpoint written to it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from ..core.control.memory import Judgement
from ..core.control.policy import LeaveAlone, Policy
from ..core.control.state import DeviceState
from ..core.model import DeviceKind, Quantity, Reading, Setpoint, Site, why_incredible
from ..devices.backoff import Backoff
from ..devices.driver import (
    DeviceError,
    Driver,
    GuardsCounters,
    LimitsCurrent,
    LimitsProduction,
    LinkDown,
    Paced,
    SetsPower,
    SwitchesPhases,
    TakesLong,
    TakesValues,
    TellsTroubles,
)
from ..history.store import LedgerEntry
from .counters import Counters
from .seldom import SeldomWarnings

_LOGGER = logging.getLogger(__name__)

WRITE_TIMEOUT_S = 8.0
# A device that tells only what cannot be true for this long cannot be read.
INCREDIBLE_S = 30.0
# The reason of a device that has said nothing since the start, not even that it cannot be reached.
NOT_READ_YET = "not_read_yet"
# The reason of a device whose driver met what it was not written for.
DRIVER_FAILED = "driver_failed"
_TOLD = frozenset({Judgement.FOLLOWED, Judgement.SATURATED, Judgement.NOT_FOLLOWED})


@dataclass(kw_only=True)
class DeviceSlot:
    """Reads a device through its driver and writes the newest wanted setpoint, one write at a time.

    ``clock`` is for the ledger, ``monotonic_s`` for ages. ``on_reading`` is called after each reading or
    loss, ``on_ledger`` with each row for the ledger. A reading that cannot be true at ``site`` is passed
    over: the one before grows old, and what is not known widens the guards. A counter that falls is left out
    of it until it stays there.
    """

    device_id: str
    name: str
    kind: DeviceKind
    wired_phases: tuple[int, ...]
    site: Site
    driver: Driver
    clock: Callable[[], datetime]
    monotonic_s: Callable[[], float]
    on_reading: Callable[[DeviceSlot], None]
    on_ledger: Callable[[LedgerEntry], None]
    policy: Policy = field(default_factory=LeaveAlone)
    reading: Reading | None = None
    heard_s: float = -1.0
    heard_at: datetime | None = None
    link_reason: str | None = NOT_READ_YET
    written: Setpoint | None = None
    judgement: Judgement = Judgement.UNKNOWN
    writes_today: int = 0
    _written_s: float | None = None
    _changed_s: float | None = None
    _refusals: int = 0
    _refused_s: float | None = None
    _refusal: str | None = None
    _troubles: frozenset[str] = frozenset()
    _wanted: Setpoint | None = None
    _writing: Setpoint | None = None
    _counted_on: date | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _incredible_since_s: float | None = None
    _counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        """Have its own warnings, which are said once an hour at most."""
        self._warnings = SeldomWarnings(_LOGGER, self.monotonic_s)

    async def run(self) -> None:
        """Read and write until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read_forever(), name=f"home_flex read {self.name}")
            tasks.create_task(self._write_forever(), name=f"home_flex write {self.name}")

    async def _read_forever(self) -> None:
        """Have the driver read; one that fails is lost and begins anew, and no other device suffers."""
        backoff = Backoff()
        while True:
            began_s = self.monotonic_s()
            try:
                await self.driver.run(self._publish)
            except Exception as error:  # noqa: BLE001 # whatever it is, it is said with its traceback
                self._warnings.warn("driver", f"The driver of {self.name} failed", exc_info=True)
                if self.heard_s > began_s:
                    backoff.reset()
                if self.link_reason != DRIVER_FAILED:
                    self._lose(LinkDown(DRIVER_FAILED, repr(error)))
                    self.on_reading(self)
            await asyncio.sleep(backoff.next_s())

    def state(self) -> DeviceState:
        """Return what the arbiter needs to know."""
        return DeviceState(
            device_id=self.device_id,
            kind=self.kind,
            wired_phases=self.wired_phases,
            reading=self.reading,
            heard_s=self.heard_s,
            written=self.written,
            written_s=self._written_s,
            changed_s=self._changed_s,
            refusals=self._refusals,
            refused_s=self._refused_s,
            policy=self.policy,
            phase_counts=self._phase_counts(),
            pace=self.driver.pace if isinstance(self.driver, Paced) else None,
        )

    def want(self, setpoint: Setpoint) -> None:
        """Write ``setpoint`` as soon as the write under way, if there is one, has ended."""
        if self._writing is not None and self._writing.value == setpoint.value:
            return
        self._wanted = setpoint
        self._wake.set()

    def judge(self, judgement: Judgement) -> None:
        """Take what the observer found of the last write; a new finding goes into the ledger once."""
        if judgement in _TOLD and judgement is not self.judgement and self.written and self.reading:
            self._log(self.written, judgement.value, self.reading.power_w)
        self.judgement = judgement

    @property
    def troubles(self) -> frozenset[str]:
        """What is wrong with controlling the device, as slugs."""
        return self.driver.troubles if isinstance(self.driver, TellsTroubles) else frozenset()

    def _note_troubles(self) -> None:
        """Give each new trouble a row in the ledger, unless it has one as the reason of a refusal."""
        new, self._troubles = self.troubles - self._troubles - {self._refusal}, self.troubles
        for trouble in sorted(new):
            if self.written is not None:
                self._log(self.written, trouble, self.reading.power_w if self.reading else None)

    def _publish(self, message: Reading | LinkDown) -> None:
        self._note_troubles()
        if isinstance(message, LinkDown):
            self._lose(message)
        elif (why := why_incredible(message, self.site)) is not None:
            self._pass_over(why)
            return
        else:
            self._incredible_since_s = None
            if self.link_reason not in {None, NOT_READ_YET}:
                _LOGGER.warning("%s can be read again", self.name)
            self.link_reason = None
            self.heard_s, self.heard_at = self.monotonic_s(), message.time
            self.reading = self._settled(message)
        self.on_reading(self)

    def _settled(self, reading: Reading) -> Reading:
        """Leave out the counters that fell or leapt, where the driver does not."""
        if isinstance(self.driver, GuardsCounters):
            return reading
        identity = self.driver.identity
        serial = None if identity is None else identity.serial_number
        return self._counters.settled(reading, serial, self.heard_s)

    def _lose(self, message: LinkDown) -> None:
        self.reading = None
        self.link_reason = message.reason
        _LOGGER.warning("%s cannot be read: %s", self.name, message.message)

    def _pass_over(self, why: str) -> None:
        """Say once in a while what cannot be true; a device that tells nothing else is lost."""
        self._warnings.warn("incredible", f"{self.name} tells what cannot be true: {why}")
        now_s = self.monotonic_s()
        if self._incredible_since_s is None:
            self._incredible_since_s = now_s
        if now_s - self._incredible_since_s >= INCREDIBLE_S and self.link_reason != "incredible":
            self._lose(LinkDown("incredible", f"for {INCREDIBLE_S:g} s it told nothing that can be true"))
            self.on_reading(self)

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            setpoint, self._wanted = self._wanted, None
            if setpoint is None:
                continue
            self._writing, began_s = setpoint, self.monotonic_s()
            try:
                async with asyncio.timeout(self._write_timeout_s()):
                    await self._write(setpoint)
            except (DeviceError, TimeoutError) as error:
                self._refuse(setpoint, error)
            except Exception as error:  # noqa: BLE001 # whatever it is, it is said with its traceback
                self._warnings.warn("write", f"The driver of {self.name} failed to write", exc_info=True)
                self._refuse(setpoint, DeviceError(DRIVER_FAILED, repr(error)))
            else:
                self._accept(setpoint, began_s)
            finally:
                self._writing = None

    async def _write(self, setpoint: Setpoint) -> None:
        """Hand the value to the driver's one capability that fits."""
        match setpoint.quantity, self.driver:
            case Quantity.POWER_W, SetsPower() as battery:
                await battery.set_power(setpoint.value, expires_in_s=setpoint.life_s)
            case Quantity.PRODUCTION_LIMIT_W, LimitsProduction() as inverter:
                await inverter.set_production_limit(setpoint.value, expires_in_s=setpoint.life_s)
            case Quantity.CURRENT_LIMIT_A, LimitsCurrent() as charger:
                if setpoint.phases is not None and isinstance(charger, SwitchesPhases):
                    charger.use_phases(setpoint.phases)
                await charger.set_current_limit(setpoint.value, expires_in_s=setpoint.life_s)
            case quantity, TakesValues() as device if quantity in device.quantities:
                await device.set_value(quantity, setpoint.value, expires_in_s=setpoint.life_s)
            case _:
                raise DeviceError("not_supported", f"{self.name} cannot take {setpoint.quantity}")

    def _write_timeout_s(self) -> float:
        own_s = self.driver.write_timeout_s if isinstance(self.driver, TakesLong) else 0.0
        return max(WRITE_TIMEOUT_S, own_s)

    def _phase_counts(self) -> tuple[int, ...]:
        counts = self.driver.phase_counts if isinstance(self.driver, SwitchesPhases) else ()
        return counts if len(counts) > 1 else ()

    def _refuse(self, setpoint: Setpoint, error: DeviceError | TimeoutError) -> None:
        """Count a refusal; the ledger hears of each reason once until a write is accepted again."""
        reason = error.reason if isinstance(error, DeviceError) else "timeout"
        self._refusals += 1
        self._refused_s = self.monotonic_s()
        if reason != self._refusal:
            self._refusal = reason
            if reason not in self._troubles:
                self._log(setpoint, reason, None)
        _LOGGER.debug("%s refused a setpoint: %s", self.name, error)

    def _accept(self, setpoint: Setpoint, began_s: float) -> None:
        """Take note of a write: it may have shown since it began."""
        changed = self.written is None or self.written.value != setpoint.value
        self.written, self._written_s = setpoint, self.monotonic_s()
        self._refusals, self._refused_s, self._refusal = 0, None, None
        if changed:
            self._changed_s = began_s
            self._count(self.clock().date())
            self._log(setpoint, "handed_back" if setpoint.value is None else "accepted", None)

    def _count(self, day: date) -> None:
        """Count a write, from nothing on each day."""
        self.writes_today = self.writes_today + 1 if day == self._counted_on else 1
        self._counted_on = day

    def _log(self, setpoint: Setpoint, outcome: str, read_back: float | None) -> None:
        self.on_ledger(
            LedgerEntry(
                time=self.clock(),
                device_id=self.device_id,
                owner=setpoint.owner.name.lower(),
                reason=setpoint.reason,
                event_id=setpoint.source_id,
                quantity=setpoint.quantity.value,
                value=setpoint.value,
                outcome=outcome,
                read_back=read_back,
            )
        )
