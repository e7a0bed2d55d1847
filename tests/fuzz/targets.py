"""Each parser of what strangers send: inputs to begin with, and what must hold for any other.

A check fails for a crash and for a reading that cannot be believed; what is refused by the parser's own
error is well.
"""

import asyncio
import json
import math
from collections.abc import Callable, Coroutine
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from modbus_connection.mock import MockModbusConnection

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.entities import values
from custom_components.home_flex.devices.entities.port import Entity, EntityState
from custom_components.home_flex.devices.entities.profile_loader import load_profile
from custom_components.home_flex.devices.entities.profile_yaml import ProfileError
from custom_components.home_flex.devices.entities.readings import Told, reading_of
from custom_components.home_flex.devices.entities.roles import Measure
from custom_components.home_flex.devices.ocpp.charge_point import ChargePoint, Surroundings
from custom_components.home_flex.devices.ocpp.dialect import V16, Dialect
from custom_components.home_flex.devices.ocpp.meter_values import LARGEST_POWER_W
from custom_components.home_flex.devices.ocpp.session import Session
from custom_components.home_flex.devices.ocpp.v201 import V201
from custom_components.home_flex.devices.p1.framing import TelegramFramer
from custom_components.home_flex.devices.p1.telegram import parse_telegram
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, SunSpecInverter, SunSpecMeter
from tests.devices.fakes import sunspec_hybrids as hybrids
from tests.devices.fakes import sunspec_images as images
from tests.devices.fakes.telegrams import crc, simple, telegram
from tests.devices.ocpp_clients import QUICK, SETTINGS

SEEDS: Final = Path(__file__).parent / "seeds"
NOON: Final = datetime(2026, 11, 28, 12, tzinfo=UTC)
_PROFILES: Final = Path(values.__file__).parent / "profiles"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A parser: ``check`` raises for an input that it does not stand."""

    name: str
    first: Callable[[], list[bytes]]
    check: Callable[[bytes], None]

    @property
    def file(self) -> Path:
        return SEEDS / f"{self.name}.jsonl"

    def seeds(self) -> list[bytes]:
        """Return what is kept: a line of JSON each, a character for a byte."""
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        return [json.loads(line).encode("latin-1") for line in lines]


def run[T](work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)


def finite(reading: object) -> None:
    """Fail for a number in a reading that is none."""
    numbers: list[object] = list(astuple(reading))  # type: ignore[call-overload] # readings are dataclasses
    while numbers:
        value = numbers.pop()
        if isinstance(value, tuple | list):
            numbers.extend(value)
        elif isinstance(value, float):
            assert math.isfinite(value), reading


# P1: a stream of bytes.


def _p1(data: bytes) -> None:
    framer = TelegramFramer()
    for frame in [*framer.feed(data), *framer.paused()]:
        if frame.checked:
            # Its CRC, counted bit by bit, stands in what came.
            assert b"%X" % crc(frame.text.encode("latin-1")) in data.upper()
        try:
            told = parse_telegram(frame.text, time=NOON)
        except DeviceError:
            continue
        finite(told.reading)
    framer.why_nothing()


def _first_p1() -> list[bytes]:
    gas = "0-1:24.2.1(261128110000W)(01234.567*m3)"
    phases = ["1-0:21.7.0(00.100*kW)", "1-0:32.7.0(230.1*V)", "1-0:31.7.0(001*A)", "1-0:22.7.0(00.000*kW)"]
    energy = ["1-0:1.8.1(000123.456*kWh)", "1-0:1.8.2(000001.000*kWh)", "0-0:96.14.0(0002)"]
    peak = ["1-0:1.4.0(02.351*kW)", "1-0:1.6.0(261119193000W)(04.329*kW)"]
    months = "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251229184500W)(04.182*kW)"
    clock, power = "0-0:1.0.0(261128120000W)", "1-0:1.7.0(00.500*kW)"
    whole = telegram(clock, power, *phases, *energy, *peak, months, gas, "0-0:96.13.0(48616C6C6F)")
    return [simple(), whole, whole.replace(b"\r", b""), telegram(power, version=None)[:-6] + b"\r\n"]


# OCPP: messages, a line each.


class _Deaf:
    """A socket that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))


def _ocpp(dialect: Dialect) -> Callable[[bytes], None]:
    async def take(data: bytes) -> None:
        now_s = [1000.0]
        around = Surroundings(clock=lambda: NOON, monotonic_s=lambda: now_s[0], patience=QUICK)
        station = ChargePoint("CP1", around)
        charger = station.add(SETTINGS)
        requests = dialect.requests(
            station,
            identity="CP1",
            clock=around.clock,
            monotonic_s=around.monotonic_s,
            heartbeat_s=60,
            ids=around.ids,
        )
        socket = _Deaf()
        session = Session(socket, requests.handlers, dialect)  # type: ignore[arg-type] # all that is used of it
        for line in data.decode(errors="replace").split("\n"):
            now_s[0] += 30.0
            await session._take(line)
        assert all(each[0] == 3 or each[2] != "InternalError" for each in socket.sent), socket.sent
        reading = charger.connector.reading(NOON, None, 3)
        finite(reading)
        assert abs(reading.power_w) <= LARGEST_POWER_W
        assert reading.energy_wh is None or reading.energy_wh >= 0.0

    return lambda data: run(take(data))


def _lines(*calls: tuple[str, dict[str, Any]]) -> bytes:
    messages = [[2, str(number), action, payload] for number, (action, payload) in enumerate(calls)]
    return "\n".join(json.dumps(message) for message in messages).encode()


_TIME: Final = "2026-11-28T12:00:00Z"
_POWER: Final = {
    "value": "7200",
    "measurand": "Power.Active.Import",
    "unit": "W",
    "context": "Sample.Periodic",
}
_AMPS: Final = {"value": "10.4", "measurand": "Current.Import", "unit": "A", "phase": "L1"}
_ENERGY: Final = {"value": "12.5", "measurand": "Energy.Active.Import.Register", "unit": "kWh"}


def _first_16() -> list[bytes]:
    values = [{"timestamp": _TIME, "sampledValue": [_POWER, _AMPS, _ENERGY]}]
    start = {"connectorId": 1, "idTag": "TAG", "meterStart": 12000, "timestamp": _TIME}
    stop = {"transactionId": -1, "meterStop": 13000, "timestamp": _TIME, "transactionData": values}
    return [
        _lines(
            ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}),
            ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}),
            ("StartTransaction", start),
            ("MeterValues", {"connectorId": 1, "transactionId": 217000000, "meterValue": values}),
            ("StopTransaction", stop),
        ),
        _lines(("Authorize", {"idTag": "TAG"}), ("Heartbeat", {}), ("DataTransfer", {"vendorId": "V"})),
        b'[3,"x",{"status":"Accepted"}]\n[4,"x","NotImplemented","",{}]\n[2,17,"Heartbeat"]',
    ]


def _first_201() -> list[bytes]:
    unit = {"value": 7.2, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}}
    values = [{"timestamp": _TIME, "sampledValue": [unit]}]

    def event(kind: str, state: str, number: int) -> tuple[str, dict[str, Any]]:
        info = {"transactionId": "tx-1", "chargingState": state}
        common = {"timestamp": _TIME, "triggerReason": "CablePluggedIn", "seqNo": number, "evse": {"id": 1}}
        return "TransactionEvent", {
            "eventType": kind,
            "transactionInfo": info,
            "meterValue": values,
            **common,
        }

    status = {"timestamp": _TIME, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
    station = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
    return [
        _lines(
            ("BootNotification", station),
            ("StatusNotification", status),
            event("Started", "EVConnected", 0),
            event("Updated", "Charging", 1),
            ("MeterValues", {"evseId": 1, "meterValue": values}),
            event("Ended", "Idle", 2),
        ),
        _lines(("Authorize", {"idToken": {"idToken": "TAG", "type": "ISO14443"}}), ("NotifyEvent", {})),
    ]


# SunSpec: which map and driver, and registers that are changed: where in the map and to what, 4 bytes each.

_MAPS: Final = (
    hybrids.gen24,
    hybrids.kostal,
    hybrids.der_hybrid,
    images.der_battery,
    images.classic_battery,
    images.float_pv,
    hybrids.solaredge,
)
_DRIVERS: Final = (SunSpecBattery, SunSpecInverter, SunSpecMeter)


def _sunspec(data: bytes) -> None:
    which, changes = (data[0] if data else 0), data[1:]
    image = dict(_MAPS[which % len(_MAPS)]())
    addresses = sorted(image)
    for at in range(0, len(changes) - 3, 4):
        place = int.from_bytes(changes[at : at + 2]) % len(addresses)
        image[addresses[place]] = int.from_bytes(changes[at + 2 : at + 4])

    async def read() -> None:
        unit = MockModbusConnection().for_unit(1)
        unit.holding.update(image)
        driver = _DRIVERS[which // len(_MAPS) % len(_DRIVERS)](Access(unit=unit), clock=lambda: NOON)
        try:
            finite(await driver.read())
        except DeviceError:
            return

    run(read())


def _first_sunspec() -> list[bytes]:
    return [bytes([which, 0, 90, 0x80, 0, 0, 91, 0xFF, 0xFF]) for which in range(len(_MAPS) * len(_DRIVERS))]


# A profile: YAML.


def _profile(data: bytes) -> None:
    try:
        load_profile(data.decode(errors="replace"), file="strange.yaml")
    except ProfileError:
        return


def _first_profiles() -> list[bytes]:
    return [path.read_bytes() for path in sorted(_PROFILES.glob("*.yaml"))]


# An entity's state, as JSON: what it shows, its unit, an attribute; read as every measure, for every kind.

_KINDS: Final = tuple(DeviceKind)
_ROLES: Final = (
    "power",
    "state_of_charge",
    "capacity",
    "rated_power",
    "min_current",
    "max_current",
    "status",
)


def _entity(data: bytes) -> None:
    try:
        told = json.loads(data)
    except ValueError, RecursionError:
        return
    told = told if isinstance(told, dict) else {}
    unit = told.get("unit")
    # The port lets no unit through that is no text.
    unit = unit if isinstance(unit, str) else None
    state = EntityState(text=str(told.get("text")), unit=unit, attributes={"shown": told.get("attribute")})
    entity = Entity(entity_id="sensor.one", state=state)
    found: dict[str, Any] = {}
    for measure in (*Measure, None):
        for attribute in (None, "shown"):
            value = values.read(entity, measure, attribute=attribute, unit="W", words={"on": "charging"})
            assert not isinstance(value, float) or math.isfinite(value)
            if isinstance(value, float) and measure in {Measure.POWER_W, Measure.SHARE, Measure.CURRENT_A}:
                found |= dict.fromkeys(_ROLES, value)
            if measure is Measure.STATUS:
                found["status"] = value
    for kind in _KINDS:
        reading = reading_of(kind, found, Told(time=NOON, wired_phases=3))
        if not isinstance(reading, values.NoValue):
            finite(reading)


def _first_entities() -> list[bytes]:
    rows = [
        {"text": "1500", "unit": "W", "attribute": 1.5},
        {"text": "1,5", "unit": "kW", "attribute": "on"},
        {"text": "on", "unit": None, "attribute": [1]},
        {"text": "unavailable", "unit": "°F", "attribute": True},
        {"text": "-1e400", "unit": "%", "attribute": {"a": 1}},
    ]
    return [json.dumps(row).encode() for row in rows]


TARGETS: Final = {
    target.name: target
    for target in (
        Target(name="p1", first=_first_p1, check=_p1),
        Target(name="ocpp16", first=_first_16, check=_ocpp(V16)),
        Target(name="ocpp201", first=_first_201, check=_ocpp(V201)),
        Target(name="sunspec", first=_first_sunspec, check=_sunspec),
        Target(name="profile", first=_first_profiles, check=_profile),
        Target(name="entity", first=_first_entities, check=_entity),
    )
}
