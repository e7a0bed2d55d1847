"""What comes of a message or of a moment: a change, nothing new, or a refusal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from .model import EventRecord, EventStatus
from .refusal import RefusalReason


class StatusReason(StrEnum):
    """Why an event is in its state, where the state alone does not say it (EventRecord.reason)."""

    OPTED_OUT = "opted_out"
    NOT_ANSWERED = "not_answered"
    QUIET_HOURS = "quiet_hours"
    WEEK_FULL = "week_full"
    AWAY = "away"
    UNWELL = "unwell"
    JOINED_PARTLY = "joined_partly"
    MISSED = "missed"
    DELETED = "deleted"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    MOVED = "moved"
    GROUP_GONE = "group_gone"


# A rule of the house holds the event back; and whatever lets it wait for the resident's yes.
HELD: Final = frozenset(
    {StatusReason.QUIET_HOURS, StatusReason.WEEK_FULL, StatusReason.AWAY, StatusReason.UNWELL}
)
ASKED: Final = HELD | {StatusReason.NOT_ANSWERED}


class Known(StrEnum):
    """Why a message changes nothing."""

    SAME_MODIFICATION = "same_modification"
    OLDER_MODIFICATION = "older_modification"
    ALREADY_ENDED = "already_ended"
    NOT_THE_AGGREGATORS = "not_the_aggregators"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusChanged:
    """A record is new, has another status, another modification, or was opted out of or in again.

    ``previous`` is None for an event that was not known. ``first_part`` is what a running event had come to
    when a newer version moved it ahead: it is settled on its own.
    """

    record: EventRecord
    previous: EventStatus | None
    first_part: EventRecord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AlreadyKnown:
    """A message that tells nothing new: nothing is done and nothing is said."""

    record: EventRecord
    reason: Known


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnedAway:
    """A message that is refused; what was known before stays as it was."""

    event_id: str
    modified: datetime
    reason: RefusalReason


type Outcome = StatusChanged | AlreadyKnown | TurnedAway
