"""Whether what a home is called for is within what its resident promised."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..events.model import Event, Interval, PayloadType, Source
from .book import InvitationRecord
from .model import Direction, Said

_SECONDS: Final = 3600


def is_within(record: InvitationRecord, event: Event) -> bool:
    """Return whether an event asks no more, at no other time and for no less pay than a yes was said to."""
    invitation, answer = record.invitation, record.answer
    if answer is None or answer.said is Said.NO or event.source is not Source.AGGREGATOR:
        return False
    if event.program_id != invitation.program_id:
        return False
    if event.start < invitation.start or event.end > invitation.end:
        return False
    sign = -1 if invitation.direction is Direction.LESS else 1
    if not all(_asks(interval, sign) and _pays(record, event, interval) for interval in event.intervals):
        return False
    return sum(_wh(interval) for interval in event.intervals) <= answer.promised_wh


def _asks(interval: Interval, sign: int) -> bool:
    """Whether an interval asks for nothing but a change in this direction."""
    return all(
        each.type is PayloadType.DISPATCH_SETPOINT_RELATIVE and each.value * sign >= 0
        for each in interval.payloads
    )


def _pays(record: InvitationRecord, event: Event, interval: Interval) -> bool:
    if (worth := record.invitation.worth) is None or not worth.per_kwh:
        return True
    pays = interval.pays_per_kwh
    return pays is not None and event.currency == worth.currency and Decimal(str(pays)) >= worth.per_kwh


def _wh(interval: Interval) -> Fraction:
    """Return the energy of an interval's change, Wh, without rounding it."""
    seconds = Fraction((interval.end - interval.start).total_seconds())
    return sum((abs(Fraction(each.value)) * seconds / _SECONDS for each in interval.payloads), Fraction(0))
