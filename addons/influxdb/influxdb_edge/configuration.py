"""What the operator may set, its defaults and its bounds."""

import ipaddress
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from home_common.identity import home_id
from home_common.settings import Settings, SettingsError

DEFAULTS: Final[Mapping[str, str]] = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "DATA_FOLDER": "/data",
    "RUN_AS": "1000:2000",
    "CREDENTIALS_FOLDER": "/credentials",
    "INFLUXD_BINARY": "/usr/local/bin/influxd",
    "HTTP_ADDRESS": ":8086",
    "HEALTH_ADDRESS": ":8087",
    "RETENTION_DAYS": "30",
    "RETENTION_15M_DAYS": "400",
    "LATE_DAYS": "15",
    "POLL_SECONDS": "60",
    "REPLICATION_URL": "",
    "REPLICATION_TOKEN": "",
    "REPLICATION_BUCKET": "measurements_15m",
    "REPLICATION_BUCKET_ID": "",
    "REPLICATION_ORG_ID": "",
    "REPLICATION_MAX_QUEUE_MIB": "64",
    "REPLICATION_MAX_AGE_DAYS": "60",
    "REPLICATION_DROP_NON_RETRYABLE": "true",
    "GAP_DAYS": "14",
}
_INFLUX_ID: Final = re.compile(r"[0-9a-f]{16}")
_SECONDS_A_DAY: Final = 86_400
# What InfluxDB takes (replication.go): 33,554,430 bytes at least, 60 s to 60 days.
_LEAST_QUEUE_MIB, _MOST_QUEUE_MIB = 32, 4096
_MOST_AGE_DAYS: Final = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Replication:
    """Where the downsampled bucket is copied to, and how much may wait on the disk."""

    url: str
    token: str = field(repr=False)
    bucket: str
    bucket_id: str | None
    org_id: str | None
    max_queue_bytes: int
    max_age_s: int
    drop_non_retryable: bool
    gap_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """Everything this service is told. ``replication`` is None when the data stays in the home."""

    home_id: str
    data: Path
    credentials: Path
    run_as: tuple[int, int]
    influxd: Path
    http_address: str
    health_address: str
    retention_s: int
    retention_15m_s: int
    late_days: int
    poll_s: float
    replication: Replication | None

    @property
    def api_url(self) -> str:
        """The address of the server as seen from here."""
        return f"http://127.0.0.1:{self.http_address.rpartition(':')[2]}"


def read(settings: Settings) -> Configuration:
    """Check all settings. Raises SettingsError, which names the setting and never shows a value."""
    retention_days = settings.number("RETENTION_DAYS", 7, 3650)
    late_days = settings.number("LATE_DAYS", 1, 60)
    if late_days >= retention_days:
        raise SettingsError("LATE_DAYS must be less than RETENTION_DAYS")
    return Configuration(
        home_id=home_id(settings),
        data=settings.path("DATA_FOLDER"),
        credentials=settings.path("CREDENTIALS_FOLDER"),
        run_as=_run_as(settings),
        influxd=settings.path("INFLUXD_BINARY"),
        http_address=settings.text("HTTP_ADDRESS"),
        health_address=settings.text("HEALTH_ADDRESS"),
        retention_s=int(retention_days) * _SECONDS_A_DAY,
        retention_15m_s=int(settings.number("RETENTION_15M_DAYS", 30, 36_500)) * _SECONDS_A_DAY,
        late_days=int(late_days),
        poll_s=settings.number("POLL_SECONDS", 0.1, 3600),
        replication=_replication(settings),
    )


def _replication(settings: Settings) -> Replication | None:
    if (url := settings.optional("REPLICATION_URL")) is None:
        return None
    _require_encryption(url)
    return Replication(
        url=url.rstrip("/"),
        token=settings.secret("REPLICATION_TOKEN"),
        bucket=settings.text("REPLICATION_BUCKET"),
        bucket_id=_influx_id(settings, "REPLICATION_BUCKET_ID"),
        org_id=_influx_id(settings, "REPLICATION_ORG_ID"),
        max_queue_bytes=int(settings.number("REPLICATION_MAX_QUEUE_MIB", _LEAST_QUEUE_MIB, _MOST_QUEUE_MIB))
        * 2**20,
        max_age_s=int(settings.number("REPLICATION_MAX_AGE_DAYS", 1, _MOST_AGE_DAYS)) * _SECONDS_A_DAY,
        drop_non_retryable=settings.flag("REPLICATION_DROP_NON_RETRYABLE"),
        gap_days=int(settings.number("GAP_DAYS", 1, 60)),
    )


def _require_encryption(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if not parts.hostname or parts.username or parts.query or parts.scheme not in {"http", "https"}:
        raise SettingsError("REPLICATION_URL must look like https://host or https://host/path")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise SettingsError("REPLICATION_URL must begin with https: the token and the data leave the home")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _run_as(settings: Settings) -> tuple[int, int]:
    user, separator, group = settings.text("RUN_AS").partition(":")
    if not (separator and user.isdecimal() and group.isdecimal()):
        raise SettingsError("RUN_AS must look like 1000:2000, the numbers of a user and a group")
    return int(user), int(group)


def _influx_id(settings: Settings, name: str) -> str | None:
    value = settings.optional(name)
    if value is not None and not _INFLUX_ID.fullmatch(value):
        raise SettingsError(f"{name} must have 16 hexadecimal digits")
    return value
