"""Rules for Home Assistant apps, after its developer documentation of 2026 and what its store refuses."""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .stack_files import Finding

REQUIRED = ("name", "version", "slug", "description", "arch")
ARCHITECTURES = {"aarch64", "amd64"}
FILES = (
    "README.md",
    "DOCS.md",
    "CHANGELOG.md",
    "apparmor.txt",
    "icon.png",
    "translations/en.yaml",
    "Dockerfile",
)

# What Supervisor takes where nothing is said: its linter refuses to hear it repeated.
DEFAULTS: dict[str, object] = {
    "apparmor": True,
    "auth_api": False,
    "boot": "auto",
    "docker_api": False,
    "full_access": False,
    "hassio_api": False,
    "hassio_role": "default",
    "homeassistant_api": False,
    "host_network": False,
    "ingress": False,
    "ingress_entry": "/",
    "ingress_port": 8099,
    "init": True,
    "panel_admin": True,
    "panel_icon": "mdi:puzzle",
    "stage": "stable",
    "startup": "application",
    "timeout": 10,
}
OBSOLETE = {"advanced", "auto_uart", "codenotary", "snapshot", "squash", "watchdog", "webui", "legacy"}
# Each opens the host, or all of Home Assistant, to an app.
RIGHTS = {
    "docker_api",
    "full_access",
    "host_dbus",
    "host_ipc",
    "host_network",
    "host_pid",
    "host_uts",
    "kernel_modules",
    "privileged",
    "devices",
    "hassio_api",
}
MAPS = {"data", "ssl", "backup", "share", "media", "homeassistant_config"}
KNOWN = (
    set(REQUIRED)
    | DEFAULTS.keys()
    | {
        "url", "image", "ports", "ports_description", "options", "schema", "map", "services", "discovery",
        "panel_title", "backup", "backup_exclude", "backup_pre", "backup_post", "breaking_versions",
        "environment", "homeassistant", "ingress_stream", "tmpfs", "machine",
    }
)  # fmt: skip
_SCHEMA = re.compile(
    r"(str|bool|int|float|email|url|password|port|device)(\([^()]*\))?\??|match\(.+\)\??|list\([^()]+\)\??"
)


def findings(folder: str, manifest: dict[str, Any], path: Path) -> Iterator[Finding]:
    """Check an app's manifest and the files beside it."""
    yield from (Finding(folder, f"{key} is missing") for key in REQUIRED if key not in manifest)
    yield from (Finding(folder, f"{key} is unknown or obsolete") for key in manifest.keys() - KNOWN)
    yield from (Finding(folder, f"{key} opens the host") for key in RIGHTS & manifest.keys() if manifest[key])
    for key, default in DEFAULTS.items():
        if key in manifest and manifest[key] == default and type(manifest[key]) is type(default):
            yield Finding(folder, f"{key} repeats its default")
    if set(manifest.get("arch", [])) != ARCHITECTURES:
        yield Finding(folder, "is for aarch64 and amd64, and nothing else")
    if manifest.get("slug") != Path(folder).name:
        yield Finding(folder, "its slug is not its folder's name")
    if not re.fullmatch(r"[a-z0-9.]+/[a-z0-9_-]+/[a-z0-9_-]+", manifest.get("image", "")):
        yield Finding(
            folder, "would be built on the gateway, or has a tag or an architecture in its image's name"
        )
    for mapped in manifest.get("map", []):
        if (mapped["type"] if isinstance(mapped, dict) else mapped.split(":")[0]) not in MAPS:
            yield Finding(folder, f"map {mapped} has a name Supervisor or its linter does not know")
    yield from _options(folder, manifest)
    yield from _files(folder, manifest, path)


def translation_findings(
    folder: str, manifest: dict[str, Any], translation: dict[str, Any]
) -> Iterator[Finding]:
    """Check that exactly the options and ports of an app are explained."""
    explained = translation.get("configuration", {})
    if explained.keys() != manifest.get("schema", {}).keys():
        yield Finding(folder, "its translations do not match its options")
    for name, words in explained.items():
        if not words.get("name") or not words.get("description"):
            yield Finding(folder, f"{name} has no name or description")
    if translation.get("network", {}).keys() != manifest.get("ports", {}).keys():
        yield Finding(folder, "its translations do not match its ports")


def _options(folder: str, manifest: dict[str, Any]) -> Iterator[Finding]:
    schema = manifest.get("schema", {})
    options = manifest.get("options", {})
    if not options.keys() <= schema.keys():
        yield Finding(folder, "has options that are not in its schema")
    for name, kind in schema.items():
        for text in kind if isinstance(kind, list) else [kind]:
            if not isinstance(text, str) or not _SCHEMA.fullmatch(text):
                yield Finding(folder, f"{name}: {text} is no kind of option")
            elif name not in options and not text.endswith("?"):
                yield Finding(folder, f"{name} is asked for and has no default")
            elif text.startswith("password") and options.get(name):
                yield Finding(folder, f"{name} has a password everybody knows")
    for port, published in manifest.get("ports", {}).items():
        if published is not None:
            yield Finding(folder, f"{port} is published without being asked for")


def _files(folder: str, manifest: dict[str, Any], path: Path) -> Iterator[Finding]:
    yield from (Finding(folder, f"{name} is missing") for name in FILES if not (path / name).exists())
    yield from (
        Finding(folder, f"{name} is obsolete")
        for name in ("build.yaml", "build.json")
        if (path / name).exists()
    )
    icon = path / "icon.png"
    if icon.exists() and struct.unpack(">II", icon.read_bytes()[16:24]) != (128, 128):
        yield Finding(folder, "its icon is not 128 by 128")
    changes = path / "CHANGELOG.md"
    if changes.exists() and f"## {manifest.get('version')}\n" not in changes.read_text():
        yield Finding(folder, "its change log does not tell of its version")
