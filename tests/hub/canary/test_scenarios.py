"""What is taken for a scenario."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from community_hub.canary.scenarios import read_scenarios

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PROBLEM: dict[str, Any] = {"grid": {"start": "2026-11-28T00:00:00+00:00", "lengths_s": [900]}}


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    "document",
    [
        {"problem": PROBLEM},
        {"scenario": {"problem": PROBLEM}},
        {"home_assistant": {}, "data": {"site": {}, "scenario": {"problem": PROBLEM}}},
    ],
    ids=["a story", "what is under data", "a download"],
)
def test_a_file_holds_a_scenario(tmp_path: Path, document: object) -> None:
    [found] = read_scenarios([write(tmp_path / "home.json", document)], now=NOW, within=None)

    assert (found.name, found.problem) == ("home", PROBLEM)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"data": {"scenario": null}}', "[" * 100_000, '{"problem": 3}'], ids=repr
)
def test_what_holds_none_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"odd\.json"):
        read_scenarios([path], now=NOW, within=None)


def test_last_weeks_are_those_that_began_in_it(tmp_path: Path) -> None:
    write(tmp_path / "new.json", {"problem": PROBLEM})
    old = {"grid": {"start": "2026-11-20T00:00:00+00:00", "lengths_s": [900]}}
    write(tmp_path / "old.json", {"problem": old})

    found = read_scenarios([tmp_path], now=NOW, within=timedelta(days=7))

    assert [each.name for each in found] == ["new"]


def test_a_file_that_comes_twice_counts_once(tmp_path: Path) -> None:
    path = write(tmp_path / "home.json", {"problem": PROBLEM})

    assert len(read_scenarios([path, tmp_path], now=NOW, within=None)) == 1


def test_no_scenario_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no scenario"):
        read_scenarios([tmp_path], now=NOW, within=None)
