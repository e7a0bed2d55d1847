"""Homes, a broker and workers as processes, killed in the middle: the bench's own, with fewer homes."""

from pathlib import Path
from typing import Final

import pytest

from scripts.home_stack.hub_bench import fleet
from scripts.home_stack.hub_bench.centre import is_possible
from scripts.home_stack.hub_bench.rounds import centre

HOMES: Final = 100
QUICKLY: Final = ("--lease-seconds", "2", "--tell-seconds", "1")

pytestmark = pytest.mark.skipif(not is_possible(), reason="Mosquitto 2.1 is not there: run scripts/setup")


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_counted_twice_while_workers_and_broker_are_killed(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "ASK_S", 3.0)
    async with centre(tmp_path, database_url, HOMES, *QUICKLY) as rounds:
        await rounds.announce_s()
        await rounds.killed(50)
        await rounds.storm_s()

        assert sum(home.sent for home in rounds.fleet.homes) == HOMES * 52
        assert await rounds.lost_and_twice() == (0, 0)
