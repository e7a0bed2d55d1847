"""Nothing is read from disk once the schemas are loaded."""

import builtins
from pathlib import Path
from typing import Any

import pytest
from ocpp import messages  # type: ignore[import-untyped]  # the library has no types

from custom_components.home_flex.devices.ocpp import preload_schemas
from tests.devices.ocpp_clients import dial, driving


async def test_after_preloading_no_file_is_opened_while_a_charger_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(messages, "_validators", {})
    preload_schemas()
    opened: list[str] = []
    real_open = builtins.open

    def watched_open(file: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(str(file))
        return real_open(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", watched_open)
    async with driving() as home, dial(home.port) as charger:
        await charger.get_ready()
        await charger.call("NotAnAction", {})
        await home.driver.set_current_limit(8.1, expires_in_s=60)
        await home.driver.set_current_limit(None, expires_in_s=60)
    assert [name for name in opened if Path(name).suffix == ".json"] == []
