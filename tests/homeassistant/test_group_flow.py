"""Groups of devices that share a limit: set up, dimmed by an entity or an action, and shown."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.control.dimming import DimmingMode, GroupSettings
from custom_components.home_flex.core.control.section_14a import Registered
from custom_components.home_flex.core.model import GroupKind
from custom_components.home_flex.runtime import group_limits

from .conftest import StartSite
from .house import SubentryFlow, charger, suggested, until

DIMMED = "binary_sensor.grid_operator_dimmed"
LIMIT = "sensor.grid_operator_limit_of_the_grid_operator"
SIGNAL = "binary_sensor.relay"


@pytest.fixture
async def home(start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site with two chargers."""
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP1"), charger("Drive", "CP2"))
    return entry


def ids(entry: HomeFlexConfigEntry) -> list[str]:
    return [each.subentry_id for each in entry.get_subentries_of_type("ev_charger")]


async def add(hass: HomeAssistant, entry: HomeFlexConfigEntry, kind: str, **values: Any) -> Any:
    """Fill in the form of a new group; return what comes of it."""
    flow = SubentryFlow(hass, entry.entry_id, "group")
    await flow.start()
    await flow.choose(kind)
    result = await flow.enter(**{"name": "Grid operator", "devices": ids(entry), **values})
    await hass.async_block_till_done()
    return result


async def add_dimmed(hass: HomeAssistant, entry: HomeFlexConfigEntry, **values: Any) -> Any:
    return await add(hass, entry, "section_14a", **{"dimming_mode": "together", **values})


def settings(entry: HomeFlexConfigEntry) -> GroupSettings:
    (group,) = entry.runtime_data.controller.groups.groups
    return group


def state(hass: HomeAssistant, entity_id: str) -> str:
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found.state


async def dim(hass: HomeAssistant, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, "dim_group", data, blocking=True, return_response=True)


async def test_without_devices_no_group_is_added(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    refused = await SubentryFlow(hass, site.entry_id, "group").start()
    assert (refused["type"], refused["reason"]) == (FlowResultType.ABORT, "no_devices")


async def test_a_group_that_is_dimmed_is_kept_as_it_was_entered(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    added = await add_dimmed(hass, home, dimming_mode="each", registered=3, heat_pumps_w=15_000)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    kept = settings(home)
    assert (kept.group.kind, kept.group.device_ids) == (GroupKind.SECTION_14A, tuple(ids(home)))
    assert (kept.mode, kept.registered) == (DimmingMode.EACH, Registered(count=3, heat_pumps_w=15_000.0))
    network = home.runtime_data.controller.settings.network
    assert network is not None
    assert network.groups == (kept.group,)


async def test_a_limit_of_ones_own_is_kept(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await add(hass, home, "peak", name="Peak", power_limit_w=9000)
    kept = settings(home)
    assert (kept.group.kind, kept.power_limit_w, kept.registered) == (GroupKind.PEAK, 9000.0, None)


REFUSALS = [({"devices": []}, "no_members"), ({"registered": 1}, "fewer_registered")]


@pytest.mark.parametrize(("values", "error"), REFUSALS)
async def test_a_group_that_cannot_be_is_refused_until_it_can(
    hass: HomeAssistant, home: HomeFlexConfigEntry, values: dict[str, Any], error: str
) -> None:
    flow = SubentryFlow(hass, home.entry_id, "group")
    await flow.start()
    await flow.choose("section_14a")
    form = {"name": "Grid operator", "devices": ids(home), "dimming_mode": "together"}
    assert (await flow.enter(**(form | values)))["errors"] == {"base": error}
    added = await flow.enter(**form)
    await hass.async_block_till_done()
    assert added["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("kind", "values", "changed"),
    [
        ("section_14a", {"dimming_mode": "together"}, {"dimming_mode": "each"}),
        ("peak", {"power_limit_w": 9000.0}, {"power_limit_w": 8000.0}),
    ],
)
async def test_a_group_is_changed(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    kind: str,
    values: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    await add(hass, home, kind, **values)
    (kept,) = home.get_subentries_of_type("group")
    flow = SubentryFlow(hass, home.entry_id, "group")
    form = await flow.start(kept.subentry_id)
    assert form["step_id"] == kind
    (field,) = changed
    assert suggested(form, field) == values[field]
    done = await flow.enter(**{"name": "Renamed", "devices": ids(home)[:1], **values, **changed})
    await hass.async_block_till_done()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    (group,) = home.get_subentries_of_type("group")
    assert (group.title, group.data[field]) == ("Renamed", changed[field])
    assert settings(home).group.device_ids == tuple(ids(home)[:1])


async def test_a_group_is_dimmed_by_its_entity_and_says_so(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    hass.states.async_set(SIGNAL, "off")
    await add_dimmed(hass, home, signal=SIGNAL)
    assert (state(hass, DIMMED), state(hass, LIMIT)) == ("off", "unknown")
    hass.states.async_set(SIGNAL, "on")
    await until(lambda: state(hass, DIMMED) == "on")
    assert state(hass, LIMIT) == "7560.0"
    hass.states.async_set(SIGNAL, "off")
    await until(lambda: state(hass, DIMMED) == "off")


async def test_a_signal_that_is_lost_dims_and_is_told(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_limits, "LOST_AFTER_S", 1.0)
    await add_dimmed(hass, home, signal=SIGNAL)
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "signal_lost"))
    assert state(hass, DIMMED) == "on"
    hass.states.async_set(SIGNAL, "off")
    await until(lambda: issue_registry.async_get_issue(DOMAIN, "signal_lost") is None)
    assert state(hass, DIMMED) == "off"


async def test_a_group_is_dimmed_by_an_action_and_stays_so_over_a_reload(
    hass: HomeAssistant, home: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    await add_dimmed(hass, home)
    answer = await dim(hass, limit=3000)
    assert answer == {"dimmed": True, "limit": 3000.0, "until": None, "below_floor": True}
    assert state(hass, LIMIT) == "3000.0"
    assert issue_registry.async_get_issue(DOMAIN, "below_floor")
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    assert (state(hass, DIMMED), state(hass, LIMIT)) == ("on", "3000.0")
    answer = await dim(hass, dimmed=False)
    assert (answer["dimmed"], state(hass, DIMMED)) == (False, "off")
    assert issue_registry.async_get_issue(DOMAIN, "below_floor") is None


async def test_a_dimming_may_have_an_end(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await add_dimmed(hass, home)
    answer = await dim(hass, **{"for": {"seconds": 1}})
    assert answer["until"]
    assert answer["limit"] == 7560.0
    await until(lambda: state(hass, DIMMED) == "off")


async def test_the_group_is_named_by_its_device(
    hass: HomeAssistant, home: HomeFlexConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await dim(hass)
    assert refused.value.translation_key == "which_group"
    await add_dimmed(hass, home)
    (group,) = home.get_subentries_of_type("group")
    device = device_registry.async_get_device_by_identifier((DOMAIN, group.subentry_id), home.entry_id)
    assert device is not None
    assert (await dim(hass, device_id=device.id))["dimmed"]
    site = device_registry.async_get_device_by_identifier((DOMAIN, home.entry_id), home.entry_id)
    assert site is not None
    with pytest.raises(ServiceValidationError) as refused:
        await dim(hass, device_id=site.id)
    assert refused.value.translation_key == "which_group"
