"""Wishes that the panel shows beside the plan and changes: the same ones as the entities'."""

from functools import partial
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.panel import plan as panel_plan
from custom_components.home_flex.panel.plan import plan_depends_on
from custom_components.home_flex.panel.wishes import wishes_document

from .conftest import StartSite
from .house import charger, until
from .test_entity_devices import add, of_kind
from .test_panel import Browser, Clients

BOILER_FORM: dict[str, Any] = {
    "name": "Boiler",
    "power": "sensor.boiler",
    "temperature": "sensor.tank",
    "switch": "input_boolean.boiler",
    "rated_power": 2.0,
    "min_temperature": 45.0,
    "max_temperature": 65.0,
    "reported_s": 1.0,
    "only_changes": False,
    "wired_phases": ["1"],
}


@pytest.fixture
async def home(start_site: StartSite) -> HomeFlexConfigEntry:
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP001"))
    return entry


@pytest.fixture
async def browser(hass: HomeAssistant, home: HomeFlexConfigEntry, hass_ws_client: Clients) -> Browser:
    return Browser(await hass_ws_client(hass))


def car_of(body: Any) -> tuple[str, dict[str, Any]]:
    (garage,) = (each for each in body["wishes"] if each["name"] == "Garage")
    return garage["device_id"], {each["wish"]: each["value"] for each in garage["wishes"]}


async def wish(browser: Browser, device_id: str, name: str, value: object) -> Any:
    return await browser.ask(type=f"{DOMAIN}/wish", device_id=device_id, wish=name, value=value)


async def test_what_is_wished_of_a_car_is_told_and_changed_in_place(browser: Browser) -> None:
    device_id, wishes = car_of((await browser.watch("plan"))["body"])
    assert wishes == {"ready_by_on": False, "ready_by": "07:00", "target_energy": 20.0}
    for name, value in (("ready_by_on", True), ("ready_by", "06:30"), ("target_energy", 12.5)):
        assert (await wish(browser, device_id, name, value))["success"]
        said = await browser.told(
            lambda said, name=name, value=value: (
                car_of(said["body"])[1][name] == value  # type: ignore[misc] # bound here
                if "body" in said
                else False
            )
        )
        assert said["state"] == "running"


async def test_the_entity_shows_what_was_wished_in_the_panel(hass: HomeAssistant, browser: Browser) -> None:
    device_id, _ = car_of((await browser.watch("plan"))["body"])
    assert (await wish(browser, device_id, "ready_by", "05:45"))["success"]
    await until(
        lambda: any(state.state == "05:45:00" for state in hass.states.async_all("time")), timeout_s=5
    )


async def test_whether_what_stands_beside_a_plan_changed_is_seen_without_making_it(
    hass: HomeAssistant, browser: Browser, home: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = home.runtime_data
    device_id = next(key for key, each in home.subentries.items() if each.subentry_type == "ev_charger")
    now = dt_util.utcnow()
    monkeypatch.setattr(coordinator.controller.wishes, "_clock", lambda: now)
    for made in ("wishes_document", "bent_document", "plan_sentences"):
        monkeypatch.setattr(panel_plan, made, lambda *_: pytest.fail("made to be compared"))

    def beside() -> object:
        """Return what stands beside a plan depends on, whichever plan is there."""
        _number, *others = plan_depends_on(coordinator)
        return others

    before, view = beside(), coordinator.data
    await until(lambda: coordinator.data is not view)
    assert beside() == before
    assert (await wish(browser, device_id, "ready_by", "06:15"))["success"]
    await until(lambda: beside() != before)
    asked: dict[str, Any] = {"import_limit": 5000, "duration": {"minutes": 30}}
    before = beside()
    event = await hass.services.async_call(DOMAIN, "dispatch", asked, blocking=True, return_response=True)
    await until(lambda: beside() != before)
    before = beside()
    await hass.services.async_call(DOMAIN, "opt_out", event, blocking=True)
    await until(lambda: beside() != before)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ready_by", "25:00"),
        ("ready_by", 7),
        ("ready_by_on", "yes"),
        ("target_energy", 0),
        ("target_energy", True),
        ("target_energy", 1e6),
    ],
)
async def test_what_cannot_be_wished_is_refused_and_changes_nothing(
    browser: Browser, home: HomeFlexConfigEntry, name: str, value: object
) -> None:
    device_id, _ = car_of((await browser.watch("plan"))["body"])
    before = home.runtime_data.data.wishes
    answer = await wish(browser, device_id, name, value)
    assert answer["error"]["translation_key"] == "invalid_wish"
    assert home.runtime_data.data.wishes == before


async def test_a_device_is_wished_only_what_its_kind_can(browser: Browser) -> None:
    device_id, _ = car_of((await browser.watch("plan"))["body"])
    for target, name in ((device_id, "reserve"), ("elsewhere", "ready_by"), (device_id, "target_soc")):
        answer = await wish(browser, target, name, 0.5)
        assert answer["error"]["translation_key"] == "unknown_device"


async def test_who_may_only_look_wishes_nothing(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    hass_read_only_access_token: str,
) -> None:
    looker = Browser(await hass_ws_client(hass, hass_read_only_access_token))
    device_id, _ = car_of((await looker.watch("plan"))["body"])
    assert (await wish(looker, device_id, "ready_by", "06:00"))["error"]["code"] == "unauthorized"


def home_of(body: Any) -> dict[str, Any]:
    (home,) = (each for each in body["wishes"] if each["device_id"] == "")
    return {each["wish"]: each["value"] for each in home["wishes"]}


async def test_what_the_home_wishes_is_changed_beside_the_plan_and_shown_by_its_entities(
    hass: HomeAssistant, browser: Browser, home: HomeFlexConfigEntry
) -> None:
    assert home_of((await browser.watch("plan"))["body"]) == {
        "goal": "cheapest",
        "away": False,
        "unwell": False,
    }
    for name, value, state in (
        ("goal", "greenest", "greenest"),
        ("away", True, "on"),
        ("unwell", True, "on"),
    ):
        assert (await wish(browser, "", name, value))["success"]
        await browser.told(partial(is_wished, name, value))
        await until(partial(is_shown, hass, state), timeout_s=5)


def is_wished(name: str, value: object, said: Any) -> bool:
    return "body" in said and bool(home_of(said["body"])[name] == value)


def is_shown(hass: HomeAssistant, state: str) -> bool:
    return any(each.state == state for each in hass.states.async_all())


@pytest.mark.parametrize(("name", "value"), [("goal", "fastest"), ("goal", True), ("away", "yes")])
async def test_what_no_home_can_wish_is_refused(browser: Browser, name: str, value: object) -> None:
    answer = await wish(browser, "", name, value)
    assert answer["error"]["translation_key"] == "invalid_wish"


async def test_the_band_of_comfort_is_changed_beside_the_plan_and_shown_by_its_entities(
    hass: HomeAssistant, browser: Browser, home: HomeFlexConfigEntry
) -> None:
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"boiler": {"initial": False}}}
    )

    def tell() -> None:
        hass.states.async_set("sensor.boiler", "0", {"unit_of_measurement": "W"})
        hass.states.async_set("sensor.tank", "50", {"unit_of_measurement": "°C"})

    tell()
    added = await add(hass, home, "water_heater", BOILER_FORM)
    assert added["type"] is FlowResultType.CREATE_ENTRY, added.get("errors")

    def bands() -> list[dict[str, Any]]:
        tell()
        document = wishes_document(home.runtime_data)
        return [
            {wish["wish"]: wish["value"] for wish in device["wishes"]}
            for device in document
            if device["name"] == "Boiler"
        ]

    await until(lambda: bands() == [{"comfort_min": 45.0, "comfort_max": 65.0}])
    boiler = of_kind(home, "water_heater").subentry_id
    assert (await wish(browser, boiler, "comfort_min", 48.5))["success"]
    await until(lambda: bands() == [{"comfort_min": 48.5, "comfort_max": 65.0}])
    state = hass.states.get("number.boiler_least_temperature")
    assert state is not None
    assert float(state.state) == 48.5
    answer = await wish(browser, boiler, "comfort_max", 49.5)
    assert answer["error"]["translation_key"] == "comfort_crossed"
    assert (await wish(browser, boiler, "comfort_max", 500))["error"]["translation_key"] == "invalid_wish"
