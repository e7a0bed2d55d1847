"""The table of features names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/features.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith(("| feature ", "| ---"))
]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_has_a_place_and_says_what_shows_it(row: list[str]) -> None:
    feature, where, reached, shown = row
    assert feature
    assert reached
    assert set(re.split(r", | → ", where)) <= {"H", "HA", "HUB", "SIM", "OPS"}
    assert shown == "not built" or re.fullmatch(r"`tests/\S+\.py::test_\w+`", shown)


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
