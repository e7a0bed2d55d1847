"""Telegrams that a meter encrypts for its owner (Luxembourg's Smarty, Austria's Sagemcom T210-D).

A frame is a general-glo-ciphering APDU (DLMS Green Book; Luxmetering P1 specification 1.1.3, section 3.2.5):
``DB 08``, the system title (8 bytes), ``82``, the length of what follows (2), ``30``, the frame counter (4),
the ciphertext and its tag (12): AES-128-GCM with the system title and the frame counter as nonce.
"""

import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_HEAD = b"\xdb\x08"
_LENGTH_BY_TWO_BYTES = 0x82
_SECURITY_CONTROL = 0x30  # authenticated and encrypted
_HEAD_BYTES = 2 + 8 + 3
_OVERHEAD_BYTES = 1 + 4 + 12
_TAG_BYTES = 12
_KEY_BYTES = 16
_LOOKS_LIKE_A_FRAME = re.compile(rb"\xdb\x08.{8}\x82", re.DOTALL)
# The authentication key of meters whose owner is given none.
PUBLIC_AUTHENTICATION_KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


@dataclass(frozen=True, slots=True)
class MeterKeys:
    """The keys of an encrypting meter, 16 bytes each, which are in no representation."""

    encryption: bytes
    authentication: bytes = PUBLIC_AUTHENTICATION_KEY

    def __post_init__(self) -> None:
        """Refuse keys of another length."""
        if len(self.encryption) != _KEY_BYTES or len(self.authentication) != _KEY_BYTES:
            raise ValueError("a meter's key has 16 bytes, 32 hexadecimal digits")

    def __repr__(self) -> str:
        """Name the class only."""
        return "MeterKeys()"


def looks_encrypted(data: bytes) -> bool:
    """Whether an encrypted frame begins in these bytes."""
    return _LOOKS_LIKE_A_FRAME.search(data) is not None


class Decipherer:
    """Turns the encrypted frames of a byte stream into the telegrams they hold.

    A frame that is forged, damaged or older than the last is dropped and counted in ``refused``.
    """

    def __init__(self, keys: MeterKeys) -> None:
        """Begin with an empty buffer."""
        self.refused = 0
        self._keys = keys
        self._buffer = bytearray()
        self._last_frame = -1

    def feed(self, data: bytes) -> bytes:
        """Take bytes and return the plain telegrams of the frames they complete."""
        self._buffer += data
        plain = bytearray()
        while (frame := self._next_frame()) is not None:
            plain += self._deciphered(frame)
        return bytes(plain)

    def _next_frame(self) -> bytes | None:
        buffer = self._buffer
        while True:
            start = buffer.find(_HEAD)
            if start < 0:
                del buffer[: max(len(buffer) - 1, 0)]
                return None
            del buffer[:start]
            if len(buffer) < _HEAD_BYTES:
                return None
            length = int.from_bytes(buffer[11:13])
            if buffer[10] != _LENGTH_BY_TWO_BYTES or length <= _OVERHEAD_BYTES:
                del buffer[:1]
                continue
            if len(buffer) < _HEAD_BYTES + length:
                return None
            frame = bytes(buffer[: _HEAD_BYTES + length])
            del buffer[: len(frame)]
            return frame

    def _deciphered(self, frame: bytes) -> bytes:
        title, body = frame[2:10], frame[_HEAD_BYTES:]
        control, counter = body[0], int.from_bytes(body[1:5])
        ciphertext, tag = body[5:-_TAG_BYTES], body[-_TAG_BYTES:]
        mode = modes.GCM(title + body[1:5], tag, min_tag_length=_TAG_BYTES)
        cipher = Cipher(algorithms.AES128(self._keys.encryption), mode).decryptor()
        cipher.authenticate_additional_data(bytes([control]) + self._keys.authentication)
        try:
            plain = cipher.update(ciphertext) + cipher.finalize()
        except InvalidTag:
            plain = b""
        if not plain or control != _SECURITY_CONTROL or counter <= self._last_frame:
            self.refused += 1
            return b""
        self._last_frame = counter
        return plain
