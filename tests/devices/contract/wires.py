"""Devices on a wire, one of each way in which a driver tells them something."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any, Final

from aiohttp import ClientSession
from pymodbus.constants import ExcCodes

from custom_components.home_flex.core.model import DeviceKind, Quantity
from custom_components.home_flex.devices.kept import NothingKept
from custom_components.home_flex.devices.shelly.api import ShellyApi
from custom_components.home_flex.devices.shelly.http import ShellyHttp
from custom_components.home_flex.devices.shelly.switch import ShellySwitch
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, SunSpecInverter

from ..fakes import sunspec_images as images
from ..fakes.listener import noon
from ..fakes.modbus_server import address_of, keep, unit_of
from ..fakes.modbus_server import serving as serving_modbus
from ..fakes.shelly import FakeShelly, Relay, shelly
from ..ocpp_201_clients import STATION, is_set_up, status, takes, variables
from ..ocpp_clients import SETTINGS, RawCharger, Reply, accepted, dial, rejected, serving
from .held import Actuator, Fault, Held, in_slot

type Image = dict[int, int]


@asynccontextmanager
async def _sunspec(
    make: Callable[[], Image], kind: DeviceKind, enabled: tuple[int, str], timer: tuple[int, str], words: int
) -> AsyncIterator[Held]:
    """Hold a device whose registers tell whether an order is ``enabled`` and for how long.

    The ``timer`` has so many ``words``.
    """
    image = make()
    async with serving_modbus({1: image}) as server, unit_of(server) as unit:

        def fail(fault: Fault | None) -> None:
            away = ExcCodes.DEVICE_FAILURE if fault is Fault.IS_AWAY else None
            server.refuse_reads = away
            server.refuse_writes = ExcCodes.DEVICE_FAILURE if fault is Fault.REFUSES else away
            server.take = (lambda *_: None) if fault is Fault.SWALLOWS else keep

        is_battery = kind is DeviceKind.BATTERY
        driver_type = SunSpecBattery if is_battery else SunSpecInverter
        driver = driver_type(Access(unit=unit), clock=noon, poll_interval_s=0.02)
        of_device: dict[str, Any] = {
            "quantity": Quantity.POWER_W if is_battery else Quantity.PRODUCTION_LIMIT_W,
            "fail": fail,
            "told": lambda: image[address_of(image, *enabled)],
            "is_timed": lambda: any(image[address_of(image, *timer) + word] > 0 for word in range(words)),
        }
        async with in_slot(driver, kind, **of_device) as held:
            await held.until(lambda: held.slot.reading)
            yield held


@asynccontextmanager
async def _shelly() -> AsyncIterator[Held]:
    device = FakeShelly(relays=[Relay()])
    async with shelly(device) as host, ClientSession() as session:

        def fail(fault: Fault | None) -> None:
            device.error = {Fault.REFUSES: 500, Fault.IS_AWAY: 503}.get(fault) if fault else None
            device.ignores = fault is Fault.SWALLOWS

        driver = ShellySwitch(
            ShellyApi(ShellyHttp(session, host, None)),
            clock=noon,
            monotonic_s=monotonic,
            kept=NothingKept(),
            channel=0,
            rated_power_w=1500.0,
            every_s=0.02,
        )
        of_device: dict[str, Any] = {
            "quantity": Quantity.SWITCH,
            "fail": fail,
            "told": lambda: device.relays[0].is_on,
            "is_timed": lambda: device.relays[0].timer_s is not None,
        }
        async with in_slot(driver, DeviceKind.SWITCHED_LOAD, **of_device) as held:
            await held.until(lambda: held.slot.reading)
            yield held


class _Charger:
    """A charger that keeps the profiles it is told, and dials in again whenever it is not away."""

    def __init__(self, port: int, protocol: str) -> None:
        self.port = port
        self.protocol = protocol
        self.profiles: dict[int, dict[str, Any]] = {}
        self.is_there = asyncio.Event()
        self.is_there.set()
        self.refuses = False

    def fail(self, fault: Fault | None) -> None:
        self.refuses = fault is Fault.REFUSES
        (self.is_there.clear if fault is Fault.IS_AWAY else self.is_there.set)()

    async def live(self) -> None:
        replies: dict[str, Reply] = {
            "SetChargingProfile": self._set,
            "ClearChargingProfile": self._clear,
            "SetVariables": takes(),
            "GetVariables": variables(ProfileStackLevel="5"),
        }
        while True:
            await self.is_there.wait()
            async with dial(self.port, protocols=(self.protocol,), replies=replies) as charger:
                await self._begin(charger)
                while self.is_there.is_set():  # noqa: ASYNC110 # a test lets it go away
                    await asyncio.sleep(0.005)
                await charger.hang_up()

    async def _begin(self, charger: RawCharger) -> None:
        if self.protocol == "ocpp1.6":
            await charger.get_ready()
            return
        await charger.call("BootNotification", {"reason": "PowerUp", "chargingStation": STATION})
        await charger.until(lambda: is_set_up(charger))
        await status(charger, "Available")

    def _set(self, payload: dict[str, Any]) -> dict[str, Any]:
        if self.refuses:
            return rejected(payload)
        profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
        self.profiles[profile.get("chargingProfileId") or profile["id"]] = profile
        return accepted(payload)

    def _clear(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.profiles.pop(payload.get("id") or payload["chargingProfileId"], None)
        return accepted(payload)

    def is_timed(self) -> bool:
        """Whether each profile ends by itself."""
        return all("validTo" in each or "duration" in str(each) for each in self.profiles.values())


@asynccontextmanager
async def _ocpp(protocol: str) -> AsyncIterator[Held]:
    async with serving() as (central, port, _):
        charger = _Charger(port, protocol)
        of_device: dict[str, Any] = {
            "quantity": Quantity.CURRENT_LIMIT_A,
            "fail": charger.fail,
            "told": lambda: sorted(charger.profiles),
            "is_timed": charger.is_timed,
        }
        async with in_slot(central.add(SETTINGS), DeviceKind.EV_CHARGER, **of_device) as held:
            living = asyncio.create_task(charger.live(), name="charger")
            try:
                await held.until(lambda: held.slot.reading)
                yield held
            finally:
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)


_STORAGE: Final = (124, "StorCtl_Mod"), (124, "InOutWRte_RvrtTms"), 1
_WSET: Final = (704, "WSetEna"), (704, "WSetRvrtTms"), 2
_LIMIT: Final = (123, "WMaxLim_Ena"), (123, "WMaxLimPct_RvrtTms"), 1
_DER_LIMIT: Final = (704, "WMaxLimPctEna"), (704, "WMaxLimPctRvrtTms"), 2

WIRE_ACTUATORS: Final = (
    Actuator(
        name="SunSpec battery, 124",
        holding=partial(_sunspec, images.classic_battery, DeviceKind.BATTERY, *_STORAGE),
        value=-1600.0,
        said=lambda reading: reading.power_setpoint_w,
    ),
    Actuator(
        name="SunSpec battery, 704",
        holding=partial(_sunspec, images.der_battery, DeviceKind.BATTERY, *_WSET),
        value=2000.0,
        said=lambda reading: reading.power_setpoint_w,
    ),
    Actuator(
        name="SunSpec PV, 123",
        holding=partial(_sunspec, images.classic_pv, DeviceKind.PV, *_LIMIT),
        value=1000.0,
        said=lambda reading: reading.production_limit_w,
    ),
    Actuator(
        name="SunSpec PV, 704",
        holding=partial(_sunspec, images.der_pv, DeviceKind.PV, *_DER_LIMIT),
        value=1000.0,
        said=lambda reading: reading.production_limit_w,
    ),
    Actuator(
        name="Shelly switch",
        holding=_shelly,
        value=0.0,
        said=lambda reading: None if reading.switched is None else float(reading.switched),
    ),
    Actuator(
        name="OCPP 1.6",
        holding=partial(_ocpp, "ocpp1.6"),
        value=8.0,
        said=lambda reading: reading.current_limit_a,
        swallowed="accepted",
    ),
    Actuator(
        name="OCPP 2.0.1",
        holding=partial(_ocpp, "ocpp2.0.1"),
        value=8.0,
        said=lambda reading: reading.current_limit_a,
        swallowed="accepted",
    ),
)
