"""The invitations that a home knows, and what it says to each: by the resident's word, or by the rules.

The rules are those of events (``events.consent``): *automatic* says yes by itself, but not against the rules
of the house; *never* says no; *ask* waits. Nobody answers for a resident who said nothing. What was said is
told to the hub until that says what it made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..events.consent import Consent
from ..events.outcome import StatusReason
from ..events.refusal import Refusal, RefusalReason
from .model import Answer, AnsweredBy, HomeAnswer, Invitation, Said, State, Verdict, VerdictOn

MOST: Final = 50
# So long after its time an invitation can still be looked at.
KEEP: Final = timedelta(days=7)
_TICK: Final = timedelta(microseconds=1)


class InvitationError(ValueError):
    """An answer that cannot be given; ``reason`` is a slug to translate."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the slug beside the message."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationRecord:
    """An invitation and what the home says to it; ``answer`` None: nothing yet.

    ``is_ours``: the home said it, and not the resident at the hub. ``verdict``: what the hub made of it, None
    while it has not told. ``held``: which rule of the house keeps the home from a yes of its own.
    ``is_carried``: the yes was carried over to the event by which the home was called, or could not be.
    """

    invitation: Invitation
    answer: Answer | None = None
    is_ours: bool = False
    verdict: VerdictOn | None = None
    held: StatusReason | None = None
    is_carried: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether an answer counts."""
        return self.invitation.state is State.OPEN and now < self.invitation.answer_by

    def asks(self, now: datetime) -> bool:
        """Whether it waits for the resident."""
        return self.answer is None and self.is_open(now)

    def is_to_send(self, now: datetime) -> bool:
        """Whether the hub is to be told what the home says."""
        return self.is_ours and self.answer is not None and self.verdict is None and self.is_open(now)


@dataclass(frozen=True, kw_only=True, slots=True)
class InvitationBook:
    """All invitations known, by id. Every method returns a new book, or the same where nothing is new."""

    records: Mapping[str, InvitationRecord] = field(default_factory=dict)

    def receive(self, told: Invitation, now: datetime) -> InvitationBook:
        """Take what the hub tells of an invitation; the same again, and what is older, changes nothing.

        Raises Refusal, and changes nothing, for what asks otherwise than before, and where there is no room.
        What is over and was not known is passed over.
        """
        known = self.records.get(told.invitation_id)
        if known is None:
            if told.end <= now:
                return self
            return self._with_room(_first(told), now)
        if told.modified <= known.invitation.modified or known.invitation.state is not State.OPEN:
            return self
        if told.terms != known.invitation.terms:
            refusal = Refusal(RefusalReason.MALFORMED, "an invitation stays as it was made")
            raise refusal.about(event_id=told.invitation_id, modification=None)
        return self._with(_newer(known, told))

    def say(self, invitation_id: str, said: Said, promised_wh: int | None, now: datetime) -> InvitationBook:
        """Keep what the resident says; ``promised_wh`` is of a *partly* alone. Raises InvitationError."""
        record = self.records.get(invitation_id)
        if record is None:
            raise InvitationError("unknown_invitation", "There is no such invitation")
        if not record.is_open(now):
            raise InvitationError("invitation_closed", "This invitation cannot be answered any more")
        asked_wh = record.invitation.asked_wh
        if (said is Said.PARTLY) is not (promised_wh is not None):
            raise InvitationError("promised_partly", "How much is promised is said of a part, and then alone")
        if promised_wh is not None and not 0 < promised_wh <= asked_wh:
            raise InvitationError(
                "promised_too_much", "A part is more than nothing and at most what is asked"
            )
        return self._with(_saying(record, said, promised_wh, AnsweredBy.RESIDENT, now))

    def by_rules(self, consent: Consent, now: datetime) -> InvitationBook:
        """Say what the rules say where the resident has said nothing, for as long as an answer counts.

        A yes by rule becomes a no where a rule comes to hold it back. What a rule at the hub said stays, but
        where the home would take no part: *never* is the narrower word.
        """
        book = self
        for record in self.records.values():
            if record.is_open(now) and (record.answer is None or record.answer.by is AnsweredBy.RULE):
                book = book._with(_ruled(record, consent, now))  # the same class
        return book

    def judge(self, verdict: Verdict) -> InvitationBook:
        """Keep what the hub made of an answer; of one that was followed by another it changes nothing."""
        record = self.records.get(verdict.invitation_id)
        if record is None or record.answer is None or not record.is_ours or record.answer.at != verdict.at:
            return self
        return self._with(replace(record, verdict=verdict.on))

    def carried(self, invitation_id: str) -> InvitationBook:
        """Note that the yes was carried over to the event of the call."""
        return self._with(replace(self.records[invitation_id], is_carried=True))

    def to_send(self, now: datetime) -> tuple[HomeAnswer, ...]:
        """Return the answers that the hub has not judged."""
        return tuple(
            HomeAnswer(invitation_id=key, answer=record.answer)
            for key, record in self.records.items()
            if record.answer is not None and record.is_to_send(now)
        )

    def prune(self, now: datetime) -> InvitationBook:
        """Forget what is over for longer than ``KEEP``."""
        kept = {key: each for key, each in self.records.items() if each.invitation.end > now - KEEP}
        return self if len(kept) == len(self.records) else replace(self, records=kept)

    def _with(self, record: InvitationRecord) -> InvitationBook:
        key = record.invitation.invitation_id
        if self.records.get(key) == record:
            return self
        return replace(self, records={**self.records, key: record})

    def _with_room(self, record: InvitationRecord, now: datetime) -> InvitationBook:
        """Return the book with one more; what ended longest ago makes room. Raises Refusal."""
        kept = dict(self.records)
        if len(kept) >= MOST:
            over = [key for key, each in kept.items() if not each.is_open(now) and each.invitation.end <= now]
            if not over:
                refusal = Refusal(RefusalReason.TOO_MANY_EVENTS)
                raise refusal.about(event_id=record.invitation.invitation_id, modification=None)
            del kept[min(over, key=lambda key: kept[key].invitation.end)]
        return replace(self, records={**kept, record.invitation.invitation_id: record})


def _first(told: Invitation) -> InvitationRecord:
    verdict = None if told.answer is None else VerdictOn.TAKEN
    return InvitationRecord(invitation=told, answer=told.answer, verdict=verdict)


def _newer(known: InvitationRecord, told: Invitation) -> InvitationRecord:
    """Return the record with a newer version: what the hub has counts, unless the home said more later."""
    record = replace(known, invitation=told)
    if told.answer is None or (record.answer is not None and told.answer.at < record.answer.at):
        return record
    is_ours = record.is_ours and record.answer is not None and record.answer.at == told.answer.at
    return replace(record, answer=told.answer, is_ours=is_ours, verdict=VerdictOn.TAKEN)


def _saying(
    record: InvitationRecord, said: Said, promised_wh: int | None, by: AnsweredBy, now: datetime
) -> InvitationRecord:
    """Return the record with an answer of the home's, later than any before it."""
    whole_wh = 0 if said is Said.NO else record.invitation.asked_wh
    # A part that is all of it is a yes.
    if promised_wh == record.invitation.asked_wh:
        said = Said.YES
    at = now if record.answer is None else max(now, record.answer.at + _TICK)
    answer = Answer(said=said, promised_wh=whole_wh if promised_wh is None else promised_wh, by=by, at=at)
    return replace(record, answer=answer, is_ours=True, verdict=None, held=None)


def _ruled(record: InvitationRecord, consent: Consent, now: datetime) -> InvitationRecord:
    rule = consent.by_rule(record.invitation)
    is_our_yes = record.is_ours and record.answer is not None and record.answer.said is Said.YES
    is_no = record.answer is not None and record.answer.said is Said.NO
    if rule.unanswered:
        ruled = _saying(record, Said.NO, None, AnsweredBy.RULE, now) if is_our_yes else record
        return replace(ruled, held=rule.held)
    if rule.opted_out:
        return record if is_no else _saying(record, Said.NO, None, AnsweredBy.RULE, now)
    if record.answer is None or (is_no and record.is_ours):
        return _saying(record, Said.YES, None, AnsweredBy.RULE, now)
    return replace(record, held=None)
