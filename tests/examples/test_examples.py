"""The worked examples of docs/developer.md: what is printed there is what runs here."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = [path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "_"))]
DOCUMENT = (ROOT / "docs" / "developer.md").read_text(encoding="utf-8")


def test_each_piece_of_code_in_the_document_is_one_of_an_example_that_runs() -> None:
    pieces = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    examples = [path.read_text(encoding="utf-8") for path in EXAMPLES]
    assert pieces
    # The one that is a whole file is run by test_setpoints.py.
    for piece in (piece for piece in pieces if not piece.startswith('"""')):
        assert any(piece in example for example in examples), piece


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_document_says_where_each_example_is_read_whole(path: Path) -> None:
    assert f"`{path.relative_to(ROOT)}`" in DOCUMENT


def test_the_document_says_what_each_room_of_control_decides() -> None:
    control = ROOT / "custom_components" / "home_flex" / "core" / "control"
    rooms = {path.stem for path in control.glob("[!_]*.py")} | {"charging/"}
    table = DOCUMENT.partition("The rooms of `core/control`:")[2].partition("\n\n|")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z0-9_/]+)`", table)) == rooms


def test_the_document_says_what_each_bench_measures() -> None:
    script = (ROOT / "scripts" / "bench").read_text(encoding="utf-8")
    benches = set(re.findall(r"^#   scripts/bench (\w+) .*  ", script, re.MULTILINE))
    assert len(benches) >= 6
    assert set(re.findall(r"^\| `scripts/bench (\w+)` \|", DOCUMENT, re.MULTILINE)) == benches
