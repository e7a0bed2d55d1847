"""Fleets that hypothesis draws, and larger ones by a seed."""

import numpy as np
from community_hub.flexibility.offers import NO_BUDGET_WH, Need, Offers, by_feeder
from hypothesis import strategies as st


def drawn_fleet(
    seed: int, *, homes: int, intervals: int = 4, points: int = 3, feeders: int = 3, budgets: bool = False
) -> tuple[Offers, Need]:
    """Return homes on feeders that may give 40 % of what is offered, and a need of 25 % of it all."""
    random = np.random.default_rng(seed)
    shape = (homes, intervals, points)
    step_w = random.integers(0, 1500, shape)
    prices = random.integers(20_000, 600_000, (homes, 1, points)) + random.integers(0, 100_000, shape)
    feeder = random.integers(0, feeders, homes)
    energy_wh = step_w.sum(axis=(1, 2)) // 4
    offers = Offers(
        feeder=feeder,
        step_w=step_w,
        step_micro=np.sort(prices, axis=2),
        interval_s=900,
        takes_whole=np.zeros(homes, dtype=np.bool_),
        budget_wh=(energy_wh * random.uniform(0.2, 0.8, homes)).astype(np.int64)
        if budgets
        else np.full(homes, NO_BUDGET_WH),
    )
    cap_w = by_feeder(step_w.sum(axis=2), feeder, feeders) * 2 // 5
    return offers, Need(power_w=step_w.sum(axis=(0, 2)) // 4, feeder_cap_w=cap_w)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Offers, Need]:
    """Return up to six homes of any kind, and a need that they may not meet."""
    homes, intervals, points, feeders = (draw(st.integers(1, most)) for most in (6, 3, 3, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = (homes, intervals, points)
    most_w, most_micro = draw(st.sampled_from([3, 4000])), draw(st.sampled_from([2, 400_000]))
    offers = Offers(
        feeder=random.integers(0, feeders, homes),
        step_w=random.integers(0, most_w, shape),
        step_micro=np.sort(random.integers(0, most_micro, shape), axis=2),
        interval_s=draw(st.sampled_from([900, 1800])),
        takes_whole=random.integers(0, 2, homes).astype(np.bool_) & draw(st.booleans()),
        budget_wh=random.integers(0, 3000, homes) if draw(st.booleans()) else np.full(homes, NO_BUDGET_WH),
    )
    need = Need(
        power_w=random.integers(0, 2 * most_w, intervals),
        feeder_cap_w=random.integers(0, 3 * most_w, (feeders, intervals)),
    )
    return offers, need
