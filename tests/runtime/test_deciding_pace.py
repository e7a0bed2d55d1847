"""How often is decided, whatever an event asks for."""

import asyncio
from pathlib import Path

from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.control_loop import ControlLoop

from .running_house import House
from .service_home import document, message


async def test_intervals_of_no_length_to_speak_of_do_not_make_the_home_decide_without_a_pause(
    tmp_path: Path,
) -> None:
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    house = House(store)
    decided = 0

    async def decide() -> None:
        nonlocal decided
        decided += 1

    intervals = [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]}] * 288
    tiny = document(start_s=60, length_s=1) | {"intervals": intervals}
    tiny["intervalPeriod"]["duration"] = "PT0.000001S"
    house.controller.events.receive(message("create", tiny))
    house.clock.seconds = 60.0
    loop = ControlLoop(
        tick=decide,
        due_in_s=house.controller.events.due_in_s,
        on_failing=lambda: None,
        monotonic_s=lambda: house.clock.seconds,
    )
    deciding = asyncio.create_task(loop.run())
    await asyncio.sleep(0.35)
    deciding.cancel()
    await asyncio.wait([deciding])
    await store.close()
    assert 1 <= decided <= 5
