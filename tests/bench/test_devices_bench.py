"""The bench of devices measures Home Assistant as it is deployed, and leaves nothing open behind."""

import asyncio
import ctypes.util
import gc
from typing import Any

import pytest
from home_start import supervisor

from scripts.home_stack import devices_bench
from scripts.home_stack.chargers_bench import chargers_p95_ms


def test_memory_is_measured_on_the_allocator_of_a_deployed_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: "libjemalloc.so.2")
    assert devices_bench.MALLOC_CONF == supervisor._MALLOC_CONF
    assert devices_bench._allocator() == (
        "jemalloc",
        {"LD_PRELOAD": "libjemalloc.so.2", "MALLOC_CONF": supervisor._MALLOC_CONF},
    )


def test_without_that_allocator_the_figure_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    allocator, environment = devices_bench._allocator()
    assert "libjemalloc2 is missing" in allocator
    assert environment == {}


async def test_its_chargers_close_their_connections() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    assert await chargers_p95_ms(2) > 0
    gc.collect()
    assert complaints == []
