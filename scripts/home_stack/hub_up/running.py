"""A centre with its homes, all running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..hub_bench.fleet import Door, Fleet
from ..hub_bench.home import Home
from .centre import Centre
from .seeding import Seeded, seed
from .simulated import SimulatedHome, community

TICK_S: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Community:
    """What runs; ``waiting`` is a home at the broker that nobody has enrolled yet.

    ``receipts`` holds a folder for each home, with the receipts that it keeps.
    """

    centre: Centre
    seeded: Seeded
    first_code: str
    homes: list[SimulatedHome]
    waiting: SimulatedHome
    receipts: Path


@asynccontextmanager
async def running_community(
    folder: Path, *, homes: int, port: int | None = None, rollouts: Path | None = None
) -> AsyncIterator[Community]:
    """Give a community of so many homes, and one that waits; nothing is left of it after."""
    receipts = folder / "receipts"
    simulated = community(homes + 1, receipts)
    enrolled, waiting = simulated[:-1], simulated[-1]
    centre = Centre(folder, port=port, rollouts=rollouts)
    seeded = await seed(centre.database, enrolled)
    by_id = {home.ven_id: home for home in simulated}
    contexts = {ven_id: centre.files.home_context(ven_id) for ven_id in by_id}
    try:
        first_code = await centre.start()
        door = Door(port=centre.home_port, own=contexts)
        async with Fleet.running(list(by_id), door, partial(_hear, by_id)) as fleet:
            clock = asyncio.create_task(_go_on(fleet, by_id))
            try:
                yield Community(
                    centre=centre,
                    seeded=seeded,
                    first_code=first_code,
                    homes=enrolled,
                    waiting=waiting,
                    receipts=receipts,
                )
            finally:
                clock.cancel()
                await asyncio.wait([clock])
    finally:
        await centre.stop()


def _hear(homes: dict[str, SimulatedHome], line: Home, told: dict[str, Any]) -> None:
    homes[line.ven_id].hear(line, told, datetime.now(UTC))


async def _go_on(fleet: Fleet, homes: dict[str, SimulatedHome]) -> None:
    while True:
        now = datetime.now(UTC)
        for line in fleet.homes:
            if line.is_connected:
                homes[line.ven_id].go_on(line, now)
        await asyncio.sleep(TICK_S)
