"""An invitation is answered on the panel, over the websocket."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.home_flex.aggregator.link import Incoming
from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.consent import JoinRule
from custom_components.home_flex.core.invitations import Answer, Said, invitation_document
from tests.core.invitations.samples import INVITATION

from .house import until
from .test_panel import Browser, Clients


@pytest.fixture
async def invited(house: HomeFlexConfigEntry) -> str:
    """Invite a home that decides itself; return the id of the invitation."""
    controller, now = house.runtime_data.controller, dt_util.utcnow()
    await controller.requests.set_programme("evening-peak", rule=JoinRule.ASK)
    start = now + timedelta(hours=2)
    invitation = replace(
        INVITATION, modified=now, start=start, end=start + timedelta(hours=1), answer_by=start
    )
    controller.receive(Incoming("invitation", json.dumps(invitation_document(invitation)).encode()))
    await until(lambda: invitation.invitation_id in controller.invitations.book.records)
    return invitation.invitation_id


def answered(house: HomeFlexConfigEntry, invitation_id: str) -> Answer | None:
    return house.runtime_data.controller.invitations.book.records[invitation_id].answer


@pytest.mark.parametrize(("does", "said"), [("accept", Said.YES), ("decline", Said.NO)])
async def test_an_invitation_is_answered(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    invited: str,
    does: str,
    said: Said,
) -> None:
    browser = Browser(await hass_ws_client(hass))
    assert (await browser.steer(does, invited))["success"]
    answer = answered(house, invited)
    assert answer is not None
    assert answer.said is said


async def test_who_may_only_look_answers_no_invitation(
    hass: HomeAssistant,
    house: HomeFlexConfigEntry,
    hass_ws_client: Clients,
    hass_read_only_access_token: str,
    invited: str,
) -> None:
    looker = Browser(await hass_ws_client(hass, hass_read_only_access_token))
    for does in ("accept", "decline"):
        assert (await looker.steer(does, invited))["error"]["code"] == "unauthorized"
    assert answered(house, invited) is None


@pytest.mark.parametrize("does", ["accept", "decline"])
async def test_an_invitation_that_is_not_there_is_told_so(
    hass: HomeAssistant, house: HomeFlexConfigEntry, hass_ws_client: Clients, does: str
) -> None:
    browser = Browser(await hass_ws_client(hass))
    answer = await browser.steer(does, "nobody-asked")
    assert answer["error"]["translation_key"]
