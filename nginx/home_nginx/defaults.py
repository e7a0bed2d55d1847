"""What this service is told, with what holds where nothing is said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Network, ip_network
from pathlib import Path

from home_common.identity import HOST_DIGITS, home_id, identity
from home_common.settings import Settings, SettingsError

DEFAULTS = {
    "HOME_ID": "",
    "BALENA_DEVICE_UUID": "",
    "DATA_FOLDER": "/data",
    "RUN_FOLDER": "/run/home_nginx",
    # All of the container's: which of its ports are published decides who gets here.
    "LISTEN_ADDRESS": "0.0.0.0",  # noqa: S104 # see above
    "HTTP_PORT": "80",
    "HTTPS_PORT": "443",
    "OCPP_PORT": "8887",
    # More names under which the home is called, separated by commas.
    "HOST_NAMES": "",
    # Addresses and networks whose X-Forwarded-For is believed: the end of the tunnel and nothing else.
    "TUNNEL_SOURCES": "",
    "HOME_ASSISTANT": "home_assistant:8123",
    "OCPP": "home_assistant:8887",
    "HOME_AGENT": "home_agent:8099",
    "CONFIG_EDITOR": "config_editor:3218",
    "INFLUXDB": "influxdb:8086",
}
PORTS = ("HTTP_PORT", "HTTPS_PORT", "OCPP_PORT")
UPSTREAMS = ("HOME_ASSISTANT", "OCPP", "HOME_AGENT", "CONFIG_EDITOR", "INFLUXDB")
LOCAL_NAMES = ("localhost", "home.local", "homeassistant.local")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{2,253}}\Z){_LABEL}(?:\.{_LABEL})*")
# What needs no quotes where nginx reads it.
_PATH = re.compile(r"/[A-Za-z0-9_./-]*")
_MOST_TUNNEL_ADDRESSES = 256
# Only below the gateway's own digits: no page elsewhere has such a name.
_NETWORKS = ("local", "lan", "home", "home.arpa", "internal", "localdomain", "fritz.box")

type Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True, slots=True)
class NginxSettings:
    """Everything the configuration is made of; ``upstreams`` are host:port by the name of their service."""

    home_id: str
    names: Sequence[str]
    tunnel: Sequence[Network]
    address: IPv4Address
    http_port: int
    https_port: int
    ocpp_port: int
    upstreams: dict[str, str]
    data: Path
    run: Path


def load(settings: Settings | None = None) -> NginxSettings:
    """Read and check the settings of this process. Raises SettingsError."""
    settings = settings or Settings.load(DEFAULTS)
    device = identity(settings, "BALENA_DEVICE_UUID")
    home = home_id(settings)
    ports = {name: int(settings.number(name, 1, 65535)) for name in PORTS}
    if len(set(ports.values())) < len(ports):
        raise SettingsError(f"{', '.join(PORTS)} must differ")
    return NginxSettings(
        home_id=home,
        names=_names(settings, home, device),
        tunnel=_tunnel(settings),
        address=_address("LISTEN_ADDRESS", settings.text("LISTEN_ADDRESS")),
        http_port=ports["HTTP_PORT"],
        https_port=ports["HTTPS_PORT"],
        ocpp_port=ports["OCPP_PORT"],
        upstreams={name.lower(): _upstream(settings, name) for name in UPSTREAMS},
        data=_path(settings, "DATA_FOLDER"),
        run=_path(settings, "RUN_FOLDER"),
    )


def _names(settings: Settings, home: str, device: str | None) -> list[str]:
    own = [*LOCAL_NAMES, f"{home.lower()}.local"]
    if device:
        # Routers add the name of their network.
        host = device.lower()[:HOST_DIGITS]
        own += [host, *(f"{host}.{network}" for network in _NETWORKS)]
        own.append(f"{device.lower()}.balena-devices.com")
    more = [name.strip().lower() for name in (settings.optional("HOST_NAMES") or "").split(",")]
    more = [name for name in more if name]
    if not all(_NAME.fullmatch(name) for name in more):
        raise SettingsError("HOST_NAMES must be host names, separated by commas")
    return list(dict.fromkeys([*own, *more]))


def _tunnel(settings: Settings) -> list[Network]:
    texts = (settings.optional("TUNNEL_SOURCES") or "").split(",")
    try:
        networks = [ip_network(text.strip()) for text in texts if text.strip()]
    except ValueError:
        raise SettingsError("TUNNEL_SOURCES must be addresses or networks, separated by commas") from None
    if any(network.num_addresses > _MOST_TUNNEL_ADDRESSES for network in networks):
        raise SettingsError(f"TUNNEL_SOURCES trusts more than {_MOST_TUNNEL_ADDRESSES} addresses")
    if any(getattr(network.network_address, "scope_id", None) for network in networks):
        raise SettingsError("TUNNEL_SOURCES must not name an interface")
    return networks


def _address(name: str, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise SettingsError(f"{name} must be an IPv4 address") from None


def _upstream(settings: Settings, name: str) -> str:
    host, _, port = settings.text(name).partition(":")
    if not _NAME.fullmatch(host) or not _is_port(port):
        raise SettingsError(f"{name} must be host:port")
    return f"{host}:{port}"


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65535


def _path(settings: Settings, name: str) -> Path:
    path = settings.path(name)
    if not _PATH.fullmatch(str(path)):
        raise SettingsError(f"{name} must be an absolute path of letters, digits, _ . and -")
    return path
