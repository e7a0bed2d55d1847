"""What docs/hub.md says of the console and of ``scripts/hub``."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/hub.md").read_text()
FIRST_HOUR = PAGE[PAGE.index("## From zero") : PAGE.index("## The console")]
TEXTS = json.loads((ROOT / "frontend/src/console/texts/en.json").read_text())


@pytest.mark.parametrize("words", sorted(set(re.findall(r"\*\*([^*]+)\*\*", FIRST_HOUR))))
def test_what_somebody_is_told_to_press_is_what_the_console_says(words: str) -> None:
    assert " ".join(words.split()) in TEXTS.values()


@pytest.mark.parametrize(
    "page", re.findall(r"^\| ([A-Z][\w, ]+) \| \w", PAGE[PAGE.index("## The console") :], re.MULTILINE)
)
def test_each_page_of_the_table_is_one_of_the_console(page: str) -> None:
    named = {text for key, text in TEXTS.items() if key.startswith("page_")}
    assert set(page.split(", ")) <= named


def test_the_command_that_brings_it_up_tells_its_options() -> None:
    assert "scripts/hub up --check" in FIRST_HOUR
    told = subprocess.run(
        [sys.executable, "-m", "scripts.home_stack.hub_up", "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert told.returncode == 0, told.stderr
    assert "--check" in told.stdout
