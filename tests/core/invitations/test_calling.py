"""A yes to an invitation counts for an event that asks no more, at no other time and for no less pay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.events.model import Event, Interval, Payload, PayloadType, Source
from custom_components.home_flex.core.invitations import Direction, InvitationBook, Said
from custom_components.home_flex.core.invitations.calling import is_within

from .samples import INVITATION, NOW, START, told

CALL = Event(
    event_id="event-1",
    program_id="evening-peak",
    name=None,
    source=Source.AGGREGATOR,
    priority=None,
    created=NOW,
    modified=NOW,
    intervals=(
        Interval(
            id=0,
            start=START,
            end=START + timedelta(hours=1),
            payloads=(Payload(type=PayloadType.DISPATCH_SETPOINT_RELATIVE, value=-1200.0),),
            pays_per_kwh=0.25,
        ),
    ),
    currency="EUR",
)


def asking(value_w: float, kind: PayloadType = PayloadType.DISPATCH_SETPOINT_RELATIVE) -> Event:
    [interval] = CALL.intervals
    return replace(CALL, intervals=(replace(interval, payloads=(Payload(type=kind, value=value_w),)),))


def moved(hours: float) -> Event:
    [interval] = CALL.intervals
    by = timedelta(hours=hours)
    return replace(CALL, intervals=(replace(interval, start=interval.start + by, end=interval.end + by),))


def paying(per_kwh: float | None) -> Event:
    [interval] = CALL.intervals
    return replace(CALL, intervals=(replace(interval, pays_per_kwh=per_kwh),))


def within(event: Event, said: Said = Said.YES, promised_wh: int | None = None) -> bool:
    book = InvitationBook().receive(INVITATION, NOW).say("invitation-1", said, promised_wh, NOW)
    return is_within(book.records["invitation-1"], event)


@pytest.mark.parametrize(
    ("event", "is_in"),
    [
        (CALL, True),
        (asking(-600.0), True),
        (asking(-1201.0), False),
        (asking(600.0), False),
        (asking(0.0, PayloadType.IMPORT_CAPACITY_LIMIT), False),
        (moved(1), False),
        (moved(-0.25), False),
        (replace(CALL, program_id="another"), False),
        (replace(CALL, source=Source.GRID_OPERATOR), False),
        (paying(0.3), True),
        (paying(0.24), False),
        (paying(None), False),
        (replace(CALL, currency="USD"), False),
    ],
)
def test_a_yes_counts_for_no_more_than_it_was_said_to(event: Event, is_in: bool) -> None:
    assert within(event) is is_in


def test_a_part_counts_for_that_part_and_a_no_for_nothing() -> None:
    assert within(asking(-500.0), Said.PARTLY, 500)
    assert not within(asking(-501.0), Said.PARTLY, 500)
    assert not within(asking(-1.0), Said.NO)


def test_an_invitation_to_draw_more_is_one_to_draw_more() -> None:
    book = InvitationBook().receive(told(direction=Direction.MORE), NOW)
    record = book.say("invitation-1", Said.YES, None, NOW).records["invitation-1"]

    assert is_within(record, asking(1200.0))
    assert not is_within(record, CALL)
