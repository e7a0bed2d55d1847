"""Tariffs: shown before they are kept, refused with a sentence, and read from whoever tells them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.signals import SignalKind
from custom_components.home_flex.core.statistics import Fee, Grouping
from custom_components.home_flex.panel.money import money_document

from .house import SubentryFlow, suggested, until
from .prices import ENTITY, price_at, publish, rows, this_hour

IMPORT = "sensor.my_home_import_price_now"
FROM_ENTITY = {
    "name": "Exchange",
    "kind": "import_price",
    "entity": ENTITY,
    "factor": 1,
    "addition_per_kwh": 0,
    "vat_percent": 0,
}
BY_CLOCK = {
    "name": "Day and night",
    "kind": "import_price",
    "price_per_kwh": 0.31,
    "low_price_per_kwh": 0.22,
    "low_since": "23:00:00",
    "low_until": "07:00:00",
    "weekends_low": False,
}


def shown(hass: HomeAssistant, entity_id: str = IMPORT) -> float | None:
    state = hass.states.get(entity_id)
    return float(state.state) if state is not None and state.state not in {"unknown", "unavailable"} else None


async def fill(hass: HomeAssistant, site: HomeFlexConfigEntry, step: str, **values: Any) -> Any:
    """Choose a step of a new tariff and fill in its form; return the dialog."""
    flow = SubentryFlow(hass, site.entry_id, "tariff")
    await flow.open()
    await flow.choose(step)
    await flow.enter(**values)
    return flow


async def keep(hass: HomeAssistant, flow: SubentryFlow) -> Any:
    assert flow.result["step_id"] == "confirm"
    result = await flow.enter()
    await hass.async_block_till_done()
    return result


async def test_without_a_tariff_the_prices_of_the_site_hold(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert shown(hass) == 0.3
    assert shown(hass, "sensor.my_home_export_price_now") == 0.05
    state = hass.states.get(IMPORT)
    assert state is not None
    assert state.attributes["unit_of_measurement"] == "EUR/kWh"
    assert state.attributes["state_class"] == "measurement"


async def test_prices_by_the_clock_are_shown_and_kept(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    flow = await fill(hass, site, "calendar", **BY_CLOCK)
    words = flow.result["description_placeholders"]
    assert len(words["bars"]) == 36
    assert set(words["bars"]) == {"▁", "█"}
    assert (words["lowest"], words["highest"], words["unit"]) == ("0.2200", "0.3100", "EUR/kWh")
    assert (words["lowest_at"], words["highest_at"]) != ("", "")
    added = await keep(hass, flow)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    assert added["title"] == "Day and night"
    assert added["data"]["price_per_kwh"] == "0.31"
    assert shown(hass) in {0.31, 0.22}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"low_until": "23:00:00"}, "hours_equal"),
        ({"high_price_per_kwh": 0.4}, "hours_incomplete"),
    ],
)
async def test_hours_that_are_none_are_refused_and_can_be_put_right(
    hass: HomeAssistant, site: HomeFlexConfigEntry, changed: dict[str, Any], problem: str
) -> None:
    flow = await fill(hass, site, "calendar", **(BY_CLOCK | changed))
    assert flow.result["errors"] == {"base": problem}
    await flow.enter(**BY_CLOCK)
    assert (await keep(hass, flow))["type"] is FlowResultType.CREATE_ENTRY


async def test_prices_of_an_entity_are_shown_with_what_comes_on_top(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    publish(hass)
    added = {"factor": 1.02, "addition_per_kwh": 0.1, "vat_percent": 21}
    flow = await fill(hass, site, "entity", **(FROM_ENTITY | added))
    words = flow.result["description_placeholders"]
    assert words["shape"] == "Nord Pool"
    assert words["left_out"] == "0"
    assert words["bars"].endswith("·" * 12)
    price = (1.02 * price_at(this_hour()) + 0.1) * 1.21
    assert words["now"] == f"{price:.4f}"
    await keep(hass, flow)
    await until(lambda: shown(hass) == pytest.approx(price))
    state = hass.states.get(IMPORT)
    assert state is not None
    assert state.attributes["known_until"] == (this_hour() + timedelta(hours=24)).isoformat()


def _nothing(hass: HomeAssistant) -> None:
    hass.states.async_remove(ENTITY)


def _only_now(hass: HomeAssistant) -> None:
    hass.states.async_set(ENTITY, "0.2", {"unit_of_measurement": "EUR/kWh"})


def _tomorrow_of_last_week(hass: HomeAssistant) -> None:
    publish(hass, start=this_hour() - timedelta(days=5), hours=48)


REFUSED: dict[str, tuple[Callable[[HomeAssistant], None], str]] = {
    "no entity": (_nothing, "entity_missing"),
    "the price of now only": (_only_now, "shape_unknown"),
    "cents for euros": (lambda hass: publish(hass, scale=100), "too_large"),
    "no unit": (lambda hass: publish(hass, unit=None), "unit_missing"),
    "crowns": (lambda hass: publish(hass, unit="SEK/kWh"), "other_currency"),
    "three days old": (_tomorrow_of_last_week, "old"),
    "an hour off": (
        lambda hass: publish(hass, start=this_hour() - timedelta(hours=3), late=timedelta(hours=1)),
        "shifted",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_prices_that_cannot_be_right_are_refused_and_can_be_put_right(
    hass: HomeAssistant, site: HomeFlexConfigEntry, case: str
) -> None:
    tell, problem = REFUSED[case]
    tell(hass)
    flow = await fill(hass, site, "entity", **FROM_ENTITY)
    assert flow.result["errors"] == {"base": problem}
    publish(hass)
    await flow.enter(**FROM_ENTITY)
    assert (await keep(hass, flow))["type"] is FlowResultType.CREATE_ENTRY


async def test_cents_that_say_so_are_prices(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    publish(hass, unit="ct/kWh", scale=100)
    flow = await fill(hass, site, "entity", **FROM_ENTITY)
    assert flow.result["description_placeholders"]["now"] == f"{price_at(this_hour()):.4f}"


async def test_slots_told_twice_are_counted_before_they_are_left_out(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    twice = rows(this_hour(), 24) + rows(this_hour(), 2)
    hass.states.async_set(ENTITY, "unknown", {"raw_today": twice, "unit_of_measurement": "EUR/kWh"})
    flow = await fill(hass, site, "entity", **FROM_ENTITY)
    assert flow.result["description_placeholders"]["left_out"] == "2"


@pytest.fixture
def nord_pool(hass: HomeAssistant) -> list[ServiceCall]:
    """Register the sensor and the action of Home Assistant's own Nord Pool; tomorrow is not there yet."""
    entry = MockConfigEntry(domain="nordpool", entry_id="of_nord_pool")
    entry.add_to_hass(hass)
    registered = er.async_get(hass).async_get_or_create(
        "sensor", "nordpool", "current", config_entry=entry, suggested_object_id="exchange"
    )
    assert registered.entity_id == ENTITY
    hass.states.async_set(ENTITY, str(price_at(this_hour())), {"unit_of_measurement": "EUR/kWh"})
    calls: list[ServiceCall] = []

    async def answer(call: ServiceCall) -> Any:
        calls.append(call)
        if len(calls) % 2 == 0:
            raise ServiceValidationError("Not published")
        told = rows(this_hour(), 24, 1000)
        return {"NL": [{"start": row["start"], "end": row["end"], "price": row["value"]} for row in told]}

    hass.services.async_register(
        "nordpool", "get_prices_for_date", answer, supports_response=SupportsResponse.ONLY
    )
    return calls


async def test_an_integration_whose_entities_hold_no_list_is_asked_by_its_action(
    hass: HomeAssistant, site: HomeFlexConfigEntry, nord_pool: list[ServiceCall]
) -> None:
    flow = await fill(hass, site, "entity", **FROM_ENTITY)
    assert flow.result["description_placeholders"]["now"] == f"{price_at(this_hour()):.4f}"
    assert nord_pool[0].data["config_entry"] == "of_nord_pool"
    assert nord_pool[0].data["date"] < nord_pool[1].data["date"]
    await keep(hass, flow)
    await until(lambda: shown(hass) == price_at(this_hour()))
    asked = len(nord_pool)
    await site.runtime_data.prices.async_refresh()
    assert len(nord_pool) == asked  # it is not asked all the time


async def test_an_action_that_fails_is_told(
    hass: HomeAssistant, site: HomeFlexConfigEntry, nord_pool: Any
) -> None:
    hass.services.async_remove("nordpool", "get_prices_for_date")
    flow = await fill(hass, site, "entity", **FROM_ENTITY)
    assert flow.result["errors"] == {"base": "action_failed"}
    assert flow.result["description_placeholders"]["problem"] == "nordpool.get_prices_for_date"
    publish(hass)
    await flow.enter(**FROM_ENTITY)
    assert (await keep(hass, flow))["type"] is FlowResultType.CREATE_ENTRY


async def test_carbon_is_known_of_now_where_nobody_tells_it_ahead(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    hass.states.async_set("sensor.co2", "250", {"unit_of_measurement": "gCO2eq/kWh"})
    flow = await fill(hass, site, "carbon", name="Grid", entity="sensor.co2")
    assert flow.result["description_placeholders"]["now"] == "250"
    await keep(hass, flow)
    prices = site.runtime_data.prices
    await until(lambda: prices.current(SignalKind.CARBON_INTENSITY) is not None)
    slot = prices.current(SignalKind.CARBON_INTENSITY)
    assert slot is not None
    assert float(slot.value) == 250


async def test_the_price_of_the_peak_is_kept(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    flow = await fill(hass, site, "peak", name="Capacity", price_per_kw_month=3.5, least_kw=2.5)
    assert flow.result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    peak = site.runtime_data.prices.tariffs.peak
    assert peak is not None
    assert (float(peak.price_per_kw_month), peak.least_w) == (3.5, 2500)


async def test_fixed_fees_are_kept_and_one_at_least_is_asked_for(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await fill(hass, site, "fees", name="Fees")
    assert flow.result["errors"] == {"base": "no_fee"}
    # A standing charge, and a rebate of the year.
    result = await flow.enter(name="Fees", fee_per_day=0.2, fee_per_year=-600)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert site.runtime_data.prices.tariffs.fees == (
        Fee(amount=Decimal("0.2"), per=Grouping.DAY),
        Fee(amount=Decimal(-600), per=Grouping.YEAR),
    )
    day = datetime(2026, 11, 20, tzinfo=dt_util.get_default_time_zone())
    await until(lambda: site.runtime_data.series.keeper is not None)
    answer = await hass.services.async_call(
        "home_flex",
        "get_statistics",
        {"kind": "cost", "start": day, "end": day + timedelta(days=1)},
        blocking=True,
        return_response=True,
    )
    # 0.20 less 600 over 365 days.
    assert answer["periods"][0]["fees"] == "-1.44"  # type: ignore[index, call-overload] # an object
    shown = await money_document(site.runtime_data, Grouping.DAY, day.date(), 0)
    assert (shown["total"]["fees"], shown["total"]["paid"]) == ("-1.44", "-1.44")


async def test_a_site_has_one_tariff_of_a_kind(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    await keep(hass, await fill(hass, site, "calendar", **BY_CLOCK))
    publish(hass)
    again = await fill(hass, site, "entity", **FROM_ENTITY)
    assert (again.result["type"], again.result["reason"]) == (FlowResultType.ABORT, "already_configured")
    other = await fill(hass, site, "entity", **(FROM_ENTITY | {"kind": "export_price"}))
    assert other.result["step_id"] == "confirm"


@pytest.mark.parametrize(
    ("step", "values", "changed"),
    [
        ("calendar", BY_CLOCK, {"price_per_kwh": 0.33}),
        ("entity", FROM_ENTITY, {"vat_percent": 9}),
        ("peak", {"name": "Peak", "price_per_kw_month": 3.5, "least_kw": 2.5}, {"least_kw": 0}),
        ("fees", {"name": "Fees", "fee_per_day": 0.2}, {"fee_per_month": 4.99}),
        ("carbon", {"name": "Grid", "entity": ENTITY}, {"name": "The grid"}),
    ],
)
async def test_a_tariff_is_changed_where_it_was_made(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    step: str,
    values: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    publish(hass, unit="g/kWh" if step == "carbon" else "EUR/kWh")
    made = await fill(hass, site, step, **values)
    if made.result["type"] is FlowResultType.FORM:
        await keep(hass, made)
    await hass.async_block_till_done()
    (kept,) = site.subentries.values()
    flow = SubentryFlow(hass, site.entry_id, "tariff")
    form = await flow.open(kept.subentry_id)
    assert form["step_id"] == step
    assert suggested(form, "name") == values["name"]
    result = await flow.enter(**(values | changed))
    if result["type"] is FlowResultType.FORM:
        result = await flow.enter()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
