"""Checks that every point of a body is of one home, and makes sure that nobody reads the body otherwise.

Only the series key and the time of a line are looked into; whether the fields are good is for the store to
say. A store makes files for each week that a point is of, also for those to come: a home with a wrong clock,
or one that means harm, could fill it with centuries. Every byte is looked at a fixed number of times, however
hostile the body: one home may not stop the others.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_UNESCAPED_COMMA: Final = re.compile(rb"(?<!\\),")
_KEY: Final = re.compile(rb"(?:[^\\ \n]|\\.)+")
_ESCAPED: Final = re.compile(rb"\\.")
_TIME: Final = re.compile(rb"-?\d+")
_BETWEEN: Final = b" \t\0\r"
_HOME_TAG: Final = b"home"
_MOST_LINE_BYTES: Final = 64 * 1024
# Several times what InfluxDB's replication sends at once; each line costs the processor something.
MOST_LINES: Final = 50_000
# No home is older, and no clock that is looked after is further ahead.
OLDEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
FURTHEST_AHEAD: Final = timedelta(days=1)
UNITS_PER_S: Final[Mapping[str, int]] = {"ns": 10**9, "us": 10**6, "ms": 10**3, "s": 1}


class NotThisHome(ValueError):  # noqa: N818 # an answer to the home, not a fault here
    """A point is of another home, or does not say of which, or is not line protocol at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Points:
    """One point a line; ``left_out`` are those of a time that cannot be."""

    lines: bytes
    left_out: int


def checked(body: bytes, home: str, *, precision: str, now: datetime) -> Points:
    """Return the points of a body. Raises NotThisHome, and then nothing of it may be used.

    ``precision`` is one of UNITS_PER_S; a point without a time is of the moment at which it is stored. A line
    break inside a text field becomes a space: what is forwarded has as many points as lines, and each line
    was seen to begin with this home's tag, whatever a store makes of quotation marks.
    """
    if body.count(b"\n") >= MOST_LINES:
        raise NotThisHome(f"more than {MOST_LINES} points at once")
    lines = [line for line in _points(body) if line]
    for number, line in enumerate(lines, start=1):
        if not _is_of(line, home.encode()):
            raise NotThisHome(
                f"point {number}: every point needs the tag home={home}, once, and no other home"
            )
    units = UNITS_PER_S[precision]
    first, last = (int(time.timestamp()) * units for time in (OLDEST, now + FURTHEST_AHEAD))
    kept = [line for line in lines if (time := _time(line)) is None or first <= time <= last]
    return Points(lines=b"\n".join(kept), left_out=len(lines) - len(kept))


def _time(line: bytes) -> int | None:
    """Return the time at the end of a point; None when there is none.

    Nothing else that ends a point is a whole number after a space: fields have an equals sign, and texts end
    with a quotation mark.
    """
    line = line.rstrip(_BETWEEN)
    word = line[max(line.rfind(bytes([each])) for each in _BETWEEN) + 1 :]
    # The store's times have 64 bits.
    return int(word[:21]) if _TIME.fullmatch(word) else None


def _points(body: bytes) -> Iterator[bytes]:
    """Split into points; a line break between quotation marks in the fields belongs to a text."""
    parts: list[bytes] = []
    length = 0
    for line in body.split(b"\n"):
        part = line if parts else line.strip()
        if not parts and part.startswith(b"#"):
            continue
        length += len(part) + 1
        if length > _MOST_LINE_BYTES:
            raise NotThisHome("a point is longer than any home sends")
        changes = _leaves_a_text_open(part if parts else _fields(part))
        parts.append(part)
        # A first part with an odd number of quotation marks opens a text, a later one closes it.
        if changes == (len(parts) == 1):
            continue
        yield b" ".join(parts).replace(b"\r", b" ")
        parts, length = [], 0
    if parts:
        raise NotThisHome("a text field has no end")


def _fields(line: bytes) -> bytes:
    key = _KEY.match(line)
    return b"" if key is None else line[key.end() :]


def _leaves_a_text_open(fields: bytes) -> bool:
    """Whether the quotation marks that are not escaped are odd in number."""
    plain = _ESCAPED.sub(b"", fields) if b"\\" in fields else fields
    return plain.count(b'"') % 2 == 1


def _is_of(line: bytes, home: bytes) -> bool:
    key = _KEY.match(line)
    if key is None or line[key.end() : key.end() + 1] != b" ":
        return False
    # Stores differ in what two backslashes do to the character after them, and homes never send any.
    if b"\\\\" in key[0]:
        return False
    measurement, *tags = _UNESCAPED_COMMA.split(key[0])
    homes = [value for name, _, value in (tag.partition(b"=") for tag in tags) if name == _HOME_TAG]
    return bool(measurement) and homes == [home]
