"""Which token belongs to which home. Kept as hashes, in a file the fleet tool writes."""

import hashlib
import json
import re
from pathlib import Path
from typing import Final

_HOME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MOST_HOMES: Final = 100_000


class TokensError(ValueError):
    """The tokens' file is not what it should be."""


class HomeTokens:
    """The hashes, read again when the file has changed: ``{"<home>": ["<sha256 of a token>", …]}``.

    A home has two while its token is rotated, and none, or no entry, once it is revoked. Tokens are 256
    random bits, so that a plain hash tells nothing about them.
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises OSError, TokensError."""
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._homes: dict[bytes, str] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read the file when it is another one. Raises OSError, TokensError; then the old hashes stay."""
        found = self._path.stat()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._homes = _parsed(self._path.read_text())
            self._stamp = stamp

    def home_of(self, token: str) -> str | None:
        """Return the home whose token this is, None when it is none.

        Whoever asks costs one look, however many homes there are. How long it takes tells nothing: what is
        looked for is a hash, and who could choose one would have the token.
        """
        return self._homes.get(hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest())


def _parsed(text: str) -> dict[bytes, str]:
    try:
        read = json.loads(text)
    except ValueError:
        raise TokensError("the tokens' file is not JSON") from None
    if not isinstance(read, dict) or len(read) > _MOST_HOMES:
        raise TokensError("the tokens' file must be an object of homes")
    for home, digests in read.items():
        if not _HOME.fullmatch(home):
            raise TokensError("the tokens' file has a home with an impossible name")
        if not isinstance(digests, list) or not all(
            isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in digests
        ):
            raise TokensError(f"the tokens of home {home} must be SHA-256 hashes in hexadecimal")
    return {bytes.fromhex(digest): home for home, digests in read.items() for digest in digests}
