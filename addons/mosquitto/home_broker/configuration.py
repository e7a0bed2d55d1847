"""What the operator may set, its defaults and its bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from home_common.identity import home_id, topic_prefix
from home_common.settings import Settings, SettingsError

DEFAULTS: Final[Mapping[str, str]] = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "MQTT_PREFIX": "home_flex",
    "CENTRAL_BROKER": "",
    "CENTRAL_CA": "",
    "HOME_CERTIFICATE": "",
    "HOME_PRIVATE_KEY": "",
    "LISTEN_ADDRESS": "",
    "PORT": "1883",
    "MAX_QUEUED_MESSAGES": "20000",
    "MAX_QUEUED_MIB": "16",
    "BRIDGE_KEEPALIVE_SECONDS": "60",
    "BRIDGE_RETRY_LEAST_SECONDS": "5",
    # A home that is back in reach is to be asked for power within two minutes; ten thousand that come back to
    # a centre at once are some 200 handshakes a second for it.
    "BRIDGE_RETRY_MOST_SECONDS": "60",
    "DATA_FOLDER": "/data",
    "CREDENTIALS_FOLDER": "/credentials",
    "RUN_FOLDER": "/tmp/home_broker",  # noqa: S108 # a temporary file system of the container alone
    "RUN_AS": "1883:1883",
    "HOME_GROUP": "2000",
    "MOSQUITTO_BINARY": "mosquitto",
    "PLUGINS_FOLDER": "/usr/lib",
}
_ADDRESS: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?):(\d{1,5})")
_LISTEN_ADDRESS: Final = re.compile(r"[0-9A-Fa-f.:]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """The community's broker, and who the home is there. The texts are PEM."""

    host: str
    port: int
    authority: str
    certificate: str
    private_key: str = field(repr=False)
    keepalive_s: int
    retry_least_s: int
    retry_most_s: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """Everything this service is told. ``centre`` is None for a home that belongs to no community."""

    home_id: str
    prefix: str
    centre: Centre | None
    listen_address: str | None
    port: int
    max_queued_messages: int
    max_queued_bytes: int
    data: Path
    credentials: Path
    run: Path
    run_as: tuple[int, int]
    home_group: int
    mosquitto: str
    plugins: Path

    @property
    def topics(self) -> str:
        """What all topics of this home begin with."""
        return f"{self.prefix}/vens/{self.home_id}"


def read(settings: Settings) -> Configuration:
    """Check all settings. Raises SettingsError, which names the setting and never shows a value."""
    return Configuration(
        home_id=home_id(settings),
        prefix=topic_prefix(settings),
        centre=_centre(settings),
        listen_address=_listen_address(settings),
        port=_whole(settings, "PORT", 1, 65535),
        max_queued_messages=_whole(settings, "MAX_QUEUED_MESSAGES", 100, 20_000),
        max_queued_bytes=_whole(settings, "MAX_QUEUED_MIB", 1, 16) * 2**20,
        data=settings.path("DATA_FOLDER"),
        credentials=settings.path("CREDENTIALS_FOLDER"),
        run=settings.path("RUN_FOLDER"),
        run_as=_run_as(settings),
        home_group=_whole(settings, "HOME_GROUP", 0, 2**31),
        mosquitto=settings.text("MOSQUITTO_BINARY"),
        plugins=settings.path("PLUGINS_FOLDER"),
    )


def _centre(settings: Settings) -> Centre | None:
    if settings.optional("CENTRAL_BROKER") is None:
        return None
    address = _ADDRESS.fullmatch(settings.text("CENTRAL_BROKER"))
    if address is None or not 0 < int(address[3]) < 65536:
        raise SettingsError("CENTRAL_BROKER must look like mqtt.example.org:8883")
    return Centre(
        host=address[1],
        port=int(address[3]),
        authority=_pem(settings, "CENTRAL_CA"),
        certificate=_pem(settings, "HOME_CERTIFICATE"),
        private_key=_pem(settings, "HOME_PRIVATE_KEY"),
        keepalive_s=_whole(settings, "BRIDGE_KEEPALIVE_SECONDS", 5, 3600),
        retry_least_s=_whole(settings, "BRIDGE_RETRY_LEAST_SECONDS", 1, 3600),
        retry_most_s=_whole(settings, "BRIDGE_RETRY_MOST_SECONDS", 1, 7200),
    )


def _pem(settings: Settings, name: str) -> str:
    text = settings.text(name)
    if "-----BEGIN " not in text:
        raise SettingsError(f"{name} is no PEM text")
    return f"{text}\n"


def _listen_address(settings: Settings) -> str | None:
    """Return where to listen; None is everywhere on the home's inner network."""
    if settings.optional("LISTEN_ADDRESS") is None:
        return None
    return _matching(settings, "LISTEN_ADDRESS", _LISTEN_ADDRESS, "127.0.0.1")


def _matching(settings: Settings, name: str, pattern: re.Pattern[str], example: str) -> str:
    value = settings.text(name)
    if not pattern.fullmatch(value):
        raise SettingsError(f"{name} must look like {example}")
    return value


def _whole(settings: Settings, name: str, low: int, high: int) -> int:
    value = settings.number(name, low, high)
    if not value.is_integer():
        raise SettingsError(f"{name} is not a whole number")
    return int(value)


def _run_as(settings: Settings) -> tuple[int, int]:
    user, separator, group = settings.text("RUN_AS").partition(":")
    if not (separator and user.isdecimal() and group.isdecimal() and int(user)):
        raise SettingsError(
            "RUN_AS must look like 1883:1883, the numbers of a user and a group, and not root's"
        )
    return int(user), int(group)
