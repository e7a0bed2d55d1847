"""The actions, what they refuse, and the downloads and pages that explain a site."""

import json
from typing import Any

import probatio
import pytest
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser  # type: ignore[import-untyped] # has no types

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.diagnostics import async_get_config_entry_diagnostics
from custom_components.home_flex.system_health import async_register
from tests.aggregator.broker import Broker

from .conftest import StartSite
from .house import subentry, until

SECRETS = ("secret-of-home", "ven-secret", "user-of-home", "client-key-text", "127.0.0.1")


async def call(hass: HomeAssistant, action: str, *, answers: bool = False, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=answers)


@pytest.mark.parametrize(
    ("action", "data", "reason"),
    [
        ("dispatch", {"duration": "00:10:00"}, "nothing_to_do"),
        ("dispatch", {"import_limit": 1000, "duration": "00:00:00"}, "invalid_duration"),
        ("dispatch", {"import_limit": 1000, "duration": {"days": 8}}, "invalid_duration"),
        ("cancel_dispatch", {"event_id": "nobody"}, "unknown_event"),
        ("opt_out", {"event_id": "nobody"}, "unknown_event"),
        ("opt_in", {"event_id": "nobody"}, "unknown_event"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_translated_words(
    hass: HomeAssistant, site: HomeFlexConfigEntry, action: str, data: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, action, **data)
    assert (refusal.value.translation_domain, refusal.value.translation_key) == (DOMAIN, reason)
    assert site.runtime_data.data.records == ()


@pytest.mark.parametrize(
    "data",
    [
        {"import_limit": -1},
        {"import_limit": "nan"},
        {"import_limit": "inf"},
        {"export_limit": 1e9},
        {"setpoint": "much"},
        {"setpoint": "-inf"},
        {"import_limit": 1000, "priority": -1},
        {"import_limit": 1000, "name": "x" * 200},
        {"import_limit": 1000, "start": "tomorrow-ish"},
        {"import_limit": 1000, "surprise": 1},
    ],
)
async def test_values_that_make_no_sense_never_reach_the_site(
    hass: HomeAssistant, site: HomeFlexConfigEntry, data: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call(hass, "dispatch", duration="00:10:00", **data)
    assert site.runtime_data.data.records == ()


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("dispatch", {"import_limit": 0, "duration": "00:10:00"}),
        ("cancel_dispatch", {"event_id": "any"}),
        ("opt_out", {}),
        ("opt_in", {}),
        ("pause", {}),
        ("resume", {}),
        ("set_away", {}),
        ("set_export", {"mode": "never"}),
    ],
)
async def test_a_user_who_may_only_look_steers_nothing(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    hass_read_only_user: User,
    hass_admin_user: User,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=Context(user_id=hass_read_only_user.id)
        )
    assert site.runtime_data.data.records == ()
    if "event_id" not in data:
        await hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=Context(user_id=hass_admin_user.id)
        )


async def test_a_user_who_may_only_look_may_ask_for_the_status(
    hass: HomeAssistant, site: HomeFlexConfigEntry, hass_read_only_user: User
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    assert await hass.services.async_call(
        DOMAIN, "get_status", {}, blocking=True, context=context, return_response=True
    )


@pytest.mark.parametrize("action", ["get_status", "get_plan", "get_receipts"])
async def test_a_user_who_may_see_nothing_of_the_home_is_answered_nothing(
    hass: HomeAssistant, site: HomeFlexConfigEntry, action: str
) -> None:
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"domains": {"light": True}}})
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, action, {}, blocking=True, context=Context(user_id=user.id), return_response=True
        )


async def test_an_action_without_a_loaded_site_says_so(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(site.entry_id)
    with pytest.raises(ServiceValidationError):
        await call(hass, "get_status", answers=True)
    with pytest.raises(ServiceValidationError):
        await call(hass, "get_status", answers=True, config_entry_id="another")


async def test_get_status_returns_the_whole_site_as_json(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    status = await call(hass, "get_status", answers=True)
    assert json.loads(json.dumps(status)) == status
    assert status["balance"]["grid_w"] == 1500
    assert {device["kind"] for device in status["devices"].values()} == {"grid_meter", "pv", "battery"}


async def test_an_event_can_be_left_and_come_back_to(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    event = await call(hass, "dispatch", answers=True, import_limit=1000, duration="00:10:00")
    await call(hass, "opt_out")  # all of the aggregator's: not the resident's own
    assert [record.opted_out for record in site.runtime_data.data.records] == [False]
    await call(hass, "opt_out", event_id=event["event_id"])
    assert [record.opted_out for record in site.runtime_data.data.records] == [True]
    state = hass.states.get("event.my_home_flexibility_event")
    assert state is not None
    assert state.attributes["event_type"] == "opted_out"
    await call(hass, "opt_in", event_id=event["event_id"])
    state = hass.states.get("event.my_home_flexibility_event")
    assert state is not None
    assert state.attributes["event_type"] == "opted_in"
    assert [record.opted_out for record in site.runtime_data.data.records] == [False]


def aggregator(broker: Broker, **more: Any) -> Any:
    data: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": broker.port,
        "tls": False,
        "prefix": "home_flex",
        "ven_id": "ven-secret",
        "username": "home",
        "password": "secret-of-home",
    }
    return subentry("aggregator", "Aggregator", **data | more)


async def test_participation_and_connection_are_shown_when_there_is_an_aggregator(
    hass: HomeAssistant, start_site: StartSite, broker: Broker
) -> None:
    entry: HomeFlexConfigEntry = await start_site(aggregator(broker))
    await until(lambda: entry.runtime_data.data.aggregator_connected)
    state = hass.states.get("binary_sensor.my_home_aggregator")
    assert state is not None
    assert state.state == "on"
    for action, expected in (("turn_off", "off"), ("turn_on", "on")):
        await hass.services.async_call(
            "switch", action, {"entity_id": "switch.my_home_participation"}, blocking=True
        )
        state = hass.states.get("switch.my_home_participation")
        assert state is not None
        assert state.state == expected


async def test_a_programme_is_a_choice_as_soon_as_something_is_said_of_it(
    hass: HomeAssistant, start_site: StartSite, broker: Broker
) -> None:
    entry: HomeFlexConfigEntry = await start_site(aggregator(broker))
    assert hass.states.get("select.my_home_events_of_evening_peak") is None

    await call(hass, "set_programme", program_id="evening-peak", rule="ask", pays_per_kwh=0.25)
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()

    state = hass.states.get("select.my_home_events_of_evening_peak")
    assert state is not None
    assert (state.state, state.attributes["pays_per_kwh"]) == ("ask", 0.25)


async def test_the_choice_of_a_programme_sets_its_rule_and_leaves_what_it_pays(
    hass: HomeAssistant, start_site: StartSite, broker: Broker
) -> None:
    entry: HomeFlexConfigEntry = await start_site(aggregator(broker))
    await call(hass, "set_programme", program_id="evening-peak", pays_per_kwh=0.25)
    await entry.runtime_data.async_refresh()
    await hass.async_block_till_done()
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.my_home_events_of_evening_peak", "option": "never"},
        blocking=True,
    )
    await entry.runtime_data.async_refresh()
    programme = entry.runtime_data.data.programmes["evening-peak"]
    assert (programme.rule, programme.pays_per_kwh) == ("never", 0.25)


@pytest.mark.parametrize(
    "data", [{"rule": "sometimes"}, {"pays_per_kwh": "much"}, {"pays_per_kwh": "nan"}, {"program_id": ""}]
)
async def test_a_rule_that_is_none_is_refused(
    hass: HomeAssistant, site: HomeFlexConfigEntry, data: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call(hass, "set_programme", **{"program_id": "evening-peak", **data})
    assert site.runtime_data.data.programmes == {}


async def test_a_broker_that_refuses_the_home_raises_an_issue_until_it_is_settled(
    hass: HomeAssistant, start_site: StartSite, broker: Broker, issue_registry: ir.IssueRegistry
) -> None:
    entry: HomeFlexConfigEntry = await start_site(aggregator(broker, password="wrong"))
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "aggregator_refuses"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert issue_registry.async_get_issue(DOMAIN, "aggregator_refuses") is None


async def test_diagnostics_hold_the_site_and_no_secret(
    hass: HomeAssistant, start_site: StartSite, broker: Broker, meter_port: int
) -> None:
    entry: HomeFlexConfigEntry = await start_site(
        aggregator(broker, username="user-of-home", client_key="client-key-text"),
        subentry("grid_meter", "Meter", type="tcp", host="127.0.0.1", port=meter_port),
    )
    await until(lambda: any(device.reading for device in entry.runtime_data.data.devices.values()))
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    told = json.dumps(diagnostics)
    assert not [secret for secret in SECRETS if secret in told]
    assert diagnostics["site"]["main_fuse_a"] == 25.0
    assert [item["type"] for item in diagnostics["subentries"]] == ["aggregator", "grid_meter"]
    assert "E0001" not in told  # the meter's serial number
    assert diagnostics["ledger"] == []


async def test_system_health_says_what_is_reached(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    assert await async_setup_component(hass, "system_health", {})
    registered: list[Any] = []

    class Registration:
        def async_register_info(self, info: Any) -> None:
            registered.append(info)

    async_register(hass, Registration())  # type: ignore[arg-type] # the one method that is used
    info = await registered[0](hass)
    assert info == {"site": True, "devices": 3, "devices_reached": 3, "events": 0}
    assert await hass.config_entries.async_unload(house.entry_id)
    assert await registered[0](hass) == {"site": False}


async def test_an_unknown_site_is_refused(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    with pytest.raises(HomeAssistantError):
        await call(hass, "dispatch", config_entry_id="other", import_limit=1, duration="00:01:00")
