"""What the home can offer, what events cost and what might be otherwise, in Home Assistant."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import probatio
import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.runtime.planning.service import PlanService

from .house import until


def planning_of(entry: HomeFlexConfigEntry) -> PlanService:
    planning = entry.runtime_data.controller.planning
    assert planning is not None
    return planning


async def asked(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)
    assert isinstance(answer, dict)
    return answer


async def offered(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Have a plan made of the devices as they are, and what is offered beside it."""
    await asked(hass, "replan")
    await planning_of(entry).offers.make(anew=True)
    await until(lambda: (plan := entry.runtime_data.data.plan) is not None and plan.flexibility_w)
    await hass.async_block_till_done()


def attributes(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return dict(found.attributes)


async def test_what_can_be_offered_is_told_by_half_hour_and_duration_with_its_price(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)

    answer = await asked(hass, "get_flexibility")

    assert answer["currency"] == "EUR"
    assert {each["duration_s"] for each in answer["offers"]} >= {900, 1800, 3600}
    points = [(each["direction"], point) for each in answer["offers"] for point in each["points"]]
    assert {direction for direction, _ in points} == {"up", "down"}
    for _, point in points:
        assert point["power_w"] > 0.0
        assert 0.0 <= point["confidence"] <= 1.0
        assert {"price", "price_per_kwh", "energy_before_wh", "energy_after_wh", "rebound_w"} <= set(point)


async def test_one_direction_and_duration_can_be_asked_for(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)

    answer = await asked(hass, "get_flexibility", direction="up", duration="00:30:00")

    assert answer["offers"]
    assert {(each["direction"], each["duration_s"]) for each in answer["offers"]} == {("up", 1800)}


async def test_a_duration_that_nothing_is_offered_for_is_refused(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)

    with pytest.raises(ServiceValidationError, match="15 or 30 minutes"):
        await asked(hass, "get_flexibility", duration="00:20:00")


async def test_a_direction_that_is_none_is_refused(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    with pytest.raises(probatio.Invalid):
        await asked(hass, "get_flexibility", direction="sideways")


async def test_without_a_plan_nothing_is_offered_and_the_action_says_so(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    offers = planning_of(site).offers
    offers.made = offers._plan = None

    with pytest.raises(ServiceValidationError, match="not known yet what the home can offer"):
        await asked(hass, "get_flexibility")


async def test_what_is_offered_now_is_shown(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    await offered(hass, house)

    for entity_id in ("sensor.my_home_flexibility_up_now", "sensor.my_home_flexibility_down_now"):
        found = hass.states.get(entity_id)
        assert found is not None
        assert float(found.state) >= 0.0


async def test_an_event_says_what_joining_it_costs(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    start = dt_util.utcnow() + timedelta(hours=2)
    told = await asked(
        hass, "dispatch", import_limit=0, start=start.isoformat(), duration="00:30:00", name="Evening peak"
    )
    await offered(hass, house)

    plan = await asked(hass, "get_plan")

    (event,) = plan["events"]
    assert event["event_id"] == told["event_id"]
    assert set(event["options"]) == {"join", "partly", "skip"}
    assert event["options"]["skip"]["costs"] == 0.0
    assert event["options"]["join"]["costs"] >= event["options"]["skip"]["costs"] - 0.001
    assert {each["name"] for each in event["devices"]} >= {"Cellar battery"}
    await until(lambda: "join_costs" in attributes(hass, "sensor.my_home_event"))


async def test_what_if_tells_the_difference_and_changes_nothing(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)
    made = planning_of(house).made
    assert made is not None

    answer = await asked(hass, "simulate", import_price=0.6)

    # The house draws all day: a dearer kWh costs more.
    assert answer["costs_more"] > 0.0
    assert answer["cost"] == pytest.approx(answer["cost_before"] + answer["costs_more"], abs=0.001)
    # A quarter-hour may have ended meanwhile; no plan was made with the price of the question.
    after = planning_of(house).made
    assert after is not None
    assert after.problem.signals.import_per_kwh[-1] == made.problem.signals.import_per_kwh[-1]


async def test_what_if_asks_at_the_prices_of_the_currency_and_refuses_those_that_no_kwh_costs(
    hass: HomeAssistant, house: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offered(hass, house)

    for name in ("import_price", "export_price"):
        for price in (25.0, -4.0, 1e9, "nan", "inf"):
            with pytest.raises((ServiceValidationError, probatio.Invalid)):
                await asked(hass, "simulate", **{name: price})
    coordinator = house.runtime_data
    monkeypatch.setattr(coordinator, "site", replace(coordinator.site, currency="HUF"))
    assert (await asked(hass, "simulate", import_price=70.0))["currency"] == "HUF"


async def test_what_if_says_so_where_other_plans_take_too_long(
    hass: HomeAssistant, house: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await offered(hass, house)
    monkeypatch.setattr("custom_components.home_flex.runtime.planning.service.SOLVE_TIMEOUT_S", 0.0)

    with pytest.raises(ServiceValidationError) as refused:
        await asked(hass, "simulate", import_price=0.6)
    assert refused.value.translation_key == "busy"


async def test_a_battery_that_was_not_there_would_save_nothing(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)
    battery = next(
        each
        for each in dr.async_entries_for_config_entry(dr.async_get(hass), house.entry_id)
        if each.name == "Cellar battery"
    )

    answer = await asked(hass, "simulate", device_id=[battery.id], goal="cheapest")

    assert answer["costs_more"] >= -0.001


async def test_a_device_of_somebody_else_cannot_be_simulated_away(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await offered(hass, house)

    with pytest.raises(ServiceValidationError):
        await asked(hass, "simulate", device_id=["nobody"])
