"""Hands the owner's first password over, once."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from home_common.secret_files import write_secret


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerPassword:
    """The log-in of the home's owner."""

    username: str
    password: str = field(repr=False)


class OwnerHandover:
    """The password that the first start left in ``folder``; blocks for a moment."""

    def __init__(self, folder: Path, marker: Path) -> None:
        """Remember in the file ``marker`` which password was handed over, not the password itself."""
        self._folder = folder
        self._marker = marker

    def waits(self) -> bool:
        """Whether a password waits to be handed over."""
        return self._waiting() is not None

    def take(self) -> OwnerPassword | None:
        """Return the password this one time; None when it was handed over or there is none.

        That it was is on the disk before it is told. Raises OSError.
        """
        if (waiting := self._waiting()) is None:
            return None
        write_secret(self._marker, _mark(waiting.password))
        return waiting

    def _waiting(self) -> OwnerPassword | None:
        try:
            username = (self._folder / "owner_username").read_text().strip()
            password = (self._folder / "owner_password").read_text().strip()
        except OSError:
            return None
        try:
            handed_over = self._marker.read_text().strip()
        except FileNotFoundError:
            handed_over = ""
        if not password or handed_over == _mark(password):
            return None
        return OwnerPassword(username=username, password=password)


def _mark(password: str) -> str:
    """Return what tells passwords of 256 random bits apart and gives none away."""
    return sha256(password.encode()).hexdigest()
