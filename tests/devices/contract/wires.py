"""Devices on a wire, one of each way in which a driver tells them something."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
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
from ..fakes.modbus_server import address_of, keep, put, unit_of
from ..fakes.modbus_server import serving as serving_modbus
from ..fakes.shelly import FakeShelly, Relay, shelly
from ..ocpp_201_clients import STATION, event, is_set_up, power, status, takes, variables
from ..ocpp_clients import POWER, SETTINGS, RawCharger, Reply, accepted, dial, rejected, serving
from .held import Actuator, Fault, Held, in_slot

type Image = dict[int, int]
type Points = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class _SunSpec:
    """A SunSpec device: an order's ``model`` with its ``timer`` of so many ``words``, as it is set otherwise.

    ``half`` is what a device keeps that takes half of an order, ``theirs`` what somebody else sets, and
    ``obeys`` what it measures when it obeys, in the ``measured`` model. One that ``forgets_timer`` shows that
    none runs.
    """

    make: Callable[[], Image]
    kind: DeviceKind
    model: int
    timer: str
    words: int
    half: Points
    theirs: Points
    measured: int
    obeys: float
    forgets_timer: bool = False

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[Held]:
        image = self.make()
        watts = address_of(image, self.measured, "W")
        timer = address_of(image, self.model, self.timer)

        def take(registers: Image, address: int, words: tuple[int, ...]) -> None:
            keep(registers, address, words)
            if self.forgets_timer:
                registers[timer] = 0

        def clip(registers: Image, address: int, words: tuple[int, ...]) -> None:
            keep(registers, address, words)
            if any(registers[timer + word] for word in range(self.words)):
                put(registers, self.model, **self.half)

        def swallow(_registers: Image, _address: int, _words: tuple[int, ...]) -> None:
            """Take it and do nothing."""

        takes = {Fault.SWALLOWS: swallow, Fault.CLIPS: clip}

        async with serving_modbus({1: image}) as server, unit_of(server) as unit:

            def fail(fault: Fault | None) -> None:
                away = ExcCodes.DEVICE_FAILURE if fault is Fault.IS_AWAY else None
                server.refuse_reads = away
                server.refuse_writes = ExcCodes.DEVICE_FAILURE if fault is Fault.REFUSES else away
                server.take = take if fault is None else takes.get(fault, take)

            async def obey() -> None:
                put(image, self.measured, W=self.obeys)

            is_battery = self.kind is DeviceKind.BATTERY
            driver_type = SunSpecBattery if is_battery else SunSpecInverter
            driver = driver_type(Access(unit=unit), clock=noon, poll_interval_s=0.02)
            of_device: dict[str, Any] = {
                "quantity": Quantity.POWER_W if is_battery else Quantity.PRODUCTION_LIMIT_W,
                "fail": fail,
                "told": lambda: {at: word for at, word in image.items() if at != watts},
                "is_timed": lambda: any(image[timer + word] > 0 for word in range(self.words)),
                "obey": obey,
                "take_over": lambda: put(image, self.model, **self.theirs),
            }
            fail(None)
            async with in_slot(driver, self.kind, **of_device) as held:
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
            "obey": _at_once,
            "take_over": lambda: device.relays[0].tell(is_on=True, back_after_s=None, source="button"),
        }
        async with in_slot(driver, DeviceKind.SWITCHED_LOAD, **of_device) as held:
            await held.until(lambda: held.slot.reading)
            yield held


async def _at_once() -> None:
    """Wait for nothing: the device measures what it does."""


class _Charger:
    """A charger that keeps the profiles it is told, and dials in again whenever it is not away."""

    def __init__(self, port: int, protocol: str) -> None:
        self.port = port
        self.protocol = protocol
        self.profiles: dict[int, dict[str, Any]] = {}
        self.is_there = asyncio.Event()
        self.is_there.set()
        self.refuses = self.swallows = False
        self.dialled: RawCharger | None = None

    def fail(self, fault: Fault | None) -> None:
        self.refuses = fault is Fault.REFUSES
        self.swallows = fault is Fault.SWALLOWS
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
                self.dialled = charger
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
        if not self.swallows:
            self.profiles[profile.get("chargingProfileId") or profile["id"]] = profile
        return accepted(payload)

    def _clear(self, payload: dict[str, Any]) -> dict[str, Any]:
        if not self.swallows:
            self.profiles.pop(payload.get("id") or payload["chargingProfileId"], None)
        return accepted(payload)

    async def obey(self) -> None:
        """Have a car draw what the profile lets it."""
        while self.dialled is None:  # noqa: ASYNC110 # it dials in by itself
            await asyncio.sleep(0.005)
        if self.protocol == "ocpp1.6":
            await self.dialled.status("Charging")
            await self.dialled.meter(POWER | {"value": f"{_DRAWN_W:g}"})
            return
        await event(self.dialled, "Started", "Charging", power(_DRAWN_W), evse={"id": 1})

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
            "obey": charger.obey,
            "take_over": lambda: None,
        }
        async with in_slot(central.add(SETTINGS), DeviceKind.EV_CHARGER, **of_device) as held:
            living = asyncio.create_task(charger.live(), name="charger")
            try:
                await held.until(lambda: held.slot.reading)
                yield held
            finally:
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)


_DRAWN_W: Final = 5520.0


def _sunspec(name: str, device: _SunSpec, value: float, measured_w: float) -> Actuator:
    is_battery = device.kind is DeviceKind.BATTERY
    return Actuator(
        name=f"SunSpec {name}, {device.model}",
        holding=device.holding,
        value=value,
        said=lambda reading: reading.power_setpoint_w if is_battery else reading.production_limit_w,
        measured_w=measured_w,
        lost="asleep",
        clipped=None if device.forgets_timer else "accepted",
        lasting=frozenset({"no_timer"}) if device.forgets_timer else frozenset(),
    )


def _charging(name: str, protocol: str) -> Actuator:
    return Actuator(
        name=name,
        holding=partial(_ocpp, protocol),
        value=8.0,
        said=lambda reading: reading.current_limit_a,
        measured_w=_DRAWN_W,
        lost="charger_not_connected",
        swallowed="accepted",
        latched="handed_back",
        tells_others=False,
    )


_STORAGE: Final = _SunSpec(
    make=images.classic_battery,
    kind=DeviceKind.BATTERY,
    model=124,
    timer="InOutWRte_RvrtTms",
    words=1,
    half={"OutWRte": 2500},
    theirs={"StorCtl_Mod": 2, "OutWRte": 0, "InWRte": 10000},
    measured=103,
    obeys=1600,
)

WIRE_ACTUATORS: Final = (
    _sunspec("battery", _STORAGE, -1600.0, -1600.0),
    _sunspec("battery without a timer", replace(_STORAGE, forgets_timer=True), -1600.0, -1600.0),
    _sunspec(
        "battery",
        _SunSpec(
            make=images.der_battery,
            kind=DeviceKind.BATTERY,
            model=704,
            timer="WSetRvrtTms",
            words=2,
            half={"WSet": -1000},
            theirs={"WSetEna": 1, "WSet": 300},
            measured=701,
            obeys=-2000,
        ),
        2000.0,
        2000.0,
    ),
    _sunspec(
        "PV",
        _SunSpec(
            make=images.classic_pv,
            kind=DeviceKind.PV,
            model=123,
            timer="WMaxLimPct_RvrtTms",
            words=1,
            half={"WMaxLimPct": 6000},
            theirs={"WMaxLim_Ena": 1, "WMaxLimPct": 7000},
            measured=103,
            obeys=1000,
        ),
        1000.0,
        -1000.0,
    ),
    _sunspec(
        "PV",
        _SunSpec(
            make=images.der_pv,
            kind=DeviceKind.PV,
            model=704,
            timer="WMaxLimPctRvrtTms",
            words=2,
            half={"WMaxLimPct": 600},
            theirs={"WMaxLimPctEna": 1, "WMaxLimPct": 700},
            measured=701,
            obeys=100,
        ),
        1000.0,
        -1000.0,
    ),
    Actuator(
        name="Shelly switch",
        holding=_shelly,
        value=0.0,
        said=lambda reading: None if reading.switched is None else float(reading.switched),
        measured_w=0.0,
        lost="busy",
    ),
    _charging("OCPP 1.6", "ocpp1.6"),
    _charging("OCPP 2.0.1", "ocpp2.0.1"),
)
