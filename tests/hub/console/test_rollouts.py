"""The fleet tool's rollout as the console shows it; the file is written by the tool itself."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from community_hub.store import Store
from fleet.balena import Release
from fleet.rings import Progress, RingProgress, Stop
from fleet.rollout_record import Phase, RolloutRecord

from ..running import Running, problem

STARTED = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
RECORD = RolloutRecord(
    release=Release(id=7, commit="a1b2c3", version="1.4.0"),
    fleet_before=6,
    phase=Phase.STOPPED,
    progress=Progress(
        rings={
            "early": RingProgress(
                started_at=datetime(2026, 11, 29, 9, 0, tzinfo=UTC),
                counted=frozenset({"home-2", "home-3"}),
                healthy_since=None,
            ),
            "lab": RingProgress(started_at=STARTED, counted=frozenset({"home-1"}), healthy_since=STARTED),
        },
        expected=frozenset({"home-1", "home-2", "home-3"}),
        stop=Stop(ring="early", failing={"home-2": "silent since 09:30"}, counted=2),
    ),
    previous={"home-1": None, "home-2": 6},
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Give one database: these files are asked of none."""
    return sqlite_url


async def operator(store: Store, path: Path | None) -> httpx.AsyncClient:
    running = Running(store)
    running.app.state.hub = replace(running.hub, settings=replace(running.hub.settings, rollouts=path))
    return await running.operator()


async def test_rings_are_told_in_the_order_in_which_they_began_and_why_it_stopped(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "rollout.json"
    RECORD.save(path)

    (told,) = (await (await operator(store, path)).get("/api/v1/rollouts")).json()

    assert (told["release"], told["phase"], told["told_homes"]) == ("1.4.0", "stopped", 2)
    assert [(ring["name"], ring["homes"]) for ring in told["rings"]] == [("lab", 1), ("early", 2)]
    assert told["stop"]["failing"] == [{"ven_id": "home-2", "reason": "silent since 09:30"}]


@pytest.mark.parametrize("is_set", [True, False])
async def test_without_the_tools_file_there_is_no_rollout(
    store: Store, tmp_path: Path, *, is_set: bool
) -> None:
    visitor = await operator(store, tmp_path / "none.json" if is_set else None)

    assert (await visitor.get("/api/v1/rollouts")).json() == []


@pytest.mark.parametrize("content", ["no json", "[]", '{"version": 2}', '{"version": 1, "release": {}}'])
async def test_a_file_that_is_none_of_the_tools_is_refused(
    store: Store, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "rollout.json"
    path.write_text(content)

    answer = await (await operator(store, path)).get("/api/v1/rollouts")

    assert problem(answer) == (409, "no-rollout-record")


async def test_a_household_sees_no_rollout(hub: Running) -> None:
    household = await hub.person(await hub.operator(), "household")

    assert problem(await household.get("/api/v1/rollouts")) == (403, "not-allowed")
