"""What comes back after an event makes no new peak."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from community_hub.arrays import Real
from community_hub.flexibility.release import NOT_CALLED, Returns, peak_caps_w, shaped
from hypothesis import given
from hypothesis import strategies as st

SLOTS = 24


@st.composite
def _returns(draw: st.DrawFn) -> tuple[Returns, Real]:
    homes, feeders = draw(st.integers(1, 8)), draw(st.integers(1, 2))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    usual_w = random.integers(0, 800, homes) * draw(st.integers(0, 1))
    power_w = usual_w + random.integers(500, 4000, homes)
    returns = Returns(
        feeder=random.integers(0, feeders, homes),
        power_w=power_w,
        usual_w=usual_w,
        backlog_wh=random.integers(0, 3000, homes),
        latest=random.integers(0, SLOTS, homes),
        anyway_w=random.integers(0, 4000, (homes, SLOTS)),
        slot_s=900,
    )
    return returns, random.uniform(0, 9000, (feeders, SLOTS))


def _bare(returns: Returns, other_w: Real) -> Real:
    load = other_w.copy()
    np.add.at(load, returns.feeder, returns.anyway_w)
    return load


@given(_returns())
def test_the_load_is_what_each_home_draws(of: tuple[Returns, Real]) -> None:
    returns, other_w = of
    release = shaped(returns, other_w, caps_w=None, merit=range(len(returns.feeder)))
    assert release.called.all()
    load = other_w.copy()
    for home, start in enumerate(release.start):
        needed = int(returns.slots_needed(home, np.array([start]))[0])
        load[returns.feeder[home], start : start + needed] += returns.power_w[home]
        load[returns.feeder[home], start + needed :] += returns.usual_w[home]
    assert release.load_w == pytest.approx(load)


@given(_returns())
def test_who_is_called_catches_up_in_time_or_is_named(of: tuple[Returns, Real]) -> None:
    returns, other_w = of
    release = shaped(returns, other_w, caps_w=None, merit=range(len(returns.feeder)))
    for home, start in enumerate(release.start):
        is_in_time = start + returns.slots_needed(home, np.array([start]))[0] <= returns.latest[home] + 1
        assert is_in_time or release.late[home]


@given(_returns())
def test_under_caps_no_feeder_goes_beyond_what_it_carries_without_an_event(of: tuple[Returns, Real]) -> None:
    returns, other_w = of
    without = _bare(returns, other_w)
    caps_w = peak_caps_w(other_w, without)
    release = shaped(returns, other_w, caps_w=caps_w, merit=range(len(returns.feeder)))
    assert not release.late.any()
    if not returns.usual_w.any():
        # What is drawn again after catching up is no part of the cap: here there is none.
        assert np.all(release.load_w <= caps_w[:, None] + 1e-6)


def _cars(count: int, *, latest: int, power_w: int = 4000) -> Returns:
    homes = np.zeros(count, dtype=np.int64)
    return Returns(
        feeder=homes,
        power_w=homes + power_w,
        usual_w=homes,
        backlog_wh=homes + power_w,
        latest=homes + latest,
        anyway_w=np.zeros((count, SLOTS), dtype=np.int64),
        slot_s=3600,
    )


def test_cars_fill_the_valley_of_the_night() -> None:
    evening = np.full((1, SLOTS), 10_000.0)
    evening[0, 4:8] = 1000.0
    release = shaped(_cars(8, latest=12), evening, caps_w=None, merit=range(8))
    assert sorted(release.start.tolist()) == [4, 4, 5, 5, 6, 6, 7, 7]
    assert release.load_w.max() == 10_000


def test_loads_that_cannot_wait_are_called_only_as_far_as_they_fit() -> None:
    level = np.full((1, SLOTS), 2000.0)
    release = shaped(_cars(8, latest=1), level, caps_w=np.array([10_000.0]), merit=[7, 6, 5, 4, 3, 2, 1, 0])
    # Two slots with room for two each: the first four by merit.
    assert np.flatnonzero(release.called).tolist() == [4, 5, 6, 7]
    assert set(release.start[:4].tolist()) == {NOT_CALLED}
    assert release.load_w.max() == 10_000


def test_who_is_held_longer_needs_longer() -> None:
    pump = replace(_cars(1, latest=SLOTS - 1), usual_w=np.array([1000]), power_w=np.array([3000]))
    assert pump.slots_needed(0, np.array([0, 2])).tolist() == [2, 3]


def test_who_cannot_catch_up_in_time_is_let_go_at_once_and_named() -> None:
    release = shaped(_cars(1, latest=-1), np.zeros((1, SLOTS)), caps_w=None, merit=[0])
    assert release.start.tolist() == [0]
    assert release.late.tolist() == [True]


def test_a_cap_is_the_higher_of_the_peak_before_and_the_peak_without_an_event() -> None:
    assert peak_caps_w(np.array([[3.0, 5.0], [1.0, 1.0]]), np.array([[4.0], [2.0]])).tolist() == [5.0, 2.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"usual_w": np.array([4000])},
        {"backlog_wh": np.array([-1])},
        {"anyway_w": np.zeros((2, SLOTS), dtype=np.int64)},
        {"slot_s": 0},
    ],
)
def test_what_cannot_come_back_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"home|homes"):
        replace(_cars(1, latest=1), **wrong)
