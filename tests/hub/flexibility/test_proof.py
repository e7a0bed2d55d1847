"""What homes have proven, and the reserve that makes a need sure."""

from dataclasses import replace

import numpy as np
import pytest
from community_hub.flexibility.dispatch import dispatch
from community_hub.flexibility.proof import called_w, dispatch_surely, proven

from .fleets import drawn_fleet


def test_a_home_of_few_events_is_near_the_fleet() -> None:
    called = np.array([[1000] * 20, [1000] + [0] * 19])
    delivered = np.array([[500] * 20, [0] * 20])
    known = proven(delivered, called)
    mean = 10 / 21
    assert known.share[0] == pytest.approx((10 + 5 * mean) / 25)
    assert known.share[1] == pytest.approx(5 * mean / 6)


def test_bringing_more_than_was_called_for_makes_up_for_nothing() -> None:
    assert proven(np.array([[2000, 0]]), np.array([[1000, 1000]])).share.tolist() == [0.5]


def test_a_fleet_without_any_event_is_believed() -> None:
    known = proven(np.zeros((2, 0), dtype=np.int64), np.zeros((2, 0), dtype=np.int64))
    assert known.share.tolist() == [1.0, 1.0]
    assert known.variance.tolist() == [0.0, 0.0]


def test_a_home_that_proved_less_stands_behind_an_equal_one() -> None:
    offers, _ = drawn_fleet(1, homes=2, intervals=1, points=1, feeders=1)
    same = replace(offers, step_w=np.full((2, 1, 1), 1000), step_micro=np.full((2, 1, 1), 100_000))
    expected = same.expected(np.array([0.5, 0.9]))
    assert expected.step_w[:, 0, 0].tolist() == [500, 900]
    assert expected.step_micro[:, 0, 0].tolist() == [200_000, 111_111]


def test_nine_in_ten_needs_are_met_by_homes_that_answer_by_chance() -> None:
    random = np.random.default_rng(7)
    offers, need = drawn_fleet(7, homes=200, feeders=4)
    often = random.uniform(0.5, 0.95, 200)
    history = (random.random((200, 30)) < often[:, None]) * 1000
    known = proven(history, np.full((200, 30), 1000))
    found = dispatch_surely(offers, need, known)
    calls = called_w(offers, found, known)
    assert not found.short_w.any()
    assert np.all(calls <= offers.step_w.sum(axis=2))
    came = [((random.random(200) < often)[:, None] * calls).sum(axis=0) >= need.power_w for _ in range(300)]
    assert np.mean(came) >= 0.88
    # Without the reserve it is a coin's throw.
    plain = called_w(offers, dispatch(offers.expected(known.share), need), known)
    bare = [((random.random(200) < often)[:, None] * plain).sum(axis=0) >= need.power_w for _ in range(300)]
    assert np.mean(bare) < 0.7


def test_a_share_that_is_none_is_refused() -> None:
    offers, _ = drawn_fleet(1, homes=2)
    with pytest.raises(ValueError, match="proven share"):
        offers.expected(np.array([0.0, 1.0]))
