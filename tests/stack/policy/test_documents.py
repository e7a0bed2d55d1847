"""What documents point to is there."""

import re
from pathlib import Path

import pytest

from .stack_files import ROOT, tracked

DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text()
    assert not [link for link in _LINK.findall(text) if not (ROOT / document.parent / link).exists()]


# What a person must know before trying it, and can find out in no other way.
@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("docs/householder.md", "Requirements not found"),
        ("docs/fleet.md", "install an integration that needs a compiler"),
        ("docs/fleet.md", "empties its volumes (through balena, so the gateway must be online"),
    ],
)
def test_a_page_says_what_does_not_work_before_it_is_tried(document: str, said: str) -> None:
    assert said in " ".join((ROOT / document).read_text().split())
