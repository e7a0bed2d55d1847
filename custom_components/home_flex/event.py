"""The event entities: what happens to events and invitations, and wishes that ended by themselves."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry
from .core.events.model import EventRecord, EventStatus
from .core.wishes import Ended
from .entity import SiteEntity
from .invitations import INVITATION, InvitationEvent
from .site_sensors import event_attributes

PARALLEL_UPDATES = 0

OPTED_OUT = "opted_out"
OPTED_IN = "opted_in"
UPDATED = "updated"
_TYPE_OF_STATUS = {
    EventStatus.ACCEPTED: "accepted",
    EventStatus.REJECTED: "rejected",
    EventStatus.STARTED: "started",
    EventStatus.SUCCEEDED: "succeeded",
    EventStatus.ABORTED: "aborted",
    EventStatus.REVOKED: "revoked",
}
_FLEXIBILITY_EVENT = EventEntityDescription(
    key="flexibility_event",
    translation_key="flexibility_event",
    event_types=[*_TYPE_OF_STATUS.values(), OPTED_OUT, OPTED_IN, UPDATED],
)


_WISH_ENDED = EventEntityDescription(
    key="wish_ended",
    translation_key="wish_ended",
    event_types=["away", "charge_mode", "export", "paused", "ready_by", "reserve"],
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the event entities."""
    coordinator = entry.runtime_data
    async_add_entities(
        [
            FlexibilityEvent(coordinator, _FLEXIBILITY_EVENT),
            WishEnded(coordinator, _WISH_ENDED),
            InvitationEvent(coordinator, INVITATION),
        ]
    )


class FlexibilityEvent(SiteEntity, EventEntity):
    """Tells automations what happened to an event."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the life of events."""
        await super().async_added_to_hass()
        self._opted_out = {
            record.event.event_id for record in self.coordinator.data.records if record.opted_out
        }
        self.async_on_remove(self.coordinator.controller.add_listener(self._async_changed))

    @callback
    def _async_changed(self, record: EventRecord, previous: EventStatus | None) -> None:
        """Tell one change."""
        event_type = self._event_type(record, previous)
        if record.opted_out:
            self._opted_out.add(record.event.event_id)
        else:
            self._opted_out.discard(record.event.event_id)
        if event_type is not None:
            self._trigger_event(event_type, {**event_attributes(record), "reason": record.reason})
            self.async_write_ha_state()

    def _event_type(self, record: EventRecord, previous: EventStatus | None) -> str | None:
        """Return what happened: a new state, or a change by the resident or the aggregator within one."""
        if record.status is not previous:
            return _TYPE_OF_STATUS.get(record.status)
        if record.opted_out is (record.event.event_id in self._opted_out):
            return UPDATED
        return OPTED_OUT if record.opted_out else OPTED_IN


class WishEnded(SiteEntity, EventEntity):
    """Tells automations that a wish ended by itself, as it was to."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the wishes; what ended while Home Assistant was away is told now."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.controller.wishes.add_listener(self._async_ended))

    @callback
    def _async_ended(self, ended: tuple[Ended, ...]) -> None:
        """Tell each that ended."""
        subentries = self.coordinator.config_entry.subentries
        for each in ended:
            device = subentries.get(each.device_id)
            self._trigger_event(
                each.wish, {"device": device.title if device else None, "ended_at": each.at.isoformat()}
            )
            self.async_write_ha_state()
