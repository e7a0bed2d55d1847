"""The house and everything it speaks, as one thing that starts and stops."""

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from pymodbus.framer import FramerType

from .base_load import BaseLoad, fixed_base_load, generated_base_load, recorded_base_load
from .battery import Battery, BatteryConfiguration
from .car import Car, CarConfiguration
from .charge_point import ChargePoint
from .connector import Connector
from .control_api import ControlApi
from .faults import FaultSwitch
from .house import House
from .modbus_server import ModbusServer
from .p1_server import NextTelegram, P1Server, replay
from .pv import PvConfiguration, PvInverter
from .settings import Settings
from .shelly_meter import ShellyMeter
from .solar_api import SolarApi
from .sunspec_hybrid import HYBRID_UNIT_ID, HybridSunSpec
from .sunspec_map import BATTERY_UNIT_ID, PV_UNIT_ID, BatterySunSpec, PvSunSpec, SunSpecDevice
from .telegram import telegram

STEP_S = 0.05
# The roof has stood there for a year: a counter at zero is what many devices tell that do not count.
_PRODUCED_BEFORE_WH = 5_210_000.0


def build_house(settings: Settings) -> House:
    """Build the physical model. Raises OSError or ValueError when the series cannot be read."""
    battery, car = BatteryConfiguration(mode=settings.battery_mode), CarConfiguration()
    battery = replace(battery, capacity_wh=battery.capacity_wh / settings.speed)
    car = replace(car, capacity_wh=car.capacity_wh / settings.speed)
    return House(
        base_load=_base_load(settings),
        pv=PvInverter(PvConfiguration(produced_before_wh=_PRODUCED_BEFORE_WH)),
        battery=Battery(battery, state_of_charge=settings.battery_state_of_charge),
        car=Car(car, plugged=settings.car_plugged, state_of_charge=settings.car_state_of_charge),
        cloud=settings.cloud,
    )


def _base_load(settings: Settings) -> BaseLoad:
    if settings.base_load_w is not None:
        return fixed_base_load(settings.base_load_w)
    if settings.series is not None:
        return recorded_base_load(settings.series, settings.seed)
    return generated_base_load(settings.seed, settings.timezone)


class Speaker(Protocol):
    """What listens on a port."""

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""

    async def stop(self) -> None:
        """Close the listener and every connection."""


class HouseClock:
    """The house's time: runs as fast as real time, or so many times as fast, from a chosen moment on."""

    def __init__(self, settings: Settings) -> None:
        """Start now."""
        start = settings.start or datetime.now(settings.timezone)
        self._timezone = settings.timezone
        self._start = start if start.tzinfo else start.replace(tzinfo=settings.timezone)
        self._speed = settings.speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the house's local time."""
        elapsed = timedelta(seconds=self._speed * (time.monotonic() - self._began))
        return datetime.fromtimestamp((self._start.timestamp() + elapsed.total_seconds()), self._timezone)


class Simulator:
    """Use as an asynchronous context: every port listens inside, nothing is left behind outside."""

    def __init__(self, settings: Settings) -> None:
        """Build everything. Raises OSError or ValueError when a file cannot be read."""
        self.house = build_house(settings)
        self.clock = HouseClock(settings)
        self.faults = FaultSwitch()
        self.connector = Connector(self.house.car, self.faults)
        self.charge_point = ChargePoint(self.connector, self.faults)
        self.charge_point.dial(settings.central_system)
        next_telegram: NextTelegram = replay(settings.replay) if settings.replay else self._telegram
        self.p1 = P1Server(next_telegram, self.faults, host=settings.bind, port=settings.p1_port)
        devices: dict[int, SunSpecDevice] = (
            {HYBRID_UNIT_ID: HybridSunSpec(self.house, self.faults)}
            if settings.hybrid
            else {
                PV_UNIT_ID: PvSunSpec(self.house, self.faults),
                BATTERY_UNIT_ID: BatterySunSpec(self.house, self.faults),
            }
        )
        self.modbus = ModbusServer(devices, self.faults, host=settings.bind, port=settings.modbus_port)
        self.rtu = ModbusServer(
            devices, self.faults, host=settings.bind, port=settings.rtu_port, framer=FramerType.RTU
        )
        self.solar_api = SolarApi(
            self.house, self.clock.now, self.faults, host=settings.bind, port=settings.solar_port
        )
        self.shelly = ShellyMeter(self.house, self.faults, host=settings.bind, port=settings.shelly_port)
        self.control = ControlApi(
            self.house, self.connector, self.charge_point, self.faults, port=settings.control_port
        )
        self._speakers: tuple[Speaker, ...] = (
            self.p1,
            self.modbus,
            self.rtu,
            self.solar_api,
            self.shelly,
            self.control,
        )
        self._jobs: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Step the house once and open the ports. Raises OSError if one is taken."""
        self._step(STEP_S)
        try:
            for speaker in self._speakers:
                await speaker.start()
        except OSError:
            await self._close()
            raise
        runs = (self._run_house(), self.p1.run(), self.modbus.run(), self.rtu.run(), self.charge_point.run())
        self._jobs = [asyncio.create_task(run) for run in runs]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up and close everything."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await self._close()

    async def run(self) -> None:
        """Wait for ever; raises what makes a part of the house fail."""
        await asyncio.gather(*self._jobs)

    async def _close(self) -> None:
        for speaker in reversed(self._speakers):
            with contextlib.suppress(OSError):
                await speaker.stop()

    async def _run_house(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(STEP_S)
            now = time.monotonic()
            self._step(now - before)
            before = now

    def _step(self, dt_s: float) -> None:
        self.charge_point.control()
        self.house.step(self.clock.now(), dt_s)

    def _telegram(self) -> bytes:
        return telegram(self.house.read_grid())
