"""What a message about an event is to what is known: no news, too late, not to be taken, or news."""

from .model import EventRecord, EventStatus, Source
from .outcome import AlreadyKnown, Known, Outcome, TurnedAway
from .possible import SiteEnvelope, is_possible
from .refusal import RefusalReason
from .wire import Notification


def already_known(known: EventRecord, notification: Notification) -> Known | None:
    """Return why a message about a known event is no news; None when it is."""
    told_by_home = notification.event is not None and notification.event.source is Source.RESIDENT
    if (known.event.source is Source.RESIDENT) is not told_by_home:
        return Known.NOT_THE_AGGREGATORS
    if notification.modified < known.event.modified:
        return Known.OLDER_MODIFICATION
    deletes = notification.event is None and known.status is not EventStatus.REVOKED
    if notification.modified == known.event.modified and not deletes:
        return Known.SAME_MODIFICATION
    return None


def ended(known: EventRecord, notification: Notification) -> Outcome:
    """Return what comes of news about an event that has ended: a deletion has nothing left to end."""
    if notification.event is None:
        return AlreadyKnown(record=known, reason=Known.ALREADY_ENDED)
    return turned_away(notification, RefusalReason.ALREADY_ENDED)


def refused(
    notification: Notification, known: EventRecord | None, envelope: SiteEnvelope | None
) -> RefusalReason | None:
    """Return why an event is not taken. A newer version of a known one may lie in the past: that ends it.

    Its program it keeps: that says whose event it is, and so whether the resident may leave it.
    """
    event = notification.event
    if known is not None and event is not None and event.program_id != known.event.program_id:
        return RefusalReason.PROGRAM_CHANGED
    reason = notification.out_of_bounds
    if reason is not None and (known is None or reason is not RefusalReason.IN_THE_PAST):
        return reason
    if event is not None and envelope is not None and not is_possible(event, envelope):
        return RefusalReason.NOT_POSSIBLE
    return None


def turned_away(notification: Notification, reason: RefusalReason) -> TurnedAway:
    """Return the refusal of a message."""
    return TurnedAway(event_id=notification.event_id, modified=notification.modified, reason=reason)
