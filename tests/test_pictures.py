"""No picture in a document lies: each is made by a test that looks at the real thing."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "images"


def test_each_picture_that_a_document_shows_is_there_and_made_by_a_test() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for each in documents for name in re.findall(r"images/([\w-]+)\.png", each.read_text())}
    tests = "".join(each.read_text() for each in (ROOT / "tests" / "end_to_end").glob("test_*.py"))
    assert shown == {each.stem for each in PICTURES.iterdir()}
    assert {name for name in shown if f'"{name}"' not in tests} == set()
