"""What this service is told, with what holds where nothing is said."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .settings import Settings, SettingsError

DEFAULTS = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "MQTT_PREFIX": "home_flex",
    "MQTT_PORT": "1883",
    # Where the broker listens; empty: on every address of its container.
    "MQTT_HOST": "",
    # host:port of the community's broker; empty: no bridge. The other three are PEM texts.
    "CENTRAL_BROKER": "",
    "CENTRAL_CA": "",
    "HOME_CERTIFICATE": "",
    "HOME_PRIVATE_KEY": "",
    "DATA_FOLDER": "/data",
    # Holds passwords and keys while the broker runs: a temporary file system.
    "RUN_FOLDER": "/run/home_broker",
    # Below it one folder for each client.
    "CREDENTIALS_FOLDER": "/credentials",
    "HOME_GROUP_ID": "2000",
    "PERSISTENCE_PLUGIN": "/usr/lib/mosquitto_persist_sqlite.so",
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}(/[A-Za-z0-9_-]{1,64}){0,3}")
_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9.-]{1,253}):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """The community's broker and how this home is known there; PEM texts."""

    host: str
    port: int
    authority: str
    certificate: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokerSettings:
    """Everything the broker's configuration is made of."""

    home_id: str
    prefix: str
    host: str | None
    port: int
    centre: Centre | None
    data: Path
    run: Path
    credentials: Path
    group_id: int
    persistence_plugin: Path

    @property
    def root(self) -> str:
        """The topics of this home begin so."""
        return f"{self.prefix}/vens/{self.home_id}"


def load(settings: Settings | None = None) -> BrokerSettings:
    """Read and check the settings of this process. Raises SettingsError."""
    settings = settings or Settings.load(DEFAULTS)
    home_id = settings.optional("HOME_ID") or settings.optional("BALENA_DEVICE_UUID") or ""
    if not _NAME.fullmatch(home_id):
        raise SettingsError("HOME_ID must be 1 to 64 letters, digits, _ or -")
    prefix = settings.text("MQTT_PREFIX")
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError("MQTT_PREFIX must be topic levels of letters, digits, _ or -")
    return BrokerSettings(
        home_id=home_id,
        prefix=prefix,
        host=settings.optional("MQTT_HOST"),
        port=int(settings.number("MQTT_PORT", 1, 65535)),
        centre=_centre(settings),
        data=settings.path("DATA_FOLDER"),
        run=settings.path("RUN_FOLDER"),
        credentials=settings.path("CREDENTIALS_FOLDER"),
        group_id=int(settings.number("HOME_GROUP_ID", 0, 2**31)),
        persistence_plugin=settings.path("PERSISTENCE_PLUGIN"),
    )


def _centre(settings: Settings) -> Centre | None:
    if (address := settings.optional("CENTRAL_BROKER")) is None:
        return None
    match = _ADDRESS.fullmatch(address)
    if match is None or not 1 <= int(match["port"]) <= 65535:
        raise SettingsError("CENTRAL_BROKER must be host:port")
    return Centre(
        host=match["host"],
        port=int(match["port"]),
        authority=settings.text("CENTRAL_CA"),
        certificate=settings.text("HOME_CERTIFICATE"),
        private_key=settings.text("HOME_PRIVATE_KEY"),
    )
