"""Settings in one fixed order: environment, app options, secret files, defaults."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

# Characters of a secret that must differ.
LEAST_DIFFERENT = 8
_KNOWN_DEFAULTS = frozenset({"changeme", "password", "homeassistant", "raspberry", "mosquitto", "influxdb"})


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the setting, never its value."""


class Settings:
    """Texts by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Keep what was found."""
        self._values = dict(values)

    @classmethod
    def load(
        cls,
        defaults: Mapping[str, str],
        *,
        environ: Mapping[str, str] = os.environ,
        options: Path = Path("/data/options.json"),
        secrets: Sequence[Path] = (),
    ) -> Self:
        """Look every name of ``defaults`` up. Raises SettingsError when the options cannot be read."""
        chosen = _options(options)
        values = {}
        for name, default in defaults.items():
            found = environ.get(name) or chosen.get(name.lower()) or _from_files(name.lower(), secrets)
            values[name] = found or default
        return cls(values)

    def text(self, name: str) -> str:
        """Return a text. Raises SettingsError when it is missing or empty."""
        if value := self.optional(name):
            return value
        raise SettingsError(f"{name} is not set")

    def optional(self, name: str) -> str | None:
        """Return a text, or None when it is missing or empty."""
        return self._values.get(name, "").strip() or None

    def number(self, name: str, low: float, high: float) -> float:
        """Return a number of the range. Raises SettingsError."""
        try:
            value = float(self.text(name))
        except ValueError:
            raise SettingsError(f"{name} is not a number") from None
        if not low <= value <= high:
            raise SettingsError(f"{name} is not between {low:g} and {high:g}")
        return value

    def flag(self, name: str) -> bool:
        """Return a switch: true/false, on/off, 1/0. Raises SettingsError."""
        match self.text(name).lower():
            case "true" | "on" | "1":
                return True
            case "false" | "off" | "0":
                return False
        raise SettingsError(f"{name} is neither on nor off")

    def path(self, name: str) -> Path:
        """Return a path. Raises SettingsError when it is missing."""
        return Path(self.text(name))

    def secret(self, name: str, *, least_characters: int = 16) -> str:
        """Return a strong secret. Raises SettingsError when it is missing or weak."""
        value = self.text(name)
        if (
            len(value) < least_characters
            or len(set(value)) < LEAST_DIFFERENT
            or value.lower() in _KNOWN_DEFAULTS
        ):
            raise SettingsError(f"{name} is too weak")
        return value


def _options(path: Path) -> dict[str, str]:
    try:
        options = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise SettingsError(f"{path.name} is not JSON") from None
    return {name: str(value) for name, value in options.items() if value is not None}


def _from_files(name: str, folders: Sequence[Path]) -> str | None:
    for folder in folders:
        try:
            return (folder / name).read_text().strip()
        except FileNotFoundError:
            continue
    return None
