"""Adding and changing an EV charger, which dials in over a real WebSocket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.subentry_flows import ev_charger
from tests.devices.ocpp_clients import RawCharger, basic, dial

from .house import SubentryFlow, suggested

PASSWORD = "long-secret"
SETTINGS = {
    "name": "Garage",
    "identity": "CP001",
    "password": PASSWORD,
    "min_current_a": 6,
    "max_current_a": 16,
    "wired_phases": ["1", "2", "3"],
}


@asynccontextmanager
async def charger(entry: HomeFlexConfigEntry, password: str = PASSWORD) -> AsyncIterator[RawCharger]:
    port = entry.runtime_data.ocpp_port
    async with dial(port, "CP001", password) as client:
        await client.boot()
        yield client


async def until_step(hass: HomeAssistant, flow: SubentryFlow) -> Any:
    """Wait until the progress has ended, and return the step after it."""
    await hass.async_block_till_done()
    return await flow.look()


async def add_charger(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> SubentryFlow:
    flow = SubentryFlow(hass, entry.entry_id, "ev_charger")
    await flow.start()
    assert (await flow.enter(**SETTINGS))["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(entry):
        created = await until_step(hass, flow)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return flow


async def test_a_charger_is_kept_once_it_has_dialled_in(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    form = await flow.start()
    assert len(suggested(form, "password")) == 32
    progress = await flow.enter(**SETTINGS)
    assert (progress["type"], progress["progress_action"]) == (
        FlowResultType.SHOW_PROGRESS,
        "wait_for_charger",
    )
    port = site.runtime_data.ocpp_port
    assert progress["description_placeholders"]["address"].endswith(f":{port}/CP001")
    assert progress["description_placeholders"]["alternative"].endswith("/api/home_flex/ocpp/CP001")
    async with charger(site):
        created = await until_step(hass, flow)
    assert (created["type"], created["title"]) == (FlowResultType.CREATE_ENTRY, "Garage")
    await hass.async_block_till_done()
    (subentry,) = site.subentries.values()
    kept = {key: value for key, value in SETTINGS.items() if key != "name"}
    assert subentry.data == {"driver": "ocpp", **kept}
    assert subentry.unique_id == "ev_charger_CP001"


async def test_a_charger_may_come_by_home_assistants_own_port(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    hass_client_no_auth: Callable[[], Awaitable[TestClient[Any, Any]]],
) -> None:
    http = await hass_client_no_auth()
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    await flow.enter(**SETTINGS)
    socket = await http.ws_connect(
        "/api/home_flex/ocpp/CP001",
        protocols=("ocpp1.6",),
        headers={"Authorization": basic("CP001", "long-secret")},
    )
    async with RawCharger(socket, {}) as client:
        await client.boot()
        created = await until_step(hass, flow)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_charger_that_does_not_come_is_explained_and_waited_for_again(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ev_charger, "WAIT_FOR_CHARGER_S", 0.1)
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    await flow.enter(**SETTINGS)
    explained = await until_step(hass, flow)
    assert (explained["type"], explained["step_id"]) == (FlowResultType.MENU, "charger_timeout")
    assert explained["menu_options"] == ["wait", "user"]
    monkeypatch.setattr(ev_charger, "WAIT_FOR_CHARGER_S", 5)
    form = await flow.choose("user")
    assert suggested(form, "password") == "long-secret"
    assert (await flow.enter(**SETTINGS))["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(site):
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_wrong_password_of_the_charger_is_said_at_once(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    await flow.enter(**SETTINGS)
    with pytest.raises(Exception, match="401"):
        async with charger(site, "another-secret"):
            pass
    explained = await until_step(hass, flow)
    assert (explained["type"], explained["step_id"]) == (FlowResultType.MENU, "charger_wrong_password")
    assert (await flow.choose("wait"))["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(site):
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"identity": "two words"}, "invalid_identity"),
        ({"identity": "a/b"}, "invalid_identity"),
        ({"password": "short"}, "invalid_password"),
        ({"password": "ünïcödé-secret"}, "invalid_password"),
        ({"min_current_a": 17}, "current_range"),
        ({"wired_phases": []}, "no_phase"),
    ],
)
async def test_settings_that_cannot_be_right_are_refused_before_anybody_waits(
    hass: HomeAssistant, site: HomeFlexConfigEntry, wrong: dict[str, object], error: str
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    assert (await flow.enter(**SETTINGS | wrong))["errors"] == {"base": error}
    assert (await flow.enter(**SETTINGS))["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(site):
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_port_that_is_taken_is_said(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    taken = await asyncio.start_server(lambda _reader, _writer: None, "0.0.0.0", site.runtime_data.ocpp_port)  # noqa: S104 # the port as Home Flex would open it
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    assert (await flow.enter(**SETTINGS))["errors"] == {"base": "port_in_use"}
    taken.close()
    await taken.wait_closed()
    assert (await flow.enter(**SETTINGS))["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(site):
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_the_same_identity_cannot_be_added_twice(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await add_charger(hass, site)
    await flow.start()
    again = await flow.enter(**SETTINGS)
    assert (again["type"], again["reason"]) == (FlowResultType.ABORT, "already_configured")


async def test_nobody_is_waited_for_any_more_when_the_dialog_is_closed(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    progress = await flow.enter(**SETTINGS)
    hass.config_entries.subentries.async_abort(progress["flow_id"])
    await hass.async_block_till_done()
    with pytest.raises(Exception, match="404"):
        async with charger(site):
            pass


async def test_a_site_that_does_not_run_takes_no_charger(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(site.entry_id)
    result = await SubentryFlow(hass, site.entry_id, "ev_charger").start()
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "site_not_loaded")


async def test_a_charger_dials_in_again_only_for_a_new_password(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await add_charger(hass, site)
    (subentry,) = site.subentries.values()
    form = await flow.start(subentry.subentry_id)
    assert suggested(form, "password") is None
    changes = {"name": "Carport", "min_current_a": 6, "max_current_a": 20, "wired_phases": ["1"]}
    done = await flow.enter(**changes)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    (changed,) = site.subentries.values()
    assert (changed.title, changed.data["password"]) == ("Carport", "long-secret")
    assert (changed.data["max_current_a"], changed.data["identity"]) == (20, "CP001")

    await flow.start(subentry.subentry_id)
    progress = await flow.enter(**changes, password="newer-secret")
    assert progress["type"] is FlowResultType.SHOW_PROGRESS
    async with charger(site, "newer-secret"):
        done = await until_step(hass, flow)
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    await hass.async_block_till_done()
    (changed,) = site.subentries.values()
    assert changed.data["password"] == "newer-secret"
