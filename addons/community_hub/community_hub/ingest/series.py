"""How many series a home may have at the centre: each one stays in the store's index, for all homes together.

A series is measurement, tags and the name of one field, as the store counts them. Honest homes have some
hundreds (docs/telemetry.md); one that puts a number into a tag has as many as points.
"""

import re
from collections.abc import Iterator
from typing import Final

from .line_protocol import Points

MOST_SERIES: Final = 5_000
# A home that has replaced all its devices begins anew; one that means harm gets no further in a year than a
# store bears.
FORGOTTEN_AFTER_S: Final = 7 * 86_400.0
_MOST_NAME_BYTES: Final = 1024
_KEY: Final = re.compile(rb"(?:[^\\ ]++|\\.)++ ")
_FIELD: Final = re.compile(rb'((?:[^\\=,]++|\\.)++)=(?:"(?:[^"\\]++|\\.)*+"|(?:[^\\,"]++|\\.)*+)', re.DOTALL)


class SeriesBudget:
    """Counts the series of each home since a while; holds at most MOST_SERIES numbers a home."""

    def __init__(self, *, most: int = MOST_SERIES) -> None:
        """Nobody has written yet."""
        self._most = most
        self._homes: dict[str, tuple[float, set[int]]] = {}

    def within(self, home: str, lines: bytes, *, now_s: float) -> Points:
        """Return the points whose series there is room for; of a point that has too many, nothing is counted.

        ``lines`` has one point a line, each looked at once; ``now_s`` are monotonic seconds. Only one call
        for a home may run at a time.
        """
        since_s, known = self._homes.get(home, (now_s, set()))
        if now_s - since_s > FORGOTTEN_AFTER_S:
            since_s, known = now_s, set()
        self._homes[home] = (since_s, known)
        all_of_them = lines.split(b"\n") if lines else []
        kept = [line for line in all_of_them if self._has_room(known, line)]
        return Points(lines=b"\n".join(kept), left_out=len(all_of_them) - len(kept))

    def _has_room(self, known: set[int], line: bytes) -> bool:
        key = _KEY.match(line)
        if key is None or len(key[0]) > _MOST_NAME_BYTES:
            return False
        new: set[int] = set()
        for name in _names(line[key.end() :]):
            # Python's hash of bytes has a secret of this process: nobody can make two names meet.
            series = hash((key[0], name))
            if series in known:
                continue
            new.add(series)
            if len(known) + len(new) > self._most or len(name) > _MOST_NAME_BYTES:
                return False
        known |= new
        return True


def _names(fields: bytes) -> Iterator[bytes]:
    """Return the fields' names; what cannot be read is one, so that nothing hides behind it."""
    at = 0
    while field := _FIELD.match(fields, at):
        yield field[1]
        at = field.end()
        if fields[at : at + 1] != b",":
            break
        at += 1
    if rest := fields[at:].strip(b" \t\r\0-0123456789"):
        yield rest
