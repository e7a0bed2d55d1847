"""One fleet in balena: its devices, tags, releases, pins and variables.

In version 7 a device is pinned through ``is_pinned_on__release``; ``should_be_running__release`` of a
device is the result of its own pin and its fleet's, and only read (docs.balena.io,
reference/api/resources/device).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .api import BalenaApi, BalenaError, Row
from .model import Device

_DEVICE_FIELDS: Final = (
    "id,uuid,device_name,is_online,is_running__release,is_pinned_on__release,should_be_running__release"
)
_DEVICE_EXPAND: Final = "is_of__device_type($select=slug),device_tag($select=tag_key,value)"
_SAFE: Final = re.compile(r"[A-Za-z0-9._+/-]{1,128}")
_COMMIT: Final = re.compile(r"[0-9a-f]{32,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A release that was built completely."""

    id: int
    commit: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A device service variable that exists."""

    id: int
    service: str
    name: str
    value: str


class BalenaFleet:
    """The resources of one fleet."""

    def __init__(self, api: BalenaApi, row: Row) -> None:
        """Know the fleet from its row; use ``find``."""
        self.api = api
        self.id = int(row["id"])
        self.tracks_latest = bool(row["should_track_latest_release"])
        self.target_release = _reference(row, "should_be_running__release")

    @classmethod
    async def find(cls, api: BalenaApi, slug: str) -> BalenaFleet:
        """Return the fleet ``organization/name``. Raises BalenaError when the token sees none."""
        rows = await api.rows(
            "application",
            filter=f"slug eq {_quoted(slug.lower())}",
            select="id,slug,should_track_latest_release,should_be_running__release",
        )
        if len(rows) != 1:
            raise BalenaError(f"no fleet {slug} that this token may see")
        return cls(api, rows[0])

    async def devices(self) -> list[Device]:
        """Return all devices of the fleet."""
        rows = await self.api.rows(
            "device",
            filter=f"belongs_to__application eq {self.id}",
            select=_DEVICE_FIELDS,
            expand=_DEVICE_EXPAND,
        )
        return [_device(row) for row in rows]

    async def release(self, name: str) -> Release:
        """Return the release with this number, commit or version.

        Raises BalenaError when it may not be rolled out.
        """
        if name.isdecimal():
            wanted = f"id eq {name}"
        else:
            wanted = f"{'commit' if _COMMIT.fullmatch(name) else 'raw_version'} eq {_quoted(name)}"
        rows = await self.api.rows(
            "release",
            filter=f"belongs_to__application eq {self.id} and {wanted}",
            select="id,commit,raw_version,status,is_invalidated",
        )
        if len(rows) != 1:
            raise BalenaError(f"no release {name} in this fleet")
        row = rows[0]
        if row["status"] != "success" or row["is_invalidated"]:
            raise BalenaError(f"release {name} did not build or was withdrawn")
        return Release(id=int(row["id"]), commit=str(row["commit"]), version=str(row["raw_version"]))

    async def versions(self, releases: Collection[int]) -> dict[int, str]:
        """Return the versions of releases, by balena's numbers; one that is gone is left out."""
        if not releases:
            return {}
        numbers = ",".join(map(str, sorted(releases)))
        rows = await self.api.rows(
            "release",
            filter=f"belongs_to__application eq {self.id} and id in ({numbers})",
            select="id,raw_version",
        )
        return {int(row["id"]): str(row["raw_version"]) for row in rows}

    async def pin_device(self, device: Device, release: int | None) -> None:
        """Tell a device to run a release; None returns it to its fleet's."""
        await self.api.write(
            "PATCH",
            f"/v7/device({device.id})",
            {"is_pinned_on__release": release},
            what=f"pin {device.ven_id} to release {release}" if release else f"unpin {device.ven_id}",
        )

    async def pin_fleet(self, release: int) -> None:
        """Make a release what the fleet's unpinned and new devices run, and stop following the newest."""
        await self.api.write(
            "PATCH",
            f"/v7/application({self.id})",
            {"should_be_running__release": release, "should_track_latest_release": False},
            what=f"pin the fleet to release {release}",
        )

    async def set_tag(self, device: Device, key: str, value: str) -> bool:
        """Give a device a tag, unless it has it. Returns whether something changed."""
        if device.tags.get(key) == value:
            return False
        what = f"tag {device.ven_id} with {key}={value}"
        if key in device.tags:
            path = f"/v7/device_tag(device={device.id},tag_key={_quoted(key)})"
            await self.api.write("PATCH", path, {"value": value}, what=what)
        else:
            body = {"device": device.id, "tag_key": key, "value": value}
            await self.api.write("POST", "/v7/device_tag", body, what=what)
        return True

    async def remove_tag(self, device: Device, key: str) -> None:
        """Take a tag from a device that has it."""
        if key in device.tags:
            path = f"/v7/device_tag(device={device.id},tag_key={_quoted(key)})"
            await self.api.write("DELETE", path, None, what=f"remove the tag {key} of {device.ven_id}")

    async def variables(self, device: Device) -> list[Variable]:
        """Return the device's service variables."""
        rows = await self.api.rows(
            "device_service_environment_variable",
            filter=f"service_install/any(si:si/device/any(d:d/uuid eq {_quoted(device.uuid)}))",
            expand="service_install($expand=installs__service($select=id,service_name))",
            select="id,name,value",
        )
        return [
            Variable(
                id=int(row["id"]),
                service=str(row["service_install"][0]["installs__service"][0]["service_name"]),
                name=str(row["name"]),
                value=str(row["value"]),
            )
            for row in rows
        ]

    async def service_installs(self, device: Device) -> dict[str, int]:
        """Return the number under which each service is installed on the device."""
        rows = await self.api.rows(
            "service_install",
            filter=f"device/uuid eq {_quoted(device.uuid)}",
            expand="installs__service($select=service_name)",
            select="id",
        )
        return {str(row["installs__service"][0]["service_name"]): int(row["id"]) for row in rows}

    async def create_variable(
        self, device: Device, install: int, service: str, name: str, value: str
    ) -> None:
        """Create a variable of one service."""
        await self.api.write(
            "POST",
            "/v7/device_service_environment_variable",
            {"service_install": install, "name": name, "value": value},
            what=f"set {service} {name} of {device.ven_id}",
        )

    async def change_variable(self, device: Device, variable: Variable, value: str) -> None:
        """Change a variable's value."""
        await self.api.write(
            "PATCH",
            f"/v7/device_service_environment_variable({variable.id})",
            {"value": value},
            what=f"change {variable.service} {variable.name} of {device.ven_id}",
        )

    async def delete_variable(self, device: Device, variable: Variable) -> None:
        """Remove a variable."""
        await self.api.write(
            "DELETE",
            f"/v7/device_service_environment_variable({variable.id})",
            None,
            what=f"remove {variable.service} {variable.name} of {device.ven_id}",
        )

    async def purge(self, device: Device) -> None:
        """Empty all volumes of a device, which must be online (docs.balena.io, supervisor-api)."""
        await self.api.write(
            "POST",
            "/supervisor/v1/purge",
            {"uuid": device.uuid, "data": {"appId": self.id}},
            what=f"purge the data of {device.ven_id}",
        )


def _device(row: Row) -> Device:
    tags: Mapping[str, str] = {tag["tag_key"]: tag["value"] or "" for tag in row["device_tag"]}
    return Device(
        id=int(row["id"]),
        uuid=str(row["uuid"]),
        name=str(row["device_name"]),
        device_type=str(row["is_of__device_type"][0]["slug"]),
        is_online=bool(row["is_online"]),
        running_release=_reference(row, "is_running__release"),
        pinned_release=_reference(row, "is_pinned_on__release"),
        target_release=_reference(row, "should_be_running__release"),
        tags=tags,
    )


def _reference(row: Row, name: str) -> int | None:
    """Return the number a navigation field points to: OData gives ``{"__id": 5}`` or null."""
    reference: Any = row.get(name)
    return None if reference is None else int(reference["__id"])


def _quoted(text: str) -> str:
    """Return an OData literal of a text that needs no escaping."""
    if not _SAFE.fullmatch(text):
        raise BalenaError(f"{text!r} is no name balena could know")
    return f"'{text}'"
