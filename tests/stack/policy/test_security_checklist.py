"""The security checklist is complete, and every test it relies on exists."""

import re

import pytest

from .stack_files import ROOT

CHECKLIST = (ROOT / "docs" / "security-checklist.md").read_text()
SECTIONS = {
    int(number): text
    for number, text in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", CHECKLIST, re.MULTILINE | re.DOTALL)
}
TESTS = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", CHECKLIST)


def test_all_thirteen_provisions_are_answered() -> None:
    assert list(SECTIONS) == list(range(1, 14))


@pytest.mark.parametrize("number", range(1, 14))
def test_a_provision_is_guarded_by_a_test_or_explained(number: int) -> None:
    assert "::test_" in SECTIONS[number] or "**Explained:**" in SECTIONS[number]


@pytest.mark.parametrize(("file", "name"), TESTS, ids=lambda text: str(text).rsplit("/", 1)[-1])
def test_a_test_it_relies_on_exists(file: str, name: str) -> None:
    assert re.search(rf"^ *(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_who_finds_a_weakness_is_told_where_to_report_it_and_when_we_answer() -> None:
    told = (ROOT / "SECURITY.md").read_text()
    assert re.search(r"report a\s+vulnerability", told, re.IGNORECASE)
    assert re.search(r"within \w+ working days", told)


def test_the_end_of_support_is_told() -> None:
    assert re.search(r"supported until 20\d\d-\d\d-\d\d", (ROOT / "docs" / "fleet.md").read_text())
