"""Invitations, answers and verdicts as JSON documents: written by one side, read or refused by the other.

Each carries the version of its form. What a newer one of the same version adds is passed over; another
version is refused. Nothing but Refusal is ever raised for what a message holds (docs/asyncapi.yaml).
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ..events.fields import (
    JsonObject,
    decode,
    json_array,
    json_object,
    malformed,
    object_id,
    text,
    whole_number,
)
from ..events.refusal import Refusal, RefusalReason
from ..events.timing import MAX_AHEAD, MAX_LENGTH, parse_stamp, parse_time
from .model import (
    Answer,
    AnsweredBy,
    Direction,
    HomeAnswer,
    Invitation,
    Said,
    State,
    Verdict,
    VerdictOn,
    Worth,
)

VERSION: Final = 1
MAX_PAYLOAD_BYTES: Final = 64 * 1024
MAX_DEVICES: Final = 256
# No home moves a gigawatt-hour.
MAX_WH: Final = 1_000_000_000
_PRICE: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


def invitation_document(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation as it is told to its home."""
    document = {
        "objectType": "INVITATION",
        "version": VERSION,
        "id": invitation.invitation_id,
        "programID": invitation.program_id,
        "modificationDateTime": _time(invitation.modified),
        "state": invitation.state.value,
        "start": _time(invitation.start),
        "end": _time(invitation.end),
        "askedWh": invitation.asked_wh,
        "direction": invitation.direction.value,
        "devices": list(invitation.devices),
        "answerBy": _time(invitation.answer_by),
    }
    if (worth := invitation.worth) is not None:
        document["pays"] = {"perKWh": f"{worth.per_kwh:f}", "currency": worth.currency}
    if invitation.answer is not None:
        document["answer"] = answer_fields(invitation.answer)
    if invitation.event_id is not None:
        document["eventID"] = invitation.event_id
    return document


def parse_invitation(payload: bytes, *, now: datetime) -> Invitation:
    """Return the invitation that a message tells. Raises Refusal, naming it where its id can be read."""
    fields = _object(payload, "INVITATION")
    try:
        return invitation_from(fields, now=now)
    except Refusal as refusal:
        raise _about(refusal, fields) from None


def invitation_from(fields: JsonObject, *, now: datetime) -> Invitation:
    """Return the invitation of a document. Raises Refusal."""
    start, end = parse_time(fields.get("start"), "start"), parse_time(fields.get("end"), "end")
    answer_by = parse_time(fields.get("answerBy"), "answerBy")
    if not start < end or answer_by > start:
        raise Refusal(RefusalReason.WRONG_TIME, "answerBy, start, end")
    if start > now + MAX_AHEAD:
        raise Refusal(RefusalReason.TOO_FAR_AHEAD)
    if end - start > MAX_LENGTH:
        raise Refusal(RefusalReason.TOO_LONG)
    asked_wh = _energy(fields.get("askedWh"), "askedWh")
    devices = json_array(fields.get("devices"), "devices")
    if asked_wh < 1 or len(devices) > MAX_DEVICES:
        raise Refusal(RefusalReason.OUT_OF_RANGE, "askedWh" if asked_wh < 1 else "devices")
    pays, answer, event_id = fields.get("pays"), fields.get("answer"), fields.get("eventID")
    return Invitation(
        invitation_id=object_id(fields.get("id"), "id"),
        program_id=object_id(fields.get("programID"), "programID"),
        modified=parse_stamp(fields.get("modificationDateTime"), "modificationDateTime", now),
        state=_one_of(State, fields.get("state"), "state"),
        start=start,
        end=end,
        asked_wh=asked_wh,
        direction=_one_of(Direction, fields.get("direction"), "direction"),
        devices=tuple(text(each, "devices") for each in devices),
        answer_by=answer_by,
        worth=None if pays is None else _worth(json_object(pays, "pays")),
        answer=None if answer is None else answer_from(json_object(answer, "answer"), asked_wh, now=now),
        event_id=None if event_id is None else object_id(event_id, "eventID"),
    )


def answer_document(answer: HomeAnswer) -> dict[str, Any]:
    """Return a home's answer as it is sent to the hub."""
    return {
        "objectType": "INVITATION_ANSWER",
        "version": VERSION,
        "invitationID": answer.invitation_id,
        **answer_fields(answer.answer),
    }


def parse_answer(payload: bytes, *, now: datetime) -> HomeAnswer:
    """Return the answer that a message tells; whether it fits its invitation is not asked. Raises Refusal."""
    fields = _object(payload, "INVITATION_ANSWER")
    return HomeAnswer(
        invitation_id=object_id(fields.get("invitationID"), "invitationID"),
        answer=answer_from(fields, MAX_WH, now=now),
    )


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return what a home is told of its answer."""
    return {
        "objectType": "INVITATION_VERDICT",
        "version": VERSION,
        "invitationID": verdict.invitation_id,
        "saidAt": _time(verdict.at),
        "verdict": verdict.on.value,
    }


def parse_verdict(payload: bytes) -> Verdict:
    """Return what the hub made of an answer. Raises Refusal."""
    fields = _object(payload, "INVITATION_VERDICT")
    return Verdict(
        invitation_id=object_id(fields.get("invitationID"), "invitationID"),
        at=parse_time(fields.get("saidAt"), "saidAt"),
        on=_one_of(VerdictOn, fields.get("verdict"), "verdict"),
    )


def answer_fields(answer: Answer) -> dict[str, Any]:
    """Return what an answer is in a document."""
    return {
        "said": answer.said.value,
        "promisedWh": answer.promised_wh,
        "answeredBy": answer.by.value,
        "saidAt": _time(answer.at),
    }


def answer_from(fields: JsonObject, asked_wh: int, *, now: datetime) -> Answer:
    """Return the answer of a document to what asks ``asked_wh``. Raises Refusal."""
    said = _one_of(Said, fields.get("said"), "said")
    promised_wh = _energy(fields.get("promisedWh"), "promisedWh")
    if promised_wh > asked_wh or (promised_wh == 0) is not (said is Said.NO):
        raise Refusal(RefusalReason.OUT_OF_RANGE, "promisedWh")
    return Answer(
        said=said,
        promised_wh=promised_wh,
        by=_one_of(AnsweredBy, fields.get("answeredBy"), "answeredBy"),
        at=parse_stamp(fields.get("saidAt"), "saidAt", now),
    )


def _worth(fields: JsonObject) -> Worth:
    price, currency = fields.get("perKWh"), fields.get("currency")
    if not isinstance(price, str) or not _PRICE.fullmatch(price):
        raise malformed("pays.perKWh")
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise malformed("pays.currency")
    return Worth(per_kwh=Decimal(price), currency=currency)


def _object(payload: bytes, object_type: str) -> JsonObject:
    fields = json_object(decode(payload, max_bytes=MAX_PAYLOAD_BYTES), "message")
    if fields.get("objectType") != object_type:
        raise malformed("objectType")
    if whole_number(fields.get("version"), "version", minimum=1, maximum=2**31) != VERSION:
        raise Refusal(RefusalReason.MALFORMED, f"version: {VERSION} is understood")
    return fields


def _about(refusal: Refusal, fields: JsonObject) -> Refusal:
    told = fields.get("id")
    try:
        return refusal.about(event_id=object_id(told, "id"), modification=None)
    except Refusal:
        return refusal


def _energy(value: object, name: str) -> int:
    try:
        return whole_number(value, name, minimum=0, maximum=MAX_WH)
    except Refusal:
        if isinstance(value, int) and not isinstance(value, bool):
            raise Refusal(RefusalReason.OUT_OF_RANGE, name) from None
        raise


def _one_of[E: (State, Direction, Said, AnsweredBy, VerdictOn)](
    words: type[E], value: object, name: str
) -> E:
    if not isinstance(value, str) or value not in words:
        raise malformed(name)
    return words(value)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
