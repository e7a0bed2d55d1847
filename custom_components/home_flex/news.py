"""What automations are told of a home, whoever listens: events, invitations, changes of the plan, and limits.

It is told by the dispatcher, so that an automation goes on to hear while the site is reloaded.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.events.model import OPEN, EventRecord, EventStatus, Source
from .core.events.outcome import StatusReason
from .core.invitations import InvitationRecord
from .decided import owner_word
from .invitations import INVITED, invitation_attributes, invitation_news
from .runtime.planning.showing import Planned
from .runtime.view import SiteView
from .site_sensors import event_attributes

# Sent with the kind of news and its attributes.
SIGNAL_NEWS: Final = f"{DOMAIN}_news"

EVENT_ANNOUNCED: Final = "event_announced"
EVENT_STARTED: Final = "event_started"
EVENT_ENDED: Final = "event_ended"
PLAN_CHANGED: Final = "plan_changed"
LIMIT_BEGAN: Final = "limit_began"
LIMIT_ENDED: Final = "limit_ended"
INVITATION_RECEIVED: Final = "invitation_received"
NEWS: Final = (
    EVENT_ANNOUNCED,
    EVENT_STARTED,
    EVENT_ENDED,
    INVITATION_RECEIVED,
    PLAN_CHANGED,
    LIMIT_BEGAN,
    LIMIT_ENDED,
)

_OVER: Final = frozenset({EventStatus.SUCCEEDED, EventStatus.ABORTED, EventStatus.REVOKED})


@callback
def watch_news(coordinator: HomeFlexCoordinator) -> None:
    """Tell what is new from now on, until the site ends; what was so before it began is no news."""
    hass, entry = coordinator.hass, coordinator.config_entry
    before = coordinator.data

    @callback
    def status_changed(record: EventRecord, previous: EventStatus | None) -> None:
        if (news := event_news(record.status, previous)) is not None:
            async_dispatcher_send(hass, SIGNAL_NEWS, news, _event(record))

    @callback
    def invitation_changed(record: InvitationRecord, previous: InvitationRecord | None) -> None:
        if invitation_news(record, previous) == INVITED:
            attributes = {**invitation_attributes(record), "awaits_answer": record.answer is None}
            async_dispatcher_send(hass, SIGNAL_NEWS, INVITATION_RECEIVED, attributes)

    @callback
    def view_changed() -> None:
        nonlocal before
        old, before = before, coordinator.data
        for news, attributes in view_news(old, before).items():
            async_dispatcher_send(hass, SIGNAL_NEWS, news, attributes)

    entry.async_on_unload(coordinator.controller.add_listener(status_changed))
    entry.async_on_unload(coordinator.controller.invitations.add_listener(invitation_changed))
    entry.async_on_unload(coordinator.async_add_listener(view_changed))


def event_news(status: EventStatus, previous: EventStatus | None) -> str | None:
    """Return what a change of an event's state is to automations; None: nothing."""
    if status is previous:
        return None
    if status is EventStatus.ACCEPTED:
        return EVENT_ANNOUNCED
    if status is EventStatus.STARTED:
        return EVENT_STARTED
    # What was never taken up does not end.
    return EVENT_ENDED if status in _OVER and previous in OPEN else None


def _event(record: EventRecord) -> Mapping[str, Any]:
    return {
        **event_attributes(record),
        "status": record.status.value.lower(),
        "opted_out": record.opted_out,
        "awaits_answer": record.opted_out and record.reason == StatusReason.NOT_ANSWERED,
        "may_skip": record.event.source is not Source.GRID_OPERATOR,
    }


def view_news(old: SiteView, new: SiteView) -> Mapping[str, Mapping[str, Any]]:
    """Return what is new of plan and limits, with its attributes (powers in W)."""
    news: dict[str, Mapping[str, Any]] = {}
    if changed := _replanned(old, new):
        news[PLAN_CHANGED] = {"devices": changed}
    was, now = _limit(old), _limit(new)
    if now is not None and was != now:
        news[LIMIT_BEGAN] = now
    if was is not None and now is None:
        news[LIMIT_ENDED] = was
    return news


def _limit(view: SiteView) -> Mapping[str, Any] | None:
    if view.import_limit_w is None and view.export_limit_w is None:
        return None
    return {
        "import_limit": view.import_limit_w,
        "export_limit": view.export_limit_w,
        "limited_by": None if view.limit_owner is None else owner_word(view.limit_owner),
    }


def _replanned(old: SiteView, new: SiteView) -> list[str]:
    """Return the names of the devices for which another plan has something else."""
    if old.plan is None or new.plan is None or old.plan.made_at == new.plan.made_at:
        return []
    return [
        device.name
        for key, device in new.devices.items()
        if key in old.devices and is_replanned(old.devices[key].planned, device.planned)
    ]


def is_replanned(old: Planned | None, new: Planned | None) -> bool:
    """Whether a device is to do something else than it was to do, and not only what was to come next."""
    if old is None or new is None:
        return old is not new
    if new.now.kind is not old.now.kind:
        return old.then is None or new.now.kind is not old.then.kind
    return (None if new.then is None else new.then.kind) != (None if old.then is None else old.then.kind)
