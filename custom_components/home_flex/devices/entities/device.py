"""The driver of a device that is made of Home Assistant entities."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ...core.control.pace import Pace
from ...core.model import DeviceIdentity, DeviceKind, Quantity, Reading
from ..driver import DeviceError, LinkDown, Publish
from ..kept import KeptDocument
from .acting import Actor
from .binding import EntitySource
from .hold import Holding
from .orders import quantities_of
from .port import EntityPort
from .profile import Fresh, FreshBy
from .reader import LOST_AFTER_POLLS, POWER, RoleReader
from .readings import SWITCH, Told, reading_of
from .recipe import Control
from .speed import pace_of
from .steering import PROVEN_AT_ONCE_S, Steering
from .values import ENTITIES_GONE, GONE, Lack, NoValue, Value, why_not

_LOGGER = logging.getLogger(__name__)

TICK_S: Final = 1.0
# What speaks only when it changes holds for as long as it is available, and is told again so often.
HEARTBEAT_S: Final = 5.0
# Integrations make their entities late: after a start nothing is lost before so long.
GRACE_S: Final = 120.0


class EntityResources(Protocol):
    """What a device of entities may use of the home."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the aware time in UTC."""
        ...

    @property
    def monotonic_s(self) -> Callable[[], float]:
        """Seconds that only grow."""
        ...

    @property
    def entities(self) -> EntityPort:
        """The home's entities and actions."""
        ...

    @property
    def kept(self) -> KeptDocument:
        """The document of this device in the home's own store."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is known of a device once and for all; ``wired_phases`` is how many there are."""

    identity: DeviceIdentity
    wired_phases: int = 1


class EntityDevice:
    """Publishes a reading when the entities of its power are written, all of one moment together."""

    def __init__(
        self, kind: DeviceKind, reader: RoleReader, resources: EntityResources, about: About
    ) -> None:
        """Take what the device is; ``run`` brings it to life."""
        self.identity: DeviceIdentity | None = about.identity
        self._kind = kind
        self._reader = reader
        self._resources = resources
        self._wired_phases = about.wired_phases
        self._leading = _leading(reader)
        self._wake = asyncio.Event()
        self._is_news = False
        self._is_down = self._is_gone = False
        self._words: set[str] = set()
        self._published_s: float | None = None
        self._started_s = resources.monotonic_s()

    @property
    def in_force(self) -> float | None:
        """The setpoint that the device shows to have taken."""
        return None

    async def run(self, publish: Publish) -> None:
        """Read until cancelled, as ``devices.driver.Driver`` says."""
        stop_listening = self._resources.entities.watch(self._reader.entities, self._heard)
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(TICK_S):
                        await self._wake.wait()
                self._wake.clear()
                self._tell(publish)
        finally:
            stop_listening()

    def _heard(self, entity: str) -> None:
        self._reader.heard(entity)
        if entity in self._leading:
            self._is_news = True
            self._wake.set()

    def _tell(self, publish: Publish) -> None:
        told = Told(time=self._resources.clock(), wired_phases=self._wired_phases, in_force=self.in_force)
        values = self._reader.values()
        self._note_words(values.values())
        found = reading_of(self._kind, values, told)
        now_s = self._resources.monotonic_s()
        if isinstance(found, NoValue):
            self._lose(found, now_s, publish)
        elif self._is_due(now_s):
            self._publish(found, now_s, publish)
        self._is_news = False

    def _note_words(self, values: Iterable[Value | NoValue]) -> None:
        """Say once of each word that its profile does not know it."""
        for value in values:
            if (
                isinstance(value, NoValue)
                and value.lack is Lack.UNKNOWN_WORD
                and value.found not in self._words
            ):
                self._words.add(value.found)
                _LOGGER.warning("%s, which its profile does not know: please report it", value.found)

    def _is_due(self, now_s: float) -> bool:
        if self._is_news:
            return True
        if self._reader.fresh(POWER).by is FreshBy.REPORTED and self._leading:
            return False
        return self._published_s is None or now_s - self._published_s >= HEARTBEAT_S

    def _publish(self, reading: Reading, now_s: float, publish: Publish) -> None:
        self._is_down, self._published_s = False, now_s
        publish(reading)

    def _lose(self, lack: NoValue, now_s: float, publish: Publish) -> None:
        """Say once that it cannot be read, and again when its entities are gone, or back, since.

        At the start integrations are given time.
        """
        fresh_s = self._reader.fresh(POWER).interval_s or 0.0
        is_early = self._published_s is None and now_s - self._started_s < max(
            GRACE_S, LOST_AFTER_POLLS * fresh_s
        )
        is_gone = lack.lack in GONE
        if (not self._is_down or is_gone is not self._is_gone) and not is_early:
            self._is_down, self._is_gone = True, is_gone
            publish(LinkDown(lack.lack, lack.found))


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """What a profile says of how fast a device is."""

    fresh: Fresh
    is_cloud: bool = False


class SteeredEntityDevice(EntityDevice):
    """A device of entities that can be told something as well (``devices.driver.TakesValues``)."""

    def __init__(
        self,
        kind: DeviceKind,
        reader: RoleReader,
        resources: EntityResources,
        about: About,
        control: Control,
        speed: Speed,
    ) -> None:
        """Take what the device is and how it is told something."""
        super().__init__(kind, reader, resources, about)
        self.quantities: frozenset[Quantity] = quantities_of(kind, control)
        self.pace: Pace = pace_of(control, speed.fresh, is_cloud=speed.is_cloud)
        self.write_timeout_s = _write_timeout_s(control)
        self._written = control.roles
        holding = Holding(resources.kept, reader, control.remember)
        port = resources.entities
        actor = Actor(control, reader, port, holding, phases=about.wired_phases)
        self._steering = Steering(kind, control, actor, holding, port, monotonic_s=resources.monotonic_s)

    @property
    def in_force(self) -> float | None:
        """The setpoint that the device shows to have taken."""
        return self._steering.in_force

    @property
    def troubles(self) -> frozenset[str]:
        """What is wrong with controlling it, as ``devices.driver.TellsTroubles`` says."""
        gone = frozenset({ENTITIES_GONE}) if self._lacks_what_is_written() else frozenset[str]()
        return self._steering.troubles | gone

    def _lacks_what_is_written(self) -> bool:
        """Return whether an entity that is to be told something was removed or disabled, and not just now."""
        if self._resources.monotonic_s() - self._started_s < GRACE_S:
            return False
        sources = (self._reader.source(role) for role in self._written)
        return any(
            isinstance(lack := why_not(self._resources.entities.look(entity)), NoValue) and lack.lack in GONE
            for source in sources
            if isinstance(source, EntitySource)
            for entity in source.entities
        )

    async def run(self, publish: Publish) -> None:
        """Read, and keep up what was set, until cancelled; then give the device back."""
        try:
            await self._steering.load()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(super().run(publish), name="home_flex read entities")
                tasks.create_task(self._keep_up_forever(), name="home_flex keep up entities")
        finally:
            await self._steering.let_go()

    async def set_value(self, quantity: Quantity, value: float | None, *, expires_in_s: float) -> None:
        """Set the device, as ``devices.driver.TakesValues`` says. Raises DeviceError."""
        if quantity not in self.quantities:
            raise DeviceError("not_supported", f"{quantity} cannot be set of this device")
        await self._steering.set(value, expires_in_s=expires_in_s)

    async def _keep_up_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            await self._steering.keep_up()

    def _heard(self, entity: str) -> None:
        super()._heard(entity)
        self._steering.heard()


def _leading(reader: RoleReader) -> frozenset[str]:
    """Return the entities with which a reading is published: those of the power, else of the switch."""
    for role in (POWER, SWITCH):
        if isinstance(source := reader.source(role), EntitySource):
            return frozenset(source.entities)
    return frozenset()


def _write_timeout_s(control: Control) -> float:
    """Return how long an order, and taking it back when it fails, may take at most."""
    steps = 2 * max(len(recipe) for recipe in control.recipes.values()) + len(control.remember)
    waits_s = sum(step.waits_s for recipe in control.recipes.values() for step in recipe)
    return steps * control.timeout_s + waits_s + 2 * PROVEN_AT_ONCE_S
