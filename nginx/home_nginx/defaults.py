"""What this service is told, with what holds where nothing is said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from .settings import Settings, SettingsError

DEFAULTS = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "DATA_FOLDER": "/data",
    "RUN_FOLDER": "/run/home_nginx",
    "HTTP_PORT": "80",
    "HTTPS_PORT": "443",
    "OCPP_PORT": "8887",
    # More names under which the home is called, separated by commas.
    "HOST_NAMES": "",
    # Addresses and networks whose X-Forwarded-For is believed: the end of the tunnel and nothing else.
    "TUNNEL_SOURCES": "",
    # The container network's name server; empty: names are looked up once, at start.
    "RESOLVER": "127.0.0.11",
    "HOME_ASSISTANT": "home_assistant:8123",
    "OCPP": "home_assistant:8887",
    "HOME_AGENT": "home_agent:8099",
    "CONFIG_EDITOR": "config_editor:3218",
    "INFLUXDB": "influxdb:8086",
}
UPSTREAMS = ("HOME_ASSISTANT", "OCPP", "HOME_AGENT", "CONFIG_EDITOR", "INFLUXDB")
LOCAL_NAMES = ("localhost", "home.local", "homeassistant.local")
_HOME_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
_ADDRESS = re.compile(r"[A-Za-z0-9_.-]{1,253}:[0-9]{1,5}")

type Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True, slots=True)
class NginxSettings:
    """Everything the configuration is made of; ``upstreams`` are host:port by the name of their service."""

    home_id: str
    names: Sequence[str]
    tunnel: Sequence[Network]
    http_port: int
    https_port: int
    ocpp_port: int
    resolver: str | None
    upstreams: dict[str, str]
    data: Path
    run: Path


def load(settings: Settings | None = None) -> NginxSettings:
    """Read and check the settings of this process. Raises SettingsError."""
    settings = settings or Settings.load(DEFAULTS)
    device = settings.optional("BALENA_DEVICE_UUID")
    home_id = settings.optional("HOME_ID") or device or ""
    if not _HOME_ID.fullmatch(home_id):
        raise SettingsError("HOME_ID must be 1 to 64 letters, digits, _ or -")
    resolver = settings.optional("RESOLVER")
    if resolver not in {None, "none"} and not re.fullmatch(r"[0-9a-fA-F.:\[\]]{3,45}", resolver or ""):
        raise SettingsError("RESOLVER must be an address, or none")
    return NginxSettings(
        home_id=home_id,
        names=_names(settings, home_id, device),
        tunnel=_networks(settings),
        http_port=_port(settings, "HTTP_PORT"),
        https_port=_port(settings, "HTTPS_PORT"),
        ocpp_port=_port(settings, "OCPP_PORT"),
        resolver=None if resolver == "none" else resolver,
        upstreams={name.lower(): _upstream(settings, name) for name in UPSTREAMS},
        data=settings.path("DATA_FOLDER"),
        run=settings.path("RUN_FOLDER"),
    )


def _names(settings: Settings, home_id: str, device: str | None) -> list[str]:
    own = [*LOCAL_NAMES, f"{home_id.lower()}.local"]
    if device:
        own.append(f"{device}.balena-devices.com")
    more = [name.strip() for name in (settings.optional("HOST_NAMES") or "").split(",") if name.strip()]
    if not all(_NAME.fullmatch(name) for name in more):
        raise SettingsError("HOST_NAMES must be host names, separated by commas")
    return list(dict.fromkeys([*own, *more]))


def _networks(settings: Settings) -> list[Network]:
    texts = (settings.optional("TUNNEL_SOURCES") or "").split(",")
    try:
        return [ip_network(text.strip()) for text in texts if text.strip()]
    except ValueError:
        raise SettingsError("TUNNEL_SOURCES must be addresses or networks, separated by commas") from None


def _port(settings: Settings, name: str) -> int:
    return int(settings.number(name, 1, 65535))


def _upstream(settings: Settings, name: str) -> str:
    address = settings.text(name)
    if not _ADDRESS.fullmatch(address):
        raise SettingsError(f"{name} must be host:port")
    return address
