"""The drivers there are: what each can be, asks for, refuses, and builds."""

import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusUnit

from custom_components.home_flex.core.model import DeviceKind, Quantity
from custom_components.home_flex.devices.driver import Driver, settable
from custom_components.home_flex.devices.entities.profile import Profile
from custom_components.home_flex.devices.kept import NothingKept
from custom_components.home_flex.devices.ocpp import CentralSystem, ChargerSettings, ForwardSettings
from custom_components.home_flex.devices.p1 import P1Settings
from custom_components.home_flex.devices.registry import DRIVERS, driver_spec, drivers_of
from custom_components.home_flex.devices.spec import ModbusLink
from custom_components.home_flex.devices.sunspec import Nameplate, PositivePower
from custom_components.home_flex.devices.sunspec.spec import SunSpecSettings

from .fakes.entities import FakeEntities

TCP = {"type": "tcp", "host": "meter.local", "port": 2001.0}
SERIAL = {
    "link": "serial",
    "device": "/dev/ttyUSB0",
    "baudrate": 19200.0,
    "parity": "even",
    "stop_bits": 1.0,
    "unit_id": 240,
}
SUNSPEC = {"host": "roof.local", "port": 502.0, "unit_id": 3.0, "wired_phases": ["1"]}
CHARGER: dict[str, Any] = {
    "identity": "CP1",
    "password": "long-secret",
    "min_current_a": 6,
    "max_current_a": 16,
    "wired_phases": ["1", "3"],
}


def noon() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


class Shelf:
    """Resources that only remember which unit was asked for."""

    clock = staticmethod(noon)
    monotonic_s = staticmethod(time.monotonic)
    web_session = cast("ClientSession", None)

    def __init__(self) -> None:
        self.entities = FakeEntities()
        self.central_system = CentralSystem(clock=noon)
        self.units: list[tuple[ModbusLink, int]] = []
        self.kept = NothingKept()

    def entity_profile(self, _profile_id: str) -> Profile | None:
        return None

    def modbus_unit(self, link: ModbusLink, unit_id: int) -> ModbusUnit:
        self.units.append((link, unit_id))
        return cast("ModbusUnit", None)

    def temporary_modbus_unit(
        self, link: ModbusLink, unit_id: int
    ) -> AbstractAsyncContextManager[ModbusUnit]:
        raise NotImplementedError


def build(driver_id: str, kind: DeviceKind, data: dict[str, Any], shelf: Shelf | None = None) -> Driver:
    spec = driver_spec(driver_id, kind)
    return spec.build(kind, spec.parse(data), shelf or Shelf())


@pytest.mark.parametrize("kind", DeviceKind)
def test_every_kind_of_device_can_be_made_of_entities_at_least(kind: DeviceKind) -> None:
    assert "entities" in {spec.id for spec in drivers_of(kind)}


def test_a_driver_is_found_by_its_own_id() -> None:
    assert {driver_id: spec.id for driver_id, spec in DRIVERS.items()} == {
        "p1": "p1",
        "sunspec": "sunspec",
        "ocpp": "ocpp",
        "entities": "entities",
    }


@pytest.mark.parametrize("kind", DeviceKind)
def test_no_two_ways_to_add_a_kind_of_device_share_a_step(kind: DeviceKind) -> None:
    steps = [
        step
        for spec in drivers_of(kind)
        for form in spec.forms
        if form.is_for(kind)
        for step in {form.step, form.change_step or form.step}
    ]
    assert len(steps) == len(set(steps))


@pytest.mark.parametrize(("driver_id", "kind"), [("none", DeviceKind.PV), ("p1", DeviceKind.PV)])
def test_what_cannot_be_this_kind_of_device_is_not_found(driver_id: str, kind: DeviceKind) -> None:
    with pytest.raises(LookupError):
        driver_spec(driver_id, kind)


@pytest.mark.parametrize("spec", DRIVERS.values(), ids=str)
def test_a_driver_that_asks_in_a_form_is_tried_out_or_dials_in(spec: Any) -> None:
    assert (spec.probe is None) == (spec.dials_in or not spec.forms)


@pytest.mark.parametrize(
    ("driver_id", "data", "settings"),
    [
        ("p1", TCP, P1Settings(host="meter.local", port=2001)),
        ("p1", {"type": "serial", "device": "/dev/ttyUSB0"}, P1Settings(device="/dev/ttyUSB0")),
        (
            "sunspec",
            SUNSPEC,
            SunSpecSettings(link=ModbusTcpParams(host="roof.local", port=502), unit_id=3),
        ),
        (
            "sunspec",
            SUNSPEC | {"link": "rtu_over_tcp", "capacity_kwh": 9.6, "max_charge_kw": 3.2},
            SunSpecSettings(
                link=ModbusSerialParams(device="socket://roof.local:502", baudrate=115200),
                unit_id=3,
                nameplate=Nameplate(capacity_wh=9600.0, max_charge_w=3200.0),
            ),
        ),
        (
            "sunspec",
            SERIAL | {"positive_power": "feed_in"},
            SunSpecSettings(
                link=ModbusSerialParams(device="/dev/ttyUSB0", baudrate=19200, parity="E", stopbits=1),
                unit_id=240,
                positive=PositivePower.FEED_IN,
            ),
        ),
        (
            "ocpp",
            CHARGER,
            ChargerSettings(
                identity="CP1", password="long-secret", phases=2, min_current_a=6.0, max_current_a=16.0
            ),
        ),
    ],
)
def test_what_is_kept_of_a_device_is_read_as_its_drivers_settings(
    driver_id: str, data: dict[str, Any], settings: object
) -> None:
    assert DRIVERS[driver_id].parse(data) == settings


@pytest.mark.parametrize(
    ("driver_id", "data", "mistake"),
    [
        ("p1", TCP, None),
        ("p1", {"type": "serial", "device": "/dev/ttyUSB0"}, None),
        ("p1", {"type": "tcp", "port": 2001}, "address_missing"),
        ("sunspec", SUNSPEC, None),
        ("sunspec", {"port": 502, "wired_phases": ["1"]}, "address_missing"),
        ("sunspec", SUNSPEC | {"wired_phases": []}, "no_phase"),
        ("ocpp", CHARGER, None),
        ("ocpp", CHARGER | {"identity": "x" * 48}, None),
        ("ocpp", CHARGER | {"identity": "x" * 49}, "invalid_identity"),
        ("ocpp", CHARGER | {"password": "x" * 7}, "invalid_password"),
        ("ocpp", CHARGER | {"password": "x" * 8}, None),
        ("ocpp", CHARGER | {"password": "x" * 41}, "invalid_password"),
        ("ocpp", CHARGER | {"min_current_a": 16}, None),
        ("ocpp", CHARGER | {"min_current_a": 16.1}, "current_range"),
        ("ocpp", CHARGER | {"wired_phases": []}, "no_phase"),
    ],
)
def test_what_cannot_be_right_is_named_before_anybody_tries(
    driver_id: str, data: dict[str, Any], mistake: str | None
) -> None:
    assert DRIVERS[driver_id].mistake(data) == mistake


@pytest.mark.parametrize(
    ("driver_id", "kind", "data", "quantities"),
    [
        ("p1", DeviceKind.GRID_METER, TCP, set()),
        ("sunspec", DeviceKind.PV, SUNSPEC, {Quantity.PRODUCTION_LIMIT_W}),
        ("sunspec", DeviceKind.BATTERY, SUNSPEC, {Quantity.POWER_W}),
        ("ocpp", DeviceKind.EV_CHARGER, CHARGER, {Quantity.CURRENT_LIMIT_A}),
    ],
)
async def test_what_can_be_set_of_a_device_follows_from_its_driver(
    driver_id: str, kind: DeviceKind, data: dict[str, Any], quantities: set[Quantity]
) -> None:
    assert settable(build(driver_id, kind, data)) == quantities


def test_a_device_on_modbus_uses_the_unit_of_the_homes_shared_link() -> None:
    shelf = Shelf()
    build("sunspec", DeviceKind.PV, SUNSPEC, shelf)
    assert shelf.units == [(ModbusTcpParams(host="roof.local", port=502), 3)]


FORWARDING = {**CHARGER, "forwards": True, "forward_url": "wss://employer.example/ocpp"}


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({}, None),
        ({"forward_url": "ws://10.0.0.9:9000"}, None),
        ({"forward_url": "https://employer.example"}, "invalid_forward_url"),
        ({"forward_url": "wss://"}, "invalid_forward_url"),
        ({"forward_url": "wss://employer.example:70000"}, "invalid_forward_url"),
        ({"forward_url": "wss://user:secret@employer.example"}, "invalid_forward_url"),
        ({"forward_url": "wss://employer.example/?id=1"}, "invalid_forward_url"),
        ({"forward_url": "wss://[::1"}, "invalid_forward_url"),
        ({"forward_identity": "a/b"}, "invalid_forward_identity"),
        ({"forward_tag": "x" * 21}, "invalid_tags"),
        ({"forward_url": "nonsense", "forwards": False}, None),
    ],
)
def test_a_second_back_end_that_cannot_be_is_refused_before_anybody_dials(
    change: dict[str, Any], mistake: str | None
) -> None:
    assert DRIVERS["ocpp"].mistake({**FORWARDING, **change}) == mistake


def test_a_second_back_end_knows_the_charger_by_its_own_identity_unless_told_otherwise() -> None:
    settings = DRIVERS["ocpp"].parse(FORWARDING)
    assert settings.forward == ForwardSettings(url="wss://employer.example/ocpp", identity="CP1")
    assert DRIVERS["ocpp"].parse({**FORWARDING, "forwards": False}).forward is None
