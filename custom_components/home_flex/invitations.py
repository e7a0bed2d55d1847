"""Invitations of the community, as people and automations see and answer them."""

from collections.abc import Callable, Mapping
from typing import Any, Final, override

import probatio
from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, callback
from homeassistant.helpers import config_validation as cv

from .coordinator import HomeFlexCoordinator
from .core.invitations import InvitationRecord, Said, State
from .entity import SiteEntity
from .runtime.view import SiteView

ATTR_ANSWER: Final = "answer"
ATTR_ENERGY: Final = "energy"
ATTR_INVITATION_ID: Final = "invitation_id"
# No home moves a gigawatt-hour.
_MOST_KWH: Final = 1e6

NONE: Final = "none"
ASKS: Final = "asks"
ANSWERS: Final = {each.lower(): each for each in Said}
STATES: Final = (NONE, ASKS, *ANSWERS)

INVITED: Final = "invited"
ANSWERED: Final = "answered"
_ENDED: Final = {State.DISPATCHED: "dispatched", State.WITHDRAWN: "withdrawn"}
INVITATION: Final = EventEntityDescription(
    key="invitation",
    translation_key="invitation",
    event_types=[INVITED, ANSWERED, *_ENDED.values()],
)


def invitation_attributes(record: InvitationRecord) -> dict[str, Any]:
    """Return what people and automations need to know of an invitation; energies in kWh."""
    invitation, answer, worth = record.invitation, record.answer, record.invitation.worth
    return {
        ATTR_INVITATION_ID: invitation.invitation_id,
        "program_id": invitation.program_id,
        "starts": invitation.start.isoformat(),
        "ends": invitation.end.isoformat(),
        "answer_by": invitation.answer_by.isoformat(),
        ATTR_ENERGY: invitation.asked_wh / 1000,
        "direction": invitation.direction.lower(),
        "pays_per_kwh": None if worth is None else float(worth.per_kwh),
        "currency": None if worth is None else worth.currency,
        ATTR_ANSWER: None if answer is None else answer.said.lower(),
        "answered_by": None if answer is None else answer.by.lower(),
        "promised": None if answer is None else answer.promised_wh / 1000,
        "held": record.held,
    }


def shown_invitation(view: SiteView) -> InvitationRecord | None:
    """Return the open invitation that waits for the resident soonest, else the next one that is answered."""
    still_open = [each for each in view.invitations if each.is_open(view.time)]
    return min(
        still_open,
        key=lambda each: (each.answer is not None, each.invitation.answer_by, each.invitation.invitation_id),
        default=None,
    )


def invitation_state(view: SiteView) -> str:
    """Return whether an invitation waits for the resident, or what is answered to the next one."""
    if (record := shown_invitation(view)) is None:
        return NONE
    return ASKS if record.answer is None else record.answer.said.lower()


def shown_attributes(view: SiteView) -> Mapping[str, Any]:
    """Return the attributes of the invitation that is shown."""
    record = shown_invitation(view)
    return {} if record is None else invitation_attributes(record)


def invitation_news(record: InvitationRecord, previous: InvitationRecord | None) -> str | None:
    """Return what happened to an invitation; None: nothing that is to be told."""
    state = record.invitation.state
    if previous is None:
        return INVITED if state is State.OPEN else None
    if state is not previous.invitation.state:
        return _ENDED.get(state)
    return ANSWERED if record.answer is not None and record.answer != previous.answer else None


class InvitationEvent(SiteEntity, EventEntity):
    """Tells automations what happened to an invitation."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to invitations."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.controller.invitations.add_listener(self._async_changed))

    @callback
    def _async_changed(self, record: InvitationRecord, previous: InvitationRecord | None) -> None:
        """Tell one change."""
        if (news := invitation_news(record, previous)) is not None:
            self._trigger_event(news, invitation_attributes(record))
            self.async_write_ha_state()


async def _answer_invitation(coordinator: HomeFlexCoordinator, call: ServiceCall) -> None:
    energy_kwh: float | None = call.data.get(ATTR_ENERGY)
    await coordinator.controller.requests.answer_invitation(
        call.data[ATTR_INVITATION_ID],
        ANSWERS[call.data[ATTR_ANSWER]],
        promised_wh=None if energy_kwh is None else round(1000 * energy_kwh),
    )


INVITATION_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema]]
] = {
    "answer_invitation": (
        _answer_invitation,
        probatio.Schema(
            {
                probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
                probatio.Required(ATTR_INVITATION_ID): probatio.All(
                    cv.string, probatio.Length(min=1, max=128)
                ),
                probatio.Required(ATTR_ANSWER): probatio.In(list(ANSWERS)),
                probatio.Optional(ATTR_ENERGY): probatio.All(
                    probatio.Coerce(float), probatio.Range(min=0.001, max=_MOST_KWH)
                ),
            }
        ),
    )
}
