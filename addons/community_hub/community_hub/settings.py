"""What is set of a hub."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from home_common import settings as common

from .accounts.openid_connect.providers import PROVIDERS, SECRETS, Provider, providers_of
from .mail.relay import Relay

DEFAULTS: Final[Mapping[str, str]] = {
    "HUB_DATABASE": "sqlite:////data/hub.sqlite",
    "HUB_PUBLIC_URL": "http://localhost:8090",
    "HUB_SECRET": "",
    "HUB_MQTT_URL": "",
    "HUB_MQTT_PREFIX": "home_flex",
    "HUB_ROLLOUTS": "",
    "HUB_UFTP_DOMAIN": "",
    "HUB_KEEP_REPORTS_DAYS": "90",
    "HUB_SMTP_URL": "",
    "HUB_SMTP_PASSWORD": "",
    "HUB_MAIL_FROM": "",
    PROVIDERS: "",
    SECRETS: "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Where the hub is and keeps what it knows.

    ``secret`` seals what must be read again (second factors, bearer tokens of webhooks). ``public_url`` is
    how others reach it, without a slash at its end. ``mqtt_url`` is what VENs are told; None: webhooks only.
    ``rollouts`` is the file in which the fleet tool keeps its rollout.
    ``uftp_domain`` is the one that grid operators know the hub by; None: it speaks with none. For
    ``keep_reports`` those are kept that came over MQTT; a home may send one again for a week. ``relay`` is
    where mail goes; None: none is sent. ``openid_providers`` may vouch for who somebody is.
    """

    database: str
    public_url: str
    secret: str
    mqtt_url: str | None = None
    mqtt_prefix: str = "home_flex"
    rollouts: Path | None = None
    uftp_domain: str | None = None
    keep_reports: timedelta = timedelta(days=90)
    relay: Relay | None = None
    openid_providers: tuple[Provider, ...] = ()

    @classmethod
    def of(cls, found: common.Settings, *, database: str) -> Self:
        """Read all but the database's URL. Raises SettingsError."""
        url = found.text("HUB_PUBLIC_URL").rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise common.SettingsError("HUB_PUBLIC_URL is not the address of a web page")
        rollouts = found.optional("HUB_ROLLOUTS")
        return cls(
            database=database,
            public_url=url,
            secret=found.secret("HUB_SECRET"),
            mqtt_url=found.optional("HUB_MQTT_URL"),
            mqtt_prefix=found.text("HUB_MQTT_PREFIX"),
            rollouts=None if rollouts is None else Path(rollouts),
            uftp_domain=found.optional("HUB_UFTP_DOMAIN"),
            keep_reports=timedelta(days=found.number("HUB_KEEP_REPORTS_DAYS", 14, 3650)),
            relay=_relay(found),
            openid_providers=providers_of(found),
        )


def _relay(found: common.Settings) -> Relay | None:
    address = found.optional("HUB_SMTP_URL")
    if address is None:
        return None
    sender = found.text("HUB_MAIL_FROM")
    return Relay.of(address, sender=sender, password=found.optional("HUB_SMTP_PASSWORD"))
