"""Up to where the hub has a home's reports, by their numbers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

# What is further ahead is kept like any report, and its number forgotten: the home sends it again.
MOST_BEYOND: Final = 500
# So many are asked for at once.
MOST_MISSING: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """All reports of a stream up to ``up_to`` are there, and of those after it the ones ``beyond``."""

    stream: str
    up_to: int = 0
    beyond: tuple[int, ...] = ()

    @property
    def missing(self) -> list[int]:
        """The first numbers that are not there although later ones are."""
        if not self.beyond:
            return []
        there = frozenset(self.beyond)
        absent = (number for number in range(self.up_to + 1, self.beyond[-1]) if number not in there)
        return list(islice(absent, MOST_MISSING))

    def with_more(self, numbers: Iterable[int], oldest: int = 1) -> Progress:
        """Return what it is with these, in whatever order they came and however often.

        What is before ``oldest`` the home does not keep any more, and is not waited for.
        """
        up_to = max(self.up_to, oldest - 1)
        there = {number for number in (*self.beyond, *numbers) if number > up_to}
        while up_to + 1 in there:
            up_to += 1
        beyond = sorted(number for number in there if number > up_to)[:MOST_BEYOND]
        return Progress(stream=self.stream, up_to=up_to, beyond=tuple(beyond))
