"""Passwords: what is strong enough, and hashes of them that are slow to guess."""

import asyncio
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS: Final = 12
MOST_CHARACTERS: Final = 256
_LEAST_DIFFERENT: Final = 5
# A hash takes 64 MiB and an eighth of a second: more at once would let a flood of sign-ins eat the machine.
_AT_ONCE: Final = 2


class WeakPasswordError(Exception):
    """The password is not accepted; the message says why."""


def require_strong(password: str) -> None:
    """Raise WeakPasswordError unless the password is long, and not a few characters again and again."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise WeakPasswordError(f"A password has {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters.")
    if len(set(password)) < _LEAST_DIFFERENT:
        raise WeakPasswordError(f"A password has at least {_LEAST_DIFFERENT} different characters.")


class Passwords:
    """Hashes and compares, two at once (Argon2id, RFC 9106)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Take another hasher than the one of the library's defaults."""
        self._hasher = hasher or PasswordHasher()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the hash of a password. Raises WeakPasswordError."""
        require_strong(password)
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, _normalised(password))

    async def match(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; without a hash the same work is done in vain."""
        async with self._gate:
            same = await asyncio.to_thread(self._verify, kept or self._nobodys, _normalised(password))
        return same and bool(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerificationError, InvalidHashError:
            return False


def _normalised(password: str) -> str:
    """Return the password as one sequence of characters, whatever typed it (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password)
