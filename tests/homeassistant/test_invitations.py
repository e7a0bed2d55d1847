"""A community's invitation in Home Assistant, from the real hub over a Mosquitto with the centre's rules."""

from datetime import datetime, time, timedelta
from typing import Any, Final

import pytest
from aiomqtt import Client
from homeassistant.core import Event, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.home_flex.const import DOMAIN
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.house_rules import QuietHours
from custom_components.home_flex.panel.events import events_document
from tests.hub.flexibility.communities import PREFIX
from tests.hub.flexibility.test_invitations import invited
from tests.hub.running import made

from .community import SECRET, Community, centre, community, link_to, resting
from .conftest import StartSite
from .house import until
from .test_automations import automate

__all__ = ["centre", "community", "resting"]

SENSOR: Final = "sensor.my_home_invitation"


@pytest.fixture
async def home(start_site: StartSite, community: Community) -> HomeFlexConfigEntry:
    """Set up the home, connected to its community."""
    entry: HomeFlexConfigEntry = await start_site(link_to(community))
    await until(lambda: entry.runtime_data.data.aggregator_connected, 60)
    return entry


async def call(hass: HomeAssistant, action: str, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


async def shows(hass: HomeAssistant, state: str) -> dict[str, Any]:
    """Wait until the sensor of invitations shows a state; return its attributes."""
    await until(lambda: hass.states.is_state(SENSOR, state), 60)
    shown = hass.states.get(SENSOR)
    assert shown is not None
    return dict(shown.attributes)


@pytest.mark.timeout(180)
async def test_an_invitation_is_shown_answered_at_home_and_the_call_for_it_is_not_asked_again(
    hass: HomeAssistant, home: HomeFlexConfigEntry, community: Community
) -> None:
    here = community.here
    told: list[Event] = []
    hass.bus.async_listen("told", told.append)
    trigger = {"trigger": "home_flex.invitation_received"}
    tell = {"event": "told", "event_data": {"asks": "{{ trigger.awaits_answer }}"}}
    await automate(hass, alias="told", triggers=[trigger], actions=[tell])
    await call(hass, "set_programme", program_id=here.program_id, rule="ask")

    id_ = (await invited(here, load_kwh=1.2, price_per_kwh="0.25"))["id"]

    shown = await shows(hass, "asks")
    assert (shown["invitation_id"], shown["energy"], shown["pays_per_kwh"]) == (id_, 1.2, 0.25)
    [card] = events_document(home.runtime_data)["invitations"]
    assert (card["asked_wh"], card["direction"], card["pays"], card["answer"]) == (1200, "less", 0.3, None)
    await until(lambda: told)
    assert told[0].data["asks"] is True
    assert await community.says(id_) == ("unanswered", None)

    await call(hass, "answer_invitation", invitation_id=id_, answer="yes")
    await community.has(id_, "yes", "resident")
    assert (await shows(hass, "yes"))["answered_by"] == "resident"
    event = hass.states.get("event.my_home_invitation")
    assert event is not None
    assert event.attributes["event_type"] == "answered"

    await made(here.operator, f"/api/v1/invitations/{id_}/dispatch", {})
    await until(lambda: home.runtime_data.data.records, 60)
    # Its programme asks, and the resident has said yes to just that.
    await until(lambda: [each.opted_out for each in home.runtime_data.data.records] == [False], 60)
    await shows(hass, "none")
    assert len(await here.acts("invitation.answer")) == 1


@pytest.mark.timeout(180)
async def test_rules_answer_as_they_do_for_events_and_what_is_withdrawn_is_gone(
    hass: HomeAssistant, home: HomeFlexConfigEntry, community: Community
) -> None:
    here, program_id = community.here, community.here.program_id

    automatic = (await invited(here, load_kwh=1.0))["id"]
    await community.has(automatic, "yes", "rule")
    await shows(hass, "yes")
    await here.operator.post(f"/api/v1/invitations/{automatic}/withdraw")
    await shows(hass, "none")
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "answer_invitation", invitation_id=automatic, answer="no")
    assert refused.value.translation_key == "invitation_closed"

    await call(hass, "set_programme", program_id=program_id, rule="never")
    never = (await invited(here, load_kwh=1.0))["id"]
    await community.has(never, "no", "rule")
    await here.operator.post(f"/api/v1/invitations/{never}/withdraw")
    await shows(hass, "none")

    await call(hass, "set_programme", program_id=program_id, rule="automatic")
    begins = dt_util.now() + timedelta(hours=1)
    quiet = QuietHours(start=_hour(begins), end=_hour(begins + timedelta(hours=3)))
    await home.runtime_data.controller.requests.set_house_rules(quiet, None)
    held = (await invited(here, load_kwh=1.0))["id"]
    assert (await shows(hass, "asks"))["held"] == "quiet_hours"
    assert await community.says(held) == ("unanswered", None)
    await call(hass, "answer_invitation", invitation_id=held, answer="partly", energy=0.4)
    await community.has(held, "partly", "resident")


def _hour(moment: datetime) -> time:
    return moment.time().replace(microsecond=0)


@pytest.mark.timeout(180)
async def test_an_answer_outlives_a_restart_a_killed_broker_and_a_hub_that_was_away_and_counts_once(
    hass: HomeAssistant, home: HomeFlexConfigEntry, community: Community
) -> None:
    here = community.here
    await call(hass, "set_programme", program_id=here.program_id, rule="ask")
    id_ = (await invited(here, load_kwh=1.0))["id"]
    await shows(hass, "asks")
    await community.rest()

    await call(hass, "answer_invitation", invitation_id=id_, answer="yes")
    community.broker.kill()
    await until(lambda: not home.runtime_data.data.aggregator_connected, 60)
    assert await hass.config_entries.async_reload(home.entry_id)
    [card] = events_document(home.runtime_data)["invitations"]
    assert (card["answer"], card["is_told"]) == ("yes", False)
    community.broker.start()
    await community.work()

    await community.has(id_, "yes", "resident")
    await until(lambda: events_document(home.runtime_data)["invitations"][0]["is_told"], 60)
    assert len(await here.acts("invitation.answer")) == 1


@pytest.mark.timeout(180)
async def test_what_no_hub_of_ours_would_tell_changes_nothing_and_is_said(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    community: Community,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wrong = b'{"objectType": "INVITATION", "version": 7, "id": "invitation-9"}'
    door = Client(community.broker.host, community.broker.port, username="hub.dispatch", password=SECRET)
    async with door as client:
        await client.publish(f"{PREFIX}/vens/home-1/invitations/told", wrong, qos=1)
    await until(lambda: "A message of the aggregator is refused" in caplog.text, 60)

    assert hass.states.is_state(SENSOR, "none")
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "answer_invitation", invitation_id="invitation-9", answer="yes")
    assert refused.value.translation_key == "unknown_invitation"
