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
