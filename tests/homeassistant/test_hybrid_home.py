"""A home with a hybrid inverter on the wire, and what an event asks of its battery."""

import pytest
from home_simulator.faults import Faults
from home_simulator.simulator import Simulator
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from tests.simulator.conftest import house_on_the_wire

from .house import SubentryFlow, until

LIMIT_W = 1000.0


async def set_up(hass: HomeAssistant, site: HomeFlexConfigEntry, home: Simulator) -> None:
    """Add the meter, and PV and battery of the one inverter."""
    meter = SubentryFlow(hass, site.entry_id, "grid_meter")
    await meter.start()
    await meter.choose("tcp")
    await meter.enter(name="Meter", host="127.0.0.1", port=home.p1.port)
    await hass.async_block_till_done()
    for kind in ("pv", "battery"):
        flow = SubentryFlow(hass, site.entry_id, kind)
        await flow.start()
        await flow.choose("sunspec")
        await flow.enter(
            name=kind, host="127.0.0.1", port=home.modbus.port, unit_id=1, wired_phases=["1", "2", "3"]
        )
        await hass.async_block_till_done()
    # What was read since the meter's last telegram is in the balance with its next.
    await until(
        lambda: (
            all(device.reading for device in site.runtime_data.data.devices.values())
            and (balance := site.runtime_data.data.balance) is not None
            and balance.pv_w is not None
            and balance.battery_w is not None
        )
    )


async def limit_import(hass: HomeAssistant) -> None:
    await hass.services.async_call(
        DOMAIN, "dispatch", {"import_limit": LIMIT_W, "duration": {"minutes": 5}}, blocking=True
    )


async def test_the_battery_of_a_hybrid_gives_what_is_missing_and_no_more(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with house_on_the_wire(hybrid=True, base_load_w=8000.0) as home:
        await set_up(hass, site, home)
        balance = site.runtime_data.data.balance
        assert balance is not None
        assert balance.pv_w == pytest.approx(home.house.pv.power_w, rel=0.05)
        assert balance.battery_w == pytest.approx(0.0, abs=50)
        await limit_import(hass)
        await until(lambda: home.house.battery.power_w < -1000, timeout_s=30)
        await until(lambda: 500 < home.house.read_grid().power_w <= LIMIT_W, timeout_s=30)
        assert home.house.battery.power_w == pytest.approx(LIMIT_W - 8000 - home.house.pv.power_w, abs=300)
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize(
    ("fault", "issue"),
    [
        (Faults(sunspec_refuses_writes=True), "device_write_refused"),
        (Faults(sunspec_drops_writes=True), "device_write_ignored"),
        (Faults(sunspec_no_timer=True), "device_no_timer"),
        (Faults(sunspec_forgets_orders=True), "device_overridden"),
    ],
    ids=["refuses", "ignores", "no timer", "forgets"],
)
async def test_an_inverter_that_does_not_do_as_told_is_named_in_a_stated_time(
    hass: HomeAssistant,
    site: HomeFlexConfigEntry,
    issue_registry: ir.IssueRegistry,
    fault: Faults,
    issue: str,
) -> None:
    async with house_on_the_wire(hybrid=True, base_load_w=8000.0) as home:
        await set_up(hass, site, home)
        home.faults.now = fault
        await limit_import(hass)
        await until(lambda: issue_registry.async_get_issue(DOMAIN, issue) is not None, timeout_s=30)
        told = issue_registry.async_get_issue(DOMAIN, issue)
        assert told is not None
        assert told.translation_placeholders == {"devices": "battery"}
        assert await hass.config_entries.async_unload(site.entry_id)
