"""Other futures of a solved plan: forecasts that miss as they once did, with what is on or off as planned."""

from dataclasses import replace

import numpy as np

from .context import Context, kilo
from .model import expect
from .problem import ErrorPath
from .search import Search


def in_path(search: Search, path: ErrorPath) -> Search:
    """Return a search in which the forecasts miss by an error path; the solver has its numbers.

    What was settled stays settled, in bounds of its own.
    """
    context, numbers = missed(search.context, path), search.numbers.copied()
    expect(search.model, numbers, context)
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
