"""The repair issues of the site: its own store, its clock, and what could not be read."""

import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex import coordinator as coordinator_module
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry, store_path
from custom_components.home_flex.core.control.memory import DeviceMemory, Hunting, Response
from custom_components.home_flex.core.control.response import TURNED
from custom_components.home_flex.core.physics import Findings, Verdict
from custom_components.home_flex.history import database, stand_in
from custom_components.home_flex.lasting_issues import Issue, watch
from custom_components.home_flex.runtime import deciding

from .conftest import StartSite
from .house import until


async def call(hass: HomeAssistant, action: str, *, answers: bool = False, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=answers)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr(stand_in, "TRY_EVERY_S", 0.2)


async def test_an_issue_is_raised_worded_anew_and_taken_back_with_what_it_tells(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    coordinator = site.runtime_data
    found: dict[str, Issue] = {}
    watch(coordinator, lambda _view: found)

    def seen(**now: Issue) -> list[tuple[str, bool, dict[str, str] | None]]:
        found.clear()
        found.update(now)
        coordinator.async_update_listeners()
        return [
            (str(each.translation_key), each.is_fixable is True, each.translation_placeholders)
            for each in issue_registry.issues.values()
            if each.issue_id in {"one", "other"}
        ]

    first = Issue(translation_key="signal_lost")
    worded_anew = Issue(translation_key="below_floor", placeholders={"limit": "4.20"})
    fixable = Issue(translation_key="physics_turn", placeholders={"device": "Meter"}, fix={"fix": "turn"})
    assert seen() == []
    assert seen(one=first) == [("signal_lost", False, None)]
    assert seen(one=worded_anew) == [("below_floor", False, {"limit": "4.20"})]
    assert seen(other=fixable) == [("physics_turn", True, {"device": "Meter"})]
    assert await hass.config_entries.async_unload(site.entry_id)
    assert issue_registry.async_get_issue(DOMAIN, "other") is None


async def test_a_store_that_takes_nothing_raises_one_issue_until_it_does_again(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    other = sqlite3.connect(store_path(hass, site.entry_id), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await call(hass, "dispatch", import_limit=2000, duration={"minutes": 1})
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "history"))
    issue = issue_registry.async_get_issue(DOMAIN, "history")
    assert issue is not None
    assert issue.translation_key == "history_locked"
    status = await call(hass, "get_status", answers=True)
    assert status is not None
    assert (status["store_trouble"], status["active"]["status"]) == ("locked", "STARTED")
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "history") is None)


async def test_a_site_runs_without_its_store_and_takes_it_up_when_it_can_be_opened(
    hass: HomeAssistant,
    start_site: StartSite,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(coordinator_module, "store_path", lambda *_: tmp_path / "store" / "home.sqlite")
    (tmp_path / "store" / "home.sqlite").mkdir(parents=True)
    entry: HomeFlexConfigEntry = await start_site()
    assert entry.state is ConfigEntryState.LOADED
    assert not entry.runtime_data.data.participating
    assert issue_registry.async_get_issue(DOMAIN, "history")
    (tmp_path / "store" / "home.sqlite").rmdir()
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "history") is None)
    await hass.async_block_till_done()
    assert entry.runtime_data.data.participating


async def test_a_clock_that_jumps_raises_an_issue(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    watch = site.runtime_data.controller._clock_watch
    watch._difference_s -= 3600
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "clock"))
    issue = issue_registry.async_get_issue(DOMAIN, "clock")
    assert issue is not None
    assert issue.translation_placeholders == {"step": "+3600"}
    assert watch._stepped_at_s is not None
    watch._stepped_at_s -= 3600
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "clock") is None)


async def test_records_that_could_not_be_read_are_told_once(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    site.runtime_data._journal.put_events({"bad": "no record"})
    for expected in ({"count": "1"}, None):
        assert await hass.config_entries.async_reload(site.entry_id)
        await hass.async_block_till_done()
        issue = issue_registry.async_get_issue(DOMAIN, "history_records_set_aside")
        assert (issue.translation_placeholders if issue else None) == expected


@pytest.mark.parametrize(
    ("issue_id", "memory"),
    [
        ("device_turned", DeviceMemory(response=Response(against=TURNED))),
        ("device_hunts", DeviceMemory(hunting=Hunting(band_w=400.0, until_s=time.monotonic() + 3600))),
    ],
)
async def test_a_device_that_control_has_trouble_with_is_named_until_it_behaves(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    issue_registry: ir.IssueRegistry,
    issue_id: str,
    memory: DeviceMemory,
) -> None:
    control = house.runtime_data.controller._control
    (battery,) = (s.subentry_id for s in house.subentries.values() if s.subentry_type == "battery")
    for known, expected in ((memory, {"devices": "Cellar battery"}), (DeviceMemory(), None)):
        control.memory = replace(control.memory, devices={**control.memory.devices, battery: known})
        await house.runtime_data.controller.tick()
        issue = issue_registry.async_get_issue(DOMAIN, issue_id)
        assert (issue.translation_placeholders if issue else None) == expected


async def test_a_device_that_goes_against_physics_is_named_until_it_does_not(
    hass: HomeAssistant, house: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    coordinator = house.runtime_data
    (battery,) = (s.subentry_id for s in house.subentries.values() if s.subentry_type == "battery")
    (meter,) = (s.subentry_id for s in house.subentries.values() if s.subentry_type == "grid_meter")
    found = Findings(meter=Verdict.SWAPPED, devices={battery: Verdict.TOO_LARGE}, impossible=True)
    coordinator.async_set_updated_data(replace(coordinator.data, physics=found))
    for issue_id, key in (
        (f"physics_{battery}", "physics_too_large"),
        (f"physics_{meter}", "physics_swapped"),
        ("physics_impossible", "physics_impossible"),
    ):
        issue = issue_registry.async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.translation_key == key
    coordinator.async_set_updated_data(replace(coordinator.data, physics=Findings()))
    assert not [each for each in issue_registry.issues.values() if each.issue_id.startswith("physics_")]


async def test_control_that_fails_again_and_again_raises_an_issue_until_it_works(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("made to fail")

    with monkeypatch.context() as patched:
        patched.setattr(deciding, "arbitrate", fail)
        await until(lambda: issue_registry.async_get_issue(DOMAIN, "control_fails"))
        assert (await call(hass, "get_status", answers=True))["control_fails"] is True
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "control_fails") is None)
    assert (await call(hass, "get_status", answers=True))["control_fails"] is False
