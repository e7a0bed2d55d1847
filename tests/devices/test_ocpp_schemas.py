"""No file is read on the event loop: schemas are loaded beside it."""

import builtins
import threading
from pathlib import Path
from typing import Any

import pytest
from ocpp import messages  # type: ignore[import-untyped]  # the library has no types

from custom_components.home_flex.devices.ocpp import preload_schemas
from tests.devices.ocpp_201_clients import home_of_201
from tests.devices.ocpp_clients import dial, driving


@pytest.fixture
def read_on_the_loop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Forget all schemas; the names of those that are then read by the thread of the test."""
    monkeypatch.setattr(messages, "_validators", {})
    opened: list[str] = []
    real_open, loop_thread = builtins.open, threading.get_ident()

    def watched_open(file: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == loop_thread and Path(str(file)).suffix == ".json":
            opened.append(str(file))
        return real_open(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", watched_open)
    return opened


async def test_once_the_schemas_are_loaded_a_charger_is_served_without_reading_any(
    read_on_the_loop: list[str],
) -> None:
    preload_schemas("1.6")
    read_on_the_loop.clear()
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.call("NotAnAction", {})
        await home.driver.set_current_limit(8.1, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
    assert read_on_the_loop == []


async def test_the_schemas_of_2_0_1_are_loaded_beside_the_loop_when_a_charger_speaks_it(
    read_on_the_loop: list[str],
) -> None:
    async with home_of_201() as (home, _):
        await home.driver.set_current_limit(8.1, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
    assert read_on_the_loop == []
