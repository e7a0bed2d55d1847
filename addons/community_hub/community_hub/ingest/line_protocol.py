"""Checks that every point of a body is of one home, and makes sure that nobody reads the body otherwise.

Only the series key of a line is looked into; whether the fields are good is for the store to say. Every byte
is looked at a fixed number of times, however hostile the body: one home may not stop the others.
"""

import re
from collections.abc import Iterator
from typing import Final

_UNESCAPED_COMMA: Final = re.compile(rb"(?<!\\),")
_KEY: Final = re.compile(rb"(?:[^\\ \n]|\\.)+")
_ESCAPED: Final = re.compile(rb"\\.")
_HOME_TAG: Final = b"home"
_MOST_LINE_BYTES: Final = 64 * 1024
# Several times what InfluxDB's replication sends at once; each line costs the processor something.
MOST_LINES: Final = 50_000


class NotThisHome(ValueError):  # noqa: N818 # an answer to the home, not a fault here
    """A point is of another home, or does not say of which, or is not line protocol at all."""


def checked(body: bytes, home: str) -> bytes:
    """Return the body with one point a line. Raises NotThisHome, and then nothing of it may be used.

    A line break inside a text field becomes a space: what is forwarded has as many points as lines, and
    each line was seen to begin with this home's tag, whatever a store makes of quotation marks.
    """
    if body.count(b"\n") >= MOST_LINES:
        raise NotThisHome(f"more than {MOST_LINES} points at once")
    lines = [line for line in _points(body) if line]
    for number, line in enumerate(lines, start=1):
        if not _is_of(line, home.encode()):
            raise NotThisHome(
                f"point {number}: every point needs the tag home={home}, once, and no other home"
            )
    return b"\n".join(lines)


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
