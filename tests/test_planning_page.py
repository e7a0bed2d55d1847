"""What the page on planning says of prices and reasons is what the planner has."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from custom_components.home_flex.core.model import Goal
from custom_components.home_flex.core.planner import Appliance, Battery, Consumer, Preferences, ReasonCode
from custom_components.home_flex.core.planner.preferences import preferences_for

PAGE = (Path(__file__).parent.parent / "docs/planning.md").read_text()


def _rows(title: str) -> list[list[str]]:
    """Return the cells of the table under a title."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert rows
    return rows


PRICES = {name.strip("`"): euros for name, euros, _ in _rows("Prices that nobody pays")}
_DEVICES = {Battery: "wear_per_kwh", Consumer: "start_price", Appliance: "skip_price"}
WANTED = {
    **{
        f.name: getattr(Preferences(), f.name) for f in fields(Preferences) if f.name not in {"bend", "level"}
    },
    **{f"bend.{f.name}": getattr(Preferences().bend, f.name) for f in fields(Preferences().bend)},
    **{name: {f.name: f.default for f in fields(kind)}[name] for kind, name in _DEVICES.items()},
}


def test_each_price_is_named_once_and_no_other() -> None:
    assert sorted(PRICES) == sorted(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_a_price_is_what_the_page_says(name: str) -> None:
    assert float(PRICES[name].partition(",")[0]) == WANTED[name]


def test_the_prices_of_a_goal_are_what_the_page_says() -> None:
    assert PRICES["carbon_per_kg"] == f"0, greenest {preferences_for(Goal.GREENEST).carbon_per_kg}"
    independent = preferences_for(Goal.MOST_INDEPENDENT).independence
    assert PRICES["independence"] == f"0, most independent {independent}"


def test_each_reason_is_described_once_and_no_other() -> None:
    told = [
        code for row in _rows("Why a device does what it does") for code in re.findall("`([a-z_]+)`", row[0])
    ]
    assert sorted(told) == sorted(ReasonCode)
