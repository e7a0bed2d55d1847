"""The fleet of the bench is a fair one: nothing is lost in it, and holding homes off moves their energy."""

import numpy as np
import pytest

from scripts.home_stack.rebound_bench.fleet import EVENT_END, EVENT_START, Fleet, drawn, lived

HOMES = 60


def _fleet() -> Fleet:
    return drawn(np.random.default_rng(1), HOMES, 0.5, 2)


def test_a_car_that_is_held_off_gets_later_what_it_needs() -> None:
    fleet = _fleet()
    at_end = np.full(HOMES, EVENT_END)
    freely, held = (lived(fleet, np.full(HOMES, each), at_end) for each in (False, True))
    for run in (freely, held):
        got_wh = run.device_w.sum(axis=1) / 60 + run.lacking_wh
        assert got_wh[fleet.is_car] == pytest.approx(fleet.needs_wh[fleet.is_car])
    assert not held.device_w[:, EVENT_START:EVENT_END].any()
    assert (
        held.device_w[:, EVENT_END : EVENT_END + 5].sum()
        > freely.device_w[:, EVENT_END : EVENT_END + 5].sum()
    )


def test_a_heat_pump_keeps_its_house_and_takes_back_what_it_was_kept_from() -> None:
    fleet = _fleet()
    pumps = ~fleet.is_car
    at_end = np.full(HOMES, EVENT_END)
    freely, held = (lived(fleet, np.full(HOMES, each), at_end) for each in (False, True))
    assert np.all(np.abs(freely.celsius - fleet.wanted_c)[pumps] < 0.5)
    assert freely.device_w[pumps].mean() == pytest.approx(fleet.usual_w[pumps].mean(), rel=0.05)
    assert held.device_w[pumps].sum() == pytest.approx(freely.device_w[pumps].sum(), rel=0.05)


def test_who_is_never_let_go_is_lacking() -> None:
    fleet = _fleet()
    run = lived(fleet, np.full(HOMES, True), np.full(HOMES, 10_000))
    assert np.all(run.lacking_wh[~fleet.is_car] > 0)
