"""Circuits: added, changed, refused when they contradict each other, and guarded by control."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.dt import utcnow

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.model import Circuit, Network

from .conftest import StartSite
from .house import SubentryFlow, charger, subentry, suggested, until

ALL = ["1", "2", "3"]


@pytest.fixture
async def home(start_site: StartSite) -> HomeFlexConfigEntry:
    """Set up a site with two chargers."""
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP1"), charger("Drive", "CP2"))
    return entry


def id_of(entry: HomeFlexConfigEntry, title: str) -> str:
    return next(each.subentry_id for each in entry.subentries.values() if each.title == title)


def network(entry: HomeFlexConfigEntry) -> Network | None:
    held: Network | None = entry.runtime_data.controller.settings.network
    return held


def circuit(entry: HomeFlexConfigEntry, title: str) -> Circuit:
    known = network(entry)
    assert known is not None
    return known.circuit(id_of(entry, title))


async def add(hass: HomeAssistant, entry: HomeFlexConfigEntry, **values: Any) -> Any:
    """Fill in the form of a new circuit; return what comes of it."""
    flow = SubentryFlow(hass, entry.entry_id, "circuit")
    await flow.start()
    form = {"name": "Shed", "fuse_a": 16, "circuit_phases": ALL, "parent": "main", "devices": []}
    result = await flow.enter(**(form | values))
    await hass.async_block_till_done()
    return result


async def add_cellar(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Add a sub-meter that draws 900 W."""
    hass.states.async_set("sensor.cellar", "900", {"unit_of_measurement": "W", "device_class": "power"})
    flow = SubentryFlow(hass, entry.entry_id, "sub_meter")
    await flow.open()
    await flow.choose("entities")
    await flow.enter(name="Cellar", power="sensor.cellar", reported_s=3600, only_changes=False)
    await hass.async_block_till_done()


async def change(hass: HomeAssistant, entry: HomeFlexConfigEntry, title: str, **values: Any) -> Any:
    flow = SubentryFlow(hass, entry.entry_id, "circuit")
    subentry_id = id_of(entry, title)
    await flow.start(subentry_id)
    kept = {"name": title, **entry.subentries[subentry_id].data}
    result = await flow.enter(**(kept | values))
    await hass.async_block_till_done()
    return result


async def test_a_home_without_circuits_knows_its_main_fuse_only(home: HomeFlexConfigEntry) -> None:
    assert network(home) is None


async def test_a_circuit_is_suggested_all_phases_and_the_main_fuse(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    form = await SubentryFlow(hass, home.entry_id, "circuit").start()
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "user")
    assert (suggested(form, "circuit_phases"), suggested(form, "parent")) == (ALL, "main")


async def test_a_circuit_is_kept_and_guarded(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    before = home.runtime_data
    added = await add(
        hass,
        home,
        fuse_a=16,
        circuit_phases=["2", "1"],
        devices=[id_of(home, "Garage")],
        other_load_a=4,
        power_limit_w=5000,
    )
    assert added["type"] is FlowResultType.CREATE_ENTRY
    assert home.runtime_data is not before
    shed = circuit(home, "Shed")
    assert (shed.fuse_a, shed.phases, shed.parent_id) == ((16.0, 16.0), (1, 2), "main")
    assert (shed.other_load_a, shed.power_limit_w, shed.meter_id) == (4.0, 5000.0, None)
    assert shed.device_ids == (id_of(home, "Garage"),)
    main = network(home).root  # type: ignore[union-attr] # there is one
    assert (main.fuse_a, main.device_ids) == ((25.0,) * 3, (id_of(home, "Drive"),))


async def test_a_circuit_may_hang_on_another(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await add(hass, home)
    await add(hass, home, name="Workbench", fuse_a=10, circuit_phases=["3"], parent=id_of(home, "Shed"))
    assert circuit(home, "Workbench").parent_id == id_of(home, "Shed")


async def test_a_circuit_may_have_its_own_meter(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    hass.states.async_set("sensor.shed", "1.5", {"unit_of_measurement": "kW"})
    for number in (1, 2, 3):
        hass.states.async_set(f"sensor.shed_{number}", str(number))
    await add(
        hass,
        home,
        meter_power="sensor.shed",
        meter_currents=["sensor.shed_1", "sensor.shed_2", "sensor.shed_3"],
    )
    shed = circuit(home, "Shed")
    assert shed.meter_id == shed.circuit_id

    def told() -> Any:
        meters = home.runtime_data.controller.settings.heard().circuit_meters
        return meters[shed.circuit_id].reading if shed.circuit_id in meters else None

    assert (told().power_w, told().phase_current_a) == (1500.0, (1.0, 2.0, 3.0))
    hass.states.async_set("sensor.shed_2", "unavailable")
    assert (told().power_w, told().phase_current_a) == (1500.0, ())
    for bad in ("unknown", "unavailable", "nan", "much"):
        hass.states.async_set("sensor.shed", bad, {"unit_of_measurement": "kW"})
        assert told() is None
    hass.states.async_set("sensor.shed", "1500", {"unit_of_measurement": "kWh"})
    assert told() is None


async def test_a_circuit_may_have_a_sub_meter_that_is_a_device_until_that_is_removed(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await add_cellar(hass, home)
    cellar = id_of(home, "Cellar")
    await add(hass, home, name="Cellar circuit", meter_device=cellar)
    assert circuit(home, "Cellar circuit").meter_id == cellar

    def told() -> Any:
        controller = home.runtime_data.controller
        return controller._inputs.state(controller.settings.heard(), utcnow()).circuit_meters

    hass.states.async_set("sensor.cellar", "800", {"unit_of_measurement": "W"})
    await until(lambda: cellar in told())
    assert told()[cellar].reading.power_w == 800.0
    hass.config_entries.async_remove_subentry(home, cellar)
    await hass.async_block_till_done()
    assert (told(), circuit(home, "Cellar circuit").meter_id) == ({}, cellar)
    assert (await change(hass, home, "Cellar circuit", fuse_a=20))["reason"] == "reconfigure_successful"


REFUSALS = {
    "no phase": ({"circuit_phases": []}, "no_phase"),
    "currents without a power": (
        {"meter_currents": ["sensor.a", "sensor.b", "sensor.c"]},
        "currents_incomplete",
    ),
    "a sub-meter and a sensor": (
        {"meter_device": "cellar", "meter_power": "sensor.p"},
        "two_meters",
    ),
    "a current too few": (
        {"meter_power": "sensor.p", "meter_currents": ["sensor.a", "sensor.b"]},
        "currents_incomplete",
    ),
}


@pytest.mark.parametrize(("values", "error"), REFUSALS.values(), ids=REFUSALS)
async def test_what_cannot_be_is_refused_until_it_can(
    hass: HomeAssistant, home: HomeFlexConfigEntry, values: dict[str, Any], error: str
) -> None:
    if "meter_device" in values:
        await add_cellar(hass, home)
        values = {**values, "meter_device": id_of(home, "Cellar")}
    flow = SubentryFlow(hass, home.entry_id, "circuit")
    await flow.start()
    form = {"name": "Shed", "fuse_a": 16, "circuit_phases": ALL, "parent": "main", "devices": []}
    refused = await flow.enter(**(form | values))
    assert refused["errors"] == {"base": error}
    added = await flow.enter(**form)
    await hass.async_block_till_done()
    assert added["type"] is FlowResultType.CREATE_ENTRY


async def test_a_device_hangs_on_one_circuit_only(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await add(hass, home, devices=[id_of(home, "Garage")])
    refused = await add(hass, home, name="Second", devices=[id_of(home, "Garage"), id_of(home, "Drive")])
    assert refused["errors"] == {"base": "device_on_two_circuits"}
    assert refused["description_placeholders"] == {"names": "Garage"}


@pytest.mark.parametrize("by", ["sub-meter", "sensor"])
async def test_a_meter_measures_one_circuit_only(
    hass: HomeAssistant, home: HomeFlexConfigEntry, by: str
) -> None:
    if by == "sub-meter":
        await add_cellar(hass, home)
    meter = {"meter_device": id_of(home, "Cellar")} if by == "sub-meter" else {"meter_power": "sensor.shed"}
    await add(hass, home, **meter)
    refused = await add(hass, home, name="Second", **meter)
    assert refused["errors"] == {"base": "meter_on_two_circuits"}
    assert refused["description_placeholders"] == {"names": "Shed"}
    assert (await change(hass, home, "Shed", fuse_a=20))["reason"] == "reconfigure_successful"


async def test_circuits_do_not_feed_each_other(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await add(hass, home)
    await add(hass, home, name="Workbench", parent=id_of(home, "Shed"))
    refused = await change(hass, home, "Shed", parent=id_of(home, "Workbench"))
    assert refused["errors"] == {"base": "circuits_in_a_ring"}
    assert circuit(home, "Shed").parent_id == "main"


async def test_a_circuit_has_no_phase_that_does_not_feed_it(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await add(hass, home, circuit_phases=["1"])
    refused = await add(hass, home, name="Workbench", circuit_phases=["2"], parent=id_of(home, "Shed"))
    assert refused["errors"] == {"base": "phases_not_fed"}
    assert refused["description_placeholders"] == {"names": "Workbench, Shed"}


async def test_a_changed_circuit_is_guarded_as_it_is_now(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await add(hass, home)
    done = await change(hass, home, "Shed", fuse_a=10, devices=[id_of(home, "Drive")])
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "reconfigure_successful")
    assert circuit(home, "Shed").fuse_a == (10.0,) * 3
    assert circuit(home, "Shed").device_ids == (id_of(home, "Drive"),)


async def test_a_fuse_larger_than_the_one_before_it_is_allowed_and_told(
    hass: HomeAssistant, home: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    added = await add(hass, home, fuse_a=35)
    assert added["type"] is FlowResultType.CREATE_ENTRY
    issue = issue_registry.async_get_issue(DOMAIN, "circuit_fuse_larger")
    assert issue is not None
    assert issue.translation_placeholders == {"circuits": "Shed"}
    await change(hass, home, "Shed", fuse_a=25)
    assert issue_registry.async_get_issue(DOMAIN, "circuit_fuse_larger") is None


async def test_a_device_or_circuit_that_is_removed_leaves_the_others_as_they_are(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await add(hass, home, devices=[id_of(home, "Garage")])
    await add(hass, home, name="Workbench", parent=id_of(home, "Shed"), devices=[id_of(home, "Drive")])
    for title in ("Garage", "Shed"):
        hass.config_entries.async_remove_subentry(home, id_of(home, title))
        await hass.async_block_till_done()
        assert home.state is ConfigEntryState.LOADED
    assert circuit(home, "Workbench").parent_id == "main"


async def test_a_site_does_not_become_one_that_its_circuits_do_not_fit(
    hass: HomeAssistant, home: HomeFlexConfigEntry, site_data: dict[str, Any]
) -> None:
    await add(hass, home)
    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": home.entry_id}
    )
    values = {**site_data, "import_price_per_kwh": 0.3, "export_price_per_kwh": 0.05, "phases": "1"}
    refused = await hass.config_entries.flow.async_configure(form["flow_id"], values)
    assert refused["errors"] == {"phases": "circuits_do_not_fit"}
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**values, "phases": "3_without_neutral"}
    )
    await hass.async_block_till_done()
    assert done["reason"] == "reconfigure_successful"
    assert circuit(home, "Shed").grid == "it_3p"


async def test_wiring_that_contradicts_itself_ends_the_start_with_its_names(
    hass: HomeAssistant, start_site: StartSite, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AssertionError):
        await start_site(
            subentry("circuit", "Shed", unique_id="c1", fuse_a=-5.0, circuit_phases=["1"], parent="main")
        )
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "wiring"
    assert entry.error_reason_translation_placeholders == {"problem": "impossible_rating", "names": "Shed"}
