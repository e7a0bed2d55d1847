"""An invitation and the answer to it, as hub and home both have them.

OpenADR 3.1 has no invitations: they are ours. Energies are whole Wh, of a change that is asked for and so at
least 0, whichever way it goes; times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Direction(StrEnum):
    """Draw less (or give more), or draw more (or give less)."""

    LESS = "LESS"
    MORE = "MORE"


class State(StrEnum):
    """What became of an invitation at the hub; the last two are for good."""

    OPEN = "OPEN"
    DISPATCHED = "DISPATCHED"
    WITHDRAWN = "WITHDRAWN"


class Said(StrEnum):
    """What a home says to an invitation. Saying nothing is none of these."""

    YES = "YES"
    PARTLY = "PARTLY"
    NO = "NO"


class AnsweredBy(StrEnum):
    """Who says it: the resident, or a rule of the resident's."""

    RESIDENT = "RESIDENT"
    RULE = "RULE"


class VerdictOn(StrEnum):
    """What the hub made of an answer.

    CLOSED: its time has passed, or the invitation is not open any more. SUPERSEDED: a newer word is known.
    TOO_MUCH: more is promised than is asked. UNKNOWN: the home was not invited to that.
    """

    TAKEN = "TAKEN"
    CLOSED = "CLOSED"
    SUPERSEDED = "SUPERSEDED"
    TOO_MUCH = "TOO_MUCH"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """What is paid for each kWh that comes of it."""

    per_kwh: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What was said, how much of it is promised, by whom, and when."""

    said: Said
    promised_wh: int
    by: AnsweredBy
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """What one home is asked whether it would: so much energy from ``start`` until ``end``.

    ``answer_by`` is until when an answer counts, ``worth`` None where no pay was named. ``answer`` is what
    the hub has of this home. ``event_id``: the event by which the home was called, once it was.
    """

    invitation_id: str
    program_id: str
    modified: datetime
    state: State
    start: datetime
    end: datetime
    asked_wh: int
    direction: Direction
    devices: tuple[str, ...]
    answer_by: datetime
    worth: Worth | None = None
    answer: Answer | None = None
    event_id: str | None = None

    @property
    def key(self) -> str:
        """Its id, by which rules know it."""
        return self.invitation_id

    @property
    def terms(self) -> tuple[object, ...]:
        """What a yes is a yes to; it stays as it was when the home was invited."""
        return (
            self.program_id,
            self.start,
            self.end,
            self.asked_wh,
            self.direction,
            self.devices,
            self.answer_by,
            self.worth,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeAnswer:
    """An answer on its way from a home to the hub; ``answer.at`` decides which of two is the newer."""

    invitation_id: str
    answer: Answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the hub made of the answer that was said ``at``."""

    invitation_id: str
    at: datetime
    on: VerdictOn
