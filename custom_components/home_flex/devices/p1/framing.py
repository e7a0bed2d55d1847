"""Telegrams out of a byte stream.

A telegram runs from ``/`` to ``!``, followed by a CRC and a line end (DSMR 5.0.2 P1 companion standard,
section 6.2). Both count only where a line begins, as texts may hold them. The stream begins anywhere,
arrives in any pieces, may have lost its carriage returns in a bridge, and may hold garbage.
"""

import re
from dataclasses import dataclass

MAX_TELEGRAM_BYTES = 64 * 1024
_MIN_TELEGRAM_BYTES = 16
_MAX_CRC_LINE_BYTES = 16
_START = re.compile(rb"(?<![\x20-\x7e])/")
_START_OR_END = re.compile(rb"(?<![\x20-\x7e])/|(?<=[\r\n])!")
# A header (IEC 62056-21 section 6.3.2) in the middle of a line, where the rest of a telegram was lost.
_HEADER_WITHIN = re.compile(rb"(?<=[\x20-\x7e])/[A-Za-z]{3}[0-9]")
_END_OF_CRC_LINE = re.compile(rb"[\n/]")
_CRC_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,4}")
# The version of the P1 output and the meter's clock: telegrams that carry either (DSMR 4 and newer, and all
# their kin) must carry a CRC.
_WITH_CRC = re.compile(rb"\n(?:1-3:0\.2\.8|0-0:1\.0\.0)\(")
# What each frame of SML (BSI TR-03109-1, appendix) and of HDLC (IEC 62056-46) begins and ends with.
_SML_ESCAPE = b"\x1b"
_SML_ESCAPES = 8
_HDLC_FLAG = b"\x7e"
_HDLC_FLAGS = 2
_PRINTABLE = range(0x20, 0x7F)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A telegram with CRLF line ends, from ``/`` to ``!``; ``checked``: its CRC is right, not missing."""

    text: str
    checked: bool


@dataclass(slots=True)
class FramingCounts:
    """What the stream held so far; tells a person why no telegram came out of it."""

    received_bytes: int = 0
    telegrams: int = 0
    bad_crc: int = 0
    without_carriage_return: int = 0
    sml_escapes: int = 0
    hdlc_flags: int = 0


class TelegramFramer:
    """Cuts telegrams out of the bytes it is fed; holds at most 64 KiB of an unfinished one.

    Any split of the same bytes gives the same telegrams. A telegram with a wrong CRC is counted and
    dropped. One without a CRC is taken only from a meter that never sends one (DSMR 2.2 and 3.0), and one
    without an end only from a meter that never sends that either.
    """

    def __init__(self) -> None:
        """Begin with an empty buffer."""
        self.counts = FramingCounts()
        self._buffer = bytearray()
        self._searched = 1
        self._crc_seen = False
        self._end_seen = False

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes and return the telegrams they complete."""
        self.counts.received_bytes += len(data)
        self.counts.sml_escapes += data.count(_SML_ESCAPE)
        self.counts.hdlc_flags += data.count(_HDLC_FLAG)
        self._buffer += data
        frames = []
        while (cut := self._next_cut()) is not None:
            body, crc_line = cut
            if (frame := self._checked(body, crc_line)) is not None:
                frames.append(frame)
        return frames

    def paused(self) -> list[Frame]:
        """Return the telegram that a pause in the stream ends, of a meter that sends no end."""
        if not self._buffer.startswith(b"/") or not self._may_lack_its_end(self._buffer):
            return []
        body = bytes(self._buffer)
        self._drop(len(body))
        frame = self._checked(body + b"!", b"")
        return [frame] if frame is not None else []

    def why_nothing(self) -> str:
        """Return the slug that says why no telegram came out of the bytes counted."""
        if self.counts.received_bytes == 0:
            return "no_data"
        if self.counts.bad_crc:
            return "bad_crc"
        if self.counts.sml_escapes >= _SML_ESCAPES:
            return "sml"
        if self.counts.hdlc_flags >= _HDLC_FLAGS:
            return "dlms"
        return "no_telegram" if self._buffer.startswith(b"/") else "not_p1"

    def _next_cut(self) -> tuple[bytes, bytes] | None:
        """Take the next body (``/`` to ``!``) and the rest of its last line off the buffer."""
        buffer = self._buffer
        while True:
            if not buffer.startswith(b"/"):
                start = _START.search(buffer)
                if start is None:
                    self._forget()
                    return None
                self._drop(start.start())
            mark = _START_OR_END.search(buffer, self._searched)
            if mark is None:
                self._searched = max(len(buffer), 1)
                if len(buffer) > MAX_TELEGRAM_BYTES:
                    self._forget()
                return None
            if mark[0] == b"/":  # a telegram that lost its end is lost, unless the meter sends none
                body = bytes(buffer[: mark.start()])
                may_lack_its_end = self._may_lack_its_end(body)
                self._drop(mark.start())
                if may_lack_its_end:
                    return body + b"!", b""
                continue
            end = mark.start()
            line_end = _END_OF_CRC_LINE.search(buffer, end + 1, end + 1 + _MAX_CRC_LINE_BYTES)
            if line_end is None and len(buffer) <= end + _MAX_CRC_LINE_BYTES:
                self._searched = end
                return None
            stop = line_end.start() if line_end else end + 1 + _MAX_CRC_LINE_BYTES
            body, crc_line = bytes(buffer[: end + 1]), bytes(buffer[end + 1 : stop])
            self._drop(stop)
            self._end_seen = True
            if _MIN_TELEGRAM_BYTES <= len(body) <= MAX_TELEGRAM_BYTES:
                return body, crc_line

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._searched = 1

    def _forget(self) -> None:
        """Drop all, but keep whether the next byte stands in the middle of a line."""
        is_mid_line = bool(self._buffer) and self._buffer[-1] in _PRINTABLE
        self._buffer[:] = b" " if is_mid_line else b""
        self._searched = 1

    def _may_lack_its_end(self, body: bytes | bytearray) -> bool:
        """Whether all of a telegram is here though no end came: the meter never sent one, nor a CRC."""
        return (
            not self._end_seen
            and len(body) >= _MIN_TELEGRAM_BYTES
            and body.endswith(b"\n")
            and _WITH_CRC.search(body) is None
        )

    def _checked(self, body: bytes, crc_line: bytes) -> Frame | None:
        """Return the telegram when its CRC is right, or rightly missing."""
        bare = body.replace(b"\r\n", b"\n")
        if b"\n" in bare and len(bare) == len(body):
            self.counts.without_carriage_return += 1
        # The meter computes the CRC over CRLF; a bridge that strips CR does not compute it anew.
        telegram = bare.replace(b"\n", b"\r\n")
        digits = crc_line.strip(b"\r\0 \t")
        if digits:
            whole = next((each for each in _whole(telegram) if _has_crc(each, digits)), None)
            self._crc_seen |= whole is not None
        else:
            *_, last = _whole(telegram)
            whole = None if self._crc_seen or _WITH_CRC.search(bare) else last
        if whole is None:
            self.counts.bad_crc += 1
            return None
        self.counts.telegrams += 1
        return Frame(text=whole.decode("latin-1"), checked=bool(digits))


def _whole(telegram: bytes) -> tuple[bytes, ...]:
    """Return what may be the whole telegram: all of it, or what follows on a half one that was cut off."""
    headers = [match.start() for match in _HEADER_WITHIN.finditer(telegram)]
    return (telegram, telegram[headers[-1] :]) if headers else (telegram,)


def _has_crc(telegram: bytes, digits: bytes) -> bool:
    return _CRC_DIGITS.fullmatch(digits) is not None and int(digits, 16) == crc16(telegram)
