"""Strong secrets, and files that keep them."""

import secrets
from pathlib import Path

from .files import FOR_THE_GROUP, PRIVATE, write_whole


def new_secret() -> str:
    """Return 256 random bits that fit into an address."""
    return secrets.token_urlsafe(32)


def write_secret(path: Path, value: str, *, group_id: int | None = None) -> None:
    """Replace a file at once; only its owner reads it, and the group when one is named. Raises OSError."""
    write_whole(path, value, mode=PRIVATE if group_id is None else FOR_THE_GROUP, group_id=group_id)
