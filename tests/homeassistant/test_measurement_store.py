"""The measurement store in Home Assistant: its set-up, what arrives, and what is told when nothing does."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex import community_copy, store_issues
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.diagnostics import async_get_config_entry_diagnostics
from custom_components.home_flex.history.telemetry import Timings
from custom_components.home_flex.history.telemetry_spool import Spool
from custom_components.home_flex.measurement_store import spool_folder
from custom_components.home_flex.runtime import telemetry_feed
from scripts.home_stack.processes import free_port
from tests.devices.fakes.modbus_server import FakeModbusServer
from tests.history.measurement_sink import TOKEN, FaultProxy, proxy

from .conftest import StartSite
from .house import BATTERY_UNIT, PV_UNIT, SubentryFlow, subentry, suggested, until
from .test_lifecycle import home_flex_tasks

PROBE = "availability,device=site,home=ven-1,kind=site readable=1.0 "
DIAGNOSTIC_SENSORS = {
    "measurements_waiting",
    "measurements_waiting_size",
    "oldest_measurement_waiting",
    "measurements_delivered",
    "measurements_dropped",
    "measurements_set_aside",
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample and send many times a second."""
    quick = Timings(flush_s=0.1, first_retry_s=0.05, longest_retry_s=0.2, token_poll_s=0.05)
    monkeypatch.setattr("custom_components.home_flex.history.telemetry.Timings", lambda: quick)
    monkeypatch.setattr(telemetry_feed, "SAMPLE_EVERY", timedelta(seconds=0.7))


@pytest.fixture
async def store() -> AsyncIterator[FaultProxy]:
    """Serve a store that takes everything with the right token."""
    async with proxy(None) as store:
        yield store


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder tokens are read from."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_FOLDER", str(folder))
    return folder


def form(store: FaultProxy, **more: Any) -> dict[str, Any]:
    return {
        "name": "Measurement store",
        "url": store.url,
        "org": "home",
        "bucket": "measurements",
        "home_id": "ven-1",
        "token": TOKEN,
        "verify_ssl": True,
    } | more


def store_subentry(store: FaultProxy, **more: Any) -> Any:
    data = form(store, **more)
    return subentry("measurement_store", data.pop("name"), **data)


def measurements(store: FaultProxy) -> set[str]:
    return {line.split(",")[0] for request in store.taken for line in request}


async def test_a_store_is_kept_once_it_took_a_point(
    hass: HomeAssistant, site: HomeFlexConfigEntry, store: FaultProxy
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "measurement_store")
    empty = await flow.start()
    assert suggested(empty, "url") == "http://influxdb:8086"
    assert suggested(empty, "bucket") == "measurements"
    created = await flow.enter(**form(store, url=f" {store.url} "))
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert [line.startswith(PROBE) for line in store.taken[0]] == [True]
    (kept,) = site.subentries.values()
    assert kept.data == {key: value for key, value in form(store).items() if key != "name"}
    second = await flow.start()
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "only_one")


@pytest.mark.parametrize(
    ("wrong", "fault", "error"),
    [
        ({"url": " "}, None, "address_missing"),
        ({"url": "influxdb:8086"}, None, "invalid_url"),
        ({"url": "http://user:secret@influxdb:8086"}, None, "invalid_url"),
        ({"url": "http://influxdb:99999"}, None, "invalid_url"),
        ({"url": None}, None, "cannot_connect"),
        ({"home_id": "my home"}, None, "invalid_home_id"),
        ({"token": " "}, None, "no_token"),
        ({"token_file": "/credentials/influxdb_token"}, None, "two_tokens"),
        ({"token": "", "token_file": "/config/secrets.yaml"}, None, "token_file_elsewhere"),
        ({"token": "", "token_file": "/credentials/../config/secrets.yaml"}, None, "token_file_elsewhere"),
        ({"token": "", "token_file": "/credentials/no_such_file"}, None, "token_missing"),
        ({"token": "another-token"}, None, "not_authorised"),
        ({}, "404", "not_found"),
        ({}, "200", "not_a_store"),
        ({}, "503", "unavailable"),
        ({}, "400", "refused_points"),
    ],
)
async def test_what_is_wrong_with_a_store_is_said_and_can_be_put_right(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    store: FaultProxy,
    wrong: dict[str, Any],
    fault: str | None,
    error: str,
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "measurement_store")
    await flow.start()
    if fault is not None:
        store.faults.append(fault)
    values = {
        key: f"http://127.0.0.1:{free_port()}" if value is None else value for key, value in wrong.items()
    }
    refused = await flow.enter(**form(store, **values))
    assert refused["errors"] == {"base": error}
    assert suggested(refused, "token") is None
    created = await flow.enter(**form(store))
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_token_may_lie_in_a_file_and_change_there(
    hass: HomeAssistant, site: HomeFlexConfigEntry, store: FaultProxy, credentials: Path
) -> None:
    file = credentials / "influxdb_token"
    file.write_text(TOKEN)
    flow = SubentryFlow(hass, site.entry_id, "measurement_store")
    await flow.start()
    values = form(store, token_file=str(file))
    del values["token"]
    created = await flow.enter(**values)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "on"))
    store.token = "rotated-token-of-the-home"
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "off"))
    state = hass.states.get("binary_sensor.my_home_measurement_store")
    assert state is not None
    assert state.attributes["reason"] == "not_authorised"
    file.write_text(store.token)
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "on"))


async def test_a_changed_store_keeps_the_token_that_is_left_empty_but_not_for_another_address(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    (kept,) = site.subentries.values()
    flow = SubentryFlow(hass, site.entry_id, "measurement_store")
    shown = await flow.start(kept.subentry_id)
    assert suggested(shown, "token") is None
    async with proxy(None) as stranger:
        elsewhere = await flow.enter(**form(stranger, token=""))
        assert elsewhere["errors"] == {"base": "no_token"}
        assert stranger.requests == 0
    done = await flow.enter(**form(store, token="", bucket="others"))
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    (kept,) = site.subentries.values()
    assert (kept.data["bucket"], kept.data["token"]) == ("others", TOKEN)
    await until(lambda: any("bucket=others" in path for path in store.paths[1:]))


async def test_the_home_is_suggested_by_the_name_its_aggregator_knows(
    hass: HomeAssistant, start_site: StartSite
) -> None:
    aggregator = subentry(
        "aggregator", "Aggregator", host="127.0.0.1", port=free_port(), ven_id="ven-7", prefix="", tls=False
    )
    site: HomeFlexConfigEntry = await start_site(aggregator)
    empty = await SubentryFlow(hass, site.entry_id, "measurement_store").start()
    assert suggested(empty, "home_id") == "ven-7"


async def test_the_readings_of_all_devices_and_an_event_arrive(
    hass: HomeAssistant,
    start_site: StartSite,
    store: FaultProxy,
    meter_port: int,
    modbus_server: FakeModbusServer,
) -> None:
    modbus: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": modbus_server.port,
        "wired_phases": ["1", "2", "3"],
    }
    site: HomeFlexConfigEntry = await start_site(
        store_subentry(store),
        subentry("grid_meter", "Grid meter", type="tcp", host="127.0.0.1", port=meter_port),
        subentry("pv", "Roof", unit_id=PV_UNIT, **modbus),
        subentry("battery", "Cellar battery", unit_id=BATTERY_UNIT, **modbus),
    )
    await until(
        lambda: (
            {"power", "voltage", "current", "energy", "state_of_charge", "availability", "balance", "limit"}
            <= measurements(store)
        )
    )
    lines = [line for request in store.taken for line in request]
    by_kind = {s.subentry_type: s.subentry_id for s in site.subentries.values()}
    meter = f"power,device={by_kind['grid_meter']},home=ven-1,kind=grid_meter power_w=1500.0,l1_w=700.0,"
    assert any(line.startswith(meter) for line in lines)
    for kind in ("pv", "battery"):
        power = f"power,device={by_kind[kind]},home=ven-1,kind={kind} power_w="
        await until(lambda: any(line.startswith(power) for request in store.taken for line in request))  # noqa: B023
    await site.runtime_data.controller.requests.dispatch(import_limit_w=1000.0, duration=timedelta(minutes=5))
    started = "event,device=site,home=ven-1,kind=site,source=resident,status=STARTED "
    await until(lambda: any(line.startswith(started) for request in store.taken for line in request))
    told = f"setpoint,device={by_kind['battery']},home=ven-1,kind=battery,owner=resident,quantity=power_w "
    await until(lambda: any(line.startswith(told) for request in store.taken for line in request))


async def test_health_is_shown_by_diagnostic_entities_of_which_the_restless_are_off_at_first(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy, entity_registry: er.EntityRegistry
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    entries = er.async_entries_for_config_entry(entity_registry, site.entry_id)
    found = {entry.translation_key: entry for entry in entries if entry.translation_key in DIAGNOSTIC_SENSORS}
    assert set(found) == DIAGNOSTIC_SENSORS
    shown = {key for key, entry in found.items() if entry.disabled_by is None}
    assert shown == {"measurements_dropped", "measurements_set_aside"}
    for key in DIAGNOSTIC_SENSORS - shown:
        entity_registry.async_update_entity(found[key].entity_id, disabled_by=None)
    assert await hass.config_entries.async_reload(site.entry_id)
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "on"))
    await store.stop()
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "off"))

    def number(key: str) -> float:
        state = hass.states.get(found[key].entity_id)
        assert state is not None
        return float(state.state)

    await until(lambda: number("measurements_waiting") > 0 and number("measurements_waiting_size") > 0)
    assert number("measurements_dropped") == 0
    oldest = hass.states.get(found["oldest_measurement_waiting"].entity_id)
    assert oldest is not None
    assert oldest.state.startswith("20")
    # Whether something was delivered before depends on what was measured before the site was loaded again.
    delivered = found["measurements_delivered"].entity_id
    before = hass.states.get(delivered)
    await store.start()
    await until(lambda: hass.states.is_state("binary_sensor.my_home_measurement_store", "on"))
    await until(lambda: hass.states.get(delivered) != before)
    assert (after := hass.states.get(delivered)) is not None
    assert after.state.startswith("20")


async def test_a_store_that_is_stuck_is_a_repair_issue_until_it_is_settled(
    hass: HomeAssistant,
    start_site: StartSite,
    store: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
    issue_registry: ir.IssueRegistry,
) -> None:
    monkeypatch.setitem(store_issues._PATIENCE, "not_authorised", timedelta(seconds=4))
    store.token = "another-token"
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    issue = (DOMAIN, "measurement_store_stuck")
    await until(lambda: site.runtime_data.data.telemetry and site.runtime_data.data.telemetry.problem)
    assert issue_registry.async_get_issue(*issue) is None, "a store may need a moment to start"
    await until(lambda: issue_registry.async_get_issue(*issue))
    found = issue_registry.async_get_issue(*issue)
    assert found is not None
    assert found.translation_key == "measurement_store_stuck_not_authorised"
    store.token = TOKEN
    await until(lambda: issue_registry.async_get_issue(*issue) is None)
    store.token = "another-token"
    await until(lambda: issue_registry.async_get_issue(*issue))
    assert await hass.config_entries.async_unload(site.entry_id)
    assert issue_registry.async_get_issue(*issue) is None


@pytest.fixture
async def health_page() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Serve a health page as the home's InfluxDB has one; return its address and what it tells."""
    told: dict[str, Any] = {"version": 1, "problems": []}

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(told) if told else web.Response(status=503)

    application = web.Application()
    application.router.add_get("/health", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/health", told
    await runner.cleanup()


async def test_copies_that_do_not_reach_the_community_are_a_repair_issue_while_it_lasts(
    hass: HomeAssistant,
    start_site: StartSite,
    store: FaultProxy,
    health_page: tuple[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    issue_registry: ir.IssueRegistry,
) -> None:
    monkeypatch.setattr(community_copy, "LOOK_EVERY_S", 0.05)
    url, told = health_page
    site: HomeFlexConfigEntry = await start_site(store_subentry(store, health_url=url))
    issue = (DOMAIN, "community_copy_stuck")
    assert issue_registry.async_get_issue(*issue) is None
    told["problems"] = ["gaps", "replication_blocked", "something_newer"]
    await until(lambda: issue_registry.async_get_issue(*issue))
    found = issue_registry.async_get_issue(*issue)
    assert found is not None
    assert found.translation_key == "community_copy_stuck_replication_blocked"
    told.pop("problems")
    await asyncio.sleep(0.2)
    assert issue_registry.async_get_issue(*issue), "a page that says nothing settles nothing"
    told["problems"] = ["something_newer"]
    await until(lambda: issue_registry.async_get_issue(*issue) is None)
    told["problems"] = ["gaps"]
    await until(lambda: issue_registry.async_get_issue(*issue))
    assert await hass.config_entries.async_unload(site.entry_id)
    assert issue_registry.async_get_issue(*issue) is None


async def test_measurements_that_are_set_aside_are_a_repair_issue(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy, issue_registry: ir.IssueRegistry
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    await until(lambda: store.taken)
    await until(lambda: site.runtime_data.data.telemetry is not None)
    store.faults.append("400")
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "measurements_set_aside"))
    assert (spool_folder(hass, site.entry_id) / "quarantine.lp").exists()
    assert hass.states.is_state("binary_sensor.my_home_measurement_store", "on"), "the stream goes on"


@pytest.mark.parametrize("fault", [None, "hang"])
async def test_an_unloaded_site_leaves_no_task_thread_or_connection_and_keeps_what_waits(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy, fault: str | None
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    await until(lambda: store.taken)
    if fault is not None:
        asked = store.requests
        store.faults.extend([fault] * 5)
        await until(lambda: store.requests > asked)
    assert await hass.config_entries.async_unload(site.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not home_flex_tasks()
    await until(
        lambda: not [one for one in threading.enumerate() if one.name.startswith("home_flex_telemetry")]
    )
    if fault is not None:  # one that is idle stays with Home Assistant's session, for whoever needs it next
        await until(lambda: not store._writers)
    assert spool_folder(hass, site.entry_id).exists()


async def test_a_removed_store_or_site_takes_what_waits_along(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy, entity_registry: er.EntityRegistry
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    folder = spool_folder(hass, site.entry_id)
    await until(folder.exists)
    (kept,) = site.subentries.values()
    hass.config_entries.async_remove_subentry(site, kept.subentry_id)
    await hass.async_block_till_done()
    await until(lambda: not folder.exists())
    entries = er.async_entries_for_config_entry(entity_registry, site.entry_id)
    assert not {entry.translation_key for entry in entries} & {"measurement_store", *DIAGNOSTIC_SENSORS}
    flow = SubentryFlow(hass, site.entry_id, "measurement_store")
    await flow.start()
    await flow.enter(**form(store))
    await hass.async_block_till_done()
    await until(folder.exists)
    await hass.config_entries.async_remove(site.entry_id)
    await hass.async_block_till_done()
    assert not folder.exists()


async def test_the_diagnostics_tell_health_but_neither_token_nor_home(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy
) -> None:
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    await until(lambda: site.runtime_data.data.telemetry and site.runtime_data.data.telemetry.last_success)
    diagnostics = await async_get_config_entry_diagnostics(hass, site)
    assert diagnostics["view"]["telemetry"]["problem"] is None
    assert TOKEN not in str(diagnostics)
    assert "ven-1" not in str(diagnostics)


async def test_what_was_collected_is_on_the_disk_when_home_assistant_stops(
    hass: HomeAssistant, start_site: StartSite, store: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.home_flex.history.telemetry.Timings", lambda: Timings(flush_s=600))
    site: HomeFlexConfigEntry = await start_site(store_subentry(store))
    await until(
        lambda: site.runtime_data.data.telemetry and site.runtime_data.data.telemetry.points_waiting > 0
    )
    folder = spool_folder(hass, site.entry_id)
    assert not [*folder.glob("*.segment")]
    await hass.async_stop(force=True)
    assert Spool(folder).state().points > 0
