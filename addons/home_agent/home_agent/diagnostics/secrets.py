"""Every secret this service knows, to take it out of what leaves the home."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..chargers import charger_passwords
from ..defaults import AgentSettings

_SECRET_VARIABLES: Final = ("KEY", "SECRET", "TOKEN", "PASSWORD", "BACKUP_URL")
_MOST_BYTES: Final = 16 * 1024
# Files of the credential folders that name things everybody may know.
_PUBLIC: Final = frozenset({"mqtt_username", "influxdb_org", "owner_username"})


def known_secrets(settings: AgentSettings, environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return them. Reads files: call it in a thread."""
    found = {settings.operator_secret}
    found |= {
        value for name, value in environ.items() if any(part in name.upper() for part in _SECRET_VARIABLES)
    }
    if settings.backup is not None:
        found |= {settings.backup.key, settings.backup.url}
    if settings.supervisor is not None:
        found.add(settings.supervisor.key)
    for folder in (settings.credentials, settings.owner):
        found |= {text for path in _files(folder) if (text := _text(path))}
    # Chargers know the beginning of theirs only.
    with suppress(OSError):
        found |= set(charger_passwords(settings.owner).values())
    return frozenset(text for text in found if text.strip())


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.rglob("*") if path.is_file() and path.name not in _PUBLIC]
    except OSError:
        return []


def _text(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MOST_BYTES).strip()
    except OSError, UnicodeDecodeError:
        return None
