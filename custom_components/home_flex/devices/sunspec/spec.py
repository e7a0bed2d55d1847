"""SunSpec over Modbus TCP as the registry knows it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from modbus_connection import ModbusUnit

from ...core.model import DeviceIdentity, DeviceKind, Reading
from ..driver import Driver
from ..spec import WIRED_PHASES, Data, DriverSpec, Field, FieldType, Form, ProbeResources, Resources
from .battery import SunSpecBattery, probe_battery
from .inverter import SunSpecInverter, probe_inverter


@dataclass(frozen=True, kw_only=True, slots=True)
class SunSpecSettings:
    """Where a device is on the network, and which unit it is there."""

    host: str
    port: int
    unit_id: int


type _Probe = Callable[[ModbusUnit], Awaitable[tuple[DeviceIdentity, Reading]]]

_PROBES: dict[DeviceKind, _Probe] = {
    DeviceKind.PV: probe_inverter,
    DeviceKind.BATTERY: probe_battery,
}
_DRIVERS: dict[DeviceKind, type[SunSpecInverter | SunSpecBattery]] = {
    DeviceKind.PV: SunSpecInverter,
    DeviceKind.BATTERY: SunSpecBattery,
}


def _parse(data: Data) -> SunSpecSettings:
    """Return where the device is."""
    return SunSpecSettings(host=data["host"], port=int(data["port"]), unit_id=int(data["unit_id"]))


def _mistake(data: Data) -> str | None:
    if "host" not in data:
        return "address_missing"
    return None if data[WIRED_PHASES] else "no_phase"


async def _probe(kind: DeviceKind, settings: SunSpecSettings, resources: ProbeResources) -> DeviceIdentity:
    unit = resources.temporary_modbus_unit(settings.host, settings.port, settings.unit_id)
    async with unit as opened:
        identity, _reading = await _PROBES[kind](opened)
    return identity


def _build(kind: DeviceKind, settings: SunSpecSettings, resources: Resources) -> Driver:
    unit = resources.modbus_unit(settings.host, settings.port, settings.unit_id)
    return _DRIVERS[kind](unit, clock=resources.clock)


SUNSPEC = DriverSpec(
    id="sunspec",
    kinds=frozenset(_DRIVERS),
    forms=(
        Form(
            step="sunspec",
            fields=(
                Field(name="host"),
                Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=502),
                Field(name="unit_id", type=FieldType.WHOLE_NUMBER, low=0, high=247, suggested=1),
                Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES),
            ),
        ),
    ),
    parse=_parse,
    mistake=_mistake,
    probe=_probe,
    build=_build,
    is_told_by_serial=True,
)
