"""Rules for Compose files that the parsers of Docker and balena do not check, or not both."""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from .stack_files import Finding

# balena's newer parser refuses these; its older one refuses others of them.
DENIED = frozenset(
    {
        "blkio_config", "configs", "cpu_count", "cpu_percent", "cpu_period", "credential_spec",
        "deploy", "develop", "external_links", "gpus", "isolation", "links", "logging",
        "mem_swappiness", "memswap_limit", "oom_kill_disable", "platform", "pull_policy", "runtime",
        "scale", "secrets", "stdin_open", "storage_opt", "container_name", "expose", "env_file",
        "profiles", "cpus", "extends", "volumes_from",
    }
)  # fmt: skip
DENIED_IN_BUILD = frozenset(
    {
        "additional_contexts", "cache_to", "dockerfile_inline", "entitlements", "isolation",
        "network", "no_cache", "platforms", "privileged", "pull", "secrets", "ssh", "tags",
        "ulimits", "args",
    }
)  # fmt: skip
DENIED_AT_THE_TOP = frozenset({"secrets", "configs", "include", "name", "extensions"})

# Each would give a service the gateway.
RIGHTS = frozenset(
    {"privileged", "pid", "ipc", "userns_mode", "devices", "device_cgroup_rules", "cgroup_parent"}
)
RESTARTS = frozenset({"always", "unless-stopped", "on-failure", "no"})
NETWORK_MODES = frozenset({"none"})

# What may be asked of balena, by whom, and why: docker-compose.yml says it beside each.
LABELS = {
    "home_agent": {"io.balena.features.supervisor-api": "1"},
    "wifi_ap": {"io.balena.features.dbus": "1", "io.balena.features.optional": "1"},
}
PORTS = {"nginx": ["80:80", "443:443", "8887:8887"]}
# A capability and the service that cannot do without.
CAPABILITIES: dict[str, set[str]] = {}

_PINNED = re.compile(r"[a-z0-9./_-]+:[A-Za-z0-9._-]*\d+\.\d+\.\d+[A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?")
_NAMED_VOLUME = re.compile(r"([a-z][a-z0-9_]*):(/[^:]*)(:ro)?")
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|PRIVATE_KEY|BACKUP_KEY", re.IGNORECASE)
_MEMORY = re.compile(r"(\d+)m")


def is_pinned(image: str) -> bool:
    """Whether an image is named with an exact version of three numbers (and perhaps its digest)."""
    return _PINNED.fullmatch(image) is not None


def findings(document: dict[str, Any], text: str, *, is_overlay: bool = False) -> Iterator[Finding]:
    """Check one Compose file; an overlay changes services of another file and so may leave things out."""
    if document.get("version") != "2.4":
        yield Finding("version", 'is not "2.4", which balena\'s older parser asks for')
    if "$" in text:
        yield Finding("variables", "would be filled in from the environment of who builds")
    yield from (Finding(key, "is refused by balena") for key in DENIED_AT_THE_TOP & document.keys())
    for name, volume in (document.get("volumes") or {}).items():
        if volume:
            yield Finding(f"volume {name}", "has options; balena knows plain local volumes")
    for name, network in (document.get("networks") or {}).items():
        yield from _network(f"network {name}", network or {})
    for name, service in document["services"].items():
        yield from _accepted(name, service)
        yield from _volumes(name, service, None if is_overlay else set(document.get("volumes") or {}))
        yield from _labels_ports_and_environment(name, service)
        if not is_overlay or "build" in service or "image" in service:
            yield from _restrained(name, service)


def memory_mib(document: dict[str, Any]) -> dict[str, int]:
    """Return the memory limit of each service in MiB; services without a proper one are left out."""
    limits = {
        name: _MEMORY.fullmatch(str(service.get("mem_limit")))
        for name, service in document["services"].items()
    }
    return {name: int(match[1]) for name, match in limits.items() if match}


def _network(where: str, network: dict[str, Any]) -> Iterator[Finding]:
    if network.get("driver", "bridge") != "bridge" or "external" in network:
        yield Finding(where, "balena knows networks of kind bridge only")
    for pool in network.get("ipam", {}).get("config", []):
        if not {"subnet", "gateway"} <= pool.keys():
            yield Finding(where, "a subnet needs its gateway")


def _accepted(name: str, service: dict[str, Any]) -> Iterator[Finding]:
    for key in sorted((DENIED | RIGHTS) & service.keys()):
        yield Finding(name, f"{key} may not be used")
    build = service.get("build", {})
    if isinstance(build, dict):
        yield from (
            Finding(name, f"build.{key} may not be used") for key in sorted(DENIED_IN_BUILD & build.keys())
        )
    if "image" in service and "build" in service:
        yield Finding(name, "has both image and build")
    if "image" in service and not is_pinned(service["image"]):
        yield Finding(name, "its image has no exact version")
    if isinstance(service.get("depends_on"), dict):
        yield Finding(name, "balena knows depends_on as a list only")
    if "network_mode" in service and service["network_mode"] not in NETWORK_MODES:
        yield Finding(name, f"network_mode {service['network_mode']} opens it to the gateway")
    for path in service.get("tmpfs", []):
        if not re.fullmatch(r"(/[a-z]+)+", path):
            yield Finding(
                name, f"balena would mount tmpfs at {path}, with its options for a part of the name"
            )
    if "restart" in service and service["restart"] not in RESTARTS:
        yield Finding(name, f"restart {service['restart']} is no policy, though every parser takes it")


def _volumes(name: str, service: dict[str, Any], declared: set[str] | None) -> Iterator[Finding]:
    for volume in service.get("volumes", []):
        named = _NAMED_VOLUME.fullmatch(volume) if isinstance(volume, str) else None
        if named is None:
            yield Finding(name, f"{volume} is no named volume")
        elif declared is not None and named[1] not in declared:
            yield Finding(name, f"volume {named[1]} is not declared")


def _labels_ports_and_environment(name: str, service: dict[str, Any]) -> Iterator[Finding]:
    labels = service.get("labels", {})
    if labels and labels != LABELS.get(name):
        yield Finding(name, "asks balena for rights that are not its own")
    ports = service.get("ports", [])
    if ports and ports != PORTS.get(name):
        yield Finding(name, "publishes a port that need not be")
    environment = service.get("environment", {})
    if not isinstance(environment, dict):
        yield Finding(name, "its environment is no mapping")
        return
    for variable, value in environment.items():
        if _SECRET_NAME.search(variable) and value:
            yield Finding(name, f"{variable} has a value everybody can read")


def _restrained(name: str, service: dict[str, Any]) -> Iterator[Finding]:
    if service.get("restart") != "always":
        yield Finding(name, "does not start again by itself")
    if service.get("read_only") is not True:
        yield Finding(name, "may change its image's files")
    if service.get("cap_drop") != ["ALL"]:
        yield Finding(name, "keeps capabilities")
    if set(service.get("cap_add", [])) - CAPABILITIES.get(name, set()):
        yield Finding(name, "asks for a capability without a reason in these rules")
    if service.get("security_opt") != ["no-new-privileges:true"]:
        yield Finding(name, "may gain rights")
    if not _MEMORY.fullmatch(str(service.get("mem_limit"))):
        yield Finding(name, "has no memory limit in whole MiB (such as 64m)")


def network_findings(document: dict[str, Any]) -> Iterator[Finding]:
    """Check that each service has an address of its own, that all others know it, and who believes nginx's.

    Docker asks the network's name server for a service that is away: none may be known by its name alone.
    """
    services = {name: each for name, each in document["services"].items() if "network_mode" not in each}
    pool = document["networks"]["home"]["ipam"]["config"][0]
    addresses = {name: _address(service) for name, service in services.items()}
    for name, address in addresses.items():
        if address is None:
            yield Finding(name, "has no address of its own")
        elif ip_address(address) not in ip_network(pool["subnet"]) or ip_address(address) in ip_network(
            pool["ip_range"]
        ):
            yield Finding(name, "its address could be given to another service")
    if len(set(addresses.values())) < len(addresses):
        yield Finding("networks", "two services have one address")
    known = {f"{name}:{address}" for name, address in addresses.items()}
    for name, service in services.items():
        if set(service.get("extra_hosts", [])) != known:
            yield Finding(name, "would ask the network's name server for another service")
    if services["home_assistant"]["environment"]["TRUSTED_PROXIES"] != f"{addresses['nginx']}/32":
        yield Finding("home_assistant", "believes another address than nginx's")
    allowed = services["config_editor"]["environment"]["ALLOWED_NETWORKS"].split(",")
    if set(allowed) != {"127.0.0.1/32", f"{addresses['nginx']}/32"}:
        yield Finding("config_editor", "answers others than nginx")


def _address(service: dict[str, Any]) -> str | None:
    networks = service["networks"]
    return networks["home"].get("ipv4_address") if isinstance(networks, dict) else None
