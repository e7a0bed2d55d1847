"""Adding and changing an EV charger, which dials in over a real WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_capture_events  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.devices.ocpp import OcppCharger
from custom_components.home_flex.diagnostics import async_get_config_entry_diagnostics
from custom_components.home_flex.panel.now import now_document
from custom_components.home_flex.subentry_flows import ev_charger
from tests.devices.fakes.back_end import PASSWORD as BACK_END_PASSWORD
from tests.devices.fakes.back_end import back_end
from tests.devices.ocpp_clients import RawCharger, basic, dial, not_implemented, silent

from .house import SubentryFlow, suggested, until

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
    port = entry.runtime_data.charger_listener.port
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
    port = site.runtime_data.charger_listener.port
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
    await flow.choose("user")
    form = await flow.choose_the_only_wire()
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
    port = site.runtime_data.charger_listener.port
    taken = await asyncio.start_server(lambda _reader, _writer: None, "0.0.0.0", port)  # noqa: S104 # the port as Home Flex would open it
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


async def knock(entry: HomeFlexConfigEntry, identity: str, password: str | None, **how: Any) -> None:
    """Dial in without being let in."""
    with pytest.raises(WSServerHandshakeError):
        async with dial(entry.runtime_data.charger_listener.port, identity, password, **how):
            pass


def issue(hass: HomeAssistant, issue_id: str) -> Any:
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


async def test_who_waits_at_the_door_is_told_and_filled_in_and_its_own_password_is_taken(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await site.runtime_data.charger_listener.async_listen()
    await knock(site, "WALLBOX7", "its-own-secret", path="/ocpp/WALLBOX7")
    told = issue(hass, "charger_wallbox7")
    assert told.translation_key == "charger_waits"
    assert told.translation_placeholders == {
        "identity": "WALLBOX7",
        "path": "/ocpp/WALLBOX7",
        "protocols": "ocpp1.6",
        "user": "WALLBOX7",
        "host": "127.0.0.1",
    }
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    form = await flow.start()
    assert (suggested(form, "identity"), suggested(form, "password")) == ("WALLBOX7", None)
    without = {key: value for key, value in SETTINGS.items() if key != "password"}
    progress = await flow.enter(**without | {"identity": "WALLBOX7"})
    assert progress["type"] is FlowResultType.SHOW_PROGRESS
    async with dial(site.runtime_data.charger_listener.port, "WALLBOX7", "its-own-secret") as client:
        await client.boot()
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (subentry,) = site.subentries.values()
    assert subentry.data["password"] == "its-own-secret"
    assert issue(hass, "charger_wallbox7") is None


async def test_a_stranger_at_the_door_draws_no_picture_and_no_link_in_the_repairs(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await site.runtime_data.charger_listener.async_listen()
    await knock(site, "<b>BOX</b>", "secret", path="/{identity}/[x](y)", user="![x](http//a.test/b.png)")
    told = issue(hass, "charger_[x](y)")
    assert told.translation_placeholders["identity"] == "[x]\N{WORD JOINER}(y)"
    assert told.translation_placeholders["user"] == "![x]\N{WORD JOINER}(http//a.test/b.png)"
    assert "<" not in told.translation_placeholders["path"]


async def test_a_charger_without_a_password_is_let_in_by_choice_only(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    await site.runtime_data.charger_listener.async_listen()
    await knock(site, "OPEN1", None)
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    form = await flow.start()
    assert suggested(form, "without_password") is True
    without = {key: value for key, value in SETTINGS.items() if key != "password"}
    refused = await flow.enter(**without | {"identity": "OPEN1"})
    assert refused["errors"] == {"base": "invalid_password"}
    await flow.enter(**without | {"identity": "OPEN1", "without_password": True})
    async with dial(site.runtime_data.charger_listener.port, "OPEN1", None) as client:
        await client.boot()
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    (subentry,) = site.subentries.values()
    assert "password" not in subentry.data


async def test_a_charger_without_a_password_is_not_let_in_by_the_cloud(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    hass_client_no_auth: Callable[[], Awaitable[TestClient[Any, Any]]],
) -> None:
    http = await hass_client_no_auth()
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    without = {key: value for key, value in SETTINGS.items() if key != "password"}
    await flow.enter(**without | {"without_password": True})
    with (
        patch("custom_components.home_flex.is_cloud_connection", return_value=True),
        pytest.raises(WSServerHandshakeError) as error,
    ):
        await http.ws_connect("/api/home_flex/ocpp/CP001", protocols=("ocpp1.6",))
    assert error.value.status == 403
    assert issue(hass, "charger_cp001").translation_key == "charger_refused_not_local"
    async with await http.ws_connect("/api/home_flex/ocpp/CP001/", protocols=("ocpp1.6",)) as socket:
        client = RawCharger(socket, {})
        await client.boot()
        assert (await until_step(hass, flow))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_charger_that_speaks_another_version_is_told_as_that(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ev_charger, "WAIT_FOR_CHARGER_S", 0.3)
    flow = SubentryFlow(hass, site.entry_id, "ev_charger")
    await flow.start()
    await flow.enter(**SETTINGS)
    async with dial(
        site.runtime_data.charger_listener.port, "CP001", PASSWORD, protocols=("ocpp2.1",)
    ) as client:
        await client.until_closed()
    explained = await until_step(hass, flow)
    assert (explained["type"], explained["step_id"]) == (FlowResultType.MENU, "charger_wrong_protocol")
    assert explained["description_placeholders"]["attempts"] == "/CP001 (ocpp2.1, CP001, 127.0.0.1)"
    assert issue(hass, "charger_cp001").translation_key == "charger_refused_protocol"


async def test_a_further_socket_of_a_charger_that_is_there_needs_no_wait(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await add_charger(hass, site)
    await flow.start()
    created = await flow.enter(**SETTINGS | {"name": "Garage right", "connector_id": 2})
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    unique_ids = {each.unique_id for each in site.subentries.values()}
    assert unique_ids == {"ev_charger_CP001", "ev_charger_CP001_2"}


async def test_who_may_charge_is_chosen_once_the_charger_is_there(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await add_charger(hass, site)
    (subentry,) = site.subentries.values()
    changes = {"name": "Garage", "min_current_a": 6, "max_current_a": 16, "wired_phases": ["1"]}
    await flow.start(subentry.subentry_id)
    wrong = await flow.enter(**changes, tag_rule="list", tags="x" * 21)
    assert wrong["errors"] == {"base": "invalid_tags"}
    done = await flow.enter(**changes, tag_rule="list", tags="04A1B2, 7777", starts_itself=True)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    async with charger(site) as client:
        for tag, status in (("04a1b2", "Accepted"), ("1234", "Invalid")):
            answer = await client.call("Authorize", {"idTag": tag})
            assert answer[2] == {"idTagInfo": {"status": status}}


async def test_a_second_back_end_is_told_once_it_is_switched_on_and_its_secrets_are_in_no_diagnostics(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    flow = await add_charger(hass, site)
    (subentry,) = site.subentries.values()
    changes = {"name": "Garage", "min_current_a": 6, "max_current_a": 16, "wired_phases": ["1"]}
    async with back_end() as employer:
        asked = {
            "forward_identity": "EMP1",
            "forward_password": BACK_END_PASSWORD,
            "forward_tag": "EMPLOYEE-7",
        }
        await flow.start(subentry.subentry_id)
        wrong = await flow.enter(**changes, **asked, forwards=True, forward_url="https://employer.example")
        assert wrong["errors"] == {"base": "invalid_forward_url"}
        whole = {**changes, **asked, "forwards": True, "forward_url": employer.url}
        wrong = await flow.enter(**whole, forward_ca="-----BEGIN CERTIFICATE-----")
        assert wrong["errors"] == {"base": "invalid_forward_ca"}
        done = await flow.enter(**whole)
        assert done["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        async with charger(site) as client:
            await client.status("Available")
            await employer.until(lambda: bool(employer.heard("StatusNotification")))
            sensor = "binary_sensor.garage_second_back_end"
            await until(lambda: getattr(hass.states.get(sensor), "state", None) == "on")
            assert isinstance(hass.states.get(sensor).attributes["since"], datetime)  # type: ignore[union-attr] # it has one
        told = json.dumps(await async_get_config_entry_diagnostics(hass, site), default=str)
        assert '"forwarding": {"connected":' in told
        for secret in (BACK_END_PASSWORD, "EMPLOYEE-7", "EMP1", employer.url):
            assert secret not in told
        # The password stays the one it was when it is left empty.
        await flow.start(subentry.subentry_id)
        await flow.enter(**changes, forwards=False, forward_url=employer.url)
        (subentry,) = site.subentries.values()
        assert subentry.data["forward_password"] == BACK_END_PASSWORD
        await hass.async_block_till_done()
        assert hass.states.get(sensor) is None
        before = employer.connections
        async with charger(site) as client:
            await client.status("Available")
        assert employer.connections == before


async def test_a_certificate_that_cannot_be_used_is_said(
    hass: HomeAssistant, site: HomeFlexConfigEntry, tmp_path: Path
) -> None:
    (tmp_path / "certificate.pem").write_text("none")
    with patch.object(hass.config, "path", lambda *_: str(tmp_path)):
        flow = SubentryFlow(hass, site.entry_id, "ev_charger")
        await flow.start()
        assert (await flow.enter(**SETTINGS))["errors"] == {"base": "certificate_unusable"}


class TestCalling:
    """An administrator calls a charger by OCPP."""

    async def call(self, hass: HomeAssistant, action: str, **more: Any) -> Any:
        return await hass.services.async_call(
            DOMAIN, "ocpp_call", {"action": action, **more}, blocking=True, return_response=True
        )

    async def test_the_answer_is_the_charger_s(self, hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
        await add_charger(hass, site)
        async with charger(site) as client:
            client.replies["UnlockConnector"] = lambda _: {"status": "Unlocked"}
            answer = await self.call(hass, "UnlockConnector", payload={"connectorId": 1})
            assert answer == {"answer": {"status": "Unlocked"}}
            assert client.called("UnlockConnector") == [{"connectorId": 1}]

    @pytest.mark.parametrize(
        ("action", "payload", "key"),
        [
            ("Reset", {"type": "Sideways"}, "ocpp_payload"),
            ("ClearCache", {}, "ocpp_refused"),
            ("GetLocalListVersion", {}, "ocpp_timeout"),
        ],
    )
    async def test_what_goes_wrong_is_said(
        self, hass: HomeAssistant, site: HomeFlexConfigEntry, action: str, payload: Any, key: str
    ) -> None:
        await add_charger(hass, site)
        async with charger(site) as client:
            client.replies |= {"ClearCache": not_implemented, "GetLocalListVersion": silent}
            with pytest.raises(HomeAssistantError) as error:
                await self.call(hass, action, payload=payload)
            assert error.value.translation_key == key

    async def test_a_charger_that_is_away_or_not_named_is_said(
        self, hass: HomeAssistant, site: HomeFlexConfigEntry
    ) -> None:
        with pytest.raises(HomeAssistantError) as error:
            await self.call(hass, "ClearCache")
        assert error.value.translation_key == "which_charger"
        await add_charger(hass, site)
        with pytest.raises(HomeAssistantError) as error:
            await self.call(hass, "ClearCache")
        assert error.value.translation_key == "ocpp_charger_not_connected"

    async def test_only_administrators_may(
        self, hass: HomeAssistant, site: HomeFlexConfigEntry, hass_read_only_user: User
    ) -> None:
        await add_charger(hass, site)
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                "ocpp_call",
                {"action": "ClearCache"},
                blocking=True,
                context=Context(user_id=hass_read_only_user.id),
            )


async def test_what_a_charger_reports_is_an_event_and_its_way_to_be_limited_is_kept(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    events = async_capture_events(hass, "home_flex_ocpp")
    await add_charger(hass, site)
    async with charger(site) as client:
        await client.call("FirmwareStatusNotification", {"status": "Downloaded"})
        await hass.async_block_till_done()
        (slot,) = site.runtime_data.controller.slots.values()
        assert isinstance(slot.driver, OcppCharger)
        await slot.driver.set_current_limit(8.0, expires_in_s=60)
    assert [event.data for event in events] == [
        {"identity": "CP001", "action": "FirmwareStatusNotification", "payload": {"status": "Downloaded"}}
    ]
    await hass.config_entries.async_reload(site.entry_id)
    await hass.async_block_till_done()
    (slot,) = site.runtime_data.controller.slots.values()
    assert isinstance(slot.driver, OcppCharger)
    assert slot.driver.limiter.ladder.document()["without_transaction"]["purpose"] == "TxDefaultProfile"


async def test_the_panel_tells_what_the_car_took_in_its_session_and_nothing_before_it_begins(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    def told() -> Any:
        (device,) = now_document(site.runtime_data)["devices"]
        return device["vehicle"], device["session_wh"]

    await add_charger(hass, site)
    async with charger(site) as client:
        await client.status("Preparing")
        await until(lambda: told() == (True, None))
        transaction_id = await client.start_transaction(meter_start=1000)
        await client.status("Charging")
        register = {"measurand": "Energy.Active.Import.Register", "value": "6400", "unit": "Wh"}
        await client.meter(register, transactionId=transaction_id)
        await until(lambda: told() == (True, 5400))
        await client.status("Available")
        await until(lambda: told() == (False, None))
