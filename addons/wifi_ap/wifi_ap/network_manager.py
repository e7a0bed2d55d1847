"""The system's NetworkManager over D-Bus (NetworkManager D-Bus API 1.16 and newer)."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError
from dbus_fast.unpack import unpack_variants

from .decision import Radio
from .profile import CONNECTION_ID, Profile, joins_by_itself

_NAME = "org.freedesktop.NetworkManager"
_PATH = "/org/freedesktop/NetworkManager"
_DEVICE = f"{_NAME}.Device"
_WIRELESS = f"{_NAME}.Device.Wireless"
_ACTIVE = f"{_NAME}.Connection.Active"
_SETTINGS = f"{_NAME}.Settings"
_NOTHING = "/"

# NM_DEVICE_TYPE_WIFI; NM_WIFI_DEVICE_CAP_AP; NM_DEVICE_STATE_PREPARE to _ACTIVATED.
_WIFI = 2
_CAN_BE_ACCESS_POINT = 0x40
_JOINING = range(40, 101)

_PATIENCE_S = 20.0


class NetworkManagerError(Exception):
    """NetworkManager is not there, or refuses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What NetworkManager tells; ``access_point`` is our own active connection, by interface."""

    radios: tuple[Radio, ...]
    uplinks: tuple[str, ...]
    access_points: dict[str, str]


class NetworkManager:
    """A link to NetworkManager; what it raised goes down with the link."""

    def __init__(self, bus: MessageBus) -> None:
        """Speak over a connected bus."""
        self._bus = bus
        self._paths: dict[str, str] = {}

    @classmethod
    async def connect(cls, address: str) -> Self:
        """Open a link to the bus. Raises NetworkManagerError."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return cls(await MessageBus(bus_address=address).connect())
        except (OSError, AuthError, InvalidAddressError, TimeoutError, EOFError) as error:
            raise NetworkManagerError("this system offers no NetworkManager") from error

    def close(self) -> None:
        """End the link."""
        self._bus.disconnect()

    async def surroundings(self) -> Surroundings:
        """Return radios, uplinks, and our access points. Raises NetworkManagerError."""
        stored = await self._stored_connections()
        radios = []
        access_points = {}
        for path in await self._call(_PATH, _NAME, "GetAllDevices"):
            device = await self._properties(path, _DEVICE)
            if device["DeviceType"] != _WIFI or not device["Managed"]:
                continue
            interface = device["Interface"]
            self._paths[interface] = path
            active = device["ActiveConnection"]
            is_ours = active != _NOTHING and (await self._properties(active, _ACTIVE))["Id"] == CONNECTION_ID
            if is_ours:
                access_points[interface] = active
            wireless = await self._properties(path, _WIRELESS)
            radios.append(
                Radio(
                    interface=interface,
                    can_be_access_point=bool(wireless["WirelessCapabilities"] & _CAN_BE_ACCESS_POINT),
                    is_client=device["State"] in _JOINING and not is_ours,
                    is_wanted_as_client=any(joins_by_itself(settings, interface) for settings in stored),
                )
            )
        return Surroundings(radios=tuple(radios), uplinks=await self._uplinks(), access_points=access_points)

    async def raise_access_point(self, interface: str, profile: Profile) -> None:
        """Turn the access point on; it ends with this link, stored nowhere. Raises NetworkManagerError."""
        options = {"persist": Variant("s", "volatile"), "bind-activation": Variant("s", "dbus-client")}
        arguments = [profile, self._paths[interface], _NOTHING, options]
        await self._call(_PATH, _NAME, "AddAndActivateConnection2", "a{sa{sv}}ooa{sv}", arguments)

    async def lower(self, active: str) -> None:
        """Turn an access point off. Raises NetworkManagerError."""
        await self._call(_PATH, _NAME, "DeactivateConnection", "o", [active])

    async def _uplinks(self) -> tuple[str, ...]:
        primary = (await self._properties(_PATH, _NAME))["PrimaryConnection"]
        if primary == _NOTHING:
            return ()
        devices = (await self._properties(primary, _ACTIVE))["Devices"]
        return tuple([(await self._properties(path, _DEVICE))["Interface"] for path in devices])

    async def _stored_connections(self) -> list[dict[str, dict[str, Any]]]:
        paths = await self._call(f"{_PATH}/Settings", _SETTINGS, "ListConnections")
        return [await self._call(path, f"{_SETTINGS}.Connection", "GetSettings") for path in paths]

    async def _properties(self, path: str, interface: str) -> dict[str, Any]:
        properties: dict[str, Any] = await self._call(
            path, "org.freedesktop.DBus.Properties", "GetAll", "s", [interface]
        )
        return properties

    async def _call(
        self, path: str, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> Any:
        message = Message(
            destination=_NAME,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reply = await self._bus.call(message)
        except (OSError, DBusError, TimeoutError, EOFError) as error:
            raise NetworkManagerError("NetworkManager does not answer") from error
        if reply.message_type is not MessageType.METHOD_RETURN:
            # The error's name only: its text could repeat what was sent.
            raise NetworkManagerError(f"NetworkManager refuses {member}: {reply.error_name}")
        return unpack_variants(reply.body[0]) if reply.body else None
