"""Fronius over its Solar API, as the registry knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import ClientSession

from ...core.model import DeviceIdentity, DeviceKind
from ..driver import DeviceError
from ..spec import (
    WIRED_PHASES,
    Announced,
    Data,
    DriverSpec,
    Field,
    FieldType,
    Form,
    ProbeResources,
    Resources,
    host_or_phase_missing,
    thousands,
)
from .devices import FroniusBattery, FroniusDevice, FroniusMeter, FroniusNameplate, FroniusPv
from .solar_api import SolarApi, solar_api_of

_DEVICES: Final[Mapping[DeviceKind, type[FroniusDevice]]] = {
    DeviceKind.GRID_METER: FroniusMeter,
    DeviceKind.PV: FroniusPv,
    DeviceKind.BATTERY: FroniusBattery,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FroniusSettings:
    """Where the inverter or its data logger is, and what it does not tell."""

    host: str
    plate: FroniusNameplate = field(default_factory=FroniusNameplate)


def _parse(data: Data) -> FroniusSettings:
    """Return where to ask, and the ratings in W and Wh."""
    plate = FroniusNameplate(
        rated_power_w=thousands(data, "rated_power_kw"),
        capacity_wh=thousands(data, "capacity_kwh"),
        max_charge_w=thousands(data, "max_charge_kw") or 0.0,
        max_discharge_w=thousands(data, "max_discharge_kw") or 0.0,
    )
    return FroniusSettings(host=str(data["host"]).strip(), plate=plate)


def _api(session: ClientSession, host: str) -> SolarApi:
    try:
        return solar_api_of(session, host)
    except ValueError as error:
        raise DeviceError("unreachable", f"{host} is no host") from error


async def _probe(kind: DeviceKind, settings: FroniusSettings, resources: ProbeResources) -> DeviceIdentity:
    api = _api(resources.web_session, settings.host)
    device = _DEVICES[kind](api, clock=resources.clock, plate=settings.plate)
    await device.read()
    assert device.identity is not None  # noqa: S101 - set by every reading
    return device.identity


def _build(kind: DeviceKind, settings: FroniusSettings, resources: Resources) -> FroniusDevice:
    api = _api(resources.web_session, settings.host)
    return _DEVICES[kind](api, clock=resources.clock, plate=settings.plate)


def _rating(name: str, unit: str, *, optional: bool) -> Field:
    return Field(name=name, type=FieldType.NUMBER, low=0.1, high=1000.0, unit=unit, optional=optional)


_PHASES = Field(name=WIRED_PHASES, type=FieldType.WIRED_PHASES)
_OF_KIND: Final[Mapping[DeviceKind, tuple[Field, ...]]] = {
    DeviceKind.GRID_METER: (),
    DeviceKind.PV: (_PHASES, _rating("rated_power_kw", "kW", optional=True)),
    DeviceKind.BATTERY: (
        _PHASES,
        _rating("capacity_kwh", "kWh", optional=True),
        _rating("max_charge_kw", "kW", optional=False),
        _rating("max_discharge_kw", "kW", optional=False),
    ),
}

FRONIUS = DriverSpec(
    id="fronius",
    kinds=frozenset(_OF_KIND),
    forms=tuple(
        Form(
            step="fronius",
            fields=(Field(name="host"), *fields),
            kinds=frozenset({kind}),
            # They announce nothing; the maker's addresses are known (IEEE).
            announced=Announced(mac="0003AC"),
        )
        for kind, fields in _OF_KIND.items()
    ),
    parse=_parse,
    mistake=host_or_phase_missing,
    probe=_probe,
    build=_build,
)
