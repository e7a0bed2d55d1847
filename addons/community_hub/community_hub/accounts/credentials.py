"""Secrets that programs and browsers show: long and random, shown once, of which only a hash is kept."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

_BYTES: Final = 32
_TEXT: Final = re.compile(r"hf_(?P<kind>[a-z]{1,16})_(?P<id>[0-9a-f]{32})_(?P<secret>[\w-]{43})", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """What is shown: ``hf_<kind>_<id>_<secret>``, by which a look through a repository finds a lost one."""

    kind: str
    id: str
    secret: str

    @classmethod
    def new(cls, kind: str, identifier: str) -> Self:
        """Return a new one."""
        return cls(kind=kind, id=identifier, secret=new_secret())

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a text holds, None when it is no credential."""
        match = _TEXT.fullmatch(text)
        return cls(**match.groupdict()) if match else None

    def __str__(self) -> str:
        """Return the text that is shown once."""
        return f"hf_{self.kind}_{self.id}_{self.secret}"


def new_secret() -> str:
    """Return a secret of 256 bits in 43 characters."""
    return secrets.token_urlsafe(_BYTES)


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret. It is too long to be guessed, so that a fast hash will do."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_secret(kept: str, secret: str) -> bool:
    """Whether a secret is the one whose hash was kept."""
    return hmac.compare_digest(kept, secret_hash(secret))
