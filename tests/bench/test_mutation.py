"""A run of mutants goes on where the last one ended, and only with the very same code and tests."""

import json
from pathlib import Path

import pytest

from scripts.mutation.__main__ import reported
from scripts.mutation.tried import digest, go_on, tried, untried

CORE = "custom_components/home_flex/core"
DECIDING = [
    f"{CORE}/control/merit.py",
    f"{CORE}/model/site.py",
    "tests/core/control/test_merit.py",
    "tests/core/control/parts.py",
    "tests/data/sample.json",
    "tests/conftest.py",
    "tests/asyncapi.py",
    "docs/asyncapi.yaml",
    "scripts/mutation/trying.py",
    "pyproject.toml",
    "requirements.lock",
]
OTHERS = ["custom_components/home_flex/sensor.py", f"{CORE}/control/__pycache__/merit.pyc", "docs/wishes.md"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in (*DECIDING, *OTHERS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    return tmp_path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return the results of a sitting over "this" that was ended while it wrote a line."""
    path = tmp_path / "mutants" / "results.jsonl"
    go_on(path, "this")
    with path.open("a") as lines:
        lines.write('{"mutant": "core.merit.x__mutmut_1", "state": "killed"}\n{"mutant": "core.mer')
    return path


@pytest.mark.parametrize("name", DECIDING)
def test_a_change_of_what_decides_whether_mutants_survive_is_another_digest(
    repository: Path, name: str
) -> None:
    before = digest(repository)
    (repository / name).write_text("as it is")
    assert digest(repository) != before


@pytest.mark.parametrize("name", OTHERS)
def test_a_change_of_anything_else_is_the_same_digest(repository: Path, name: str) -> None:
    before = digest(repository)
    (repository / name).write_text("as it is")
    assert digest(repository) == before


def test_a_file_that_has_another_name_is_another_digest(repository: Path) -> None:
    before = digest(repository)
    (repository / DECIDING[0]).rename((repository / DECIDING[0]).with_name("worth.py"))
    assert digest(repository) != before


def test_a_run_over_the_very_same_keeps_all_but_the_line_that_was_cut_off(results: Path) -> None:
    go_on(results, "this")
    assert tried(results) == {"core.merit.x__mutmut_1": "killed"}


def test_a_run_over_anything_else_begins_anew_and_the_next_goes_on_with_it(results: Path) -> None:
    go_on(results, "that")
    assert tried(results) == {}
    go_on(results, "this")
    assert tried(results) == {}


def test_only_what_was_not_tried_is_left(results: Path) -> None:
    go_on(results, "this")
    mutants = {"core.merit": ["x__mutmut_1", "x__mutmut_2"], "core.hull": ["x__mutmut_1"]}
    left = {"core.merit": ["x__mutmut_2"], "core.hull": ["x__mutmut_1"]}
    assert untried(mutants, tried(results)) == left


@pytest.mark.parametrize(("names", "untried_count", "code"), [(["a"], 0, 0), (["a", "b"], 1, 1)])
def test_a_run_has_passed_only_when_all_that_was_asked_for_was_tried(
    capsys: pytest.CaptureFixture[str], names: list[str], untried_count: int, code: int
) -> None:
    states = {"core.merit.a": "killed", "core.hull.a": "survived"}
    assert reported({"core.merit": names}, states, 0.05) == code
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told == {"mutants": 1, "untried": untried_count, "survived": 0, "survived_share": 0.0}
