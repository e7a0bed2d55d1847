"""The provisioning record of a home, version 1: what its owner told the operator before it was delivered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .fields import Choice, Group, Number, Price, RecordError, Several, Text, Variant

_MOST_CHARACTERS = 65_536
# Neither what ends a line nor what turns its direction: names stand on sheets, in logs and in tables.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069"
_NAME = Text(
    rf"[^\s{_UNSEEN}]([^{_UNSEEN}]{{0,62}}[^\s{_UNSEEN}])?", "a name of 1 to 64 characters that can be seen"
)
_HOST = Text(r"[A-Za-z0-9]([A-Za-z0-9.:_-]{0,252})", "a host name or an address")
_PORT = Number(1, 65535, whole=True)
_ID = Text(r"[A-Za-z0-9_.@:/-]{1,64}", "an identity of letters, digits and _.@:/-")
_WIRED_PHASES = Several(Choice((1, 2, 3)), 1, 3)
_COMMON = {"id": _ID, "name": _NAME}

_SITE = Group(
    {
        "name": _NAME,
        "currency": Text(r"[A-Z]{3}", "a currency code such as EUR"),
        "main_fuse_a": Number(6, 250),
        "phases": Choice((1, 3)),
        "import_price": Price(),
        "export_price": Price(),
    },
    {"ocpp_port": _PORT},
)
_LOCATION = Group(
    {
        "latitude": Number(-90, 90),
        "longitude": Number(-180, 180),
        "time_zone": Text(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", "a time zone"),
        "country": Text(r"[A-Z]{2}", "a country code such as NL"),
        "language": Text(r"[a-z]{2,3}(-[A-Za-z]{2,8})?", "a language code such as en"),
    },
    {"elevation": Number(-500, 9000, whole=True)},
)
_DEVICE = Variant(
    (
        Group(
            {"type": Choice(("grid_meter",)), "connection": Choice(("tcp",)), "host": _HOST, "port": _PORT},
            _COMMON,
        ),
        Group(
            {
                "type": Choice(("pv", "battery")),
                "host": _HOST,
                "port": _PORT,
                "unit_id": Number(0, 247, whole=True),
            },
            {**_COMMON, "wired_phases": _WIRED_PHASES},
        ),
        Group(
            {
                "type": Choice(("ev_charger",)),
                "identity": Text(r"[A-Za-z0-9._~-]{1,48}", "an OCPP identity"),
            },
            {
                **_COMMON,
                "password": Text(r"[!-~]{16,40}", "16 to 40 printable characters"),
                "min_current_a": Number(6, 32),
                "max_current_a": Number(6, 80),
                "wired_phases": _WIRED_PHASES,
            },
        ),
    ),
    ("type", "connection"),
)
_RECORD = Group(
    {"version": Choice((1,)), "site": _SITE, "location": _LOCATION},
    {"devices": Several(_DEVICE, 0, 32)},
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One device of a record; ``record_id`` tells it from the others for ever."""

    record_id: str
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeRecord:
    """A checked record."""

    site: Mapping[str, Any]
    location: Mapping[str, Any]
    devices: tuple[Device, ...]


def parse(text: str) -> HomeRecord:
    """Return the record in a JSON text.

    Raises RecordError for one that is too long, no JSON, incomplete, out of bounds, or that says more than
    is known.
    """
    if len(text) > _MOST_CHARACTERS:
        raise RecordError(f"HOME_RECORD is longer than {_MOST_CHARACTERS} characters")
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RecordError("HOME_RECORD is not JSON") from error
    _refuse_cables(document)
    checked = _RECORD.check(document, "HOME_RECORD")
    devices = tuple(_device(fields) for fields in checked.get("devices", []))
    _check_together(checked["site"], devices)
    return HomeRecord(site=checked["site"], location=checked["location"], devices=devices)


def _refuse_cables(document: Any) -> None:
    """Say it plainly before the list of what is known does: no service of a gateway is given its ports."""
    devices = document.get("devices") if isinstance(document, dict) else None
    for number, device in enumerate(devices if isinstance(devices, list) else []):
        if isinstance(device, dict) and device.get("connection") == "serial":
            raise RecordError(
                f"HOME_RECORD.devices[{number}]: a meter cable reaches nothing in a gateway, whose services"
                " have no serial port: take a P1 reader on the network (connection tcp)"
            )


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Provisioning record of a home",
        **_RECORD.schema(),
    }


def _device(fields: dict[str, Any]) -> Device:
    return Device(
        record_id=fields.get("id") or _default_id(fields),
        kind=fields["type"],
        fields={name: value for name, value in fields.items() if name not in {"id", "type"}},
    )


def _default_id(fields: Mapping[str, Any]) -> str:
    """Return what tells a device from others: where it is, or what it calls itself."""
    match fields:
        case {"identity": identity}:
            address = str(identity)
        case {"host": host, "port": port}:
            address = f"{host}:{port}" + (f"/{fields['unit_id']}" if "unit_id" in fields else "")
    return f"{fields['type']}@{address}"


def _check_together(site: Mapping[str, Any], devices: tuple[Device, ...]) -> None:
    """Check what no field can know alone."""
    ids = [device.record_id for device in devices]
    if len(set(ids)) < len(ids):
        raise RecordError("HOME_RECORD.devices holds a device twice")
    if sum(device.kind == "grid_meter" for device in devices) > 1:
        raise RecordError("HOME_RECORD.devices holds more than one grid meter")
    for device in devices:
        if any(phase > site["phases"] for phase in device.fields.get("wired_phases", ())):
            raise RecordError(f"HOME_RECORD.devices: {device.record_id} is wired to a phase the site has not")
        if device.fields.get("min_current_a", 6) > device.fields.get("max_current_a", 80):
            raise RecordError(f"HOME_RECORD.devices: {device.record_id} has no current between its limits")


def _no_number(_text: str) -> float:
    raise ValueError("not a number")
