"""Seals a backup of any size, piece by piece, so that nobody reads or changes it without the home's key.

Layout: ``HFB1``, 32 bytes of salt, then pieces of 1 MiB sealed with AES-256-GCM. The key of a file is derived
from the home's key and the salt (HKDF-SHA256, RFC 5869). A piece's nonce is its number and whether it is the
last one, after STREAM (Hoang, Reyhanitabar, Rogaway, Vizar 2015): pieces left out, swapped, repeated or cut
off at the end are found. Each piece authenticates the salt, too.
"""

import os
from collections.abc import AsyncIterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"HFB1"
SALT_BYTES: Final = 32
PIECE_BYTES: Final = 1024 * 1024
TAG_BYTES: Final = 16
_HEADER_BYTES: Final = len(MAGIC) + SALT_BYTES


class SealError(Exception):
    """A sealed file is not what was sealed with this key: wrong key, changed, cut off, or another format."""


def sealed_size(size: int) -> int:
    """Return how many bytes ``size`` bytes take when sealed."""
    pieces = max(1, -(-size // PIECE_BYTES))
    return _HEADER_BYTES + size + pieces * TAG_BYTES


async def seal(plain: AsyncIterator[bytes], key: str) -> AsyncIterator[bytes]:
    """Yield ``plain`` sealed with ``key``."""
    header = MAGIC + os.urandom(SALT_BYTES)
    cipher = _cipher(key, header)
    yield header
    number = 0
    async for piece, is_last in _pieces(plain, PIECE_BYTES):
        yield cipher.encrypt(_nonce(number, is_last=is_last), piece, header)
        number += 1


async def unseal(sealed: AsyncIterator[bytes], key: str) -> AsyncIterator[bytes]:
    """Yield what was sealed. Raises SealError, perhaps only at the end: believe it when it has ended."""
    pieces = _pieces(sealed, PIECE_BYTES + TAG_BYTES, first=_HEADER_BYTES)
    header, _ = await anext(pieces)
    if len(header) != _HEADER_BYTES or not header.startswith(MAGIC):
        raise SealError("This is no sealed backup")
    cipher = _cipher(key, header)
    number = 0
    async for piece, is_last in pieces:
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), piece, header)
        except InvalidTag, ValueError:
            raise SealError("The backup was changed or cut off, or the key is another one") from None
        number += 1
    if number == 0:
        raise SealError("The backup was cut off")


def _cipher(key: str, header: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=header[len(MAGIC) :], info=b"home_flex backup 1")
    return AESGCM(derived.derive(key.encode()))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


async def _pieces(
    stream: AsyncIterator[bytes], size: int, *, first: int = 0
) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield pieces of ``size`` bytes, before them one of ``first``; with each whether it is the last.

    A stream that is empty beyond ``first`` has one empty piece when ``first`` is 0.
    """
    held = bytearray()
    wanted = first or size
    async for chunk in stream:
        held += chunk
        # More than wanted, not as much as: only then it is known that another piece follows.
        while len(held) > wanted:
            yield bytes(held[:wanted]), False
            del held[:wanted]
            wanted = size
    yield bytes(held), True
