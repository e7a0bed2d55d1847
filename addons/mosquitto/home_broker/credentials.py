"""Passwords of the home's clients: made once, kept in a folder for each client, which mounts it read-only."""

from pathlib import Path

from home_common.secret_files import new_secret, write_secret
from home_common.settings import Settings

from .clients import CLIENTS

USERNAME = "mqtt_username"
PASSWORD = "mqtt_password"  # noqa: S105 # the name of a file


def ensure(folder: Path, *, group: int) -> dict[str, str]:
    """Return the passwords by client name, and make those that are missing; ``group`` may read them.

    Raises SettingsError when one that is there is too weak, and OSError.
    """
    passwords = {}
    for client in CLIENTS:
        own = folder / client.name
        if stored(own, USERNAME) != client.name:
            write_secret(own / USERNAME, client.name, group_id=group)
        if not stored(own, PASSWORD):
            write_secret(own / PASSWORD, new_secret(), group_id=group)
        name = f"{client.name}/{PASSWORD}"
        passwords[client.name] = Settings({name: stored(own, PASSWORD)}).secret(name)
    return passwords


def stored(folder: Path, name: str) -> str:
    """Return what a file of the folder holds, or an empty text."""
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
