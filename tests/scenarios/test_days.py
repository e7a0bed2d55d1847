"""Days of stories lived through by the real control: what must be true at their end.

A story with a ``day`` is lived: ``truth`` says what the forecasts missed, ``ended`` what must have come of
it.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.planner.scenario import problem_from

from .day import Day, Living
from .plant import Truth
from .test_scenarios import STORIES

DAYS = [path for path in STORIES if "day" in json.loads(path.read_text())]
_SLACK_WH = 50.0
_SLACK_W = 50.0
_SLACK_MONEY = 0.01

# Each is told the day, the same day by rules alone, and what the story says.
type Check = Callable[[Day, Day, Any], bool]
CHECKS: Mapping[str, Check] = {
    "car_has_by": lambda day, _, said: day.car_wh[said[0] - 1] >= said[1] - _SLACK_WH,
    "car_has_at_most_by": lambda day, _, said: day.car_wh[said[0] - 1] <= said[1] + _SLACK_WH,
    "stored_at_least_wh": lambda day, _, said: min(day.stored_wh) >= said - _SLACK_WH,
    "draws_at_most_w": lambda day, _, said: (
        max(day.most_w[said["first"] : said["last"] + 1]) <= said["power_w"] + _SLACK_W
    ),
    "gives_at_most_wh": lambda day, _, said: sum(max(0.0, -each) for each in day.net_wh) <= said + _SLACK_WH,
    "starts_at_most": lambda day, _, said: day.starts <= said,
    "saves_at_least": lambda day, rules, said: rules.cost - day.cost >= said - _SLACK_MONEY,
}


@pytest.mark.parametrize("path", DAYS, ids=lambda path: path.stem)
def test_a_day_ends_as_its_story_says(path: Path) -> None:
    document = json.loads(path.read_text())
    problem, truth = problem_from(document["problem"]), Truth(**document["day"].get("truth", {}))

    day = Living(problem=problem, truth=truth).day()
    rules = Living(problem=problem, truth=truth, follows=False).day()

    ended = document["day"]["ended"]
    failed = [name for name, said in ended.items() if not CHECKS[name](day, rules, said)]
    assert failed == [], document["story"]


def test_days_are_lived_through_whose_forecasts_missed() -> None:
    assert len(DAYS) >= 10
    assert sum("truth" in json.loads(path.read_text())["day"] for path in DAYS) >= 5
