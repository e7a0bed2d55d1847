"""SunSpec over Modbus TCP, RTU over TCP and RTU on a serial line, as the registry knows it."""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from modbus_connection import ModbusSerialParams, ModbusTcpParams

from ...core.model import DeviceIdentity, DeviceKind
from ..driver import Driver
from ..spec import (
    WIRED_PHASES,
    Data,
    DriverSpec,
    Field,
    FieldType,
    Form,
    ModbusLink,
    ProbeResources,
    Resources,
    thousands,
)
from .battery import SunSpecBattery, probe_battery
from .inverter import SunSpecInverter, probe_inverter
from .line import line_of
from .meter import PositivePower, SunSpecMeter, probe_meter
from .nameplate import Nameplate
from .polling import Access

_TCP, _RTU_OVER_TCP, _SERIAL = "tcp", "rtu_over_tcp", "serial"
_PARITIES: Final[dict[str, Literal["N", "E", "O"]]] = {"none": "N", "even": "E", "odd": "O"}
# The line speed of a gateway is its own affair; any that is fast keeps the gap between frames short.
_SOCKET_BAUDRATE = 115200


@dataclass(frozen=True, kw_only=True, slots=True)
class SunSpecSettings:
    """Over which link a device is reached, which unit it is there, and what it does not tell itself."""

    link: ModbusLink
    unit_id: int
    nameplate: Nameplate = field(default_factory=Nameplate)
    positive: PositivePower = PositivePower.BY_MAKER

    @property
    def address(self) -> str:
        """Where it is: the only name that a device without a serial number has."""
        return ":".join(str(part) for part in (*self.link.endpoint[1:], self.unit_id))


def _parse(data: Data) -> SunSpecSettings:
    """Return where the device is, and its ratings in W and Wh."""
    return SunSpecSettings(
        link=_link(data),
        unit_id=int(data["unit_id"]),
        nameplate=Nameplate(
            rated_power_w=thousands(data, "rated_power_kw"),
            capacity_wh=thousands(data, "capacity_kwh"),
            max_charge_w=thousands(data, "max_charge_kw"),
            max_discharge_w=thousands(data, "max_discharge_kw"),
        ),
        positive=PositivePower(data.get("positive_power", PositivePower.BY_MAKER)),
    )


def _link(data: Data) -> ModbusLink:
    match data.get("link", _TCP):
        case "tcp":
            return ModbusTcpParams(host=data["host"], port=int(data["port"]))
        case "rtu_over_tcp":
            host = f"[{data['host']}]" if ":" in data["host"] else data["host"]
            return ModbusSerialParams(
                device=f"socket://{host.lower()}:{int(data['port'])}", baudrate=_SOCKET_BAUDRATE
            )
        case "serial":
            return ModbusSerialParams(
                device=data["device"],
                baudrate=int(data["baudrate"]),
                parity=_PARITIES[data["parity"]],
                stopbits=2 if int(data["stop_bits"]) == 2 else 1,
            )
        case other:
            raise ValueError(f"there is no link {other!r}")


def _mistake(data: Data) -> str | None:
    if "host" not in data and "device" not in data:
        return "address_missing"
    return "no_phase" if data.get(WIRED_PHASES) == [] else None


async def _probe(kind: DeviceKind, settings: SunSpecSettings, resources: ProbeResources) -> DeviceIdentity:
    async with resources.temporary_modbus_unit(settings.link, settings.unit_id) as unit:
        access = Access(unit=unit, line=line_of(settings.link.endpoint))
        identity = await _identity(kind, settings, access)
    if identity.serial_number.strip("0 ") == "":
        return replace(identity, serial_number=settings.address)
    return identity


async def _identity(kind: DeviceKind, settings: SunSpecSettings, access: Access) -> DeviceIdentity:
    match kind:
        case DeviceKind.PV:
            return (await probe_inverter(access, settings.nameplate))[0]
        case DeviceKind.BATTERY:
            return (await probe_battery(access, settings.nameplate))[0]
    return (await probe_meter(access, settings.positive))[0]


def _build(kind: DeviceKind, settings: SunSpecSettings, resources: Resources) -> Driver:
    access = Access(
        unit=resources.modbus_unit(settings.link, settings.unit_id),
        line=line_of(settings.link.endpoint),
        kept=resources.kept,
    )
    match kind:
        case DeviceKind.PV:
            return SunSpecInverter(access, clock=resources.clock, nameplate=settings.nameplate)
        case DeviceKind.BATTERY:
            return SunSpecBattery(access, clock=resources.clock, nameplate=settings.nameplate)
    return SunSpecMeter(access, clock=resources.clock, positive=settings.positive)


_NETWORK = (
    Field(name="host"),
    Field(name="port", type=FieldType.WHOLE_NUMBER, low=1, high=65535, suggested=502),
)
_LINKS: Final[dict[str, tuple[Field, ...]]] = {
    _TCP: _NETWORK,
    _RTU_OVER_TCP: _NETWORK,
    _SERIAL: (
        Field(name="device", type=FieldType.SERIAL_PORT),
        Field(name="baudrate", type=FieldType.WHOLE_NUMBER, low=300, high=921600, suggested=9600),
        Field(name="parity", type=FieldType.CHOICE, options=tuple(_PARITIES), suggested="none"),
        Field(name="stop_bits", type=FieldType.WHOLE_NUMBER, low=1, high=2, suggested=1),
    ),
}
_STEPS = {_TCP: "sunspec", _RTU_OVER_TCP: "sunspec_rtu_over_tcp", _SERIAL: "sunspec_serial"}
_UNIT = Field(name="unit_id", type=FieldType.WHOLE_NUMBER, low=0, high=255, suggested=1)


def _rating(name: str, unit: str) -> Field:
    return Field(name=name, type=FieldType.NUMBER, low=0.1, high=1000.0, unit=unit, optional=True)


_OF_KIND: Final[dict[DeviceKind, tuple[Field, ...]]] = {
    DeviceKind.PV: (
        Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES),
        _rating("rated_power_kw", "kW"),
    ),
    DeviceKind.BATTERY: (
        Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES),
        _rating("capacity_kwh", "kWh"),
        _rating("max_charge_kw", "kW"),
        _rating("max_discharge_kw", "kW"),
    ),
    DeviceKind.GRID_METER: (
        Field(
            name="positive_power",
            type=FieldType.CHOICE,
            options=tuple(PositivePower),
            suggested=PositivePower.BY_MAKER,
        ),
    ),
}


def _constants(link: str) -> dict[str, Any] | None:
    return None if link == _TCP else {"link": link}


SUNSPEC = DriverSpec(
    id="sunspec",
    kinds=frozenset(_OF_KIND),
    forms=tuple(
        Form(
            step=_STEPS[link],
            fields=(*fields, _UNIT, *of_kind),
            constants=_constants(link),
            kinds=frozenset({kind}),
        )
        for kind, of_kind in _OF_KIND.items()
        for link, fields in _LINKS.items()
    ),
    parse=_parse,
    mistake=_mistake,
    probe=_probe,
    build=_build,
    is_told_by_serial=True,
)
