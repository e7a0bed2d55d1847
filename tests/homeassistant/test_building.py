"""A building's loss of heat: told of in a form, read from the recorder, shown and asked for."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (  # type: ignore[import-untyped] # has no types
    async_wait_recording_done,
)

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.panel.figures import KEPT
from custom_components.home_flex.runtime.series_keeper import SeriesKeeper

from .conftest import StartSite
from .house import SubentryFlow, subentry, until
from .test_panel import Browser, Clients

SENSOR: Final = "sensor.my_home_heat_loss"
LOSS_W_PER_K, APERTURE_M2 = 180.0, 2.5
DAYS: Final = 60
FORM: Final[dict[str, Any]] = {
    "indoor": ["sensor.living_room"],
    "outdoor": "sensor.garden",
    "heat_source": "boiler",
    "heat": ["sensor.gas"],
    "hot_water_kwh_a_day": 0.0,
    "electricity": ["sensor.electricity"],
    "people": 0.0,
    "sun": ["sensor.sun"],
}


@pytest.fixture
def enable_custom_integrations(recorder_mock: Any, hass: HomeAssistant) -> None:
    """Start the recorder, which must be there before Home Assistant is, and let Home Flex be found."""
    hass.data.pop(DATA_CUSTOM_COMPONENTS)


def told(entity_id: str, unit: str, unit_class: str | None, *, counts: bool) -> StatisticMetaData:
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE if counts else StatisticMeanType.ARITHMETIC,
        has_sum=counts,
        name=None,
        source="recorder",
        statistic_id=entity_id,
        unit_class=unit_class,
        unit_of_measurement=unit,
    )


async def record(hass: HomeAssistant, days: int) -> date:
    """Let the recorder have kept a house of 180 W/K with a gas boiler; return its first day."""
    weather = random.Random(1)  # noqa: S311 # a made-up winter
    today = dt_util.start_of_local_day()
    start = dt_util.as_utc(today - timedelta(days=days))
    rows: dict[str, list[StatisticData]] = {
        entity_id: [] for entity_id in ("in", "out", "sun", "gas", "power")
    }
    gas_m3, power_kwh = 500.0, 90.0
    rows["gas"].append(StatisticData(start=start - timedelta(hours=1), state=gas_m3, sum=gas_m3))
    rows["power"].append(StatisticData(start=start - timedelta(hours=1), state=power_kwh, sum=power_kwh))
    for day in range(days):
        out_c, sun_w = weather.uniform(-2, 9), weather.uniform(10, 120)
        for hour in range(24):
            at = start + timedelta(days=day, hours=hour)
            heat_wh = LOSS_W_PER_K * (20.0 - out_c) - APERTURE_M2 * sun_w - 300.0
            gas_m3 += heat_wh / 0.9 / 9770.0
            power_kwh += 0.3
            rows["in"].append(StatisticData(start=at, mean=20.0))
            # The garden's sensor tells Fahrenheit.
            rows["out"].append(StatisticData(start=at, mean=out_c * 1.8 + 32))
            rows["sun"].append(StatisticData(start=at, mean=sun_w))
            rows["gas"].append(StatisticData(start=at, state=gas_m3, sum=gas_m3))
            rows["power"].append(StatisticData(start=at, state=power_kwh, sum=power_kwh))
    for metadata, name in (
        (told("sensor.living_room", "°C", "temperature", counts=False), "in"),
        (told("sensor.garden", "°F", "temperature", counts=False), "out"),
        (told("sensor.sun", "W/m²", None, counts=False), "sun"),
        (told("sensor.gas", "m³", "volume", counts=True), "gas"),
        (told("sensor.electricity", "kWh", "energy", counts=True), "power"),
    ):
        async_import_statistics(hass, metadata, rows[name])
    await async_wait_recording_done(hass)
    return datetime.date(today - timedelta(days=days))


async def asked(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN, "get_heat_loss", data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


async def test_a_building_is_told_of_in_a_form_and_its_loss_is_shown(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    await record(hass, DAYS)
    entry = await start_site()
    flow = SubentryFlow(hass, entry.entry_id, "building")
    await flow.start()
    assert (await flow.enter(name="House", **{**FORM, "sun": []}))["errors"] == {"base": "entities_missing"}
    assert (await flow.enter(name="House", **FORM))["type"] == "create_entry"
    await hass.async_block_till_done()
    await until(lambda: (state := hass.states.get(SENSOR)) is not None and state.state != "unknown")
    state = hass.states.get(SENSOR)
    assert state is not None
    assert float(state.state) == pytest.approx(LOSS_W_PER_K, rel=0.01)
    assert state.attributes["half_width_w_per_k"] > 15
    assert state.attributes["method"] == "regression"
    assert state.attributes["end"] == dt_util.now().date().isoformat()
    again = SubentryFlow(hass, entry.entry_id, "building")
    assert (await again.start())["reason"] == "only_one"


async def test_the_panel_shows_the_loss_with_its_interval_or_what_is_lacking(
    hass: HomeAssistant, start_site: StartSite, hass_ws_client: Clients
) -> None:
    start = await record(hass, DAYS)
    entry = await start_site(subentry("building", "House", **FORM))
    await until(lambda: entry.runtime_data.series.keeper is not None)
    await until(lambda: (state := hass.states.get(SENSOR)) is not None and state.state != "unknown")
    browser = Browser(await hass_ws_client(hass))
    found = (await browser.ask(type=f"{DOMAIN}/performance"))["result"]["heat_loss"]
    assert found["w_per_k"] == pytest.approx(LOSS_W_PER_K, rel=0.01)
    assert found["half_width_w_per_k"] > 15
    assert found["start"] >= start.isoformat()
    hass.states.async_set(SENSOR, "unknown", {"lacking": "too_mild", "days": 30, "asked_days": 90})
    hass.data.pop(KEPT)
    lacking = (await browser.ask(type=f"{DOMAIN}/performance"))["result"]["heat_loss"]
    assert (lacking["w_per_k"], lacking["lacking"], lacking["days"]) == (None, "too_mild", 30)


@pytest.mark.parametrize(
    ("state", "unit", "tenth_c"),
    [("28.4", "°F", -20), ("-2.0", "°C", -20), ("unavailable", "°C", None), ("3", "W", None)],
)
async def test_how_warm_it_is_outdoors_goes_to_the_series_of_the_home(
    hass: HomeAssistant,
    start_site: StartSite,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    unit: str,
    tenth_c: int | None,
) -> None:
    whole = SeriesBatch()
    monkeypatch.setattr(SeriesKeeper, "put", lambda _, batch: whole.add(batch))
    hass.states.async_set("sensor.garden", state, {"unit_of_measurement": unit})
    coordinator = (await start_site(subentry("building", "House", **FORM))).runtime_data
    await until(lambda: coordinator.series.open is not None)
    start = dt_util.utcnow() + timedelta(days=1)
    for second in range(700):
        coordinator.async_set_updated_data(replace(coordinator.data, time=start + timedelta(seconds=second)))
    cells = whole.cells.get(SeriesKey(device_id="", name="outdoor", unit="tenth_c"), {})
    assert cells.get(slot_at(start) + 1) == (None if tenth_c is None else (tenth_c, Mark.MEASURED))


async def test_two_periods_are_compared_when_asked(hass: HomeAssistant, start_site: StartSite) -> None:
    start = await record(hass, 2 * DAYS)
    await start_site(subentry("building", "House", **FORM))
    middle = start + timedelta(days=DAYS)
    answer = await asked(
        hass,
        start=middle.isoformat(),
        end=(middle + timedelta(days=DAYS)).isoformat(),
        before_start=start.isoformat(),
        before_end=middle.isoformat(),
    )
    assert answer["heat_loss_w_per_k"] == pytest.approx(LOSS_W_PER_K, rel=0.01)
    assert answer["comparison"]["ratio"] == pytest.approx(1.0, abs=0.01)
    assert not answer["comparison"]["is_less"]


async def test_without_enough_days_it_is_said_what_is_lacking(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    start = await record(hass, 10)
    await start_site(subentry("building", "House", **FORM))
    await until(lambda: (state := hass.states.get(SENSOR)) is not None and "lacking" in state.attributes)
    state = hass.states.get(SENSOR)
    assert state is not None
    assert (state.state, state.attributes["lacking"], state.attributes["days"]) == (
        "unknown",
        "too_few_days",
        10,
    )
    answer = await asked(hass, start=start.isoformat(), end=(start + timedelta(days=30)).isoformat())
    assert answer["lacking"] == "too_few_days"


@pytest.mark.parametrize(
    ("people", "days_later", "is_kept"), [(0.0, 0, True), (0.0, 1, False), (2.0, 0, False)]
)
async def test_a_figure_of_today_and_of_the_same_building_is_kept_over_a_restart(
    hass: HomeAssistant,
    start_site: StartSite,
    monkeypatch: pytest.MonkeyPatch,
    people: float,
    days_later: int,
    *,
    is_kept: bool,
) -> None:
    await record(hass, DAYS)
    entry = await start_site(subentry("building", "House", **FORM))
    await until(lambda: (state := hass.states.get(SENSOR)) is not None and state.state != "unknown")
    await hass.config_entries.async_unload(entry.entry_id)
    # Whoever reckons again finds nothing.
    get_instance(hass).async_clear_statistics([*FORM["indoor"], *FORM["heat"]])
    await async_wait_recording_done(hass)
    now = dt_util.now
    monkeypatch.setattr(dt_util, "now", lambda zone=None: now(zone) + timedelta(days=days_later))
    (building,) = entry.get_subentries_of_type("building")
    hass.config_entries.async_update_subentry(entry, building, data={**building.data, "people": people})
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: (state := hass.states.get(SENSOR)) is not None and len(state.attributes) > 5)
    state = hass.states.get(SENSOR)
    assert state is not None
    assert (state.state != "unknown") == is_kept
    assert ("lacking" in state.attributes) != is_kept


async def test_a_site_without_a_building_says_so(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await asked(hass, start="2026-01-01", end="2026-02-01")
    assert refused.value.translation_key == "no_building"
    assert hass.states.get(SENSOR) is None


async def test_a_range_that_is_none_is_refused(hass: HomeAssistant, start_site: StartSite) -> None:
    await start_site(subentry("building", "House", **FORM))
    with pytest.raises(ServiceValidationError) as refused:
        await asked(hass, start="2026-02-01", end="2026-01-01")
    assert refused.value.translation_key == "invalid_range"
