"""The measurement store as one home uses it: where it is, its token, and what can be wrong with it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

MAX_TOKEN_CHARACTERS = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreSettings:
    """The address of an InfluxDB 2 bucket; either ``token`` or ``token_file`` opens it.

    ``home`` is the identity written into each point. Secrets are not in the representation.
    """

    url: str
    org: str
    bucket: str
    home: str
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    verify_tls: bool = True


class StoreError(Exception):
    """The store did not take a batch. The message is for people and names no secret.

    ``reason`` is one of ``invalid_url``, ``token_missing``, ``not_authorised``, ``not_found``,
    ``bad_certificate``, ``cannot_connect``, ``unknown_host``, ``timeout``, ``not_a_store``, ``unavailable``,
    ``too_large`` and ``refused_points``. ``retry_after_s`` is how long the store asks to be left alone.
    """

    def __init__(self, reason: str, message: str, *, retry_after_s: float | None = None) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason
        self.retry_after_s = retry_after_s


class Store(Protocol):
    """Takes lines, one batch at a time."""

    async def write(self, lines: bytes) -> None:
        """Return when the store has taken all lines. Raises StoreError."""
        ...

    async def token_changed(self) -> bool:
        """Whether there is another token now than the one that was used last."""
        ...


def read_token(settings: StoreSettings) -> str:
    """Return the token as it is now, from its file where it has one. Raises StoreError; blocks."""
    if settings.token_file is None:
        token = settings.token or ""
    else:
        try:
            with settings.token_file.open(encoding="utf-8") as file:
                token = file.read(MAX_TOKEN_CHARACTERS + 1).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError("token_missing", "The file with the token cannot be read") from error
    # Anything else would end up in an HTTP header.
    if not token or len(token) > MAX_TOKEN_CHARACTERS or not token.isascii() or not token.isprintable():
        raise StoreError("token_missing", "There is no usable token")
    return token
