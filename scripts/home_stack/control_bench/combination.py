"""One combination of house, latency and fault, by name, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .exchange import Asked
from .house import HouseSpec
from .knowing import Taken
from .run import MakesController, Record, Watcher, run

# What is asked comes into force when the house has been seen for a while.
ASKED_FROM_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """The figures of one combination, and which of its targets it misses, in words.

    ``knowing``: what is taken there by who knows the odds, at each price; empty where nobody is compared.
    """

    name: str
    figures: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()
    knowing: tuple[Taken, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Combination:
    """A house in which ``asked`` holds; ``settle_s`` after each load step it is to be at rest.

    ``name`` is family/latency/fault. ``bounds`` holds what this combination alone is judged by.
    """

    name: str
    judge: Judge
    house: HouseSpec
    asked: Asked = field(default_factory=Asked)
    length_s: float = 600.0
    settle_s: float = 60.0
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """The part of its name before the first slash."""
        return self.name.partition("/")[0]

    @property
    def windows_s(self) -> tuple[tuple[float, float], ...]:
        """When nothing in the house has moved for ``settle_s``."""
        marks_s = (*self.house.load.marks_s, self.length_s)
        starts_s = [max(mark_s, ASKED_FROM_S) + self.settle_s for mark_s in marks_s]
        return tuple(
            (start_s, end_s)
            for start_s, end_s in zip(starts_s, marks_s[1:], strict=False)
            if start_s < end_s <= self.length_s
        )

    def asked_at(self, now_s: float) -> Asked:
        """Return what is in force at ``now_s``."""
        return self.asked if now_s >= ASKED_FROM_S else Asked()

    def run(self, makes: MakesController, watch: Watcher | None = None) -> Record:
        """Run it."""
        return run(self.house, makes, self.asked_at, self.length_s, watch=watch)


type Judge = Callable[[Combination, MakesController], Outcome]
