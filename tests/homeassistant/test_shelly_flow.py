"""A Shelly meter and a Shelly switch, added in their forms, read, switched in an event and given back."""

from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.kinds.switched_load import SwitchedLoad
from tests.devices.fakes.shelly import FakeShelly, Relay, shelly

from .house import SubentryFlow, until

FORMS: dict[str, dict[str, Any]] = {
    "grid_meter": {"channel": 0, "positive_power": "import", "counting": "together"},
    "sub_meter": {"channel": 0, "positive_power": "import"},
    "pv": {"channel": 0, "positive_power": "import", "rated_power_kw": 0.8, "wired_phases": ["1"]},
    "switched_load": {"channel": 0, "rated_power_kw": 1.5, "wired_phases": ["1"]},
}


async def add(hass: HomeAssistant, site: HomeFlexConfigEntry, kind: str, host: str, **more: Any) -> Any:
    flow = SubentryFlow(hass, site.entry_id, kind)
    await flow.open()
    await flow.choose("shelly")
    result = await flow.enter(name=kind, host=host, **FORMS[kind], **more)
    await hass.async_block_till_done()
    return result


class House(FakeShelly):
    """A three-phase meter with a relay of its own, whose load it measures."""

    def status(self) -> dict[str, Any]:
        load_w = self.relays[0].load_w if self.relays[0].is_on else 0.0
        self.phases_w = (400.0 + load_w, 0.0, 0.0)
        return super().status()


async def test_a_load_is_switched_off_in_an_event_with_a_timer_and_given_back(
    hass: HomeAssistant, site: HomeFlexConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SwitchedLoad, "actuation", replace(SwitchedLoad.actuation, min_on_s=1.0, min_off_s=1.0)
    )
    house = House(relays=[Relay(load_w=1500.0)], password="secret")
    async with shelly(house) as host:
        for kind in ("grid_meter", "switched_load"):
            assert (await add(hass, site, kind, host, password="secret"))[
                "type"
            ] is FlowResultType.CREATE_ENTRY
        kept = {each.subentry_type: each for each in site.subentries.values()}
        assert {kind: each.unique_id for kind, each in kept.items()} == {
            "grid_meter": "grid_meter_A4CF12F3C8B5",
            "switched_load": "switched_load_A4CF12F3C8B5-0",
        }
        await until(lambda: all(each.reading for each in site.runtime_data.data.devices.values()))
        await until(lambda: site.runtime_data.data.balance is not None)
        event = {"import_limit": 1000, "duration": {"minutes": 10}}
        await hass.services.async_call(DOMAIN, "dispatch", event, blocking=True)
        relay = house.relays[0]
        await until(lambda: not relay.is_on, timeout_s=20.0)
        assert relay.timer_s == 900.0
        record = site.runtime_data.data.active
        assert record is not None
        ended = {"event_id": record.event.event_id}
        await hass.services.async_call(DOMAIN, "cancel_dispatch", ended, blocking=True)
        await until(lambda: relay.is_on and relay.timer_s is None, timeout_s=40.0)
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_the_sun_behind_a_plug_is_read(hass: HomeAssistant, site: HomeFlexConfigEntry) -> None:
    async with shelly(FakeShelly(relays=[Relay(load_w=-600.0)])) as host:
        assert (await add(hass, site, "pv", host))["type"] is FlowResultType.CREATE_ENTRY
        await until(lambda: all(each.reading for each in site.runtime_data.data.devices.values()))
        await hass.async_block_till_done()
        assert float(hass.states.get("sensor.pv_production_power").state) == 600.0  # type: ignore[union-attr] # it has one
        assert await hass.config_entries.async_unload(site.entry_id)


async def test_a_part_of_the_home_behind_a_plug_is_read(
    hass: HomeAssistant, site: HomeFlexConfigEntry
) -> None:
    async with shelly(FakeShelly(relays=[Relay(load_w=60.0)])) as host:
        assert (await add(hass, site, "sub_meter", host))["type"] is FlowResultType.CREATE_ENTRY
        await until(lambda: all(each.reading for each in site.runtime_data.data.devices.values()))
        await hass.async_block_till_done()
        assert float(hass.states.get("sensor.sub_meter_power").state) == 60.0  # type: ignore[union-attr] # it has one
        assert await hass.config_entries.async_unload(site.entry_id)


@pytest.mark.parametrize(
    ("device", "kind", "slug"),
    [
        (FakeShelly(relays=[Relay()]), "pv", "power_reversed"),
        (FakeShelly(relays=[Relay(has_meter=False)]), "sub_meter", "not_a_meter"),
        (FakeShelly(relays=[Relay()]), "grid_meter", "not_a_meter"),
        (FakeShelly(phases_w=(1.0, 2.0, 3.0)), "switched_load", "no_switch"),
        (FakeShelly(relays=[Relay()], password="secret"), "switched_load", "password_needed"),
    ],
)
async def test_what_is_wrong_is_said_in_the_form(
    hass: HomeAssistant, site: HomeFlexConfigEntry, device: FakeShelly, kind: str, slug: str
) -> None:
    async with shelly(device) as host:
        assert (await add(hass, site, kind, host))["errors"] == {"base": slug}
