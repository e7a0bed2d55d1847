"""The devices of a config entry: the driver each of them names, and what it may use of Home Assistant."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import ClientSession
from homeassistant.components import modbus
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError, HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from modbus_connection import ModbusTcpParams, ModbusUnit

from .const import (
    CONF_DRIVER,
    DOMAIN,
    SUBENTRY_AGGREGATOR,
    SUBENTRY_BUILDING,
    SUBENTRY_CIRCUIT,
    SUBENTRY_GROUP,
    SUBENTRY_MEASUREMENT_STORE,
    SUBENTRY_SHARED_ROOM,
    SUBENTRY_SHARING,
    SUBENTRY_TARIFF,
)
from .core.model import DeviceKind
from .devices.driver import DeviceError, Driver
from .devices.entities.profile import Profile
from .devices.kept import KeptDocument
from .devices.ocpp import CentralSystem
from .devices.registry import driver_spec
from .devices.spec import DriverSpec, ModbusLink
from .entity_port import HomeAssistantEntities
from .settings import utc_now

_NOT_DEVICES = {
    SUBENTRY_AGGREGATOR,
    SUBENTRY_MEASUREMENT_STORE,
    SUBENTRY_CIRCUIT,
    SUBENTRY_GROUP,
    SUBENTRY_TARIFF,
    SUBENTRY_BUILDING,
    SUBENTRY_SHARED_ROOM,
    SUBENTRY_SHARING,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownDevice:
    """A device of the site, and the driver that its subentry names."""

    subentry: ConfigSubentry
    kind: DeviceKind
    spec: DriverSpec[Any]


def device_unique_id(kind: DeviceKind, told_by: str) -> str:
    """Return what a subentry is known by: a serial number, or the id of the entity that leads the device."""
    return f"{kind}_{told_by}"


def known_devices(entry: ConfigEntry[Any]) -> list[KnownDevice]:
    """Return the devices of a site. Raises ConfigEntryError for one of a kind or driver we do not know."""
    return [_known(each) for each in entry.subentries.values() if each.subentry_type not in _NOT_DEVICES]


def _known(subentry: ConfigSubentry) -> KnownDevice:
    try:
        kind = DeviceKind(subentry.subentry_type)
    except ValueError as error:
        raise _refused("unknown_kind", subentry, kind=subentry.subentry_type) from error
    driver_id = str(subentry.data.get(CONF_DRIVER))
    try:
        spec = driver_spec(driver_id, kind)
    except LookupError as error:
        raise _refused("unknown_driver", subentry, driver=driver_id) from error
    return KnownDevice(subentry=subentry, kind=kind, spec=spec)


def _refused(translation_key: str, subentry: ConfigSubentry, **placeholders: str) -> ConfigEntryError:
    return ConfigEntryError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders={"device": subentry.title, **placeholders},
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeAssistantProbeResources:
    """What a driver may use of Home Assistant while a person waits at a form."""

    hass: HomeAssistant
    clock: Callable[[], datetime] = utc_now

    @property
    def web_session(self) -> ClientSession:
        """The session that all of Home Assistant shares."""
        return async_get_clientsession(self.hass)

    @asynccontextmanager
    async def temporary_modbus_unit(self, link: ModbusLink, unit_id: int) -> AsyncIterator[ModbusUnit]:
        """Reach a unit over the shared Modbus link. Raises DeviceError ``in_use_differently``."""
        try:
            async with modbus.async_get_temporary_unit(self.hass, link, unit_id) as unit:
                yield unit
        except HomeAssistantError as error:
            raise DeviceError("in_use_differently", str(error)) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeAssistantResources:
    """What the driver of one device may use of Home Assistant for as long as the site runs."""

    hass: HomeAssistant
    entry: ConfigEntry[Any]
    device_name: str
    central_system: CentralSystem
    entities: HomeAssistantEntities
    kept: KeptDocument
    profiles: Mapping[str, Profile]
    clock: Callable[[], datetime] = utc_now
    monotonic_s: Callable[[], float] = time.monotonic

    def entity_profile(self, profile_id: str) -> Profile | None:
        """Return what is known of an integration, None when nothing is known by this id."""
        return self.profiles.get(profile_id)

    @property
    def web_session(self) -> ClientSession:
        """The session that all of Home Assistant shares."""
        return async_get_clientsession(self.hass)

    def modbus_unit(self, link: ModbusLink, unit_id: int) -> ModbusUnit:
        """Return a unit on the shared Modbus link. Raises ConfigEntryError when it is held differently."""
        try:
            return modbus.async_get_unit(self.hass, self.entry, link, unit_id)
        except HomeAssistantError as error:
            raise ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="modbus_link_in_use",
                translation_placeholders={"device": self.device_name, "address": _address(link)},
            ) from error


def _address(link: ModbusLink) -> str:
    if isinstance(link, ModbusTcpParams):
        return f"{link.host}:{link.port}"
    return link.device.removeprefix("socket://")


def build_driver(device: KnownDevice, resources: HomeAssistantResources) -> Driver:
    """Return the driver of a device. Raises ConfigEntryError for what is kept of it and makes no sense."""
    try:
        settings = device.spec.parse(device.subentry.data)
        return device.spec.build(device.kind, settings, resources)
    except (DeviceError, LookupError, TypeError, ValueError) as error:
        raise _refused("device_settings", device.subentry, driver=device.spec.id) from error
