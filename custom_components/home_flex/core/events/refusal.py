"""Why a message of the aggregator is not obeyed: a slug for machines, a sentence for people."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RefusalReason(StrEnum):
    """Every reason for which a message or an event is refused."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    MALFORMED = "malformed"
    WRONG_OBJECT_TYPE = "wrong_object_type"
    WRONG_OPERATION = "wrong_operation"
    NOT_FOR_THIS_VEN = "not_for_this_ven"
    WRONG_TIME = "wrong_time"
    WRONG_DURATION = "wrong_duration"
    NO_START = "no_start"
    NO_END = "no_end"
    IN_THE_PAST = "in_the_past"
    TOO_FAR_AHEAD = "too_far_ahead"
    TOO_LONG = "too_long"
    LOOP_NOT_SUPPORTED = "loop_not_supported"
    TOO_MANY_INTERVALS = "too_many_intervals"
    OVERLAPPING_INTERVALS = "overlapping_intervals"
    UNKNOWN_PAYLOAD_TYPE = "unknown_payload_type"
    DUPLICATE_PAYLOAD_TYPE = "duplicate_payload_type"
    WRONG_UNIT = "wrong_unit"
    WRONG_VALUE = "wrong_value"
    OUT_OF_RANGE = "out_of_range"
    TOO_MANY_EVENTS = "too_many_events"
    NOT_POSSIBLE = "not_possible"
    ALREADY_ENDED = "already_ended"
    PROGRAM_CHANGED = "program_changed"
    WRONG_TARGET = "wrong_target"


SENTENCES: Final[Mapping[RefusalReason, str]] = {
    RefusalReason.TOO_LARGE: "The message is larger than what is read",
    RefusalReason.NOT_JSON: "The message is not JSON",
    RefusalReason.MALFORMED: "A field is missing or has the wrong form",
    RefusalReason.WRONG_OBJECT_TYPE: "The message is not about an event",
    RefusalReason.WRONG_OPERATION: "The operation is unknown or does not fit the topic",
    RefusalReason.NOT_FOR_THIS_VEN: "The event's targets name neither this home nor a group of it",
    RefusalReason.WRONG_TIME: "A time is not RFC 3339 with an offset, or not plausible",
    RefusalReason.WRONG_DURATION: "A duration is not ISO 8601 of weeks, days, hours, minutes and seconds",
    RefusalReason.NO_START: "The event does not say when it starts",
    RefusalReason.NO_END: "The event does not say when it ends",
    RefusalReason.IN_THE_PAST: "The event has already ended",
    RefusalReason.TOO_FAR_AHEAD: "The event starts more than 31 days from now",
    RefusalReason.TOO_LONG: "The event lasts longer than 7 days",
    RefusalReason.LOOP_NOT_SUPPORTED: "The event's duration is not its intervals'; they are not looped",
    RefusalReason.TOO_MANY_INTERVALS: "The event has no interval, or more than 288",
    RefusalReason.OVERLAPPING_INTERVALS: "Intervals of the event overlap",
    RefusalReason.UNKNOWN_PAYLOAD_TYPE: "The payload type is not one that this home acts on",
    RefusalReason.DUPLICATE_PAYLOAD_TYPE: "An interval holds the same payload type twice",
    RefusalReason.WRONG_UNIT: "The unit does not fit the payload type",
    RefusalReason.WRONG_VALUE: "A payload must hold exactly one finite number",
    RefusalReason.OUT_OF_RANGE: "A value is outside what is possible",
    RefusalReason.TOO_MANY_EVENTS: "The home has no room for so many events or intervals",
    RefusalReason.NOT_POSSIBLE: "This home cannot do what the event asks",
    RefusalReason.ALREADY_ENDED: "The event has ended, and an event that has ended stays ended",
    RefusalReason.PROGRAM_CHANGED: "An event stays in the program that it was created in",
    RefusalReason.WRONG_TARGET: "The event names several groups of this home, or what none of them can do",
}


class Refusal(Exception):  # noqa: N818 # a refusal is an answer to the aggregator, not a fault of the program
    """A message that changes nothing, and why.

    ``event_id`` and ``modification`` are those of the refused event where they could be read, to answer with.
    """

    def __init__(
        self,
        reason: RefusalReason,
        detail: str = "",
        *,
        event_id: str | None = None,
        modification: str | None = None,
    ) -> None:
        """Build the sentence from the reason and, where it helps, a short detail."""
        self.reason = reason
        self.detail = detail
        self.message = f"{SENTENCES[reason]}: {detail}" if detail else SENTENCES[reason]
        self.event_id = event_id
        self.modification = modification
        super().__init__(self.message)

    def about(self, *, event_id: str | None, modification: str | None) -> Refusal:
        """Return the same refusal, saying which event and modification it is about."""
        return Refusal(self.reason, self.detail, event_id=event_id, modification=modification)
