"""A search in the bounds of a loaded model: what may be on when, tried by solving again from where it stands.

That a device takes nothing or at least its minimum, and that a programme starts once, is never in the matrix.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .context import Context
from .model import Model
from .numbers import Numbers
from .outcome import LinearSolver, Outcome
from .problem import Consumer
from .sketch import FloatArray, IndexArray, Key

type OnSet = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Move:
    """New bounds for some columns, and the on-sets of consumers that they stand for."""

    columns: IndexArray
    lower: FloatArray
    upper: FloatArray
    on: dict[str, OnSet] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True, eq=False)
class Search:
    """Where the search stands: bounds, who is on when, and what that costs.

    ``clock`` tells monotonic seconds; after ``until_s`` nothing more is tried. ``found`` is the solution as
    it stands, where it is known.
    """

    solver: LinearSolver
    model: Model
    numbers: Numbers
    context: Context
    clock: Callable[[], float]
    until_s: float
    on: dict[str, OnSet] = field(default_factory=dict)
    found: Outcome | None = None

    @property
    def left_s(self) -> float:
        """Return for how long there may still be solved."""
        return max(self.until_s - self.clock(), 0.0)

    def columns(self, key: Key) -> IndexArray:
        """Return the indices of columns."""
        found = self.numbers.matrix.columns[key]
        return np.arange(found.start, found.stop, dtype=np.int32)

    def outcome(self) -> Outcome | None:
        """Solve as it stands, with values and duals."""
        if self.found is None:
            self.found = self.solver.outcome(self.left_s)
        return self.found

    def value(self, below: float = math.inf) -> float:
        """Solve as it stands; return the cost with that of sessions, infinite unless one below was found."""
        starts = self.session_cost()
        found = self.solver.run(self.left_s, below - starts) if self.left_s > 0 else None
        return math.inf if found is None else found + starts

    def price(self, columns: IndexArray, cost: FloatArray) -> None:
        """Change the costs of some columns."""
        self.solver.price(columns, cost)
        self.found = None

    def session_cost(self, others: Mapping[str, OnSet] | None = None) -> float:
        """Return what the sessions of all consumers cost that are settled; ``others``: on-sets instead."""
        on = self.on if others is None else {**self.on, **others}
        return sum(
            one.start_price * sessions(on[one.device_id], one)
            for one in self.context.problem.consumers
            if one.device_id in on
        )

    def make(self, move: Move) -> Move:
        """Change the bounds; return the move back."""
        columns, before = move.columns, {name: self.on.get(name) for name in move.on}
        lower, upper = self.numbers.lower, self.numbers.upper
        back = Move(
            columns=columns,
            lower=lower[columns],
            upper=upper[columns],
            on={name: on for name, on in before.items() if on is not None},
        )
        lower[columns], upper[columns] = move.lower, move.upper
        for name in before:
            self.on.pop(name, None)
        self.on.update(move.on)
        self.solver.bound(columns, move.lower, move.upper)
        self.found = None
        return back

    def best(self, moves: Sequence[Move], relaxed: Outcome) -> float:
        """Make the cheapest of some moves that replace each other; return what it then costs.

        ``relaxed``: a solution before they are made. The most promising is tried first; one that by the duals
        of those before cannot be cheaper is not tried.
        """
        if not moves:
            return math.inf
        starts = np.array([self.session_cost(move.on) for move in moves])
        bounds = starts + [least_cost(move, relaxed) for move in moves]
        least, best, found = math.inf, moves[int(bounds.argmin())], None
        while bounds.min() < least and (found is None or self.left_s > 0):
            at = int(bounds.argmin())
            self.make(moves[at])
            value, bounds[at] = self.value(least), math.inf
            if value < least:
                least, best, found = value, moves[at], self.solver.found()
                bounds = np.maximum(bounds, starts + [least_cost(move, found) for move in moves])
        self.make(best)
        self.found = found
        return least

    def gains_at_most(self, move: Move, found: Outcome, value: float) -> float:
        """Return by how much less than ``value`` a move may cost at most, by the duals of where it stands."""
        return value - least_cost(move, found) - self.session_cost(move.on)

    def improves(self, move: Move, than: float) -> float | None:
        """Make a move if it costs less than ``than``; return what it costs, None if it was taken back."""
        stood, back = self.found, self.make(move)
        for name in move.on:
            if name not in back.on:
                raise ValueError(f"{name} is not settled yet")
        value = self.value(than - 1e-6)
        if value < math.inf:
            self.found = self.solver.found()
            return value
        self.make(back)
        self.found = stood
        return None


def least_cost(move: Move, found: Outcome) -> float:
    """Return what a move from a solution costs at least, without sessions.

    Whatever the bounds are, the duals are feasible: the reduced costs bound the cost from below.
    """
    if not found.is_optimal:
        return -math.inf
    reduced = found.reduced[move.columns]
    nearest = np.where(reduced > 0, move.lower, move.upper)
    return found.objective + float(reduced @ (nearest - found.values[move.columns]))


def sessions(on: OnSet, consumer: Consumer) -> int:
    """Return how many sessions begin in an on-set; one that runs now and goes on does not begin."""
    begins = int(on[0]) + int(np.count_nonzero(on[1:] & ~on[:-1]))
    return begins - int(bool(on[0]) and consumer.power_w > 0)


def on_move(search: Search, consumer: Consumer, on: OnSet) -> Move:
    """Return the move that lets a consumer run in the steps of an on-set, and in no other.

    In its last step it may end early: there its mean power may be below its minimum.
    """
    lower = np.where(on, consumer.min_w / 1000, 0.0)
    if on.any():
        lower[np.flatnonzero(on)[-1]] = 0.0
    return Move(
        columns=search.columns((consumer.device_id, "taken")),
        lower=lower,
        upper=np.where(on, consumer.max_w / 1000, 0.0),
        on={consumer.device_id: on},
    )
