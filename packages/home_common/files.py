"""Files that survive a power cut whole: the old text or the new one, never a part."""

import json
import os
from pathlib import Path
from typing import Any, Final

PRIVATE: Final = 0o600
FOR_THE_GROUP: Final = 0o640
PUBLIC: Final = 0o644


def write_whole(
    path: Path, text: str, *, mode: int = PRIVATE, group_id: int | None = None, durable: bool = True
) -> None:
    """Replace a file at once, with the rights ``mode`` whatever the mask, in a folder that is there.

    What is not ``durable`` may be lost by a power cut, and costs a memory card less.

    ``group_id`` gives it to a group. Raises OSError, and then leaves what was there and nothing beside it.
    """
    # One name, so that what power cuts leave behind does not add up; never followed when it is a link.
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if group_id is not None:
                os.fchown(file.fileno(), -1, group_id)
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """Return the object a file holds; empty when it is missing or damaged, for who can go on without it."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: object, *, durable: bool = True) -> None:
    """Replace a file by a value at once, for its owner only. Raises OSError."""
    write_whole(path, json.dumps(value, separators=(",", ":")), durable=durable)
