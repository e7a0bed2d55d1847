"""What control remembers is handed over when something is taken, else when it changed, and is there again."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.home_flex.core.control.memory import Actuator, DeviceMemory, Response
from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.model import Owner
from custom_components.home_flex.history.store import Batch, HistoryError, HistoryStore
from custom_components.home_flex.runtime.journal import Journal
from custom_components.home_flex.runtime.kept_control import (
    DOCUMENT,
    KEEP_EVERY_S,
    RENEW_EVERY_S,
    KeptControl,
)

from .service_home import Clock

FREE = ControlMemory(devices={"battery": DeviceMemory(response=Response(full_s=(3.0,)))})
HELD = replace(
    FREE,
    devices={
        "battery": replace(FREE.devices["battery"], taken=Owner.AGGREGATOR, reason="event", source_id="e1")
    },
)


class CountingJournal(Journal):
    """A journal that counts what it is handed."""

    handed = 0

    def put_document(self, key: str, document: Any) -> None:
        self.handed += 1
        super().put_document(key, document)


class Home:
    """The memory of control over a store that stays while it restarts."""

    def __init__(self, store: HistoryStore) -> None:
        self.clock = Clock()
        self.journal = CountingJournal(store)
        self.control = self.restarted()

    def restarted(self) -> KeptControl:
        self.control = KeptControl(self.journal, self.clock, self.clock.monotonic_s)
        return self.control

    def remember(self, memory: ControlMemory, *, at_s: float = 0.0) -> None:
        self.clock.seconds = at_s
        self.control.memory = memory
        self.control.keep()


@pytest.fixture
async def home(tmp_path: Path) -> Any:
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    home = Home(store)
    yield home
    await home.journal.close()
    await store.close()


async def test_what_was_taken_and_learned_is_there_after_a_restart(home: Home) -> None:
    home.remember(HELD)
    await home.journal.close()
    control = home.restarted()
    await control.load()
    battery = control.memory.devices["battery"]
    assert (battery.taken, battery.source_id, battery.response.full_s) == (Owner.AGGREGATOR, "e1", (3.0,))
    assert battery.actuator.owes


async def test_it_is_handed_over_when_something_is_taken_or_given_back(home: Home) -> None:
    for number, memory in enumerate((FREE, FREE, HELD, HELD, FREE)):
        home.remember(memory, at_s=float(number))
    assert home.journal.handed == 3


async def test_what_a_former_life_owes_is_taken_until_it_is_handed_back(home: Home) -> None:
    owing = replace(FREE, devices={"battery": DeviceMemory(actuator=Actuator(owes=True))})
    home.remember(FREE)
    home.remember(owing, at_s=1.0)
    home.remember(FREE, at_s=2.0)
    assert home.journal.handed == 3


async def test_what_was_learned_is_handed_over_once_a_minute(home: Home) -> None:
    for second in range(int(2 * KEEP_EVERY_S) + 1):
        answers_s = (3.0, float(second))
        home.remember(
            ControlMemory(devices={"battery": DeviceMemory(response=Response(full_s=answers_s))}),
            at_s=float(second),
        )
    assert home.journal.handed == 3


async def test_without_a_change_it_is_handed_over_once_an_hour(home: Home) -> None:
    for second in range(int(2 * RENEW_EVERY_S) + 1):
        home.remember(FREE, at_s=float(second))
    assert home.journal.handed == 3


async def test_a_store_that_cannot_be_read_is_as_one_that_is_empty(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    async def fail(*_: object) -> None:
        raise HistoryError("the store is locked", "locked")

    home.remember(HELD)
    monkeypatch.setattr(home.journal.store, "get_setting", fail)
    control = home.restarted()
    await control.load()
    assert control.memory == ControlMemory()
    assert "cannot be read" in caplog.text


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
