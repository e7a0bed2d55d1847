"""Checks that every point of a body is of one home, and makes sure that nobody reads the body otherwise.

Only the series key of a line is looked into; whether the fields are good is for the store to say.
"""

import re
from collections.abc import Iterator
from typing import Final

_UNESCAPED_COMMA: Final = re.compile(rb"(?<!\\),")
_KEY: Final = re.compile(rb"(?:[^\\ \n]|\\.)+")
_HOME_TAG: Final = b"home"
_MOST_LINE_BYTES: Final = 64 * 1024


class NotThisHome(ValueError):  # noqa: N818 # an answer to the home, not a fault here
    """A point is of another home, or does not say of which, or is not line protocol at all."""


def checked(body: bytes, home: str) -> bytes:
    """Return the body with one point a line. Raises NotThisHome, and then nothing of it may be used.

    A line break inside a text field becomes a space: what is forwarded has as many points as lines, and
    each line was seen to begin with this home's tag, whatever a store makes of quotation marks.
    """
    lines = [line for line in _points(body) if line]
    for number, line in enumerate(lines, start=1):
        if not _is_of(line, home.encode()):
            raise NotThisHome(
                f"point {number}: every point needs the tag home={home}, once, and no other home"
            )
    return b"\n".join(lines)


def _points(body: bytes) -> Iterator[bytes]:
    """Split into points; a line break between quotation marks in the fields belongs to a text."""
    open_text = b""
    for line in body.split(b"\n"):
        whole = open_text + b" " + line if open_text else line.strip()
        if whole.startswith(b"#"):
            continue
        if len(whole) > _MOST_LINE_BYTES:
            raise NotThisHome("a point is longer than any home sends")
        if _is_open(whole):
            open_text = whole
        else:
            open_text = b""
            yield whole.replace(b"\r", b" ")
    if open_text:
        raise NotThisHome("a text field has no end")


def _is_open(line: bytes) -> bool:
    key = _KEY.match(line)
    if key is None:
        return False
    return len(re.findall(rb'(?:[^"\\]|\\.)*?"', line[key.end() :], re.DOTALL)) % 2 == 1


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
