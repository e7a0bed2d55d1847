"""One-time passwords by time (RFC 6238 over RFC 4226): SHA-1, six digits, 30 s, as every app has it."""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote

import segno

STEP_S: Final = 30
_DIGITS: Final = 6
# A clock may be off by a step to each side (RFC 6238, 5.2).
_TOLERANCE: Final = (0, -1, 1)


def new_secret() -> str:
    """Return a secret of 160 bits in base 32 (RFC 4226, 4: as long as the hash)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def uri(secret: str, *, account: str, issuer: str) -> str:
    """Return what an app reads from a square code (the key URI format)."""
    label = quote(f"{issuer}:{account}", safe=":@")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"


def qr(text: str) -> str:
    """Return the square code of a URI as an SVG in a data URI: the secret is sent nowhere to be drawn."""
    uri: str = segno.make(text, error="m", micro=False).svg_data_uri(border=4, light="#fff", omitsize=True)
    return uri


def code(secret: str, step: int) -> str:
    """Return the code of a step (RFC 4226, 5.3: dynamic truncation)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**_DIGITS:0{_DIGITS}d}"


def matching_step(secret: str, given: str, now: datetime, *, after: int | None) -> int | None:
    """Return the step whose code was given, None when it is none of now or was used: none up to ``after``."""
    current = int(now.timestamp()) // STEP_S
    for step in (current + shift for shift in _TOLERANCE):
        is_new = after is None or step > after
        if is_new and hmac.compare_digest(
            code(secret, step).encode(), given.encode("utf-8", "surrogatepass")
        ):
            return step
    return None
