"""The panel: what browsers watch and steer over the websocket, and how it gets into the sidebar."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components import frontend
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.planner.alternative import Alternative, Instead
from custom_components.home_flex.core.planner.bending import Bend, BentWish
from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.database import HistoryError
from custom_components.home_flex.panel import bundle
from custom_components.home_flex.runtime.planning.made import MadePlan
from tests.history.test_store import an_entry

from .conftest import StartSite

type Clients = Callable[..., Awaitable[Any]]
PANEL = "home-flex"


class Browser:
    """One browser on the panel: what it is sent, and what it asks."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._asked = 0

    async def ask(self, **message: Any) -> Any:
        """Send a command; return its answer."""
        self._asked += 1
        await self._client.send_json({"id": self._asked, **message})
        return await self.hear(lambda said: said["type"] == "result" and said["id"] == self._asked)

    async def watch(self, topic: str) -> Any:
        """Watch a topic; return the first that is told of it."""
        answer = await self.ask(type=f"{DOMAIN}/watch", topic=topic)
        assert answer["success"], answer
        return await self.told()

    async def steer(self, does: str, target: str = "") -> Any:
        return await self.ask(type=f"{DOMAIN}/steer", does=does, target=target)

    async def told(self, fits: Callable[[Any], object] = lambda _: True) -> Any:
        """Return the next event that fits."""
        said = await self.hear(lambda said: said["type"] == "event" and fits(said["event"]))
        return said["event"]

    async def hear(self, fits: Callable[[Any], object]) -> Any:
        async with asyncio.timeout(10):
            while not fits(said := await self._client.receive_json()):
                pass
        return said


@pytest.fixture
async def browser(hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients) -> Browser:
    return Browser(await hass_ws_client(hass))


@pytest.fixture
async def looker(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    hass_read_only_access_token: str,
) -> Browser:
    """Somebody who may only look."""
    return Browser(await hass_ws_client(hass, hass_read_only_access_token))


def battery_of(body: Any) -> Any:
    return next(device for device in body["devices"] if device["kind"] == "battery")


async def dispatched(hass: HomeAssistant) -> str:
    """Have an event of the resident's own; return its id."""
    answer = await hass.services.async_call(
        DOMAIN,
        "dispatch",
        {"import_limit": 5000, "duration": {"minutes": 30}, "name": "Evening"},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return str(answer["event_id"])


async def test_what_is_now_is_told_at_once(browser: Browser) -> None:
    said = await browser.watch("now")
    assert said["state"] == "running"
    body = said["body"]
    assert body["flow"]["grid_w"] == 1500
    assert body["flow"]["pv_w"] <= 0
    assert {device["name"] for device in body["devices"]} == {"Roof", "Cellar battery"}
    assert body["limit"] is None


async def test_a_device_is_kept_out_of_one_event_and_let_in_again(
    hass: HomeAssistant, browser: Browser, looker: Browser
) -> None:
    await browser.watch("events")
    event_id = await dispatched(hass)
    (event,) = (await browser.told(lambda said: said.get("body", {}).get("open")))["body"]["open"]
    (battery,) = [each for each in event["devices"] if each["name"] == "Cellar battery"]
    assert not battery["is_spared"]
    what = {"event_id": event_id, "device_id": battery["device_id"]}

    def is_spared(said: Any) -> bool:
        opened = said.get("body", {}).get("open", [])
        return any(each["is_spared"] for one in opened for each in one["devices"])

    assert not (await looker.ask(type=f"{DOMAIN}/spare", value=True, **what))["success"]
    assert (await browser.ask(type=f"{DOMAIN}/spare", value=True, **what))["success"]
    await browser.told(is_spared)
    await hass.services.async_call(
        DOMAIN,
        "spare_device",
        {
            "event_id": event_id,
            "device_id": registered(hass, battery["device_id"]),
            "spared": False,
        },
        blocking=True,
    )
    await browser.told(lambda said: "body" in said and not is_spared(said))


def registered(hass: HomeAssistant, subentry_id: str) -> str:
    """Return a device's id in Home Assistant's registry."""
    return next(each.id for each in dr.async_get(hass).devices if (DOMAIN, subentry_id) in each.identifiers)


async def test_what_has_no_half_yet_is_said_to_the_panel_and_to_automations(
    hass: HomeAssistant, browser: Browser
) -> None:
    event_id = await dispatched(hass)
    answer = await browser.steer("join_partly", event_id)
    assert answer["error"]["translation_key"] == "not_priced"
    for data, key in (({"event_id": event_id}, "not_priced"), ({}, "which_event")):
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(DOMAIN, "opt_in", {**data, "partly": True}, blocking=True)
        assert refused.value.translation_key == key


async def test_two_browsers_are_told_the_same(
    hass: HomeAssistant, browser: Browser, hass_ws_client: Clients
) -> None:
    other = Browser(await hass_ws_client(hass))
    for each in (browser, other):
        await each.watch("events")
    event_id = await dispatched(hass)
    first, second = [
        await each.told(lambda said: said.get("body", {}).get("open")) for each in (browser, other)
    ]
    assert first["revision"] == second["revision"]
    assert first["body"] == second["body"]
    assert first["body"]["open"][0]["event_id"] == event_id


async def test_what_does_not_change_is_not_sent_again(
    hass: HomeAssistant, browser: Browser, house: HomeFlexConfigEntry
) -> None:
    first = await browser.watch("events")
    for _ in range(3):
        await house.runtime_data.async_refresh()
        await asyncio.sleep(1)
    await dispatched(hass)
    assert (await browser.told())["revision"] == first["revision"] + 1


async def test_a_quiet_home_is_heard_from_time_to_time(
    hass: HomeAssistant, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.home_flex.panel.feed.HEARTBEAT_S", 0.5)
    first = await browser.watch("events")
    beat = await browser.told()
    assert beat == {"state": "running", "revision": first["revision"], "now": beat["now"]}


async def test_a_reload_is_told_and_the_same_subscription_goes_on(
    hass: HomeAssistant, browser: Browser, house: HomeFlexConfigEntry
) -> None:
    await browser.watch("now")
    assert await hass.config_entries.async_unload(house.entry_id)
    assert (await browser.told(lambda said: said["state"] != "running"))["state"] == "restarting"
    assert await hass.config_entries.async_setup(house.entry_id)
    assert (await browser.told(lambda said: "body" in said))["state"] == "running"


async def test_a_browser_that_comes_while_the_site_is_away_is_told_so(
    hass: HomeAssistant, browser: Browser, house: HomeFlexConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(house.entry_id)
    assert (await browser.watch("now"))["state"] == "restarting"
    answer = await browser.steer("pause")
    assert answer["error"]["translation_key"] == "not_running"
    assert await hass.config_entries.async_setup(house.entry_id)


async def test_an_event_is_skipped_and_joined_again(hass: HomeAssistant, browser: Browser) -> None:
    await browser.watch("events")
    event_id = await dispatched(hass)
    for does, is_out in (("skip", True), ("join", False)):
        assert (await browser.steer(does, event_id))["success"]
        await browser.told(
            lambda said, is_out=is_out: any(  # type: ignore[misc] # bound here
                event["opted_out"] is is_out for event in said.get("body", {}).get("open", ())
            )
        )


async def test_what_is_refused_is_refused_with_words(browser: Browser) -> None:
    answer = await browser.steer("skip", "no such event")
    assert not answer["success"]
    assert (answer["error"]["translation_domain"], answer["error"]["translation_key"]) == (
        DOMAIN,
        "unknown_event",
    )


async def test_what_a_battery_holds_is_kept_for_two_hours_and_given_back(
    browser: Browser, house: HomeFlexConfigEntry
) -> None:
    battery = battery_of((await browser.watch("now"))["body"])
    assert battery["offered"] == ["keep"]
    before = house.runtime_data.data.wishes.battery(battery["device_id"])
    assert (await browser.steer("keep", battery["device_id"]))["success"]
    said = await browser.told(lambda said: "body" in said and battery_of(said["body"])["override"])
    assert battery_of(said["body"])["override"]["does"] == "keep"
    kept = house.runtime_data.data.wishes.battery(battery["device_id"])
    assert kept.reserve == pytest.approx(battery["state_of_charge"], abs=0.01)
    assert (await browser.steer("as_before", battery["device_id"]))["success"]
    assert house.runtime_data.data.wishes.battery(battery["device_id"]) == before


async def test_nothing_is_decided_for_what_is_no_device(browser: Browser) -> None:
    assert (await browser.steer("keep", "elsewhere"))["error"]["translation_key"] == "unknown_device"


async def test_everything_is_paused_with_an_end_and_goes_on(
    browser: Browser, house: HomeFlexConfigEntry
) -> None:
    await browser.watch("now")
    assert (await browser.steer("pause"))["success"]
    said = await browser.told(lambda said: said.get("body", {}).get("paused"))
    assert said["body"]["paused_until"] is not None
    assert (await browser.steer("resume"))["success"]
    assert not house.runtime_data.data.wishes.site.paused


async def test_the_plan_is_followed_or_only_shown(browser: Browser, house: HomeFlexConfigEntry) -> None:
    for does, follows in (("follow_plan", True), ("only_show_plan", False)):
        assert (await browser.steer(does))["success"]
        assert house.runtime_data.data.wishes.site.follow_plan is follows


async def test_the_home_takes_part_in_events_or_in_none(browser: Browser, house: HomeFlexConfigEntry) -> None:
    for does, takes_part in (("stay_out", False), ("take_part", True)):
        assert (await browser.steer(does))["success"]
        assert house.runtime_data.data.participating is takes_part


async def test_a_device_may_be_managed_or_not(browser: Browser, house: HomeFlexConfigEntry) -> None:
    devices = (await browser.watch("devices"))["body"]["devices"]
    battery = next(device for device in devices if device["kind"] == "battery")
    assert battery["permissions"] == {"managed": True, "automatic": True, "quiet": False}
    answer = await browser.ask(
        type=f"{DOMAIN}/permit", device_id=battery["device_id"], permission="managed", value=False
    )
    assert answer["success"]
    assert not house.runtime_data.data.wishes.device(battery["device_id"]).managed
    meter = next(device for device in devices if device["kind"] == "grid_meter")
    answer = await browser.ask(
        type=f"{DOMAIN}/permit", device_id=meter["device_id"], permission="managed", value=False
    )
    assert answer["error"]["translation_key"] == "unknown_device"


async def test_the_ledger_says_who_told_a_device_what(hass: HomeAssistant, browser: Browser) -> None:
    devices = (await browser.watch("devices"))["body"]["devices"]
    battery = next(device for device in devices if device["kind"] == "battery")
    await hass.services.async_call(
        DOMAIN, "dispatch", {"setpoint": 500, "duration": {"minutes": 30}}, blocking=True
    )

    await browser.told(lambda said: "body" in said and said["body"]["devices"] != devices)
    answer = await browser.ask(type=f"{DOMAIN}/ledger", device_id=battery["device_id"])
    found = answer["result"]
    assert {row["device_id"] for row in found} == {battery["device_id"]}
    assert found[0]["reason"] == "dispatch_setpoint"
    assert found[0]["decided_by"] == "you"


async def test_what_one_device_was_told_seldom_is_hidden_by_no_other(
    browser: Browser, house: HomeFlexConfigEntry
) -> None:
    entry = an_entry(time=dt_util.utcnow(), device_id="seldom")
    often = [replace(entry, device_id="often")] * 3_000
    await house.runtime_data.receipts.write(Batch(ledger=[entry, *often]))
    found = (await browser.ask(type=f"{DOMAIN}/ledger", device_id="seldom"))["result"]
    assert [row["reason"] for row in found] == [entry.reason]


async def test_a_programme_gets_a_rule(browser: Browser, house: HomeFlexConfigEntry) -> None:
    await browser.watch("events")
    assert (await browser.ask(type=f"{DOMAIN}/agree", program_id="winter", rule="ask"))["success"]
    said = await browser.told(lambda said: said.get("body", {}).get("programmes"))
    assert said["body"]["programmes"] == [{"program_id": "winter", "rule": "ask"}]


async def test_an_event_that_is_not_over_has_no_receipt(hass: HomeAssistant, browser: Browser) -> None:
    answer = await browser.ask(type=f"{DOMAIN}/receipt", event_id=await dispatched(hass))
    assert answer["success"]
    assert answer["result"] is None


async def test_a_store_that_cannot_be_read_is_told(
    browser: Browser, house: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(**_: object) -> None:
        raise HistoryError("the disk is gone")

    monkeypatch.setattr(house.runtime_data.receipts, "receipts", fails)
    answer = await browser.ask(type=f"{DOMAIN}/receipt", event_id="one")
    assert answer["error"]["translation_key"] == "store_unreadable"


async def test_the_plan_is_told_once_there_is_one(browser: Browser, house: HomeFlexConfigEntry) -> None:
    await browser.watch("plan")
    planning = house.runtime_data.controller.planning
    assert planning is not None
    await planning.make()
    said = await browser.told(lambda said: said.get("body", {}).get("plan"))
    plan = said["body"]["plan"]
    steps = len(plan["lengths_s"])
    assert {len(plan[key]) for key in ("import_price", "export_price", "grid_w", "load_w")} == {steps}
    assert [device["name"] for device in plan["devices"] if device["state_of_charge"]] == ["Cellar battery"]
    assert "load_missing" in {left["code"] for left in said["body"]["left_out"]}


async def test_who_looks_at_the_plan_has_reckoned_what_devices_could_do_instead(
    browser: Browser, house: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    planning = house.runtime_data.controller.planning
    assert planning is not None
    await planning.make()
    assert planning.made is not None
    bend = Bend(wish=BentWish.RESERVE, subject_id="main", amount=400.0, first_step=0, last_step=3)
    other = Alternative(instead=Instead.NOT_NOW, money=0.12, carbon_g=None, bent=(bend,))
    battery = next(key for key, device in planning.made.plan.devices.items() if device.kind == "battery")
    may_end, asked = asyncio.Event(), 0

    async def reckon(_made: MadePlan) -> dict[str, Alternative]:
        nonlocal asked
        asked += 1
        await may_end.wait()
        return {battery: other}

    monkeypatch.setattr(planning.alternatives, "_reckoned", reckon)

    def alternatives(said: Any) -> list[Any]:
        return [each["alternative"] for each in said["body"]["plan"]["devices"] if each["alternative"]]

    assert alternatives(await browser.watch("plan")) == []
    may_end.set()
    (told,) = alternatives(await browser.told(lambda said: "body" in said and alternatives(said)))
    assert asked == 1
    assert (told["instead"], told["costs"], told["bent"][0]["wish"]) == ("not_now", 0.12, "reserve")


async def test_who_may_only_look_sees_and_steers_nothing(looker: Browser, house: HomeFlexConfigEntry) -> None:
    assert (await looker.ask(type=f"{DOMAIN}/about"))["result"] == {"may_steer": False, "may_set_up": False}
    assert (await looker.watch("now"))["state"] == "running"
    battery = house.runtime_data.data.devices
    device_id = next(key for key, device in battery.items() if device.kind == "battery")
    for asked in (
        {"type": f"{DOMAIN}/steer", "does": "pause"},
        {"type": f"{DOMAIN}/permit", "device_id": device_id, "permission": "managed", "value": False},
        {"type": f"{DOMAIN}/agree", "program_id": "winter", "rule": "never"},
    ):
        assert (await looker.ask(**asked))["error"]["code"] == "unauthorized"
    assert not house.runtime_data.data.wishes.site.paused
    assert house.runtime_data.data.wishes.device(device_id).managed


async def test_who_may_control_is_told_so(browser: Browser) -> None:
    assert (await browser.ask(type=f"{DOMAIN}/about"))["result"] == {"may_steer": True, "may_set_up": True}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder as the build leaves it."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "panel-Ab12.js").write_text("export {};\n")
    (folder / "cards-Cd34.js").write_text("export {};\n")
    monkeypatch.setattr(bundle, "FILES", folder)
    return folder


async def test_the_panel_is_in_the_sidebar_until_the_home_is_removed(
    hass: HomeAssistant, built: Path, start_site: StartSite, hass_client: Clients
) -> None:
    entry: HomeFlexConfigEntry = await start_site()
    panel = hass.data[frontend.DATA_PANELS][PANEL]
    assert not panel.require_admin
    assert panel.config is not None
    url = panel.config["_panel_custom"]["module_url"]
    assert url.endswith("/panel-Ab12.js")
    answer = await (await hass_client()).get(url)
    assert answer.status == 200
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert frontend.async_panel_exists(hass, PANEL)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not frontend.async_panel_exists(hass, PANEL)


async def test_the_panel_is_served_as_it_was_started_until_home_assistant_starts_anew(
    hass: HomeAssistant, built: Path, start_site: StartSite, hass_client: Clients
) -> None:
    await start_site()
    client = await hass_client()

    async def got(name: str) -> tuple[int, str, str]:
        answer = await client.get(f"/home_flex_panel/{name}")
        return answer.status, await answer.text(), answer.headers.get("Cache-Control", "")

    # An update lays other files down, as the store of integrations does before a restart.
    for name in ("panel-Ab12.js", "cards-Cd34.js"):
        (built / name).unlink()
    (built / "panel-New1.js").write_text("export { newer };\n")
    assert await got("panel-Ab12.js") == (200, "export {};\n", "public, max-age=2678400")
    # What a browser knows of another release is answered with what runs here, and not kept under that name.
    assert await got("cards-Old9.js") == (200, "export {};\n", "no-cache")
    assert (await got("licenses.md"))[0] == 404


async def test_every_page_learns_of_the_cards_once_until_the_home_is_removed(
    hass: HomeAssistant, built: Path, start_site: StartSite
) -> None:
    told: list[tuple[str, str]] = []
    urls = frontend.UrlManager(lambda change, url: told.append((change, url)), [])
    hass.data[frontend.DATA_EXTRA_MODULE_URL] = urls
    hass.config.components.add("frontend")
    entry: HomeFlexConfigEntry = await start_site()
    (url,) = urls.urls
    assert url.endswith("/cards-Cd34.js")
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert told == [("added", url)]
    await hass.config_entries.async_remove(entry.entry_id)
    assert told == [("added", url), ("removed", url)]


async def test_a_home_without_its_panel_runs_and_says_so(
    hass: HomeAssistant,
    built: Path,
    start_site: StartSite,
    issue_registry: ir.IssueRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (built / "panel-Ab12.js").unlink()
    await start_site()
    assert issue_registry.async_get_issue(DOMAIN, "panel_missing")
    assert "without its panel" in caplog.text
    assert not frontend.async_panel_exists(hass, PANEL)


async def test_rules_of_the_house_are_said_and_told(browser: Browser) -> None:
    first = (await browser.watch("events"))["body"]
    assert first["house_rules"] == {
        "quiet_from": None,
        "quiet_until": None,
        "most_a_week": None,
        "never_away": False,
    }
    rules = {"quiet_from": "21:00", "quiet_until": "08:00", "most_a_week": 3, "never_away": True}
    assert (await browser.ask(type=f"{DOMAIN}/house_rules", **rules))["success"]
    said = await browser.told(lambda said: said.get("body", {}).get("house_rules") == rules)
    assert said["state"] == "running"


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        (
            {"quiet_from": "21:00", "quiet_until": None, "most_a_week": None, "never_away": False},
            "invalid_wish",
        ),
        (
            {"quiet_from": "21:00", "quiet_until": "21:00", "most_a_week": None, "never_away": False},
            "invalid_wish",
        ),
        ({"quiet_from": None, "quiet_until": None, "most_a_week": -1, "never_away": False}, None),
        ({"quiet_from": None, "quiet_until": None, "most_a_week": True, "never_away": False}, None),
        ({"quiet_from": "late", "quiet_until": "08:00", "most_a_week": None, "never_away": False}, None),
    ],
)
async def test_rules_that_cannot_be_are_refused(
    browser: Browser, house: HomeFlexConfigEntry, rules: dict[str, Any], key: str | None
) -> None:
    answer = await browser.ask(type=f"{DOMAIN}/house_rules", **rules)
    assert not answer["success"]
    assert answer["error"].get("translation_key") == key
    assert house.runtime_data.controller.events.book.house.most_a_week is None
