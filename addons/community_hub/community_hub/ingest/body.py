"""Unpacks what a home sends, within bounds: a small body may not become a large one."""

import zlib
from typing import Final

MOST_PACKED_BYTES: Final = 4 * 1024 * 1024
# InfluxDB's replication sends at most 2.5 MB at a time (replications/service.go).
MOST_BYTES: Final = 8 * 1024 * 1024
_GZIP: Final = 31
# Honest senders pack a body as one member (RFC 1952 section 2.2); what follows one is copied for the next.
_MOST_MEMBERS: Final = 8


class BodyRefused(ValueError):  # noqa: N818 # an answer to the home, not a fault here
    """The body is too large or damaged."""


def unpacked(body: bytes, encoding: str) -> bytes:
    """Return the plain body. Raises BodyRefused."""
    match encoding.strip().lower():
        case "" | "identity":
            plain = body
        case "gzip":
            plain = _gunzipped(body)
        case _:
            raise BodyRefused("only gzip is unpacked")
    if len(plain) > MOST_BYTES:
        raise BodyRefused(f"more than {MOST_BYTES} bytes")
    return plain


def _gunzipped(body: bytes) -> bytes:
    plain = bytearray()
    rest = body
    try:
        for _ in range(_MOST_MEMBERS):
            if not rest:
                break
            member = zlib.decompressobj(_GZIP)
            plain += member.decompress(rest, MOST_BYTES + 1 - len(plain))
            if len(plain) > MOST_BYTES:
                raise BodyRefused(f"more than {MOST_BYTES} bytes when unpacked")
            if not member.eof:
                raise BodyRefused("the packed body is cut off")
            rest = member.unused_data
    except zlib.error:
        raise BodyRefused("the body is no gzip") from None
    if rest:
        raise BodyRefused(f"packed in more than {_MOST_MEMBERS} pieces")
    return bytes(plain)
