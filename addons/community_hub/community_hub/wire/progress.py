"""Up to where the hub has a home's reports, by their numbers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# What is further ahead is kept like any report, and its number forgotten: the home sends it again.
MOST_BEYOND: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """All reports of a stream up to ``up_to`` are there, and of those after it the ones ``beyond``."""

    stream: str
    up_to: int = 0
    beyond: tuple[int, ...] = ()

    def with_more(self, numbers: Iterable[int]) -> Progress:
        """Return what it is with these, in whatever order they came and however often."""
        there = {number for number in (*self.beyond, *numbers) if number > self.up_to}
        up_to = self.up_to
        while up_to + 1 in there:
            up_to += 1
        beyond = sorted(number for number in there if number > up_to)[:MOST_BEYOND]
        return Progress(stream=self.stream, up_to=up_to, beyond=tuple(beyond))
