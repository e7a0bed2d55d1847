"""What the hub takes of Home Flex's core, which is an installed wheel: the one place that names it."""

from home_flex_core.events.battery_report import REPORT_NAME as BATTERIES
from home_flex_core.events.fields import decode
from home_flex_core.events.forecast_report import NO_EVENT, REPORT_NAME
from home_flex_core.events.metering_report import QUARTER
from home_flex_core.events.refusal import Refusal
from home_flex_core.events.room_report import PAYLOADS as ROOM_PAYLOADS
from home_flex_core.events.room_report import POSSIBLE as ROOM_POSSIBLE
from home_flex_core.events.room_report import REPORT_NAME as ROOMS
from home_flex_core.events.room_report import RoomFigure
from home_flex_core.events.timing import parse_duration, parse_time, resolve_windows
from home_flex_core.invitations import (
    Answer,
    AnsweredBy,
    HomeAnswer,
    Invitation,
    Said,
    Verdict,
    VerdictOn,
    Worth,
    invitation_document,
    parse_answer,
    verdict_document,
)
from home_flex_core.invitations import Direction as AskedDirection
from home_flex_core.invitations import State as InvitationState
from home_flex_core.settlement.canonical import digest
from home_flex_core.settlement.money import Terms, pay
from home_flex_core.settlement.receipt import Receipt
from home_flex_core.settlement.verify import receipt_from
from home_flex_core.settlement.verify import verify as verify_receipt
from home_flex_core.statistics.periods import Grouping, Period, periods

__all__ = [
    "BATTERIES",
    "NO_EVENT",
    "QUARTER",
    "REPORT_NAME",
    "ROOMS",
    "ROOM_PAYLOADS",
    "ROOM_POSSIBLE",
    "Answer",
    "AnsweredBy",
    "AskedDirection",
    "Grouping",
    "HomeAnswer",
    "Invitation",
    "InvitationState",
    "Period",
    "Receipt",
    "Refusal",
    "RoomFigure",
    "Said",
    "Terms",
    "Verdict",
    "VerdictOn",
    "Worth",
    "decode",
    "digest",
    "invitation_document",
    "parse_answer",
    "parse_duration",
    "parse_time",
    "pay",
    "periods",
    "receipt_from",
    "resolve_windows",
    "verdict_document",
    "verify_receipt",
]
