"""The envelope: what the home can offer beside its plan, point by point, each with the plan that proves it.

In each window the net power is held below the plan (up) or above it (down), first as far as it goes, then by
parts of that; everything else is free to move before and after, but no wish is bent further than in the plan.
What can only be on or off stays as the plan has it, or is rearranged for the window: what only a relaxed
model could do is not offered. How far it goes is tried in the past error paths as well.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .futures import Futures
from .offer import Asked, Direction, Envelope, Offer
from .plan import Plan
from .planner import Planner, Solved
from .powers import Powers
from .problem import ErrorPath, Problem
from .proof import Proofs
from .rearranged import rearranged
from .shifting import Shifting
from .sketch import FloatArray
from .ways import Place, Point, points_on, reaches
from .windows import Window, windows


class Envelopes:
    """Reckons envelopes; the model is kept alive as in a ``Planner``. It is used by one thread at a time.

    ``clock`` tells monotonic seconds. What is not reckoned within ``limit_s`` is not offered.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, limit_s: float = 10.0) -> None:
        """Start without a model."""
        self._planner = Planner(clock=clock, limit_s=limit_s, offers=True)

    def envelope(self, problem: Problem, plan: Plan | None = None, asked: Asked | None = None) -> Envelope:
        """Return what may be offered beside the plan of a problem; ``plan``: the one that is carried out.

        Without a solver, and where nothing could be solved, nothing is offered.
        """
        solved = self._planner.solve(problem, plan)
        if isinstance(solved, Plan):
            return Envelope(grid=solved.grid, baseline_w=solved.net_w, offers=())
        offers = tuple(_Reckoning(solved, asked or Asked()).offers())
        return Envelope(grid=solved.plan.grid, baseline_w=solved.plan.net_w, offers=offers)


class _Reckoning:
    """All ways to shift one plan, tried in each past error path and then priced by the forecast."""

    def __init__(self, solved: Solved, asked: Asked) -> None:
        self._asked = asked
        self._search = solved.search
        self._futures = Futures(solved.search)
        self._base = solved.dived.outcome
        self._proofs = Proofs(Powers(self._search.numbers, self._search.context, self._base.values))
        marginal = np.array(solved.plan.marginal_per_kwh)
        # One direction after the other: the next window is then not far from the one before.
        self._places = [
            self._place(window, direction, marginal)
            for direction in Direction
            for window in windows(solved.problem.grid, asked)
        ]

    def _place(self, window: Window, direction: Direction, marginal: FloatArray) -> Place:
        other = rearranged(self._search, self._base.values, marginal, window, direction)
        return Place(window=window, direction=direction, ways=((), other) if other else ((),))

    def offers(self) -> Iterator[Offer]:
        """Yield an offer for each direction and window."""
        paths = self._search.context.problem.error_paths
        reached = [self._reached(path) for path in paths]
        if paths:
            self._search.solver.renew(self._search.numbers)
        shifting = Shifting(search=self._search, base=self._base)
        for index, place in enumerate(self._places):
            points = points_on(shifting, place, [path[index] for path in reached], self._asked)
            yield self._offer(place, points)

    def _reached(self, path: ErrorPath) -> list[tuple[float, ...]]:
        """Return how far each way of each place goes where forecasts miss as they once did."""
        search = self._futures.in_path(path)
        base = search.outcome()
        if base is None:
            return [(0.0,) * len(place.ways) for place in self._places]
        shifting = Shifting(search=search, base=base)
        return [reaches(shifting, place) for place in self._places]

    def _offer(self, place: Place, points: Sequence[Point]) -> Offer:
        return Offer(
            direction=place.direction,
            start=place.window.starts,
            end=place.window.ends,
            first_step=place.window.first,
            end_step=place.window.end,
            points=self._proofs.proven(points, place),
        )
