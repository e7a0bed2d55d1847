"""Standing wishes in Home Assistant: each entity and action changes the wish, which survives a reload."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry, store_path
from custom_components.home_flex.core.wishes import Wishes
from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.store import HistoryStore
from tests.devices.fakes.modbus_server import FakeModbusServer
from tests.devices.ocpp_clients import dial

from .conftest import StartSite
from .house import BATTERY_UNIT, CHARGER_PASSWORD, PV_UNIT, charger, subentry, until

ZONE = "Europe/Amsterdam"


@pytest.fixture
async def home(
    hass: HomeAssistant, start_site: StartSite, modbus_server: FakeModbusServer
) -> AsyncIterator[HomeFlexConfigEntry]:
    """Set up a site with PV, a battery and a charger, in Amsterdam."""
    await hass.config.async_set_time_zone(ZONE)
    modbus: dict[str, Any] = {"host": "127.0.0.1", "port": modbus_server.port, "wired_phases": ["1"]}
    entry: HomeFlexConfigEntry = await start_site(
        subentry("pv", "Roof", unit_id=PV_UNIT, **modbus),
        subentry("battery", "Cellar", unit_id=BATTERY_UNIT, **modbus),
        charger("Garage", "CP1"),
    )
    yield entry
    await hass.config.async_set_time_zone("US/Pacific")


def shown(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


async def use(hass: HomeAssistant, domain: str, service: str, entity_id: str, **data: Any) -> None:
    await hass.services.async_call(domain, service, {"entity_id": entity_id, **data}, blocking=True)


async def call(hass: HomeAssistant, action: str, **data: Any) -> Any:
    return await hass.services.async_call(DOMAIN, action, data, blocking=True, return_response=True)


def wishes(entry: HomeFlexConfigEntry) -> Wishes:
    held: Wishes = entry.runtime_data.data.wishes
    return held


NUMBERS = [
    ("number.my_home_feed_in_limit", "0.0", 3000),
    ("number.cellar_reserve", "10.0", 30),
    ("number.cellar_battery_for_the_car_down_to", "0.0", 60),
    ("number.garage_energy_to_charge", "20.0", 12.5),
    ("number.garage_limit_for_this_session", "0.0", 7),
    ("number.garage_priority", "5", 1),
    ("number.garage_least_current", "6.0", 8),
    ("number.garage_most_current", "16.0", 10),
]
SELECTS = [
    ("select.my_home_feeding_in", "allowed", "never"),
    ("select.cellar_battery_may_charge_the_car", "down_to", "bridge"),
    ("select.garage_charge_mode", "fast", "surplus"),
    ("select.garage_after_unplugging", "keep", "off"),
]
SWITCHES = [
    ("switch.my_home_paused", "off"),
    ("switch.my_home_away", "off"),
    ("switch.roof_may_be_managed", "on"),
    ("switch.roof_automatic", "on"),
    ("switch.roof_do_not_disturb", "off"),
    ("switch.cellar_may_be_managed", "on"),
    ("switch.cellar_charge_back_to_reserve", "off"),
    ("switch.garage_charge_now", "off"),
    ("switch.garage_ready_by", "off"),
    ("switch.garage_fast_charging_may_be_slowed", "on"),
    ("switch.garage_do_not_disturb", "off"),
]


async def test_every_entity_changes_its_wish_and_shows_it_again_after_a_reload(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    expected: dict[str, str] = {}
    for entity_id, first, value in NUMBERS:
        assert shown(hass, entity_id).state == first, entity_id
        await use(hass, "number", "set_value", entity_id, value=value)
        assert float(shown(hass, entity_id).state) == value, entity_id
        expected[entity_id] = shown(hass, entity_id).state
    for entity_id, first, option in SELECTS:
        assert shown(hass, entity_id).state == first, entity_id
        await use(hass, "select", "select_option", entity_id, option=option)
        expected[entity_id] = option
    for entity_id, first in SWITCHES:
        assert shown(hass, entity_id).state == first, entity_id
        await use(hass, "switch", "turn_off" if first == "on" else "turn_on", entity_id)
        expected[entity_id] = "off" if first == "on" else "on"
    assert shown(hass, "time.garage_ready_by").state == "07:00:00"
    await use(hass, "time", "set_value", "time.garage_ready_by", time="06:30:00")
    expected["time.garage_ready_by"] = "06:30:00"
    for entity_id in ("datetime.my_home_paused_until", "datetime.my_home_away_until"):
        assert shown(hass, entity_id).state == "unknown"
        await use(hass, "datetime", "set_value", entity_id, datetime=dt_util.now() + timedelta(days=2))
        expected[entity_id] = shown(hass, entity_id).state
        assert expected[entity_id] != "unknown"
    before = wishes(home)
    assert {each: shown(hass, each).state for each in expected} == expected
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    assert wishes(home) == before
    assert {each: shown(hass, each).state for each in expected} == expected


async def test_a_choice_can_be_taken_back(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    for entity_id, first in SWITCHES:
        await use(hass, "switch", "turn_off" if first == "on" else "turn_on", entity_id)
        await use(hass, "switch", "turn_on" if first == "on" else "turn_off", entity_id)
        assert shown(hass, entity_id).state == first, entity_id
    await use(hass, "number", "set_value", "number.garage_limit_for_this_session", value=5)
    await use(hass, "number", "set_value", "number.garage_limit_for_this_session", value=0)
    charger_id = next(iter(wishes(home).chargers))
    assert wishes(home).charger(charger_id).session_limit_wh is None


async def test_the_ends_of_a_pause_go_with_it(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await use(
        hass,
        "datetime",
        "set_value",
        "datetime.my_home_paused_until",
        datetime=dt_util.now() + timedelta(hours=1),
    )
    assert shown(hass, "switch.my_home_paused").state == "on"
    await use(hass, "switch", "turn_off", "switch.my_home_paused")
    assert shown(hass, "datetime.my_home_paused_until").state == "unknown"


@pytest.mark.parametrize(
    ("domain", "service", "entity_id", "data", "reason"),
    [
        (
            "datetime",
            "set_value",
            "datetime.my_home_paused_until",
            {"datetime": "2020-01-01T00:00:00+00:00"},
            "until_past",
        ),
        ("number", "set_value", "number.garage_least_current", {"value": 11}, "currents_crossed"),
    ],
)
async def test_an_entity_refuses_what_cannot_be_in_translated_words(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    domain: str,
    service: str,
    entity_id: str,
    data: dict[str, Any],
    reason: str,
) -> None:
    await use(hass, "number", "set_value", "number.garage_most_current", value=10)
    with pytest.raises(ServiceValidationError) as refusal:
        await use(hass, domain, service, entity_id, **data)
    assert refusal.value.translation_key == reason


async def test_a_charger_shows_by_when_its_car_has_to_be_ready(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    assert shown(hass, "sensor.garage_ready_by").state == "unknown"
    await use(hass, "switch", "turn_on", "switch.garage_ready_by")
    following = datetime.fromisoformat(shown(hass, "sensor.garage_ready_by").state)
    assert following.astimezone(dt_util.get_default_time_zone()).strftime("%H:%M") == "07:00"
    assert following > dt_util.utcnow()


async def test_who_decides_is_told_of_each_device(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await until(lambda: shown(hass, "sensor.cellar_power").state != "unavailable")
    for entity_id in ("sensor.roof_decided_by", "sensor.cellar_decided_by", "sensor.garage_decided_by"):
        assert shown(hass, entity_id).state == "nobody"
    assert shown(hass, "number.cellar_reserve").attributes["overridden_by"] is None
    await call(hass, "pause", until="monday")
    assert shown(hass, "sensor.cellar_decided_by").state == "you"
    assert shown(hass, "sensor.cellar_decided_by").attributes["reason"] == "paused"
    reserve = shown(hass, "number.cellar_reserve")
    assert reserve.attributes["overridden_by"] == "you"
    assert reserve.attributes["overridden_until"] == wishes(home).site.paused_until.isoformat()  # type: ignore[union-attr] # it has an end


@pytest.mark.parametrize(
    ("action", "data", "answer"),
    [
        ("set_charge_mode", {"mode": "fast"}, {"mode": "fast", "until": None, "then": None}),
        ("set_export", {"mode": "never"}, {"mode": "never", "limit": None, "until": None, "then": None}),
        (
            "set_export",
            {"mode": "limited", "limit": 800},
            {"mode": "limited", "limit": 800.0, "until": None, "then": None},
        ),
        ("set_reserve", {"value": 30}, {"value": 30.0, "until": None, "then": None, "restore": False}),
        (
            "set_reserve",
            {"value": 80, "restore": True},
            {"value": 80.0, "until": None, "then": None, "restore": True},
        ),
        ("pause", {}, {"until": None}),
        ("set_away", {}, {"away": True, "until": None}),
        ("set_away", {"away": False}, {"away": False, "until": None}),
    ],
)
async def test_an_action_answers_what_will_happen_and_its_wish_survives_a_reload(
    hass: HomeAssistant, home: HomeFlexConfigEntry, action: str, data: dict[str, Any], answer: dict[str, Any]
) -> None:
    assert await call(hass, action, **data) == answer
    before = wishes(home)
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    assert wishes(home) == before


async def test_leave_me_alone_until_monday(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    answer = await call(hass, "pause", until="monday")
    end = datetime.fromisoformat(answer["until"])
    assert (end.strftime("%A %H:%M:%S")) == "Monday 00:00:00"
    assert end.utcoffset() == end.astimezone(dt_util.get_default_time_zone()).utcoffset()
    assert dt_util.now() < end <= dt_util.now() + timedelta(days=7, hours=1)
    assert shown(hass, "switch.my_home_paused").state == "on"
    assert datetime.fromisoformat(shown(hass, "datetime.my_home_paused_until").state) == end
    await hass.services.async_call(DOMAIN, "resume", {}, blocking=True)
    assert shown(hass, "switch.my_home_paused").state == "off"


async def test_the_car_is_full_by_seven(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    once = await call(hass, "set_ready_by", time="07:00", target_energy=15)
    assert "T07:00:00" in once["next"]
    assert shown(hass, "switch.garage_ready_by").state == "on"
    weekly = await call(
        hass, "set_ready_by", time="06:00", days=["monday", "tuesday"], repeat=True, target_soc=80
    )
    assert datetime.fromisoformat(weekly["next"]) <= datetime.fromisoformat(once["next"])
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    (charger_wishes,) = wishes(home).chargers.values()
    assert charger_wishes.ready_by.once is not None
    assert [row.at.isoformat() for row in charger_wishes.ready_by.weekly] == ["06:00:00"]
    left = await call(hass, "clear_ready_by", days=["monday"])
    assert left["next"] is not None
    assert await call(hass, "clear_ready_by") == {"next": None}
    assert shown(hass, "switch.garage_ready_by").state == "off"


async def test_a_wish_with_an_end_says_what_comes_back(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    await call(hass, "set_reserve", value=30)
    answer = await call(hass, "set_reserve", value=80, **{"for": {"hours": 2}})
    assert answer["then"] == 30.0
    end = datetime.fromisoformat(answer["until"])
    assert timedelta(hours=1.9) < end - dt_util.utcnow() <= timedelta(hours=2)
    assert shown(hass, "number.cellar_reserve").state == "80.0"
    answer = await call(hass, "set_charge_mode", mode="fast", until="07:00")
    assert (answer["then"], answer["until"][11:16]) == (None, "07:00")


async def test_a_wish_ends_by_itself(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await call(hass, "set_reserve", value=30)
    await call(hass, "set_reserve", value=80, **{"for": 1})
    assert shown(hass, "number.cellar_reserve").state == "80.0"
    await until(lambda: shown(hass, "number.cellar_reserve").state == "30.0")


@pytest.mark.parametrize(
    ("action", "data", "reason"),
    [
        ("pause", {"until": "07:00", "for": "01:00:00"}, "until_and_for"),
        ("pause", {"until": "2020-01-01 00:00:00"}, "until_past"),
        ("pause", {"for": {"days": 401}}, "until_too_far"),
        ("set_away", {"for": 0}, "until_past"),
        ("set_ready_by", {}, "time_or_at"),
        ("set_ready_by", {"repeat": True}, "time_or_at"),
        ("set_ready_by", {"at": "2020-01-01 07:00:00"}, "until_past"),
        ("set_ready_by", {"time": "07:00", "target_soc": 80, "target_energy": 10}, "one_target"),
        ("set_charge_mode", {"mode": "fast", "device_id": "unknown"}, "other_device"),
    ],
)
async def test_an_action_refuses_what_cannot_be_in_translated_words(
    hass: HomeAssistant, home: HomeFlexConfigEntry, action: str, data: dict[str, Any], reason: str
) -> None:
    before = wishes(home)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, action, **data)
    assert (refusal.value.translation_domain, refusal.value.translation_key) == (DOMAIN, reason)
    assert wishes(home) == before


async def test_of_several_chargers_the_one_that_is_meant_is_named(
    hass: HomeAssistant, start_site: StartSite, device_registry: dr.DeviceRegistry
) -> None:
    entry: HomeFlexConfigEntry = await start_site(charger("Garage", "CP1"), charger("Yard", "CP2"))
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "set_charge_mode", mode="off")
    assert refusal.value.translation_key == "which_device"
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "set_reserve", value=50)
    assert refusal.value.translation_key == "which_device"
    (yard,) = (s.subentry_id for s in entry.subentries.values() if s.title == "Yard")
    device = device_registry.async_get_device_by_identifier((DOMAIN, yard), entry.entry_id)
    assert device is not None
    await call(hass, "set_charge_mode", mode="off", device_id=device.id)
    assert shown(hass, "select.yard_charge_mode").state == "off"
    assert shown(hass, "select.garage_charge_mode").state == "fast"  # there is no sun here
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "set_reserve", value=50, device_id=device.id)
    assert refusal.value.translation_key == "other_device"


async def test_charge_now_survives_a_reload_with_the_car_on_the_cable(
    hass: HomeAssistant, home: HomeFlexConfigEntry
) -> None:
    async with dial(home.runtime_data.charger_listener.port, "CP1", CHARGER_PASSWORD) as car:
        await car.boot()
        await car.status("Preparing")
        await until(lambda: shown(hass, "binary_sensor.garage_vehicle").state == "on", 20)
        await use(hass, "switch", "turn_on", "switch.garage_charge_now")
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "switch.garage_charge_now").state == "on"


async def test_what_was_kept_and_is_not_understood_is_a_repair_issue_until_it_is_set_anew(
    hass: HomeAssistant, site: HomeFlexConfigEntry, issue_registry: ir.IssueRegistry
) -> None:
    assert await hass.config_entries.async_unload(site.entry_id)
    store = await HistoryStore.open(store_path(hass, site.entry_id))
    await store.write(Batch(settings={"wishes": '{"version": 1, "site": {"export": "sometimes"}}'}))
    await store.close()
    assert await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    issue = issue_registry.async_get_issue(DOMAIN, "wishes_not_understood")
    assert issue is not None
    assert issue.translation_placeholders == {"rows": "site.export"}
    assert shown(hass, "select.my_home_feeding_in").state == "never"
    await use(hass, "select", "select_option", "select.my_home_feeding_in", option="allowed")
    assert issue_registry.async_get_issue(DOMAIN, "wishes_not_understood") is None


async def test_entities_that_were_there_before_keep_their_identity(
    hass: HomeAssistant, home: HomeFlexConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    ids = {s.title: s.subentry_id for s in home.subentries.values()}
    for entity_id, unique_id in (
        ("number.cellar_reserve", f"{ids['Cellar']}_reserve"),
        ("switch.garage_charge_now", f"{ids['Garage']}_charge_now"),
    ):
        entry = entity_registry.async_get(entity_id)
        assert entry is not None
        assert entry.unique_id == unique_id


async def test_the_status_holds_the_wishes(hass: HomeAssistant, home: HomeFlexConfigEntry) -> None:
    await call(hass, "set_export", mode="never")
    await use(hass, "switch", "turn_on", "switch.garage_ready_by")
    status = await call(hass, "get_status")
    assert status["wishes"]["site"]["export"] == "never"
    (charger_wishes,) = status["wishes"]["chargers"].values()
    assert charger_wishes["ready_by"]["weekly"][0]["at"] == "07:00:00"
