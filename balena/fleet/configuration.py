"""The operator's configuration, ``fleet.toml`` in the operator's folder."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from .api import DEFAULT_URL
from .rings import LAB, RINGS, Gate, Ring
from .season import Season

CONFIGURATION_FILE: Final = "fleet.toml"
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
# A device asks for its target state every 10 to 15 minutes at the latest, then restarts the service.
_ROTATION_SETTLE: Final = timedelta(minutes=20)
_KNOWN: Final = {
    "balena": {"fleet", "api", "token_file"},
    "centre": {
        "mqtt_broker",
        "mqtt_ca_file",
        "mqtt_prefix",
        "replication_url",
        "backup_url",
        "enrolment_url",
        "erasure_url",
        "operator_token_file",
    },
    "enrolment": {"code_valid", "support", "record"},
    "rotation": {"settle"},
    "rollout": {"failing_share", "silent_after", "update_within", "poll", "freeze", "rings"},
}


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """Where homes find the centre; None means the home goes without that service."""

    mqtt_broker: str | None = None
    mqtt_ca_file: Path | None = None
    mqtt_prefix: str = "home_flex"
    replication_url: str | None = None
    backup_url: str | None = None
    enrolment_url: str | None = None
    erasure_url: str | None = None
    operator_token_file: Path | None = None

    def operator_token(self) -> str:
        """Return the token for the centre's operator routes. Raises ConfigurationError."""
        return _secret(self.operator_token_file, "OPERATOR_TOKEN", "centre.operator_token_file")


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutRules:
    """How releases are rolled out."""

    rings: Sequence[Ring] = RINGS
    gate: Gate = field(default_factory=Gate)
    silent_after: timedelta = timedelta(minutes=16)  # three beats of five minutes, and some travel
    poll: timedelta = timedelta(minutes=1)
    freeze: Sequence[Season] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """Everything in ``fleet.toml``."""

    fleet: str
    api: str = DEFAULT_URL
    token_file: Path | None = None
    centre: Centre = field(default_factory=Centre)
    code_valid: timedelta = timedelta(days=14)
    support: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    rollout: RolloutRules = field(default_factory=RolloutRules)
    rotation_settle: timedelta = _ROTATION_SETTLE

    def balena_token(self) -> str:
        """Return the token for balena. Raises ConfigurationError."""
        return _secret(self.token_file, "BALENA_TOKEN", "balena.token_file")


def load(folder: Path) -> Configuration:
    """Read the configuration of an operator's folder. Raises ConfigurationError."""
    path = folder / CONFIGURATION_FILE
    try:
        document = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    try:
        return _configuration(document, folder)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _configuration(document: dict[str, Any], folder: Path) -> Configuration:
    for table, values in document.items():
        if unknown := set(values) - _KNOWN.get(table, set()):
            raise ValueError(f"[{table}] has a key nobody knows: {min(unknown)}")
    balena, enrolment = document.get("balena", {}), document.get("enrolment", {})
    if not isinstance(balena.get("fleet"), str):
        raise ValueError('[balena] fleet = "organization/name" is missing')  # noqa: TRY004 # a fault in a file
    centre = {
        key: folder / value if key.endswith("_file") else value
        for key, value in document.get("centre", {}).items()
    }
    return Configuration(
        fleet=balena["fleet"],
        api=balena.get("api", DEFAULT_URL),
        token_file=folder / balena["token_file"] if "token_file" in balena else None,
        centre=Centre(**centre),
        code_valid=duration(enrolment.get("code_valid", "14d")),
        support=enrolment.get("support", ""),
        record=enrolment.get("record", {}),
        rollout=_rollout(document.get("rollout", {})),
        rotation_settle=_span(document.get("rotation", {}), "settle", _ROTATION_SETTLE),
    )


def _rollout(table: dict[str, Any]) -> RolloutRules:
    rules, gate = RolloutRules(), Gate()
    share = table.get("failing_share", gate.failing_share)
    if not 0 <= share < 1:
        raise ValueError("rollout.failing_share lies between 0 and 1")
    return RolloutRules(
        rings=_rings(table["rings"]) if "rings" in table else rules.rings,
        gate=Gate(
            failing_share=share,
            update_within=_span(table, "update_within", gate.update_within),
        ),
        silent_after=_span(table, "silent_after", rules.silent_after),
        poll=_span(table, "poll", rules.poll),
        freeze=tuple(Season.parse(season) for season in table.get("freeze", ())),
    )


def _rings(tables: list[dict[str, Any]]) -> tuple[Ring, ...]:
    rings = tuple(
        Ring(name=table["name"], share=table["share"], soak=duration(table["soak"])) for table in tables
    )
    shares = [ring.share for ring in rings]
    if not rings or shares != sorted(shares) or shares[-1] != 1 or shares[0] < 0:
        raise ValueError("rollout.rings: shares rise and end at 1")
    if len({ring.name for ring in rings}) < len(rings) or any(
        not ring.share and ring.name != LAB for ring in rings
    ):
        raise ValueError(f"rollout.rings: names differ, and only {LAB} may have the share 0")
    return rings


def _span(table: Mapping[str, Any], key: str, default: timedelta) -> timedelta:
    return duration(table[key]) if key in table else default


def duration(text: str) -> timedelta:
    """Return a duration such as ``90s``, ``15min``, ``24h`` or ``14d``. Raises ValueError."""
    if not (found := _DURATION.fullmatch(text.strip())):
        raise ValueError(f"{text!r} is no duration such as 15min, 24h or 14d")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]])


def _secret(path: Path | None, variable: str, setting: str) -> str:
    if secret := os.environ.get(variable, "").strip():
        return secret
    if path is None:
        raise ConfigurationError(f"set {variable} or {setting}")
    try:
        secret = path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"{setting}: {path} cannot be read") from error
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{setting}: {path} may be readable by its owner only (chmod 600)")
    return secret
