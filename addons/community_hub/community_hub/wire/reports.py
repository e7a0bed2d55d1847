"""Reads a report as a home sends it, and says why one is refused."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic_core import from_json

from .mqtt5 import Message

MOST_BYTES: Final = 65_536
# Ten megawatts or megawatt-hours: no home has them, whatever its unit.
MOST_VALUE: Final = 10_000.0
MOST_AHEAD: Final = timedelta(hours=1)
_PLACE: Final = frozenset({"stream", "sequence", "oldest"})
_MOST_SEQUENCE: Final = 2**63 - 1
_MOST_NAME: Final = 128
_OBJECT_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")


class Refusal(StrEnum):
    """Why a report is refused, or an answer to an invitation (the last)."""

    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    MALFORMED = "malformed"
    ANOTHER_HOME = "another_home"
    ABSURD_VALUE = "absurd_value"
    WRONG_SEQUENCE = "wrong_sequence"
    UNKNOWN_HOME = "unknown_home"
    WRONG_ANSWER = "wrong_answer"


class RefusedError(Exception):
    """A report is refused."""

    def __init__(self, reason: Refusal) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


class Place(NamedTuple):
    """Where a report stands in its home's store, and the oldest number that is still kept there."""

    stream: str
    number: int
    oldest: int


class Report(NamedTuple):
    """A report that can be kept."""

    ven_id: str
    report_id: str
    event_id: str
    name: str
    modified_at: datetime
    is_clock_off: bool
    payload: bytes


def ven_of(topic: str) -> str:
    """Return whose topic ``{prefix}/vens/{venID}/reports/create`` is, in the length a table keeps."""
    return topic.rsplit("/", 3)[1][:_MOST_NAME]


def read(message: Message, now: datetime) -> Report:
    """Return the report of a message on a home's own topic. Raises RefusedError.

    A home says who it is by its topic, which the broker gives to nobody else: what the report says of it has
    to be the same. Numbers have to be finite and what a home can have.
    """
    ven_id = ven_of(message.topic)
    if len(message.payload) > MOST_BYTES:
        raise RefusedError(Refusal.TOO_LARGE)
    report = _object(message.payload)
    if report.get("clientName") != ven_id or report.get("clientID", ven_id) != ven_id:
        raise RefusedError(Refusal.ANOTHER_HOME)
    _check_values(report)
    modified = _time(report, "modificationDateTime")
    is_new = report.get("createdDateTime") == report["modificationDateTime"]
    return Report(
        ven_id=ven_id,
        report_id=_identifier(report, "id"),
        event_id=_identifier(report, "eventID"),
        name=_name(report),
        modified_at=modified,
        is_clock_off=(modified if is_new else _time(report, "createdDateTime")) > now + MOST_AHEAD,
        payload=message.payload,
    )


def place_of(message: Message) -> Place | None:
    """Return where a report stands; None: its home does not number them. Raises RefusedError."""
    told = [pair for pair in message.properties if pair[0] in _PLACE]
    if not told:
        return None
    match sorted(told):
        case [("oldest", oldest), ("sequence", number), ("stream", stream)] if (
            _NUMBER.fullmatch(number)
            and _NUMBER.fullmatch(oldest)
            and int(oldest) <= int(number) <= _MOST_SEQUENCE
            and _OBJECT_ID.fullmatch(stream)
        ):
            return Place(stream, int(number), int(oldest))
    raise RefusedError(Refusal.WRONG_SEQUENCE)


def _object(payload: bytes) -> dict[str, Any]:
    try:
        told = from_json(payload, allow_inf_nan=False)
    except ValueError:
        raise RefusedError(Refusal.NOT_JSON) from None
    match told:
        case {"objectType": "REPORT", "operation": "CREATE", "object": {"resources": [*_]}}:
            report: dict[str, Any] = told["object"]
            return report
    raise RefusedError(Refusal.MALFORMED)


def _check_values(report: dict[str, Any]) -> None:
    """Raise RefusedError where the report has another shape, or tells a number that no home has."""
    try:
        for resource in report["resources"]:
            for interval in resource["intervals"]:
                for payload in interval["payloads"]:
                    for value in payload["values"]:
                        # Of a text it is not asked; NaN, which no JSON has, and infinity are not within it.
                        if not isinstance(value, str) and not -MOST_VALUE <= value <= MOST_VALUE:
                            raise RefusedError(Refusal.ABSURD_VALUE)
    except KeyError, TypeError:
        raise RefusedError(Refusal.MALFORMED) from None


def _identifier(report: dict[str, Any], key: str) -> str:
    told = report.get(key)
    if not isinstance(told, str) or not _OBJECT_ID.fullmatch(told):
        raise RefusedError(Refusal.MALFORMED)
    return told


def _name(report: dict[str, Any]) -> str:
    told = report.get("reportName") or ""
    if not isinstance(told, str) or len(told) > _MOST_NAME or not told.isprintable():
        raise RefusedError(Refusal.MALFORMED)
    return told


def _time(report: dict[str, Any], key: str) -> datetime:
    try:
        time = datetime.fromisoformat(report[key])
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except KeyError, TypeError, ValueError, OverflowError:
        pass
    raise RefusedError(Refusal.MALFORMED)
