"""Stories of homes: each file holds what a plan is made from, and what must be true of the plan.

A diagnostics download holds the same under ``scenario``; with a ``story`` and what is ``expected`` it is one.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from custom_components.home_flex.core.planner import Peak, Plan, Problem
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.scenario import problem_document, problem_from

from ..core.planner.homes import battery, home, homes

STORIES = sorted((Path(__file__).parent / "stories").glob("*.json"))
_SLACK_WH = 25.0
_SLACK_W = 5.0


def stored_by(plan: Plan, problem: Problem, device_id: str, step: int) -> float:
    lengths_h = problem.grid.lengths_h
    powers = plan.devices[device_id].power_w
    return sum(power * hours for power, hours in zip(powers[:step], lengths_h[:step], strict=True))


def starts(plan: Plan, device_id: str) -> int:
    on = [power > _SLACK_W for power in plan.devices[device_id].power_w]
    return sum(now and not before for before, now in zip([False, *on], on, strict=False))


type Check = Callable[[Plan, Problem, Any], bool]
CHECKS: Mapping[str, Check] = {
    "status": lambda plan, _, said: plan.status.value == said,
    "bent": lambda plan, _, said: sorted({each.wish.value for each in plan.bent}) == said,
    "left_out": lambda plan, _, said: sorted({each.code.value for each in plan.left_out}) == said,
    "net_at_most_w": lambda plan, _, said: max(plan.net_w) <= said + _SLACK_W,
    "net_at_least_w": lambda plan, _, said: min(plan.net_w) >= said - _SLACK_W,
    "takes_by": lambda plan, problem, said: all(
        stored_by(plan, problem, device_id, step) >= least_wh - _SLACK_WH
        for device_id, step, least_wh in said
    ),
    "takes_in_all_at_most_wh": lambda plan, problem, said: all(
        stored_by(plan, problem, device_id, len(problem.grid)) <= most_wh + _SLACK_WH
        for device_id, most_wh in said
    ),
    "takes_nothing_in": lambda plan, _, said: all(
        abs(plan.devices[device_id].power_w[step]) <= _SLACK_W
        for device_id, first, last in said
        for step in range(first, last + 1)
    ),
    "gives_in": lambda plan, _, said: all(
        plan.devices[device_id].power_w[step] < -_SLACK_W for device_id, step in said
    ),
    "takes_in": lambda plan, _, said: all(
        plan.devices[device_id].power_w[step] > _SLACK_W for device_id, step in said
    ),
    "starts_at_most": lambda plan, _, said: all(starts(plan, device_id) <= most for device_id, most in said),
    "reasons_of": lambda plan, _, said: all(
        plan.devices[device_id].reasons[step].code.value == code for device_id, step, code in said
    ),
}


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_home_is_planned_as_its_story_says(path: Path) -> None:
    document = json.loads(path.read_text())
    problem = problem_from(document["problem"])

    plan = Planner(limit_s=20.0).plan(problem)

    failed = [name for name, said in document["expected"].items() if not CHECKS[name](plan, problem, said)]
    assert failed == [], document["story"]


def test_there_are_stories_for_what_homes_live_through() -> None:
    assert len(STORIES) >= 30


def test_what_a_newer_version_says_besides_is_left_out() -> None:
    document = problem_document(home((0.3,) * 4, batteries=(battery(),)))
    newer = {**document, "tides": [1.0], "batteries": [{**document["batteries"][0], "colour": 3.0}]}

    assert problem_from(newer) == problem_from(document)


def test_the_one_peak_that_an_older_version_told_is_that_of_all_steps() -> None:
    document = problem_document(home((0.3,) * 4))
    older = {name: said for name, said in document.items() if name != "peaks"}

    read = problem_from({**older, "peak": {"per_kw": 40.0, "so_far_w": 2500.0}})

    assert read.peaks == (Peak(per_kw=40.0, so_far_w=2500.0),)


@given(problem=homes())
def test_what_a_home_downloads_replays_as_the_same_problem(problem: Problem) -> None:
    document = json.loads(json.dumps(problem_document(problem), allow_nan=False))

    assert problem_from(document) == problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batteries", "abc"),
        ("batteries", [["abc"]]),
        ("consumers", [7]),
        ("signals", {"import_per_kwh": [[0.3]], "export_per_kwh": 0.1}),
        (
            "circuit_limits",
            [{"limit_id": "l1", "owner": "fuse", "shares": [1], "load_w": 0, "upper_w": 1, "lower_w": 0}],
        ),
        ("pv", [{"device_id": "roof", "available_w": 0, "most_w": 1}] * 2),
    ],
    ids=[
        "a word",
        "a list in a list",
        "a number",
        "a list for a number",
        "a list of shares",
        "the same twice",
    ],
)
def test_what_is_no_scenario_is_refused_as_such(name: str, value: object) -> None:
    document = {**problem_document(home((0.3,) * 4, batteries=(battery(),))), name: value}
    with pytest.raises((KeyError, TypeError, ValueError)):
        problem_from(document)
