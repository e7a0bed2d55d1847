"""A home that reports much and delivers nothing is found by its meter; an honest one is left in peace."""

import numpy as np
import pytest
from community_hub.settlement.honesty import FEWEST_EVENTS, Judgement, judged

EVENTS, HALF_WIDTH_WH = 20, 1500


def _judged(
    reported_wh: float, delivered_wh: float, *, homes: int = 1000, events: int = EVENTS
) -> np.ndarray:
    """Return judgements of homes whose baselines err by chance, nine in ten within the half width."""
    random = np.random.default_rng(5)
    noise = random.normal(0, HALF_WIDTH_WH / 1.645, (1000, events))
    return judged(
        np.full((1000, events), reported_wh).astype(np.int64),
        np.round(delivered_wh + noise).astype(np.int64),
        np.full((1000, events), HALF_WIDTH_WH),
        np.ones((1000, events), dtype=np.bool_),
    )


def test_who_reports_much_and_delivers_nothing_is_found() -> None:
    found = _judged(2000, 0)
    assert (found == Judgement.CONTRADICTED).mean() > 0.95
    assert (found >= Judgement.DOUBTFUL).all()


def test_hardly_an_honest_home_is_accused() -> None:
    assert (_judged(2000, 2000) == Judgement.CONTRADICTED).sum() == 0
    # Nor one that delivers a little less than half of it.
    assert (_judged(2000, 900) == Judgement.CONTRADICTED).mean() < 0.02


def test_who_reports_less_than_came_is_borne_out() -> None:
    assert (_judged(500, 3000) == Judgement.BORNE_OUT).all()


def test_of_few_events_nothing_is_known() -> None:
    assert (_judged(2000, 0, events=FEWEST_EVENTS - 1) == Judgement.UNKNOWN).all()


def test_what_the_meter_does_not_know_accuses_nobody() -> None:
    known = np.zeros((1, EVENTS), dtype=np.bool_)
    nothing = np.zeros((1, EVENTS), dtype=np.int64)
    assert judged(nothing + 9000, nothing, nothing, known).tolist() == [Judgement.UNKNOWN]


def test_an_uncertainty_of_nothing_is_refused() -> None:
    nothing = np.zeros((1, EVENTS), dtype=np.int64)
    with pytest.raises(ValueError, match="uncertainty"):
        judged(nothing, nothing, nothing, np.ones((1, EVENTS), dtype=np.bool_))
