"""What a home is set up with: each part of it, and what its flow is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from home_common.identity import home_id
from home_common.settings import Settings

from ..owner_folder import MOST_CHARGER_PASSWORD_CHARACTERS, OwnerFolder, charger_password_file
from ..record import Device, HomeRecord

type Answers = dict[str, Any]


class NotYetError(Exception):
    """A part cannot be set up now; the message says what it waits for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One subentry of the site. ``follows_changes``: it is changed when its answers are."""

    name: str
    kind: str
    answers: Callable[[], Answers]
    follows_changes: bool = False


def site_answers(record: HomeRecord) -> Answers:
    """Return the answers for the site's own flow."""
    site = record.site
    return {
        "name": site["name"],
        "currency": site["currency"],
        "phases": str(site["phases"]),
        "main_fuse_a": site["main_fuse_a"],
        "import_price_per_kwh": float(site["import_price"]),
        "export_price_per_kwh": float(site["export_price"]),
        **({"ocpp_port": site["ocpp_port"]} if "ocpp_port" in site else {}),
    }


# How devices are reached whose record names no connection.
_WAYS = {"pv": "sunspec", "battery": "sunspec", "ev_charger": "ocpp"}


def parts_of(record: HomeRecord, settings: Settings, owner: OwnerFolder) -> list[Part]:
    """Return all parts; chargers last, because each may take minutes until it dials."""
    devices = sorted(record.devices, key=lambda device: device.kind == "ev_charger")
    services = [_aggregator(settings), _measurement_store(settings)]
    return [*services, *(_device(device, owner) for device in devices)]


def fingerprint(answers: Mapping[str, Any]) -> str:
    """Return what tells these answers from others, and gives none of them away: the secrets have 256 bits."""
    return sha256(repr(sorted(answers.items())).encode()).hexdigest()


def _device(device: Device, owner: OwnerFolder) -> Part:
    def answers() -> Answers:
        fields = {**device.fields}
        if device.kind in _WAYS:
            fields["menu"] = _WAYS[device.kind]
        if "connection" in fields:
            fields["menu"] = fields.pop("connection")
        if "wired_phases" in fields:
            fields["wired_phases"] = [str(phase) for phase in fields["wired_phases"]]
        if device.kind == "ev_charger" and "password" not in fields:
            secret = owner.secret(charger_password_file(fields["identity"]))
            fields["password"] = secret[:MOST_CHARGER_PASSWORD_CHARACTERS]
        return fields

    return Part(name=device.record_id, kind=device.kind, answers=answers)


def _aggregator(settings: Settings) -> Part:
    def answers() -> Answers:
        folder = settings.path("CREDENTIALS_FOLDER")
        return {
            "menu": "broker",
            "host": settings.text("MQTT_HOST"),
            "port": int(settings.number("MQTT_PORT", 1, 65535)),
            # The broker of the home is next door, on a network of its own; it speaks TLS to the world.
            "tls": False,
            "username": _credential(folder, "mqtt_username"),
            "password": _credential(folder, "mqtt_password"),
            "prefix": settings.text("MQTT_PREFIX"),
            "ven_id": home_id(settings),
        }

    return Part(name="aggregator", kind="aggregator", answers=answers, follows_changes=True)


def _measurement_store(settings: Settings) -> Part:
    def answers() -> Answers:
        folder = settings.path("CREDENTIALS_FOLDER")
        _credential(folder, "influxdb_token")
        return {
            "url": settings.text("INFLUXDB_URL"),
            "org": _credential(folder, "influxdb_org"),
            "bucket": settings.text("INFLUXDB_BUCKET"),
            "home_id": home_id(settings),
            # Read from the file each time, so that a new token needs no new set-up.
            "token_file": str(folder / "influxdb_token"),
            "verify_ssl": True,
            "health_url": settings.text("INFLUXDB_HEALTH_URL"),
        }

    return Part(name="measurement_store", kind="measurement_store", answers=answers)


def _credential(folder: Path, name: str) -> str:
    try:
        value = (folder / name).read_text().strip()
    except OSError:
        value = ""
    if not value:
        raise NotYetError(f"the credential {name}")
    return value
