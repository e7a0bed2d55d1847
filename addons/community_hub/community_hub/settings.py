"""What is set of a hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from home_common import settings as common

DEFAULTS: Final[Mapping[str, str]] = {
    "HUB_DATABASE": "sqlite:////data/hub.sqlite",
    "HUB_PUBLIC_URL": "http://127.0.0.1:8090",
    "HUB_SECRET": "",
    "HUB_MQTT_URL": "",
    "HUB_MQTT_PREFIX": "home_flex",
    "HUB_UFTP_DOMAIN": "",
    "HUB_KEEP_REPORTS_DAYS": "90",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where the hub is and keeps what it knows.

    ``secret`` seals what must be read again (second factors, bearer tokens of webhooks). ``public_url`` is
    how others reach it, without a slash at its end. ``mqtt_url`` is what VENs are told; None: webhooks only.
    ``uftp_domain`` is the one that grid operators know the hub by; None: it speaks with none. For
    ``keep_reports`` those are kept that came over MQTT; a home may send one again for a week.
    """

    database: str
    public_url: str
    secret: str
    mqtt_url: str | None = None
    mqtt_prefix: str = "home_flex"
    uftp_domain: str | None = None
    keep_reports: timedelta = timedelta(days=90)

    @classmethod
    def of(cls, found: common.Settings, *, database: str) -> Self:
        """Read all but the database's URL. Raises SettingsError."""
        url = found.text("HUB_PUBLIC_URL").rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise common.SettingsError("HUB_PUBLIC_URL is not the address of a web page")
        return cls(
            database=database,
            public_url=url,
            secret=found.secret("HUB_SECRET"),
            mqtt_url=found.optional("HUB_MQTT_URL"),
            mqtt_prefix=found.text("HUB_MQTT_PREFIX"),
            uftp_domain=found.optional("HUB_UFTP_DOMAIN"),
            keep_reports=timedelta(days=found.number("HUB_KEEP_REPORTS_DAYS", 14, 3650)),
        )
