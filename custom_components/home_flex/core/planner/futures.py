"""Other futures of a solved plan: forecasts that miss as they once did, with what is on or off as planned."""

from dataclasses import replace

import numpy as np

from .context import Context, kilo
from .model import expecting
from .problem import ErrorPath
from .search import Search


class Futures:
    """The futures of one search; all of them leave it as it is, but for what the solver has."""

    def __init__(self, search: Search) -> None:
        """Take what is settled, and what follows from forecasts in it."""
        self._search = search
        self._expecting = expecting(search.model, search.context.problem)

    def in_path(self, path: ErrorPath) -> Search:
        """Return a search in which the forecasts miss by an error path; the solver has its numbers.

        What was settled stays settled, in bounds of its own.
        """
        search = self._search
        context, numbers = missed(search.context, path), search.numbers.copied()
        for part in self._expecting:
            part.expect(numbers, context)
        search.solver.renew(numbers)
        return replace(search, numbers=numbers, context=context, on=dict(search.on), found=None)


def missed(context: Context, path: ErrorPath) -> Context:
    """Return what is expected if forecasts miss by a path; each plant has its part of the sun's error."""
    share = 1.0 + kilo(path.available_w) / np.maximum(context.sun_kw, 1e-3)
    return replace(
        context,
        load_kw=np.maximum(context.load_kw + kilo(path.load_w), 0.0),
        available_kw={
            pv.device_id: np.clip(context.available_kw[pv.device_id] * share, 0.0, pv.most_w / 1000)
            for pv in context.problem.pv
        },
    )
