"""The plan in Home Assistant: made, shown, drawn, asked for, and followed when it is wanted."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.scenario import problem_document, problem_from
from custom_components.home_flex.diagnostics import async_get_config_entry_diagnostics
from custom_components.home_flex.runtime.planning.service import PlanService

from .house import until

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def dutch(hass: HomeAssistant) -> None:
    """Have Home Assistant speak Dutch before anything is set up."""
    hass.config.language = "nl"


def planning_of(entry: HomeFlexConfigEntry) -> PlanService:
    planning = entry.runtime_data.controller.planning
    assert planning is not None
    return planning


async def asked(hass: HomeAssistant, action: str) -> dict[str, Any]:
    answer = await hass.services.async_call(DOMAIN, action, {}, blocking=True, return_response=True)
    assert isinstance(answer, dict)
    return answer


async def planned(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Have a plan made of the devices as they are, and wait until it is shown."""
    await asked(hass, "replan")
    made = planning_of(entry).made
    assert made is not None
    await until(lambda: (plan := entry.runtime_data.data.plan) is not None and plan.made_at == made.made_at)
    await hass.async_block_till_done()


def state(hass: HomeAssistant, entity_id: str) -> str:
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found.state


async def test_the_plan_is_shown_with_what_each_device_does_and_why(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)

    assert state(hass, "sensor.my_home_plan") == "solved"
    assert float(state(hass, "sensor.my_home_planned_cost")) is not None
    assert state(hass, "sensor.cellar_battery_planned") in {"cover_house", "hold", "charge"}
    assert state(hass, "sensor.cellar_battery_planned_because") not in {"unknown", "unavailable"}
    worth = hass.states.get("sensor.cellar_battery_worth_of_stored_energy")
    assert worth is not None
    assert worth.attributes["unit_of_measurement"] == "EUR/kWh"


async def test_what_a_plan_was_made_from_is_downloaded_and_replays(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)

    download = json.loads(json.dumps(await async_get_config_entry_diagnostics(hass, house), default=str))
    replayed = problem_from(download["scenario"]["problem"])

    made = planning_of(house).made
    assert made is not None
    assert problem_document(replayed) == problem_document(made.problem)
    assert Planner(limit_s=20.0).plan(replayed).devices.keys() == made.plan.devices.keys()


async def test_the_plan_is_told_step_by_step_and_by_device(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)

    plan = await asked(hass, "get_plan")

    assert plan["currency"] == "EUR"
    assert {device["name"] for device in plan["devices"]} == {"Roof", "Cellar battery"}
    assert all(step["import_price_per_kwh"] == 0.3 for step in plan["steps"])
    assert plan["steps"][0]["end"] == plan["steps"][1]["start"]
    battery = next(device for device in plan["devices"] if device["kind"] == "battery")
    assert battery["stretches"][0]["start"] == plan["steps"][0]["start"]
    assert battery["stretches"][-1]["end"] == plan["until"]
    unused = {each["code"]: each["sentence"] for each in plan["left_out"]}
    assert unused["load_missing"].startswith("What the home will draw is not known")


async def test_the_plan_is_drawn_as_a_picture_that_names_the_devices(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)

    image = await async_get_image(hass, "image.my_home_plan_of_the_day")

    assert image.content_type == "image/svg+xml"
    drawn = ET.fromstring(image.content)  # noqa: S314 # our own
    texts = {text.text for text in drawn.iter(f"{SVG}text")}
    assert {"Roof", "Cellar battery", "Import price"} <= texts
    assert len(list(drawn.iter(f"{SVG}rect"))) > 100


async def test_nothing_moves_until_the_plan_is_followed(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)

    assert state(hass, "switch.my_home_follow_the_plan") == "off"
    assert state(hass, "sensor.cellar_battery_controlled_by") == "itself"
    plan = house.runtime_data.data.plan
    assert plan is not None
    assert plan.is_followed is False

    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.my_home_follow_the_plan"}, blocking=True
    )

    assert house.runtime_data.data.wishes.site.follow_plan is True


async def test_without_a_plan_the_action_says_so(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    planning_of(site).made = None

    with pytest.raises(ServiceValidationError, match="no plan yet"):
        await asked(hass, "get_plan")


async def test_what_the_plan_could_not_use_is_told_on_its_sensor_in_the_language_of_the_home(
    hass: HomeAssistant, dutch: None, house: HomeFlexConfigEntry
) -> None:
    await planned(hass, house)
    await hass.async_block_till_done()

    left_out = (await asked(hass, "get_plan"))["left_out"]
    shown = hass.states.get("sensor.my_home_plan")
    assert shown is not None
    assert left_out
    assert shown.attributes["left_out"] == [each["sentence"] for each in left_out]
    # On its first day the home does not know what it draws.
    assert any(sentence.startswith("Het verbruik is niet") for sentence in shown.attributes["left_out"])


async def test_what_the_plan_cannot_keep_is_told_with_ways_out_in_the_language_of_the_home(
    hass: HomeAssistant, dutch: None, house: HomeFlexConfigEntry
) -> None:
    await hass.services.async_call(
        "number", "set_value", {"entity_id": "number.cellar_battery_reserve", "value": 100}, blocking=True
    )
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.cellar_battery_bijladen_tot_reserve"}, blocking=True
    )
    await planned(hass, house)
    await until(
        lambda: (
            (plan := house.runtime_data.data.plan) is not None
            and bool(plan.bent)
            and all(ways.changes for ways in plan.bent)
        )
    )
    await hass.async_block_till_done()

    # What is shown of the plan is part of the status of the home.
    status = await asked(hass, "get_status")
    assert len(status["plan"]["bent"]) == 1
    (bend,) = (await asked(hass, "get_plan"))["bent"]
    (change,) = bend["changes"]
    assert (bend["wish"], bend["name"]) == ("reserve", "Cellar battery")
    assert bend["sentence"].startswith("Cellar battery: tot ")
    assert change["kind"] == "lower_reserve"
    assert change["amount"] >= bend["amount"]
    assert "een reserve die" in change["sentence"]
    shown = hass.states.get("sensor.my_home_plan")
    assert shown is not None
    assert (shown.attributes["bent"], shown.attributes["ways_out"]) == (
        [bend["sentence"]],
        [change["sentence"]],
    )
