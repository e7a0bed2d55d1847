"""The fleets of the baseline bench: their truth is one, and a rule that is off is found off."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scripts.home_stack.baseline_bench.fleet import Fleet, fleet

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def some_homes() -> Fleet:
    return fleet(1, 12)


def test_without_an_event_both_twins_do_the_same(some_homes: Fleet) -> None:
    first = min(event.day for event in some_homes.events)
    before = some_homes.happened.net_w[:, :first], some_homes.twin.net_w[:, :first]
    assert np.array_equal(*before)


def test_an_event_takes_something_from_the_import(some_homes: Fleet) -> None:
    event = some_homes.events[0]
    window = np.s_[event.joined, event.day, event.first : event.last]
    happened_w, twin_w = some_homes.happened.net_w[window], some_homes.twin.net_w[window]
    assert np.maximum(happened_w, 0).sum() < np.maximum(twin_w, 0).sum()


def test_who_has_nothing_to_steer_joins_no_event(some_homes: Fleet) -> None:
    homes = some_homes.homes
    has_nothing = (homes.battery_wh == 0) & (homes.car_w == 0) & (homes.heat_w_per_k == 0)
    assert has_nothing.any()
    assert not any(event.joined[has_nothing].any() for event in some_homes.events)


def test_power_is_kept(some_homes: Fleet) -> None:
    run = some_homes.happened
    parts_w = some_homes.homes.load_w + run.sun_w + run.battery_w + run.car_w + run.heat_w
    assert np.allclose(run.net_w, parts_w)


def test_the_bench_ends_with_one_line() -> None:
    done = subprocess.run(  # our own interpreter and module
        [sys.executable, "-m", "scripts.home_stack.baseline_bench", "--homes", "4", "--seeds", "1"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    line = json.loads(done.stdout.splitlines()[-1])
    assert line["recommended"] == "as_dispatched"
    assert set(line) >= {"bias_share", "bias_share_worst_fleet", "rmse_w", "coverage_of_90"}
