"""How a simulated house is set up."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from .battery import BatteryMode
from .ocpp_link import CentralSystem

DUTCH_TIME = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Ports of 0 take free ones; ``start`` is the house's local time at the start, None the machine's own.

    ``base_load_w`` fixes the household's load; else ``series`` (a CSV file) or a generated profile gives it.
    ``rtu_port`` serves Modbus RTU over TCP, ``solar_port`` the Solar API, ``shelly_port`` a Shelly's RPC.
    ``hybrid`` puts PV and battery behind one inverter. ``speed`` is how many times as fast as real time the
    house's day goes: sun and household follow it, and what is stored is so much smaller, so that it fills as
    fast; powers and counters are real.
    ``replay`` plays a P1 capture in place of the model's meter.
    """

    bind: str = "127.0.0.1"
    p1_port: int = 0
    modbus_port: int = 0
    rtu_port: int = 0
    solar_port: int = 0
    shelly_port: int = 0
    control_port: int = 0
    seed: int = 1
    timezone: ZoneInfo = DUTCH_TIME
    start: datetime | None = None
    speed: float = 1.0
    series: Path | None = None
    replay: Path | None = None
    base_load_w: float | None = None
    cloud: float = 0.2
    hybrid: bool = False
    battery_mode: BatteryMode = BatteryMode.IDLE
    battery_state_of_charge: float = 0.5
    car_plugged: bool = True
    car_state_of_charge: float = 0.4
    central_system: CentralSystem | None = None
