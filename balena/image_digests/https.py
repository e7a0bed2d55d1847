"""A bounded GET over HTTPS; plain HTTP is for 127.0.0.1, where tests answer."""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import IO, Final

_PATIENCE_S: Final = 30
_NOT_SAFE: Final = "is asked over HTTPS only"


class UnsafeError(Exception):
    """It is not asked, or not read to the end; the message says why and names no address."""


def get(address: str, *, headers: Mapping[str, str], most_bytes: int) -> tuple[bytes, Message]:
    """Return the body and the headers of an answer.

    Where a redirection leads is held to the same, and another host is not given the ``Authorization``.
    Raises UnsafeError, urllib.error.HTTPError for an answer that is none, and OSError when there is none.
    """
    if not is_safe(address):
        raise UnsafeError(_NOT_SAFE)
    request = urllib.request.Request(address, headers=dict(headers))  # noqa: S310 - checked above
    with urllib.request.build_opener(_Redirections).open(request, timeout=_PATIENCE_S) as response:
        body: bytes = response.read(most_bytes + 1)
        if len(body) > most_bytes:
            raise UnsafeError(f"sent more than {most_bytes} bytes")
        told: Message = response.headers
    return body, told


def is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read or changed by others on the way."""
    parts = urllib.parse.urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")


class _Redirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not is_safe(newurl):
            fp.close()
            raise UnsafeError(_NOT_SAFE)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # its stub asks for what it is given
        if following and _origin(newurl) != _origin(req.full_url):
            following.remove_header("Authorization")
        return following


def _origin(address: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(address)
    return parts.scheme, parts.netloc
