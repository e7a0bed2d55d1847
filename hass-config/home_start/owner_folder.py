"""What the agent is handed: who the owner is, in a folder of its own beside the volume."""

import json
import logging
import os
from base64 import urlsafe_b64decode
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from home_common.secret_files import new_secret, write_secret
from home_common.settings import Settings

from .volume import Volume

_LOGGER = logging.getLogger(__name__)

# OCPP's limit (2.0.1, variable BasicAuthPassword); our secrets are longer.
MOST_CHARGER_PASSWORD_CHARACTERS: Final = 40


class OwnerFolder:
    """Where the agent reads who the owner is: files of 0640 for the home's group."""

    def __init__(self, folder: Path, group_id: int) -> None:
        """Use ``folder``, which is made when it is missing."""
        self._folder = folder
        # Only root can give files away; who runs this as somebody else reads them as themselves.
        self._group_id = group_id if os.geteuid() == 0 else None
        folder.mkdir(parents=True, exist_ok=True)
        if self._group_id is not None:
            os.chown(folder, -1, self._group_id)
            folder.chmod(0o750)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the folder that the settings name."""
        return cls(settings.path("OWNER_FOLDER"), int(settings.number("HOME_GROUP_ID", 0, 2**31)))

    def read(self, name: str) -> str | None:
        """Return what a file holds, None when there is none."""
        with suppress(FileNotFoundError):
            return (self._folder / name).read_text().strip() or None
        return None

    def write(self, name: str, value: str) -> None:
        """Replace a file at once."""
        write_secret(self._folder / name, value, group_id=self._group_id)

    def secret(self, name: str) -> str:
        """Return a secret, which is made and kept the first time."""
        if (kept := self.read(name)) is not None:
            return kept
        made = new_secret()
        self.write(name, made)
        return made

    def forget(self, name: str) -> None:
        """Remove a file, when it is there."""
        (self._folder / name).unlink(missing_ok=True)


def charger_password_file(identity: str) -> str:
    """Return the name of the file with what is typed into a charger."""
    return f"charger_{identity}_password"


def follow_volume(volume: Volume, settings: Settings) -> None:
    """Bring the folder in line with the volume: after a restore it is of the home that was here before.

    Home Assistant, its log-ins, its chargers and the volume's copy of the agent's token come with a backup;
    the folder does not.
    """
    folder = OwnerFolder.of(settings)
    _follow_token(volume, folder)
    _follow_chargers(volume, folder)


def _follow_token(volume: Volume, folder: OwnerFolder) -> None:
    try:
        token = volume.owner_token.read_text()
    except FileNotFoundError:
        return
    before = folder.read("owner_token")
    if _is_of(volume, before) or not _is_of(volume, token):
        return
    folder.write("owner_token", token)
    if before is not None:
        # Nobody logs in with it any more: the owner's password is the one of the restored home.
        folder.forget("owner_password")
    _LOGGER.info("The agent has the token of this volume's owner again")


def _follow_chargers(volume: Volume, folder: OwnerFolder) -> None:
    """Hand over the passwords that Home Flex asks chargers for, of those that were handed over before."""
    for identity, password in _charger_passwords(volume).items():
        name = charger_password_file(identity)
        kept = folder.read(name)
        if kept is not None and kept[:MOST_CHARGER_PASSWORD_CHARACTERS] != password:
            folder.write(name, password)
            _LOGGER.info("The password of charger %s is the one of this volume again", identity)


def _charger_passwords(volume: Volume) -> dict[str, str]:
    entries = (volume.load_store("core.config_entries") or {}).get("data", {}).get("entries", [])
    return {
        member["data"]["identity"]: member["data"]["password"]
        for entry in entries
        if entry["domain"] == "home_flex"
        for member in entry.get("subentries", [])
        if member["subentry_type"] == "ev_charger"
    }


def _is_of(volume: Volume, token: str | None) -> bool:
    """Whether a long-lived token is one of this volume's: its issuer (RFC 7519, 4.1.1) is a log-in there."""
    if token is None or (auth := volume.load_store("auth")) is None:
        return False
    try:
        payload = token.split(".")[1]
        issuer = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iss"]
    except IndexError, KeyError, TypeError, ValueError:
        return False
    return any(log_in["id"] == issuer for log_in in auth["data"]["refresh_tokens"])
