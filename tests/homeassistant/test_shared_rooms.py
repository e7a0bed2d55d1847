"""Rooms that a resident shares: chosen with their sensors, told to the real hub by quarter-hour, ended."""

from datetime import timedelta
from typing import Any, Final

import pytest
from homeassistant.core import HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped] # it has no types
    async_fire_time_changed,
)

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.room_report import RoomFigure
from custom_components.home_flex.core.model import QUARTER_HOUR_S, floor
from custom_components.home_flex.shared_rooms import figure_of

from .community import Community, answer, centre, community, link_to, resting
from .conftest import StartSite
from .house import SubentryFlow, until

__all__ = ["centre", "community", "resting"]

PATH: Final = "/api/v1/homes/home-1/rooms"
QUARTER: Final = timedelta(minutes=15)
GAPS: Final = ("unknown", "unavailable", "nan", "inf", "")
THERMOMETER: Final = "sensor.kitchen_temperature"


@pytest.fixture
async def home(start_site: StartSite, community: Community) -> HomeFlexConfigEntry:
    """Set up a home, connected to its community."""
    entry: HomeFlexConfigEntry = await start_site(link_to(community))
    await until(lambda: entry.runtime_data.data.aggregator_connected, 60)
    return entry


def kitchen(hass: HomeAssistant) -> str:
    """Let an area have a thermometer, and a sensor that cannot be shared; return its id."""
    area_id = ar.async_get(hass).async_create("Kitchen").id
    entities = er.async_get(hass)
    for figure in ("temperature", "illuminance"):
        entry = entities.async_get_or_create(
            "sensor", "test", figure, suggested_object_id=f"kitchen_{figure}", original_device_class=figure
        )
        entities.async_update_entity(entry.entity_id, area_id=area_id)
    shows(hass, "70.7")
    return area_id


def shows(hass: HomeAssistant, value: str) -> None:
    hass.states.async_set(THERMOMETER, value, {"unit_of_measurement": "°F"})


def room(area_id: str, **changed: Any) -> dict[str, Any]:
    last = (dt_util.now().date() + timedelta(days=30)).isoformat()
    return {"name": "Where we cook", "area": area_id, "until": last} | changed


async def share(hass: HomeAssistant, entry: HomeFlexConfigEntry, area_id: str) -> Any:
    """Fill in both forms; return what comes of it."""
    flow = SubentryFlow(hass, entry.entry_id, "shared_room")
    await flow.start()
    chosen = await flow.enter(**room(area_id))
    assert (chosen["step_id"], [str(each) for each in chosen["data_schema"].schema]) == (
        "sensors",
        ["temperature"],
    )
    result = await flow.enter(temperature=THERMOMETER)
    await hass.async_block_till_done()
    return result


@pytest.mark.timeout(180)
async def test_the_operator_reads_what_a_room_is_like_for_as_long_as_the_resident_shares_it(
    hass: HomeAssistant, home: HomeFlexConfigEntry, community: Community
) -> None:
    """A quarter of an hour is not waited for: the time of the home's timers goes on."""
    here = community.here
    created = await share(hass, home, kitchen(hass))
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert (await here.operator.get(PATH)).status_code == 403

    # Of the first quarter-hour only a part was shared.
    end = floor(dt_util.utcnow(), QUARTER_HOUR_S) + QUARTER
    for closed in (end, end + QUARTER):
        async_fire_time_changed(hass, closed + timedelta(seconds=6))
        await hass.async_block_till_done()

    (told,) = await answer(here.operator, PATH, 200)
    assert told["name"] == "Where we cook"
    ((sensor, value, unit),) = ((each["sensor"], each["value"], each["unit"]) for each in told["sensors"])
    assert (sensor, value, unit) == ("temperature", 21.5, "°C")
    assert [each["object"] for each in await here.acts("rooms.read")] == ["home-1"]

    (shared,) = home.get_subentries_of_type("shared_room")
    assert hass.config_entries.async_remove_subentry(home, shared.subentry_id)
    await hass.async_block_till_done()

    assert (await answer(here.operator, PATH, 403))["type"].endswith("no-consent")
    assert (await here.household.get(PATH)).json() == []


async def test_only_a_room_with_a_sensor_is_shared_by_a_name_and_until_a_day(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    area_id = kitchen(hass)
    empty = ar.async_get(hass).async_create("Attic").id
    today = dt_util.now().date()
    flow = SubentryFlow(hass, home.entry_id, "shared_room")
    await flow.start()
    for changed, error in (
        ({"area": empty}, "no_sensors"),
        ({"name": "x" * 129}, "wrong_name"),
        ({"until": today.isoformat()}, "is_over"),
        ({"until": (today + timedelta(days=400)).isoformat()}, "too_long"),
    ):
        assert (await flow.enter(**room(area_id, **changed)))["errors"] == {"base": error}
    await flow.enter(**room(area_id))
    assert (await flow.enter())["errors"] == {"base": "nothing_shared"}
    assert (await flow.enter(temperature=THERMOMETER))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()

    assert (await share(hass, home, area_id))["reason"] == "already_configured"
    (shared,) = home.get_subentries_of_type("shared_room")
    again = SubentryFlow(hass, home.entry_id, "shared_room")
    await again.start(shared.subentry_id)
    await again.enter(**room(area_id, until=(today + timedelta(days=9)).isoformat()))
    assert (await again.enter(temperature=THERMOMETER))["reason"] == "reconfigure_successful"


async def test_without_an_aggregator_there_is_nobody_to_share_a_room_with(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    shown = await SubentryFlow(hass, site.entry_id, "shared_room").start()
    assert shown["reason"] == "no_aggregator"


@pytest.mark.parametrize(
    ("figure", "shown", "unit", "value"),
    [
        (RoomFigure.TEMPERATURE, "21.5", "°C", 21.5),
        (RoomFigure.TEMPERATURE, "68", "°F", 20.0),
        (RoomFigure.TEMPERATURE, "294.15", "K", 21.0),
        (RoomFigure.TEMPERATURE, "21.5", None, None),
        (RoomFigure.TEMPERATURE, "300", "°C", None),
        (RoomFigure.HUMIDITY, "48", "%", 48.0),
        (RoomFigure.HUMIDITY, "48", None, None),
        (RoomFigure.HUMIDITY, "101", "%", None),
        (RoomFigure.CARBON_DIOXIDE, "612", "ppm", 612.0),
        (RoomFigure.CARBON_DIOXIDE, "612", "mg/m³", None),
        *((RoomFigure.TEMPERATURE, gap, "°C", None) for gap in GAPS),
        *((RoomFigure.HUMIDITY, gap, "%", None) for gap in GAPS),
        *((RoomFigure.CARBON_DIOXIDE, gap, "ppm", None) for gap in GAPS),
    ],
)
def test_a_sensor_shows_one_unit_or_nothing(
    figure: RoomFigure, shown: str, unit: str | None, value: float | None
) -> None:
    state = State("sensor.any", shown, {} if unit is None else {"unit_of_measurement": unit})

    assert figure_of(state, figure) == (None if value is None else pytest.approx(value))


def test_a_sensor_that_is_not_there_shows_nothing() -> None:
    assert figure_of(None, RoomFigure.TEMPERATURE) is None
