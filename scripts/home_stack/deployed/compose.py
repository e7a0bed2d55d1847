"""What the Compose files say of the services, as far as a home uses them.

Source: docs.docker.com/reference/compose-file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # stubs are not locked

from ..processes import ROOT, StackError
from .subnet import prefix

DEPLOYED = (ROOT / "docker-compose.yml",)
DEMO = (*DEPLOYED, ROOT / "docker-compose.demo.yml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """A named volume in a service."""

    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One service; ``address`` is None without a network, ``hosts`` are ``name:address`` that it knows."""

    name: str
    context: Path
    dockerfile: Path
    address: IPv4Address | None
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    tmpfs: Sequence[str] = ()
    groups: Sequence[int] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    capabilities: Sequence[str] = ()
    hosts: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """Services on one network."""

    network: IPv4Network
    gateway: IPv4Address
    services: Mapping[str, Service]


def load(files: Sequence[Path], *, number: int = 0) -> Home:
    """Read Compose files, a later one over an earlier one. Raises StackError for what is not understood.

    With a ``number`` all addresses are those of the network that many places beyond the first file's.
    """
    merged: dict[str, Any] = {}
    texts = [path.read_text(encoding="utf-8") for path in files]
    begins = prefix(texts[0])
    for text in texts:
        merged = _merged(merged, yaml.safe_load(text.replace(begins, _beyond(begins, number))))
    (network,) = merged["networks"].values()
    (pool,) = network["ipam"]["config"]
    subnet = IPv4Network(pool["subnet"])
    free = iter(IPv4Network(pool["ip_range"]).hosts())
    next(free)  # the gateway's
    services = {name: _service(name, text, free) for name, text in merged["services"].items()}
    return Home(network=subnet, gateway=IPv4Address(pool["gateway"]), services=services)


def _beyond(begins: str, number: int) -> str:
    address = IPv4Address(f"{begins}0") + number * 256
    return str(address).removesuffix("0")


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _merged(below.get(key), value) for key, value in above.items()}
    return above


def _service(name: str, text: Mapping[str, Any], free: Any) -> Service:
    build = text["build"]
    context, dockerfile = (
        (build, "Dockerfile") if isinstance(build, str) else (build["context"], build["dockerfile"])
    )
    return Service(
        name=name,
        context=ROOT / context,
        dockerfile=ROOT / context / dockerfile,
        address=_address(text, free),
        environment={key: str(value) for key, value in text.get("environment", {}).items()},
        mounts=[_mount(name, mount) for mount in text.get("volumes", [])],
        tmpfs=[entry.partition(":")[0] for entry in text.get("tmpfs", [])],
        groups=[int(group) for group in text.get("group_add", [])],
        sysctls={key: str(value) for key, value in text.get("sysctls", {}).items()},
        user=text.get("user"),
        capabilities=[capability.lower() for capability in text.get("cap_add", [])],
        hosts=tuple(text.get("extra_hosts", ())),
    )


def _address(text: Mapping[str, Any], free: Any) -> IPv4Address | None:
    if text.get("network_mode") == "none":
        return None
    networks = text["networks"]
    if isinstance(networks, dict):
        (options,) = networks.values()
        return IPv4Address(options["ipv4_address"])
    return IPv4Address(next(free))


def _mount(name: str, text: str) -> Mount:
    volume, path, *mode = text.split(":")
    if volume.startswith((".", "/")):
        raise StackError(f"{name} mounts a folder of the host: {volume}")
    return Mount(volume=volume, path=path, read_only=mode == ["ro"])
