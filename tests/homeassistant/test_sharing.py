"""What a resident shares: chosen in Home Assistant, told to the real hub, read there, and ended."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from community_hub.store.tables import OpenSlot
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from sqlalchemy import select

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from tests.devices.fakes.modbus_server import FakeModbusServer

from .community import Community, answer, centre, community, link_to, resting
from .conftest import StartSite
from .house import BATTERY_UNIT, SubentryFlow, subentry, until

__all__ = ["centre", "community", "resting"]

PATH = "/api/v1/homes/home-1/battery"


@pytest.fixture
async def home(
    start_site: StartSite,
    community: Community,
    modbus_server: FakeModbusServer,  # the fixture
) -> HomeFlexConfigEntry:
    """Set up a home with a battery, connected to its community."""
    entry: HomeFlexConfigEntry = await start_site(
        subentry(
            "battery",
            "Cellar battery",
            unit_id=BATTERY_UNIT,
            host="127.0.0.1",
            port=modbus_server.port,
            wired_phases=["1", "2", "3"],
        ),
        link_to(community),
    )
    await until(lambda: entry.runtime_data.data.aggregator_connected, 60)
    return entry


async def discharged(entry: HomeFlexConfigEntry) -> None:
    """Let the battery have gone three times from full to empty and back, 8.1 kWh each way out."""
    await until(lambda: entry.runtime_data.series.keeper is not None)
    keeper = entry.runtime_data.series.keeper
    assert keeper is not None
    (battery,) = entry.get_subentries_of_type("battery")
    first = slot_at(dt_util.utcnow() - timedelta(days=4))
    levels = [*range(1000, -1, -50), *range(100, 1000, 100)] * 30
    before = [levels[0], *levels]
    batch = SeriesBatch()
    for name, unit, values in (
        ("state_of_charge", "per_mille", levels),
        ("charge", "Wh", [900 if now > was else 0 for was, now in zip(before, levels, strict=False)]),
        ("discharge", "Wh", [405 if now < was else 0 for was, now in zip(before, levels, strict=False)]),
    ):
        key = SeriesKey(device_id=battery.subentry_id, name=name, unit=unit)
        batch.put(key, {first + number: (value, Mark.MEASURED) for number, value in enumerate(values)})
    await keeper.store.write(batch)


async def counted(entry: HomeFlexConfigEntry, start: datetime, *, hours: int) -> None:
    """Let a meter have counted 300 Wh in each quarter-hour of some hours."""
    await until(lambda: entry.runtime_data.series.keeper is not None)
    keeper = entry.runtime_data.series.keeper
    assert keeper is not None
    first = slot_at(start)
    batch = SeriesBatch()
    key = SeriesKey(device_id="meter", name="import", unit="Wh")
    batch.put(key, dict.fromkeys(range(first, first + 12 * hours), (100, Mark.MEASURED)))
    await keeper.store.write(batch)


async def open_slots(community: Community) -> list[tuple[datetime, int]]:
    """Return the quarter-hours that the hub has, and what was imported in each."""
    query = select(OpenSlot.start, OpenSlot.import_wh)
    async with community.here.hub.store.reading() as session:
        return list((await session.execute(query)).tuples())


async def share(hass: HomeAssistant, entry: HomeFlexConfigEntry, **chosen: Any) -> Any:
    """Fill in the form; return what comes of it."""
    flow = SubentryFlow(hass, entry.entry_id, "sharing")
    shown = await flow.start()
    if shown["type"] is not FlowResultType.FORM:
        return shown
    until_day = (dt_util.now().date() + timedelta(days=30)).isoformat()
    usual = {"name": "Shared", "batteries": True, "quarter_hours": False, "until": until_day}
    result = await flow.enter(**(usual | chosen))
    await hass.async_block_till_done()
    return result


@pytest.mark.timeout(180)
async def test_the_operator_reads_how_a_battery_does_for_as_long_as_the_resident_shares_it(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    community: Community,
) -> None:
    here = community.here
    assert (await here.operator.get(PATH)).status_code == 403
    await discharged(home)

    created = await share(hass, home)

    assert created["type"] is FlowResultType.CREATE_ENTRY
    told = await answer(here.operator, PATH, 200)
    (battery,) = told["batteries"]
    assert battery["name"] == "Cellar battery"
    assert battery["measured_capacity_kwh"] == pytest.approx(8.1)
    assert battery["state_of_health"] == pytest.approx(8.1 / battery["capacity_kwh"], abs=0.001)
    assert battery["known_by"] == "discharged_energy_by_charge_level"
    assert battery["followed_share"] is None
    assert [each["object"] for each in await here.acts("battery.read")] == ["home-1"]

    (shared,) = home.get_subentries_of_type("sharing")
    assert hass.config_entries.async_remove_subentry(home, shared.subentry_id)
    await hass.async_block_till_done()

    assert (await answer(here.operator, PATH, 403))["type"].endswith("no-consent")
    assert (await here.household.get(PATH)).json()["shared_until"] is None


@pytest.mark.timeout(120)
async def test_quarter_hours_of_the_meter_go_to_the_hub_from_when_the_resident_said_so(
    hass: HomeAssistant, home: HomeFlexConfigEntry, community: Community
) -> None:
    """A quarter of an hour is not waited for: the home said so two hours ago."""
    said = dt_util.utcnow() - timedelta(hours=2)
    await share(hass, home, batteries=False, quarter_hours=True)
    (shared,) = home.get_subentries_of_type("sharing")
    assert datetime.fromisoformat(shared.data["since"]) > said + timedelta(hours=1)
    await counted(home, said - timedelta(hours=2), hours=3)

    data = {**shared.data, "since": said.isoformat()}
    hass.config_entries.async_update_subentry(home, shared, data=data)
    await hass.async_block_till_done()

    async with asyncio.timeout(60):
        while not (slots := await open_slots(community)):  # noqa: ASYNC110 # a database tells nobody
            await asyncio.sleep(0.1)
    assert min(start for start, _ in slots) >= said
    assert {wh for _, wh in slots} == {300}


@pytest.mark.timeout(120)
async def test_nothing_is_shared_without_end_for_too_long_or_with_nobody(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    today = dt_util.now().date()
    for chosen, error in (
        ({"until": today.isoformat()}, "is_over"),
        ({"until": (today + timedelta(days=400)).isoformat()}, "too_long"),
        ({"batteries": False}, "nothing_shared"),
    ):
        assert (await share(hass, home, **chosen))["errors"] == {"base": error}
    await share(hass, home)
    assert (await share(hass, home))["reason"] == "only_one"


async def test_without_an_aggregator_there_is_nobody_to_share_with(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert (await share(hass, site))["reason"] == "no_aggregator"
