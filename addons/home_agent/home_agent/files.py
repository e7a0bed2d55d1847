"""JSON files that survive a power cut whole: the old text or the new one, never a part."""

import json
from pathlib import Path
from typing import Any

from .settings import write_secret


def read_json(path: Path) -> dict[str, Any]:
    """Return what a file holds; empty when it is missing or damaged, so that the agent goes on without it."""
    try:
        value = json.loads(path.read_text())
    except OSError, ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace a file at once, for its owner only. Raises OSError."""
    write_secret(path, json.dumps(value, separators=(",", ":")))
