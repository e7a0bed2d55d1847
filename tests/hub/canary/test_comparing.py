"""The rules: what is no worse, and what blocks a release."""

from dataclasses import replace

import pytest
from community_hub.canary.comparing import Outcome, compared
from community_hub.canary.judging import Figures
from community_hub.canary.rules import LEAST_COMPARED

GOOD = Figures(cost=20.0, violations_wh=0.0, missed_wh=100.0, undelivered_wh=0.0, unsolved=0.0, cpu_s=0.02)
HOMES = [f"home {number}" for number in range(LEAST_COMPARED)]
OLD = dict.fromkeys(HOMES, GOOD)

# What one home of ten comes to with the new version, and whether that is tolerated.
ONE_HOME: dict[str, tuple[dict[str, float], bool]] = {
    "the same": ({}, True),
    "cheaper": ({"cost": 5.0}, True),
    "a few Wh over a fuse": ({"violations_wh": 5.0}, True),
    "over a fuse": ({"violations_wh": 50.0}, False),
    "a car left short": ({"missed_wh": 200.0}, False),
    "an accepted event not kept": ({"undelivered_wh": 50.0}, False),
    "dearer by a hundredth": ({"cost": 20.2}, True),
    "dearer by a tenth": ({"cost": 22.0}, False),
    "no plan": ({"unsolved": 1.0}, False),
    "slower by a tenth": ({"cpu_s": 0.022}, True),
    "five times as slow": ({"cpu_s": 0.1}, False),
    "a figure that is none": ({"cost": float("nan")}, False),
}


@pytest.mark.parametrize(("other", "passes"), ONE_HOME.values(), ids=ONE_HOME)
def test_one_home_of_ten(other: dict[str, float], passes: bool) -> None:
    new = {**OLD, HOMES[0]: replace(GOOD, **other)}

    assert compared(OLD, new).is_passed is passes


@pytest.mark.parametrize(("figure", "each"), [("cost", 20.3), ("cpu_s", 0.03)])
def test_what_is_tolerated_of_each_home_is_not_of_all_together(figure: str, each: float) -> None:
    new = dict.fromkeys(HOMES, replace(GOOD, **{figure: each}))

    worse = compared(OLD, new).worse

    assert {(row.scenario, row.figure) for row in worse} == {("all", figure)}


def test_a_home_that_only_the_new_version_cannot_plan_blocks_it() -> None:
    comparison = compared(OLD, {**OLD, HOMES[0]: "ValueError: a car"})

    assert dict(comparison.lost) == {HOMES[0]: "ValueError: a car"}
    assert not comparison.is_passed


def test_a_home_that_the_old_version_could_not_plan_is_left_out() -> None:
    old: dict[str, Outcome] = {**OLD, "new kind": "KeyError: 'boiler'"}

    comparison = compared(old, {**OLD, "new kind": GOOD})

    assert comparison.is_passed
    assert dict(comparison.left_out) == {"new kind": "KeyError: 'boiler'"}


def test_too_few_homes_say_nothing() -> None:
    few = dict.fromkeys(HOMES[1:], GOOD)

    assert not compared(few, few).is_passed
