"""The guided first run: what a home still lacks, and what was found is added as the dialogs would add it."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.wishes import with_site
from tests.devices.fakes.modbus_server import FakeModbusServer

from .house import until
from .test_discovery import SOLAREDGE, heard
from .test_first_evening import charger, meter
from .test_panel import Browser, Clients, browser, looker

__all__ = ["browser", "charger", "looker", "meter"]


@pytest.fixture
async def empty(hass: HomeAssistant, site: HomeFlexConfigEntry, hass_ws_client: Clients) -> Browser:
    """Open a browser on a home without any device."""
    return Browser(await hass_ws_client(hass))


async def first_run(browser: Browser) -> Any:
    answer = await browser.ask(type=f"{DOMAIN}/first_run")
    assert answer["success"], answer
    return answer["result"]


async def accept(browser: Browser, *devices: dict[str, Any]) -> Any:
    return await browser.ask(type=f"{DOMAIN}/accept", devices=list(devices))


def kinds(site: HomeFlexConfigEntry) -> dict[str, str]:
    return {each.subentry_type: each.title for each in site.subentries.values()}


async def test_an_empty_home_lacks_all_but_its_prices(empty: Browser) -> None:
    said = await empty.watch("now")
    assert said["body"]["open_steps"] == ["meter", "devices", "wishes", "plan"]


async def test_a_home_with_devices_lacks_no_devices(browser: Browser) -> None:
    said = await browser.watch("now")
    assert not {"tariff", "meter", "devices"} & {*said["body"]["open_steps"]}


async def test_a_wish_is_one_step_less(browser: Browser, house: HomeFlexConfigEntry) -> None:
    assert "wishes" in (await browser.watch("now"))["body"]["open_steps"]
    await house.runtime_data.controller.requests.change_wishes(lambda wishes: with_site(wishes, away=True))
    await browser.told(lambda said: "body" in said and "wishes" not in said["body"]["open_steps"])


async def test_what_is_wished_of_the_devices_there_is_told(browser: Browser) -> None:
    told = await first_run(browser)
    (battery,) = told["wished"]
    assert (battery["kind"], battery["name"]) == ("battery", "Cellar battery")
    reserve = {"wish": "reserve", "shape": "share", "value": 0.1, "choices": [], "bounds": [0.0, 1.0]}
    assert reserve in battery["wishes"]
    assert told["never_feeds_in"] is False


@pytest.mark.usefixtures("meter", "charger")
async def test_what_other_integrations_have_is_added_in_one_go(
    hass: HomeAssistant, site: HomeFlexConfigEntry, empty: Browser
) -> None:
    found = {each["kind"]: each for each in (await first_run(empty))["found"]}
    assert {kind: each["is_suggested"] for kind, each in found.items()} == {
        "grid_meter": True,
        "ev_charger": True,
    }
    assert [each["role"] for each in found["ev_charger"]["asks"]] == ["min_current", "max_current"]
    numbers = {"min_current": 6.0, "max_current": 16.0}
    answer = await accept(
        empty, {"key": found["grid_meter"]["key"]}, {"key": found["ev_charger"]["key"], "numbers": numbers}
    )
    assert answer["success"], answer
    assert kinds(site) == {"grid_meter": "Grid meter", "ev_charger": "EV charger"}
    assert not any(each.data["controlled"] for each in site.subentries.values())
    await until(lambda: site.state.recoverable is False or len(site.runtime_data.data.devices) == 2)
    await hass.async_block_till_done()
    assert (await first_run(empty))["found"] == []


@pytest.mark.usefixtures("charger")
@pytest.mark.parametrize(
    ("numbers", "reason"),
    [({"min_current": 6.0}, "number_missing"), ({"min_current": 6.0, "max_current": 9e4}, "number_missing")],
)
async def test_a_device_without_its_numbers_is_refused_and_nothing_is_added(
    site: HomeFlexConfigEntry, empty: Browser, numbers: dict[str, float], reason: str
) -> None:
    (found,) = (await first_run(empty))["found"]
    answer = await accept(empty, {"key": found["key"], "numbers": numbers})
    assert answer["error"]["translation_key"] == reason
    assert not site.subentries


async def test_what_is_not_offered_any_more_is_refused_with_words(empty: Browser) -> None:
    answer = await accept(empty, {"key": "gone"})
    assert answer["error"]["translation_key"] == "device_gone"


@pytest.mark.usefixtures("meter")
async def test_a_second_meter_is_not_offered(browser: Browser) -> None:
    assert (await first_run(browser))["found"] == []


async def test_what_was_heard_in_the_network_is_added_by_the_dialog_that_waits_for_it(
    hass: HomeAssistant, site: HomeFlexConfigEntry, empty: Browser, modbus_server: FakeModbusServer
) -> None:
    await heard(hass, SOLAREDGE, modbus_server.port)
    (found,) = (await first_run(empty))["found"]
    assert (found["kind"], found["is_suggested"], found["asks"]) == (None, True, [])
    assert (await accept(empty, {"key": found["key"]}))["success"]
    assert list(kinds(site)) == ["pv"]
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    await hass.async_block_till_done()


async def test_who_does_not_administer_adds_nothing(looker: Browser) -> None:
    assert (await looker.ask(type=f"{DOMAIN}/about"))["result"]["may_set_up"] is False
    assert (await looker.ask(type=f"{DOMAIN}/first_run"))["error"]["code"] == "unauthorized"
    assert (await accept(looker, {"key": "any"}))["error"]["code"] == "unauthorized"
