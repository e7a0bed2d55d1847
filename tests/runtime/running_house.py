"""A home whose controller is told each second what its devices say, with a real store behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from decimal import Decimal

from custom_components.home_flex.core.control.dimming import GroupSettings
from custom_components.home_flex.core.control.nodes import SITE_METER
from custom_components.home_flex.core.control.section_14a import Registered
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.model import (
    BatteryReading,
    Circuit,
    DeviceIdentity,
    DeviceKind,
    Group,
    GroupKind,
    MeterReading,
    Network,
    Site,
)
from custom_components.home_flex.devices.driver import Publish
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.controller import SiteController
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from custom_components.home_flex.runtime.event_settlement import Settlement
from custom_components.home_flex.runtime.group_limits import GroupLimits
from custom_components.home_flex.runtime.home_settings import Heard, HomeSettings
from custom_components.home_flex.runtime.journal import Journal
from custom_components.home_flex.runtime.planning.service import PlanMakers
from custom_components.home_flex.runtime.view import SiteView
from custom_components.home_flex.runtime.wishes import WishService

from .service_home import Clock

SITE = Site(
    name="Home",
    currency="EUR",
    phases=3,
    main_fuse_a=25.0,
    import_price_per_kwh=Decimal("0.30"),
    export_price_per_kwh=Decimal("0.08"),
)


NETWORK = Network(
    circuits=(
        Circuit(
            circuit_id="main",
            fuse_a=(25.0, 25.0, 25.0),
            meter_id=SITE_METER,
            device_ids=(DeviceKind.BATTERY,),
        ),
    ),
    device_ids=frozenset({DeviceKind.BATTERY}),
    groups=(
        Group(group_id="dimmed", kind=GroupKind.SECTION_14A, device_ids=(DeviceKind.BATTERY,)),
        Group(group_id="own", kind=GroupKind.PEAK, device_ids=(DeviceKind.BATTERY,)),
    ),
)
GROUPS = (
    GroupSettings(group=NETWORK.group("dimmed"), registered=Registered(count=1)),
    GroupSettings(group=NETWORK.group("own"), power_limit_w=4800.0),
)


class Device:
    """A driver that is read by hand and notes what it is told."""

    identity: DeviceIdentity | None = None

    def __init__(self, kind: DeviceKind) -> None:
        self.kind = kind
        self.publish: Publish
        self.power_w: float | None = None
        self.told: list[float | None] = []

    async def run(self, publish: Publish) -> None:
        self.publish = publish
        await asyncio.Event().wait()

    async def set_power(self, power_w: float | None, *, expires_in_s: float) -> None:  # noqa: ARG002 # a driver's
        self.power_w = power_w
        self.told.append(power_w)


class House:
    """A load and a battery that follows, seen by the controller once a second."""

    def __init__(
        self, store: HistoryStore, makers: PlanMakers | None = None, network: Network = NETWORK
    ) -> None:
        self.clock = Clock()
        self.load_w = 3000.0
        self.own_w = 0.0
        self.meter_speaks = True
        self.meter = Device(DeviceKind.GRID_METER)
        self.battery = Device(DeviceKind.BATTERY)
        self.views: list[SiteView] = []
        self.heard = Heard()
        self.asked_again = 0
        self.journal = Journal(store)
        self.controller = SiteController(
            site=SITE,
            journal=self.journal,
            ven_id="home-1",
            grid_operator_programs=frozenset({"grid"}),
            clock=self.clock,
            monotonic_s=self.clock.monotonic_s,
            wishes=WishService(
                None,
                documents=self.journal,
                clock=self.clock,
                monotonic=self.clock.monotonic_s,
                zone=lambda: UTC,
            ),
            groups=GroupLimits(
                GROUPS, None, documents=self.journal, clock=self.clock, monotonic=self.clock.monotonic_s
            ),
            settings=HomeSettings(network=network, heard=lambda: self.heard),
            on_view=self.views.append,
            ask_again=self._ask_again,
            settlement=Settlement(home="home", most_w=18_975),
            makers=makers,
        )
        for device in (self.meter, self.battery):
            self.controller.slots[device.kind] = DeviceSlot(
                device_id=device.kind,
                name=device.kind,
                kind=device.kind,
                wired_phases=(),
                site=SITE,
                driver=device,
                clock=self.clock,
                monotonic_s=self.clock.monotonic_s,
                on_reading=self.controller.reading_changed,
                on_ledger=self.controller.ledger.note,
            )

    async def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.seconds += 1
            battery_w = self.battery_w
            now = self.clock()
            self.battery.publish(
                BatteryReading(
                    time=now,
                    power_w=battery_w,
                    state_of_charge=0.6,
                    capacity_wh=10_000,
                    max_charge_w=5000,
                    max_discharge_w=5000,
                    power_setpoint_w=self.battery.power_w,
                )
            )
            if self.meter_speaks:
                self.meter.publish(MeterReading(time=now, power_w=self.load_w + battery_w))
            await asyncio.wait_for(self.controller.tick(), 5)
            for _ in range(5):
                await asyncio.sleep(0)

    @property
    def grid_w(self) -> float:
        return self.load_w + self.battery_w

    @property
    def battery_w(self) -> float:
        """What the battery does: what it is told, else as it likes."""
        return self.own_w if self.battery.power_w is None else self.battery.power_w

    def status(self, event_id: str = "e1") -> EventStatus:
        return self.controller.events.book.records[event_id].status

    def _ask_again(self) -> None:
        self.asked_again += 1


@asynccontextmanager
async def running(house: House) -> AsyncIterator[House]:
    """Load a house and run what it has besides its control, which ``run`` does by hand."""
    await house.controller.load()
    tasks = [asyncio.create_task(slot.run()) for slot in house.controller.slots.values()]
    tasks.append(asyncio.create_task(house.journal.run()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    try:
        yield house
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await house.journal.close()
