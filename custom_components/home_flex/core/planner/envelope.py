"""The envelope: what the home can offer beside its plan, point by point, each with the plan that proves it.

In each window the net power is held below the plan (up) or above it (down), first as far as it goes, then by
parts of that; everything else is free to move before and after, but no wish is bent further than in the plan.
What can only be on or off stays as the plan has it, or is rearranged for the window: what only a relaxed
model could do is not offered. How far it goes is tried in the past error paths as well.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from .futures import Settled, in_path, settled
from .offer import Asked, Direction, Envelope, Offer
from .plan import Plan
from .planner import Planner, Solved
from .powers import Powers
from .problem import ErrorPath, Problem
from .proof import proven
from .rearranged import rearranged
from .shifting import Shifted, Shifting
from .ways import LEAST_KW, Place, Way, furthest, points_on
from .windows import windows


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
    """All ways to shift one plan, tried by the forecast and then in each past error path."""

    def __init__(self, solved: Solved, asked: Asked) -> None:
        self._asked = asked
        self._search = solved.search
        self._base = solved.dived.outcome
        self._marginal = np.array(solved.plan.marginal_per_kwh)
        self._places = [
            Place(window=window, direction=direction)
            for window in windows(solved.problem.grid, asked)
            for direction in Direction
        ]

    def offers(self) -> Iterator[Offer]:
        """Yield an offer for each window and direction."""
        search, bounds = self._search, settled(self._search)
        shifting = Shifting(search=search, base=self._base)
        ways = [self._ways(shifting, place) for place in self._places]
        reached = [self._reached(path, ways, bounds) for path in search.context.problem.error_paths]
        if reached:
            search.solver.renew(search.numbers)
        for index, (place, each) in enumerate(zip(self._places, ways, strict=True)):
            futures = [path[index] for path in reached]
            tried = [
                replace(way, reached_kw=np.array([way.furthest.kw, *(future[at] for future in futures)]))
                for at, way in enumerate(each)
            ]
            yield self._offer(shifting, place, tried)

    def _ways(self, shifting: Shifting, place: Place) -> tuple[Way, ...]:
        other = rearranged(self._search, self._base.values, self._marginal, place.window, place.direction)
        found = [(moves, furthest(shifting, place, moves)) for moves in (((), other) if other else ((),))]
        return tuple(
            Way(moves=moves, furthest=shifted, reached_kw=np.array([shifted.kw]))
            for moves, shifted in found
            if shifted is not None and shifted.kw >= LEAST_KW
        )

    def _reached(
        self, path: ErrorPath, ways: Sequence[tuple[Way, ...]], bounds: Settled
    ) -> list[tuple[float, ...]]:
        """Return how far each way goes where forecasts miss as they once did; 0 where nothing is found."""
        search = in_path(self._search, path, bounds)
        base = search.outcome()
        if base is None:
            return [(0.0,) * len(each) for each in ways]
        shifting, found = Shifting(search=search, base=base), []
        for place, each in zip(self._places, ways, strict=True):
            shifted = [furthest(shifting, place, way.moves) for way in each]
            found.append(tuple(0.0 if one is None else one.kw for one in shifted))
        return found

    def _offer(self, shifting: Shifting, place: Place, ways: Sequence[Way]) -> Offer:
        base = Powers(self._search.numbers, self._search.context, self._base.values)
        before = Shifted(kw=0.0, price=0.0, values=self._base.values)
        proofs = []
        for point in points_on(shifting, place, ways, self._asked):
            confidence = point.way.confidence(point.kw)
            proofs.append(
                proven(
                    base, point.shifted, place.window, place.direction, before=before, confidence=confidence
                )
            )
            before = point.shifted
        return Offer(
            direction=place.direction,
            start=place.window.starts,
            end=place.window.ends,
            first_step=place.window.first,
            end_step=place.window.end,
            points=tuple(proofs),
        )
