"""The files a home is deployed from, as they stand in the work tree."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # its stubs are a package of their own

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yml"
DEMO = ROOT / "docker-compose.demo.yml"

# What has no place in a home: the centre's services, and their app.
CENTRE = "addons/community_hub/"

# Each service and the folder that holds its Dockerfile.
SERVICES = {
    "home_assistant": "hass-config",
    "mosquitto": "addons/mosquitto",
    "influxdb": "addons/influxdb",
    "nginx": "nginx",
    "home_agent": "addons/home_agent",
    "config_editor": "addons/config_editor",
    "wifi_ap": "addons/wifi_ap",
}
# What is built in its own folder: it shares nothing with other services.
ALONE = {"addons/home_simulator"}
SHARED = "packages/home_common"
DEMO_SERVICES = {"home_simulator": "addons/home_simulator"}

# Names that earlier releases gave to volumes: a home's data would stay behind under an old one.
VOLUMES = {
    "home_assistant",
    "mosquitto",
    "influxdb",
    "nginx",
    "home_agent",
    "wifi_ap",
    "access_point",
    "credentials_home_assistant",
    "credentials_home_agent",
    "credentials_agent_owner",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files that Git knows or would add, relative to the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - Git of the developer
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(Path(name) for name in sorted(set(listed.stdout.splitlines())) if (ROOT / name).exists())


def deployed(*suffixes: str) -> list[Path]:
    """Return the files of these endings (all without one) that reach a home or build what does."""
    folders = ("addons/", "balena/", "nginx/", "hass-config/", "docker-compose")
    return [
        path
        for path in tracked()
        if str(path).startswith(folders)
        and not str(path).startswith(CENTRE)
        and (not suffixes or path.suffix in suffixes)
    ]


def dockerfiles() -> list[Path]:
    """Return every Dockerfile, relative to the repository."""
    return [
        path for path in tracked() if path.name.startswith("Dockerfile") and path.suffix != ".dockerignore"
    ]


def context(dockerfile: Path) -> Path:
    """Return the folder a Dockerfile of the repository is built in."""
    folder = str(dockerfile.parent)
    return ROOT / folder if folder in ALONE else ROOT


def apps() -> list[Path]:
    """Return the folders of the Home Assistant apps, relative to the repository."""
    return [path.parent for path in tracked() if path.match("addons/*/config.yaml")]


def load(path: Path) -> Any:
    """Return what a YAML file of the repository says."""
    return yaml.safe_load((ROOT / path).read_text())


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has against a file."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
