"""What browsers watch: nobody is left behind, nothing is left behind, and nobody takes more than a share."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockUser  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.panel import FEED, feed
from custom_components.home_flex.panel.plan import plan_depends_on
from custom_components.home_flex.runtime.view import SiteView

from .house import until
from .test_panel import Browser, Clients, dispatched


@pytest.fixture
async def browser(hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients) -> Browser:
    return Browser(await hass_ws_client(hass))


async def test_who_watches_already_is_told_what_another_who_comes_is_told(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    browser: Browser,
    hass_ws_client: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Browser(await hass_ws_client(hass))
    before = await browser.watch("events")
    # It changes between two looks of the feed, and whoever comes then looks first.
    monkeypatch.setattr(feed, "_EACH_S", 60.0)
    event_id = await dispatched(hass)
    await until(lambda: event_id in {each.event.event_id for each in house.runtime_data.data.records})
    whole = await other.watch("events")
    assert whole["revision"] == before["revision"] + 1
    assert (await browser.told())["body"] == whole["body"]


async def test_a_topic_that_cannot_be_told_is_an_error_and_leaves_no_watcher(
    hass: HomeAssistant, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> str:
        raise ValueError("nobody decides")

    with monkeypatch.context() as patched:
        patched.setattr("custom_components.home_flex.panel.now.decided_by", fails)
        assert not (await browser.ask(type=f"{DOMAIN}/watch", topic="now"))["success"]
        assert hass.data[FEED].watchers == 0
    assert "nobody decides" in caplog.text
    caplog.clear()
    assert (await browser.watch("now"))["state"] == "running"


async def test_one_connection_watches_no_more_than_its_share(
    hass: HomeAssistant, browser: Browser, hass_ws_client: Clients
) -> None:
    for _ in range(feed.MOST_OF_ONE):
        assert (await browser.ask(type=f"{DOMAIN}/watch", topic="devices"))["success"]
    assert (await browser.ask(type=f"{DOMAIN}/watch", topic="now"))["error"]["code"] == "not_allowed"
    other = Browser(await hass_ws_client(hass))
    assert (await other.watch("now"))["state"] == "running"


async def test_what_is_no_longer_watched_and_a_connection_that_closes_leave_no_watcher(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients
) -> None:
    client = await hass_ws_client(hass)
    browser = Browser(client)
    for topic in ("now", "plan", "events", "devices"):
        await browser.watch(topic)
    assert (await browser.ask(type="unsubscribe_events", subscription=1))["success"]
    assert hass.data[FEED].watchers == 3
    await client.close()
    await until(lambda: hass.data[FEED].watchers == 0)


async def test_a_home_that_cannot_start_is_switched_off_or_removed_tells_who_watches(
    hass: HomeAssistant, house: HomeFlexConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def state(wanted: str) -> None:
        assert (await browser.told(lambda said: said["state"] != "running"))["state"] == wanted

    await browser.watch("now")
    with monkeypatch.context() as patched:
        patched.setattr("custom_components.home_flex.HomeFlexCoordinator", None)
        await hass.config_entries.async_reload(house.entry_id)
        await state("restarting")
        await state("failed")
    assert await hass.config_entries.async_reload(house.entry_id)
    await browser.told(lambda said: said["state"] == "running")
    await hass.config_entries.async_set_disabled_by(house.entry_id, ConfigEntryDisabler.USER)
    await state("restarting")
    await state("disabled")
    await hass.config_entries.async_remove(house.entry_id)
    await state("absent")


@pytest.mark.parametrize(
    "asked",
    [
        {"type": f"{DOMAIN}/watch", "topic": "now"},
        {"type": f"{DOMAIN}/money", "grouping": "day"},
        {"type": f"{DOMAIN}/lived"},
        {"type": f"{DOMAIN}/performance"},
        {"type": f"{DOMAIN}/ledger", "device_id": "any"},
        {"type": f"{DOMAIN}/receipt", "event_id": "any"},
        {"type": f"{DOMAIN}/steer", "does": "pause"},
    ],
)
async def test_who_may_see_nothing_of_the_home_is_told_nothing(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients, asked: dict[str, Any]
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"domains": {"light": True}}})
    token = hass.auth.async_create_access_token(
        await hass.auth.async_create_refresh_token(user, "https://a.test")
    )
    somebody = Browser(await hass_ws_client(hass, token))
    assert (await somebody.ask(**asked))["error"]["code"] == "unauthorized"


async def test_a_home_that_is_not_there_is_hidden_from_nobody(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    hass_read_only_access_token: str,
) -> None:
    await hass.config_entries.async_remove(house.entry_id)
    looker = Browser(await hass_ws_client(hass, hass_read_only_access_token))
    assert (await looker.watch("now"))["state"] == "absent"


async def test_another_plan_is_told_though_it_lies_where_an_older_one_lay(
    house: HomeFlexConfigEntry, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Python gives a new thing the address of one that is gone: nobody may know a plan by it.
    monkeypatch.setattr("custom_components.home_flex.panel.plan.id", lambda _: 1, raising=False)
    await browser.watch("plan")
    planning = house.runtime_data.controller.planning
    assert planning is not None
    await planning.make()
    said = await browser.told(lambda said: said.get("body", {}).get("plan"))
    await planning.make()
    made = planning.made
    assert made is not None
    again = await browser.told(
        lambda again: again.get("body", {}).get("plan", {}).get("made_at") == made.made_at.isoformat()
    )
    assert again["revision"] > said["revision"]


def _moved(view: SiteView) -> SiteView:
    (record,) = view.records
    (interval,) = record.event.intervals
    later = replace(interval, end=interval.end + timedelta(minutes=5))
    return replace(view, records=(replace(record, event=replace(record.event, intervals=(later,))),))


def _renamed(view: SiteView) -> SiteView:
    devices = {key: replace(device, name=f"{device.name} 2") for key, device in view.devices.items()}
    return replace(view, devices=devices)


@pytest.mark.parametrize("change", [_moved, _renamed])
async def test_what_is_told_beside_the_plan_is_told_anew_also_without_another_plan(
    hass: HomeAssistant, house: HomeFlexConfigEntry, change: Callable[[SiteView], SiteView]
) -> None:
    await dispatched(hass)
    coordinator = house.runtime_data
    await until(lambda: coordinator.data.records)
    before = plan_depends_on(coordinator)
    assert plan_depends_on(coordinator) == before
    coordinator.data = change(coordinator.data)
    assert plan_depends_on(coordinator) != before
