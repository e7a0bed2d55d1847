"""How the agent sees the home through Home Assistant, and what it does when that goes away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from home_agent.home import watch as watch_module
from home_agent.home.view import DeviceLink, DispatchState
from home_agent.home.watch import HomeWatch, apply_changes

from tests.stack.mosquitto.brokers import eventually

from .fake_home_assistant import BATTERY_POWER, EVENT, PV, PV_POWER, TOKEN, WAITING, FakeHomeAssistant


@dataclass
class Watched:
    """A watch that runs on a stand-in, and whether it was reached each time it called for a look."""

    home_assistant: FakeHomeAssistant
    reachable: list[bool] = field(default_factory=list)
    watch: HomeWatch = field(init=False)

    @property
    def changes(self) -> int:
        return len(self.reachable)

    def changed(self) -> None:
        self.reachable.append(self.watch.view.reachable)


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    (tmp_path / "owner_token").write_text(TOKEN)
    home_assistant = FakeHomeAssistant()
    await home_assistant.start()
    watched = Watched(home_assistant)
    async with aiohttp.ClientSession(trust_env=False) as session:
        watched.watch = HomeWatch(session, home_assistant.url, tmp_path, watched.changed)
        task = asyncio.create_task(watched.watch.run())
        await eventually(lambda: bool(watched.watch.view.devices), lambda: f"{watched.watch.view}")
        yield watched
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await home_assistant.stop()


async def test_it_sees_the_devices_of_home_flex_and_its_event_and_nothing_else(watched: Watched) -> None:
    view = watched.watch.view
    assert view.reachable
    assert view.home_flex_set_up is True
    assert view.devices == (DeviceLink(device_id=PV, kind="pv", linked=True),)
    assert view.dispatch.state is DispatchState.IDLE
    assert view.measurements_waiting == 3


async def test_an_event_and_a_lost_device_call_for_a_look(watched: Watched) -> None:
    before = watched.changes
    await watched.home_assistant.show(EVENT, "running", event_id="e", ends="2026-11-21T12:00:00+01:00")
    await eventually(lambda: watched.watch.view.dispatch.event_id == "e", lambda: f"{watched.watch.view}")
    await watched.home_assistant.show(PV_POWER, "unavailable")
    await eventually(lambda: not watched.watch.view.devices[0].linked, lambda: f"{watched.watch.view}")
    assert watched.changes == before + 2


async def test_a_queue_that_moves_all_the_time_calls_for_none(watched: Watched) -> None:
    before = watched.changes
    for waiting in range(100, 120):
        await watched.home_assistant.show(WAITING, str(waiting))
    await eventually(lambda: watched.watch.view.measurements_waiting == 119, lambda: f"{watched.watch.view}")
    assert watched.changes == before


@pytest.mark.parametrize(
    ("entry_state", "waiting", "asked"),
    [("loaded", 7, 1), ("not_loaded", None, 0), ("setup_in_progress", None, 0), ("setup_retry", None, 0)],
)
async def test_a_site_is_asked_for_its_status_only_while_it_is_loaded(
    entry_state: str, waiting: int | None, asked: int, watched: Watched
) -> None:
    """Home Assistant logs an error for each action of a site that reloads, as at every first start."""
    watched.home_assistant.entry_state = entry_state
    assert await watched.watch.measurements_waiting() == waiting
    assert watched.home_assistant.status_asked == asked


async def test_a_device_added_while_the_lists_are_read_is_seen(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_RETRY_S", 0.05)
    watched.home_assistant.adds_battery = True
    await watched.home_assistant.hang_up()
    await eventually(lambda: len(watched.watch.view.devices) == 2, lambda: f"{watched.watch.view}")
    assert [device.kind for device in watched.watch.view.devices] == ["battery", "pv"]


async def test_while_a_device_is_added_the_home_stays_reached_and_takes_commands(watched: Watched) -> None:
    await watched.home_assistant.add_battery()
    while len(watched.watch.view.devices) < 2:
        assert await watched.watch.command("system_log/list") == []
        await asyncio.sleep(0.02)
    await watched.home_assistant.show(BATTERY_POWER, "unavailable")
    await eventually(lambda: not watched.watch.view.devices[0].linked, lambda: f"{watched.watch.view}")
    assert watched.home_assistant.log_ins == 1
    assert False not in watched.reachable


async def test_when_home_assistant_goes_away_the_event_last_seen_goes_on(watched: Watched) -> None:
    await watched.home_assistant.show(EVENT, "running", event_id="e")
    await eventually(
        lambda: watched.watch.view.dispatch.state is DispatchState.RUNNING, lambda: f"{watched.watch.view}"
    )
    await watched.home_assistant.stop()
    await eventually(lambda: not watched.watch.view.reachable, lambda: f"{watched.watch.view}")
    assert watched.watch.view.dispatch.event_id == "e"
    assert watched.watch.view.devices == ()


def test_changes_are_applied_as_home_assistant_compresses_them() -> None:
    states = {"a": ("1", {"x": 1, "y": 2})}
    apply_changes(
        states,
        {
            "a": {"b": {"s": "on", "a": {}}},
            "c": {"a": {"+": {"a": {"z": 3}}, "-": {"a": ["x"]}}},
        },
    )
    assert states == {"a": ("1", {"y": 2, "z": 3}), "b": ("on", {})}
    apply_changes(states, {"r": ["a", "unknown"]})
    assert states == {"b": ("on", {})}


async def test_a_refused_token_is_not_tried_again_but_another_one_is(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_RETRY_S", 0.05)
    (tmp_path / "owner_token").write_text("another.token.altogether")
    await watched.home_assistant.hang_up()
    await eventually(lambda: watched.home_assistant.refused == 1, lambda: f"{watched.watch.view}")
    await asyncio.sleep(0.5)
    assert watched.home_assistant.refused == 1
    (tmp_path / "owner_token").write_text(TOKEN)
    await eventually(lambda: watched.watch.view.reachable, lambda: f"{watched.watch.view}")
