"""Which shapes of a limit one charger took and obeyed: it is told in the next one when it did not."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from .shapes import LASTING, Abilities, Shape, Timing, shapes

# So many shapes are tried on a charger that takes each and obeys none.
_MOST_UNFOLLOWED: Final = 12
_KEYS: Final = {False: "without_transaction", True: "in_transaction"}


class Ladder:
    """What was refused, or taken and not followed, is not tried again before the charger starts anew.

    With a transaction and without one are two memories: a charger may take different shapes.
    """

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        """Remember what ``document`` holds of an earlier run; what cannot be read of it is left out."""
        self._taken: dict[bool, Shape] = {}
        self._refused: set[Shape] = set()
        self._unfollowed: set[Shape] = set()
        for in_transaction, key in _KEYS.items():
            try:
                self._taken[in_transaction] = Shape.from_document((document or {})[key])
            except KeyError, TypeError, ValueError:
                continue

    @property
    def is_at_its_end(self) -> bool:
        """Whether so many shapes were not followed that this charger obeys none."""
        return len(self._unfollowed) >= _MOST_UNFOLLOWED

    @property
    def tells_phases(self) -> bool:
        """Whether the number of phases is part of what it takes, as far as that is known."""
        return all(shape.tells_phases for shape in self._taken.values())

    @property
    def lasts(self) -> bool:
        """Whether a shape was taken that the charger does not end by itself."""
        return any(shape.timing in LASTING for shape in self._taken.values())

    def taken(self, *, in_transaction: bool) -> Shape | None:
        """Return the shape that was taken last."""
        return self._taken.get(in_transaction)

    def to_try(self, abilities: Abilities, *, in_transaction: bool) -> list[Shape]:
        """Return the shapes to try, best first: the one that was taken, or the nearest to it.

        When nothing is left all begins anew: a charger that refuses everything, or obeys nothing, is told on.
        """
        possible = shapes(abilities, in_transaction=in_transaction)
        left = [each for each in possible if each not in self._refused | self._unfollowed]
        if self.is_at_its_end or not left:
            left = [each for each in possible if each not in self._refused]
        if not left:
            self._refused.clear()
            left = list(possible)
        taken = self._taken.get(in_transaction)
        if taken is None:
            return left
        # Before a charger told its levels, the one it took is not among what is possible.
        is_good = taken.fits(abilities) and taken not in self._refused | self._unfollowed
        nearest = sorted(left, key=_nearness(taken))
        return [taken, *(each for each in nearest if each != taken)] if is_good else nearest

    def took(self, shape: Shape, *, in_transaction: bool) -> None:
        """Note that a shape was accepted."""
        self._taken[in_transaction] = shape

    def refused(self, shape: Shape) -> None:
        """Note that a shape was refused; by another clock it would be no less."""
        self._refused.add(shape)
        if shape.timing is Timing.ENDING:
            self._refused.add(replace(shape, timing=Timing.ENDING_BY_ITS_CLOCK))

    def step(self, *, in_transaction: bool) -> bool:
        """Note that the shape taken was not followed; whether there is another one to try."""
        taken = self._taken.get(in_transaction)
        if taken is None or self.is_at_its_end:
            return False
        self._unfollowed.add(taken)
        return not self.is_at_its_end

    def boot(self) -> None:
        """Forget what failed: the charger started anew. What it took last still goes first."""
        self._refused.clear()
        self._unfollowed.clear()

    def document(self) -> dict[str, Any]:
        """Return what is worth keeping over a restart."""
        return {_KEYS[in_transaction]: asdict(shape) for in_transaction, shape in self._taken.items()}


def _nearness(taken: Shape) -> Any:
    """Rank shapes by how little they differ: when it begins and ends is what is most often not obeyed."""
    timings = tuple(Timing)

    def rank(shape: Shape) -> tuple[int, int]:
        return _differences(taken, shape), timings.index(shape.timing)

    return rank


def _differences(one: Shape, other: Shape) -> int:
    """Count in what two shapes differ, but for their timing."""
    names: Iterable[str] = ("purpose", "unit", "level", "whole_charger", "tells_phases")
    return sum(getattr(one, name) is not getattr(other, name) for name in names)
