"""Telegrams out of a byte stream.

A telegram runs from ``/`` to ``!``, followed by a CRC and a line end (DSMR 5.0.2 P1 companion standard,
section 6.2). The stream begins anywhere, arrives in any pieces, may have lost its carriage returns in a
bridge, and may hold garbage.
"""

import re
from dataclasses import dataclass

MAX_TELEGRAM_BYTES = 64 * 1024
_MAX_CRC_LINE_BYTES = 16
_END_OF_CRC_LINE = re.compile(rb"[\n/]")
_CRC_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,4}")
# Version information for P1 output; telegrams that carry it (DSMR 4 and newer) must carry a CRC.
_VERSION_LINE = b"\n1-3:0.2.8("


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)  # noqa: PLW2901 - shifted in place
        table.append(value)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes) -> int:
    """Return CRC-16/ARC (x16 + x15 + x2 + 1, least significant bit first) as DSMR 5.0.2 section 6.2 asks."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


@dataclass(slots=True)
class FramingCounts:
    """What the stream held so far; tells a person why no telegram came out of it."""

    received_bytes: int = 0
    telegrams: int = 0
    bad_crc: int = 0
    without_carriage_return: int = 0


class TelegramFramer:
    """Cuts telegrams out of the bytes it is fed; holds at most 64 KiB of an unfinished one.

    Any split of the same bytes gives the same telegrams. A telegram with a wrong CRC is counted and
    dropped. One without a CRC is taken only from a meter that never sends one (DSMR 2.2 and 3.0).
    """

    def __init__(self) -> None:
        """Begin with an empty buffer."""
        self.counts = FramingCounts()
        self._buffer = bytearray()
        self._crc_seen = False

    def feed(self, data: bytes) -> list[str]:
        """Take bytes and return the telegrams they complete, from ``/`` to ``!``, with CRLF line ends."""
        self.counts.received_bytes += len(data)
        self._buffer += data
        telegrams = []
        while (frame := self._next_frame()) is not None:
            body, crc_line = frame
            if (telegram := self._checked(body, crc_line)) is not None:
                telegrams.append(telegram)
        return telegrams

    def why_nothing(self) -> str:
        """Return the slug that says why no telegram came out of the bytes counted."""
        if self.counts.received_bytes == 0:
            return "no_data"
        if self.counts.bad_crc:
            return "bad_crc"
        return "no_telegram" if self._buffer.startswith(b"/") else "not_p1"

    def _next_frame(self) -> tuple[bytes, bytes] | None:
        """Take the next body (``/`` to ``!``) and the rest of its last line off the buffer."""
        buffer = self._buffer
        while True:
            end = buffer.find(b"!")
            # The last start before the end: a half telegram before it is lost.
            start = buffer.rfind(b"/", 0, end if end >= 0 else len(buffer))
            if start < 0:
                del buffer[: end + 1 if end >= 0 else len(buffer)]
            else:
                del buffer[:start]
                end -= start
            if end < 0:
                if len(buffer) > MAX_TELEGRAM_BYTES:
                    buffer.clear()
                return None
            if start < 0:
                continue
            line_end = _END_OF_CRC_LINE.search(buffer, end + 1, end + 1 + _MAX_CRC_LINE_BYTES)
            if line_end is None and len(buffer) <= end + _MAX_CRC_LINE_BYTES:
                return None
            stop = line_end.start() if line_end else end + 1 + _MAX_CRC_LINE_BYTES
            body, crc_line = bytes(buffer[: end + 1]), bytes(buffer[end + 1 : stop])
            del buffer[:stop]
            if len(body) <= MAX_TELEGRAM_BYTES:
                return body, crc_line

    def _checked(self, body: bytes, crc_line: bytes) -> str | None:
        """Return the telegram as text when its CRC is right, or rightly missing."""
        bare = body.replace(b"\r\n", b"\n")
        if b"\n" in bare and len(bare) == len(body):
            self.counts.without_carriage_return += 1
        # The meter computes the CRC over CRLF; a bridge that strips CR does not compute it anew.
        telegram = bare.replace(b"\n", b"\r\n")
        digits = crc_line.strip(b"\r\0 \t")
        if digits:
            valid = _CRC_DIGITS.fullmatch(digits) is not None and int(digits, 16) == crc16(telegram)
            self._crc_seen |= valid
        else:
            valid = not self._crc_seen and _VERSION_LINE not in bare
        if not valid:
            self.counts.bad_crc += 1
            return None
        self.counts.telegrams += 1
        return telegram.decode("latin-1")
