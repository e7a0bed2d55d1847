"""Triggers, conditions and examples of automations, by Home Assistant's own automations and blueprints."""

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import Blueprint
from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.helpers import condition
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.template import Template
from homeassistant.helpers.trigger import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped] # has no types
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.consent import JoinRule
from custom_components.home_flex.core.invitations import Said, invitation_document
from custom_components.home_flex.examples import EXAMPLES
from custom_components.home_flex.news import NEWS
from tests.core.invitations.samples import INVITATION

from .house import until

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))
TIME = re.compile(r"\d\d:\d\d:\d\d")


@pytest.fixture(autouse=True)
async def _automations_end(hass: HomeAssistant) -> AsyncIterator[None]:
    yield
    if hass.services.has_service("automation", "turn_off"):
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def automate(hass: HomeAssistant, **automation: Any) -> None:
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()


async def dispatched(hass: HomeAssistant, **when: Any) -> str:
    answer = await hass.services.async_call(
        DOMAIN,
        "dispatch",
        {"import_limit": 5000, "duration": {"minutes": 30}, "name": "Evening", **when},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return str(answer["event_id"])


def heard(hass: HomeAssistant, event_type: str) -> list[Event]:
    found: list[Event] = []
    hass.bus.async_listen(event_type, found.append)
    return found


@pytest.fixture
def told(hass: HomeAssistant) -> list[Event]:
    return heard(hass, "told")


async def listen_to(hass: HomeAssistant, news: str) -> None:
    data = {"name": "{{ trigger.event_name | default('', true) }}", "all": "{{ trigger | string }}"}
    await automate(
        hass,
        triggers=[{"trigger": f"{DOMAIN}.{news}"}],
        actions=[{"event": "told", "event_data": data}],
    )


@pytest.mark.parametrize("news", ["event_started", "limit_began"])
async def test_an_event_that_begins_triggers(
    hass: HomeAssistant, house: HomeFlexConfigEntry, told: list[Event], news: str
) -> None:
    await listen_to(hass, news)
    await dispatched(hass)
    await until(lambda: told)
    assert len(told) == 1


async def test_an_announced_event_triggers_with_its_name_and_a_reload_tells_nothing_anew(
    hass: HomeAssistant, house: HomeFlexConfigEntry, told: list[Event]
) -> None:
    await listen_to(hass, "event_announced")
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    await until(lambda: told)
    assert told[0].data["name"] == "Evening"
    assert await hass.config_entries.async_reload(house.entry_id)
    await hass.async_block_till_done()
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=3)).isoformat())
    await until(lambda: len(told) > 1)
    assert len(told) == 2


@pytest.mark.parametrize("news", ["event_ended", "limit_ended"])
async def test_an_event_that_is_cancelled_triggers(
    hass: HomeAssistant, house: HomeFlexConfigEntry, told: list[Event], news: str
) -> None:
    await listen_to(hass, news)
    event_id = await dispatched(hass)
    await until(lambda: house.runtime_data.data.active is not None)
    await hass.services.async_call(DOMAIN, "cancel_dispatch", {"event_id": event_id}, blocking=True)
    await until(lambda: told)


async def test_every_trigger_and_condition_is_described_in_the_editor(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    triggers = await async_get_all_descriptions(hass)
    assert {f"{DOMAIN}.{news}" for news in NEWS} <= {*triggers}
    conditions = await condition.async_get_all_descriptions(hass)
    assert {f"{DOMAIN}.{name}" for name in ("event_is_running", "event_is_to_come", "limit_is_in_force")} <= {
        *conditions
    }


async def holds(hass: HomeAssistant, name: str) -> bool | None:
    config = await condition.async_validate_condition_config(hass, {"condition": f"{DOMAIN}.{name}"})
    return (await condition.async_from_config(hass, config)).async_check()


async def test_conditions_hold_of_the_home_as_it_is_now(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert not await holds(hass, "event_is_running")
    assert not await holds(hass, "event_is_to_come")
    event_id = await dispatched(hass)
    await until(lambda: house.runtime_data.data.import_limit_w is not None)
    assert await holds(hass, "event_is_running")
    assert await holds(hass, "limit_is_in_force")
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    assert await holds(hass, "event_is_to_come")
    await hass.services.async_call(DOMAIN, "opt_out", {"event_id": event_id}, blocking=True)
    await until(lambda: house.runtime_data.data.import_limit_w is None)
    assert not await holds(hass, "event_is_running")


async def test_no_condition_holds_while_there_is_no_site(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await dispatched(hass)
    assert await hass.config_entries.async_unload(house.entry_id)
    assert await holds(hass, "event_is_running") is False
    assert await hass.config_entries.async_setup(house.entry_id)


async def add_examples(hass: HomeAssistant) -> list[str]:
    answer = await hass.services.async_call(DOMAIN, "add_examples", {}, blocking=True, return_response=True)
    assert answer is not None
    added = answer["added"]
    assert isinstance(added, list)
    return [str(name) for name in added]


async def test_examples_are_laid_down_once_and_what_was_changed_stays(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert await add_examples(hass) == NAMES
    folder = Path(hass.config.path("blueprints", "automation", DOMAIN))
    (folder / f"{NAMES[0]}.yaml").write_text("mine")
    (folder / f"{NAMES[1]}.yaml").unlink()
    assert await add_examples(hass) == [NAMES[1]]
    assert (folder / f"{NAMES[0]}.yaml").read_text() == "mine"


async def test_every_example_is_a_blueprint_by_home_assistants_own_validation(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    await add_examples(hass)
    await automate(hass, alias="any", triggers=[], actions=[])
    found = await async_get_blueprints(hass).async_get_blueprints()
    of_ours = {path: blueprint for path, blueprint in found.items() if path.startswith(f"{DOMAIN}/")}
    assert sorted(of_ours) == [f"{DOMAIN}/{name}.yaml" for name in NAMES]
    for blueprint in of_ours.values():
        assert isinstance(blueprint, Blueprint), blueprint
        assert blueprint.validate() is None


LANGUAGES = ["nl", "de", "fr", "pt"]


def spoken_texts() -> set[str]:
    """Return all texts of the examples that a person reads, in English."""
    found = set()
    for example in EXAMPLES.glob("*.yaml"):
        head: Any = yaml_util.load_yaml_dict(str(example))["blueprint"]
        for part in (head, *head["input"].values()):
            texts = [part.get("name"), part.get("description"), part.get("default")]
            found |= {each for each in texts if isinstance(each, str) and not TIME.fullmatch(each)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_examples_is_there_in_each_language_and_none_besides(language: str) -> None:
    texts = json.loads((EXAMPLES / "texts" / f"{language}.json").read_text())
    assert set(texts) == spoken_texts()
    assert all(texts.values())


@pytest.mark.parametrize("language", ["de", "pt-BR", "sv"])
async def test_examples_speak_the_language_of_the_home_and_do_the_same(
    hass: HomeAssistant, house: HomeFlexConfigEntry, language: str
) -> None:
    hass.config.language = language
    await add_examples(hass)
    folder = Path(hass.config.path("blueprints", "automation", DOMAIN))
    for name in NAMES:
        laid: Any = yaml_util.load_yaml_dict(str(folder / f"{name}.yaml"))
        ours: Any = yaml_util.load_yaml_dict(str(EXAMPLES / f"{name}.yaml"))
        said, meant = laid.pop("blueprint"), ours.pop("blueprint")
        assert (said["name"] == meant["name"]) is (language == "sv")
        assert said["input"].keys() == meant["input"].keys()
        assert laid == ours
        blueprint = Blueprint({"blueprint": said, **laid}, path=name, schema=AUTOMATION_BLUEPRINT_SCHEMA)
        assert blueprint.validate() is None


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    await add_examples(hass)
    await automate(hass, alias=name, use_blueprint={"path": f"{DOMAIN}/{name}.yaml", "input": inputs})
    automation = hass.states.get(f"automation.{name}")
    assert automation is not None
    assert automation.state == "on", automation


@pytest.fixture
def phone(hass: HomeAssistant) -> str:
    """Register a phone with the app; return its device."""
    entry = MockConfigEntry(domain="mobile_app", title="Phone")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("mobile_app", "x")}, name="My Phone"
    )
    return device.id


@pytest.fixture
def sent(hass: HomeAssistant) -> list[ServiceCall]:
    calls: list[ServiceCall] = []
    hass.services.async_register("notify", "mobile_app_my_phone", calls.append)
    return calls


def hour(offset: float) -> str:
    return (dt_util.now() + timedelta(hours=offset)).strftime("%H:%M:%S")


def waits(hass: HomeAssistant, name: str) -> bool:
    state = hass.states.get(f"automation.{name}")
    return state is not None and state.attributes["current"] == 1


def is_asked(hass: HomeAssistant) -> bool:
    """Whether a question on the phone waits for both of its buttons, beside the trigger."""
    return hass.bus.async_listeners().get("mobile_app_notification_action") == 3


@pytest.mark.parametrize(("button", "is_out"), [(1, True), (0, False)])
async def test_an_event_is_skipped_or_joined_from_the_phone(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    phone: str,
    sent: list[ServiceCall],
    button: int,
    is_out: bool,
) -> None:
    await use(hass, "ask_about_event", phone=phone, quiet_since=hour(3), quiet_until=hour(4))
    event_id = await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    await until(lambda: sent)
    assert sent[0].data["message"].startswith("Evening ")
    buttons = sent[0].data["data"]["actions"]
    assert [each["title"] for each in buttons] == ["Join", "Skip"]

    def opted_out() -> bool:
        records = house.runtime_data.data.records
        return next(each.opted_out for each in records if each.event.event_id == event_id)

    if not is_out:
        await hass.services.async_call(DOMAIN, "opt_out", {"event_id": event_id}, blocking=True)
        await until(opted_out)
    await until(lambda: is_asked(hass))
    hass.bus.async_fire("mobile_app_notification_action", {"action": buttons[button]["action"]})
    await until(lambda: opted_out() is is_out)
    await until(lambda: len(sent) == 2)
    assert sent[1].data["message"] == "clear_notification"
    await hass.async_block_till_done()
    assert len(sent) == 2


async def asked_before_a_restart(
    hass: HomeAssistant, house: HomeFlexConfigEntry, phone: str, sent: list[ServiceCall]
) -> tuple[str, list[str]]:
    """Ask about an event, and end all that ran since; return the event and what its buttons say."""
    await use(hass, "ask_about_event", phone=phone, quiet_since=hour(3), quiet_until=hour(4))
    event_id = await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    await until(lambda: sent)
    await until(lambda: is_asked(hass))
    name = {"entity_id": "automation.ask_about_event"}
    await hass.services.async_call("automation", "turn_off", name, blocking=True)
    assert await hass.config_entries.async_reload(house.entry_id)
    await hass.services.async_call("automation", "turn_on", name, blocking=True)
    await until(lambda: not waits(hass, "ask_about_event"))
    return event_id, [each["action"] for each in sent[0].data["data"]["actions"]]


async def test_a_button_counts_after_a_restart_between_asking_and_tapping(
    hass: HomeAssistant, house: HomeFlexConfigEntry, phone: str, sent: list[ServiceCall]
) -> None:
    event_id, (join, skip) = await asked_before_a_restart(hass, house, phone, sent)

    def opted_out() -> bool:
        records = house.runtime_data.data.records
        return next(each.opted_out for each in records if each.event.event_id == event_id)

    for tapped, is_out, told_by_then in ((skip, True, 2), (join, False, 3)):
        hass.bus.async_fire("mobile_app_notification_action", {"action": tapped})
        await until(lambda is_out=is_out: opted_out() is is_out)  # type: ignore[misc] # bound here
        await until(lambda count=told_by_then: len(sent) == count)  # type: ignore[misc] # bound here
        assert sent[-1].data["message"] == "clear_notification"


async def test_a_tap_that_counts_no_more_is_told_on_the_phone(
    hass: HomeAssistant, house: HomeFlexConfigEntry, phone: str, sent: list[ServiceCall]
) -> None:
    event_id, (join, _) = await asked_before_a_restart(hass, house, phone, sent)
    await hass.services.async_call(DOMAIN, "cancel_dispatch", {"event_id": event_id}, blocking=True)

    hass.bus.async_fire("mobile_app_notification_action", {"action": join})

    await until(lambda: len(sent) == 2)
    assert sent[1].data["message"] == "Your answer was not taken. Home Flex shows what holds."
    assert sent[1].data["data"]["tag"] == sent[0].data["data"]["tag"]


async def test_what_was_tapped_on_another_phone_or_of_something_else_is_not_answered_here(
    hass: HomeAssistant, house: HomeFlexConfigEntry, phone: str, sent: list[ServiceCall]
) -> None:
    event_id, (_, skip) = await asked_before_a_restart(hass, house, phone, sent)
    for action in (skip.replace(phone, "another"), "OPEN_DOOR", "HOME_FLEX", None):
        hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    hass.bus.async_fire("mobile_app_notification_action", {})
    await hass.async_block_till_done()
    assert len(sent) == 1
    assert not house.runtime_data.data.records[0].opted_out
    assert house.runtime_data.data.records[0].event.event_id == event_id


@pytest.mark.parametrize(("button", "said"), [(0, Said.YES), (1, Said.NO)])
async def test_an_invitation_is_answered_from_the_phone(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    phone: str,
    sent: list[ServiceCall],
    button: int,
    said: Said,
) -> None:
    await use(hass, "ask_about_event", phone=phone, quiet_since=hour(3), quiet_until=hour(4))
    controller, now = house.runtime_data.controller, dt_util.utcnow()
    await controller.requests.set_programme("evening-peak", rule=JoinRule.ASK)
    start = now + timedelta(hours=2)
    invitation = replace(
        INVITATION, modified=now, start=start, end=start + timedelta(hours=1), answer_by=start
    )
    payload = json.dumps(invitation_document(invitation)).encode()

    controller.receive(Incoming("invitation", payload))

    await until(lambda: sent)
    assert (sent[0].data["title"], sent[0].data["message"][:7]) == ("Would you take part?", "1.2 kWh")
    await until(lambda: is_asked(hass))
    action = sent[0].data["data"]["actions"][button]["action"]
    hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    await until(lambda: controller.invitations.book.records[invitation.invitation_id].answer)
    answer = controller.invitations.book.records[invitation.invitation_id].answer
    assert answer is not None
    assert answer.said is said
    await until(lambda: len(sent) == 2)
    assert sent[1].data["message"] == "clear_notification"


async def test_what_falls_into_the_night_is_told_after_it(
    hass: HomeAssistant, house: HomeFlexConfigEntry, phone: str, sent: list[ServiceCall]
) -> None:
    await use(hass, "ask_about_event", phone=phone, quiet_since=hour(-1), quiet_until=hour(0.5))
    await dispatched(hass, start=(dt_util.utcnow() + timedelta(hours=1)).isoformat())
    await until(lambda: waits(hass, "ask_about_event"))
    assert sent == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=31))
    await until(lambda: sent)
    join = sent[0].data["data"]["actions"][0]["action"]
    await until(lambda: is_asked(hass))
    hass.bus.async_fire("mobile_app_notification_action", {"action": join})
    await until(lambda: len(sent) == 2)
    assert sent[1].data["message"] == "clear_notification"


async def test_nights_are_quiet(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    battery = next(each for each in house.subentries.values() if each.subentry_type == "battery")
    quiet = er.async_get(hass).async_get_entity_id("switch", DOMAIN, f"{battery.subentry_id}_quiet")
    assert quiet is not None
    await use(hass, "quiet_nights", switches=[quiet], since=hour(1), until=hour(2))
    for hours, is_quiet in ((1, "on"), (2, "off")):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=hours, minutes=1))
        await until(lambda is_quiet=is_quiet: hass.states.is_state(quiet, is_quiet))  # type: ignore[misc] # bound here


async def test_a_peak_that_lasts_is_told(
    hass: HomeAssistant, house: HomeFlexConfigEntry, told: list[Event]
) -> None:
    await use(hass, "unusual_peak", power="sensor.peak", more_than=8000, minutes=1, tell=[{"event": "told"}])
    hass.states.async_set("sensor.peak", "100")
    await hass.async_block_till_done()
    hass.states.async_set("sensor.peak", "9000")
    await hass.async_block_till_done()
    assert told == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1, seconds=1))
    await until(lambda: told)


async def test_the_boiler_runs_while_power_costs_nothing(
    hass: HomeAssistant, house: HomeFlexConfigEntry
) -> None:
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"boiler": {}}})
    assert await async_setup_component(hass, "homeassistant", {})
    hass.states.async_set("sensor.price", "0.2")
    await use(hass, "boiler_on_negative_price", price="sensor.price", below=0, boiler="input_boolean.boiler")

    def boiler(is_on: str) -> Callable[[], bool]:
        return lambda: hass.states.is_state("input_boolean.boiler", is_on)

    hass.states.async_set("sensor.price", "-0.01")
    await until(boiler("on"))
    hass.states.async_set("sensor.price", "0.1")
    await until(boiler("off"))


@pytest.fixture
async def boiler(hass: HomeAssistant) -> Callable[[str], bool]:
    """Switch a boiler by a price; return whether it is on or off."""
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"boiler": {}}})
    assert await async_setup_component(hass, "homeassistant", {})
    hass.states.async_set("sensor.price", "0.2")
    await use(hass, "boiler_on_negative_price", price="sensor.price", below=0, boiler="input_boolean.boiler")
    hass.states.async_set("sensor.price", "-0.01")
    await until(lambda: hass.states.is_state("input_boolean.boiler", "on"))
    return lambda is_on: hass.states.is_state("input_boolean.boiler", is_on)


async def test_the_boiler_goes_off_at_a_price_of_exactly_what_was_said(
    hass: HomeAssistant, house: HomeFlexConfigEntry, boiler: Callable[[str], bool]
) -> None:
    hass.states.async_set("sensor.price", "0.0")
    await until(lambda: boiler("off"))


async def test_the_boiler_goes_off_where_the_price_stays_unknown_and_not_by_a_short_gap(
    hass: HomeAssistant, house: HomeFlexConfigEntry, boiler: Callable[[str], bool]
) -> None:
    hass.states.async_set("sensor.price", "unavailable")
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=14))
    await hass.async_block_till_done()
    assert boiler("on")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=16))
    await until(lambda: boiler("off"))


@pytest.mark.parametrize(("price", "is_on"), [("0.2", "off"), ("-0.2", "on"), ("unavailable", "on")])
async def test_the_boiler_is_as_the_price_where_that_changed_while_nobody_looked(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    boiler: Callable[[str], bool],
    price: str,
    is_on: str,
) -> None:
    name = {"entity_id": "automation.boiler_on_negative_price"}
    await hass.services.async_call("automation", "turn_off", name, blocking=True)
    hass.states.async_set("sensor.price", price)
    await hass.services.async_call("automation", "turn_on", name, blocking=True)
    # By hand it does what it does when Home Assistant starts.
    await hass.services.async_call("automation", "trigger", name, blocking=True)
    await hass.async_block_till_done()
    assert boiler(is_on)


@pytest.mark.parametrize(
    ("begins", "leave", "ready_by"),
    [
        ("2026-12-24", "06:00:00", "2026-12-24T06:00:00+01:00"),
        ("2026-12-24T09:00:00+01:00", "06:00:00", "2026-12-24T06:00:00+01:00"),
        # Who leaves before the usual hour.
        ("2026-12-24T05:00:00+01:00", "06:00:00", "2026-12-24T05:00:00+01:00"),
        # An evening: not the morning after it.
        ("2026-12-24T20:00:00+01:00", "06:00:00", "2026-12-24T06:00:00+01:00"),
        # The day is that of the home.
        ("2026-12-23T23:30:00+00:00", "06:00:00", "2026-12-24T00:30:00+01:00"),
        # The clock is set forward in that night.
        ("2026-03-29", "06:00:00", "2026-03-29T06:00:00+02:00"),
    ],
)
async def test_a_car_is_asked_for_by_when_the_journey_begins(
    hass: HomeAssistant, begins: str, leave: str, ready_by: str
) -> None:
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    example: Any = yaml_util.load_yaml_dict(str(EXAMPLES / "car_before_holidays.yaml"))
    known = {"leave": leave, "trigger": {"calendar_event": {"start": begins}}}
    known["begins"] = Template(example["variables"]["begins"], hass).async_render(known)
    assert Template(example["variables"]["at"], hass).async_render(known) == ready_by


async def test_a_question_that_is_asked_by_hand_asks_nothing(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    phone: str,
    sent: list[ServiceCall],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await use(hass, "ask_about_event", phone=phone)
    name = {"entity_id": "automation.ask_about_event"}
    await hass.services.async_call("automation", "trigger", name, blocking=True)
    await hass.async_block_till_done()
    assert sent == []
    assert "Error" not in caplog.text


async def test_a_car_is_full_before_a_journey(hass: HomeAssistant, house: HomeFlexConfigEntry) -> None:
    calls = heard(hass, "call_service")
    charger = dr.async_entries_for_config_entry(dr.async_get(hass), house.entry_id)[0]
    await use(hass, "car_before_holidays", calendar="calendar.my_home_events", charger=charger.id)
    await hass.services.async_call(
        "automation", "trigger", {"entity_id": "automation.car_before_holidays"}, blocking=False
    )
    await until(lambda: any(each.data["service"] == "set_ready_by" for each in calls))
    asked = next(each.data["service_data"] for each in calls if each.data["service"] == "set_ready_by")
    assert (asked["target_energy"], asked["device_id"]) == (60, charger.id)
    ready_by = dt_util.parse_datetime(asked["at"])
    assert ready_by is not None
    assert timedelta() < ready_by - dt_util.utcnow() <= timedelta(days=1)
