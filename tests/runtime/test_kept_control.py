"""What control remembers over a restart, whatever became of it on the disk."""

from pathlib import Path

import pytest

from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.history.store import Batch, HistoryStore
from custom_components.home_flex.runtime.journal import Journal
from custom_components.home_flex.runtime.kept_control import DOCUMENT, KeptControl

from .service_home import Clock

TORN = {"half": '{"version": 1, "tak', "no object": "[1]", "deep": "[" * 100_000}


@pytest.mark.parametrize("text", TORN.values(), ids=TORN)
async def test_a_document_that_cannot_be_read_is_as_none(tmp_path: Path, text: str) -> None:
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    await store.write(Batch(settings={DOCUMENT: text}))
    clock = Clock()
    kept = KeptControl(Journal(store), clock, clock.monotonic_s)
    await kept.load()
    assert kept.memory == ControlMemory()
    await store.close()
