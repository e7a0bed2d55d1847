"""The book of invitations as a JSON document and back: how it survives a restart, and another release."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ..events.fields import json_object
from ..events.outcome import StatusReason
from ..events.refusal import Refusal
from .book import InvitationBook, InvitationRecord
from .model import VerdictOn
from .wire import answer_fields, answer_from, invitation_document, invitation_from

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1


def book_document(book: InvitationBook) -> dict[str, Any]:
    """Return the book as JSON values."""
    return {"version": VERSION, "invitations": [_record_document(each) for each in book.records.values()]}


def book_from(document: object, now: datetime) -> InvitationBook:
    """Return the book that was kept. What cannot be read is left out, and said: the hub tells it again."""
    rows = document.get("invitations", ()) if isinstance(document, Mapping) else ()
    records: dict[str, InvitationRecord] = {}
    for row in rows if isinstance(rows, list) else ():
        try:
            record = _record(json_object(row, "invitation"), now)
        except (Refusal, ValueError) as error:
            _LOGGER.warning("An invitation that was kept cannot be read and is left out: %s", error)
            continue
        records[record.invitation.invitation_id] = record
    return InvitationBook(records=records)


def _record_document(record: InvitationRecord) -> dict[str, Any]:
    return {
        "told": invitation_document(record.invitation),
        "answer": None if record.answer is None else answer_fields(record.answer),
        "is_ours": record.is_ours,
        "verdict": record.verdict,
        "held": record.held,
        "is_carried": record.is_carried,
    }


def _record(row: Mapping[str, Any], now: datetime) -> InvitationRecord:
    invitation = invitation_from(json_object(row.get("told"), "told"), now=now)
    answer, verdict, held = row.get("answer"), row.get("verdict"), row.get("held")
    return InvitationRecord(
        invitation=invitation,
        answer=None
        if answer is None
        else answer_from(json_object(answer, "answer"), invitation.asked_wh, now=now),
        is_ours=row.get("is_ours") is True,
        verdict=None if verdict is None else VerdictOn(verdict),
        held=None if held is None else StatusReason(held),
        is_carried=row.get("is_carried") is True,
    )
