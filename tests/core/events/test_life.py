"""The steps in the life of one event, one at a time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.events.consent import Answer
from custom_components.home_flex.core.events.life import (
    accepted,
    advanced,
    answered,
    is_unseen,
    revoked,
    tombstone,
)
from custom_components.home_flex.core.events.model import Event, EventRecord, EventStatus, Interval, Source
from custom_components.home_flex.core.events.outcome import StatusReason

from .samples import MINUTE, NOW, deleted, make_event, make_record, tally_of

SECOND = timedelta(seconds=1)
START, END = NOW + 10 * MINUTE, NOW + 25 * MINUTE
STARTED = make_record(status=EventStatus.STARTED, started=START, tally=tally_of(5.0))


def moved(start: datetime, length: timedelta) -> Event:
    return make_event(start=start, length=length, modified=NOW + MINUTE)


@pytest.mark.parametrize(
    ("opted_out", "reason"), [(False, None), (True, StatusReason.OPTED_OUT)], ids=["joined", "left"]
)
@pytest.mark.parametrize(
    "known", [None, make_record(opted_out=True, tally=tally_of(7.0))], ids=["new", "waiting"]
)
def test_an_event_that_has_not_started_begins_anew(
    known: EventRecord | None, reason: StatusReason | None, *, opted_out: bool
) -> None:
    event = make_event(modified=NOW + MINUTE)
    record, first_part = accepted(event, known, NOW + 2 * MINUTE, Answer(opted_out=opted_out))
    assert record == EventRecord(
        event=event,
        status=EventStatus.ACCEPTED,
        opted_out=opted_out,
        reason=reason,
        received=NOW + 2 * MINUTE,
    )
    assert first_part is None


@pytest.mark.parametrize(
    ("opted_out", "reason"), [(False, None), (True, StatusReason.OPTED_OUT)], ids=["joined", "left"]
)
@pytest.mark.parametrize("now", [START, END - SECOND], ids=["from its first moment", "to its last"])
def test_a_running_event_runs_on_in_its_newer_version(
    now: datetime, reason: StatusReason | None, *, opted_out: bool
) -> None:
    newer = moved(START, 15 * MINUTE)
    record, first_part = accepted(newer, STARTED, now, Answer(opted_out=opted_out))
    assert record == replace(STARTED, event=newer, opted_out=opted_out, reason=reason)
    assert first_part is None


@pytest.mark.parametrize("now", [END, END + MINUTE], ids=["at its end", "later"])
@pytest.mark.parametrize(
    ("opted_out", "status", "reason"),
    [
        (False, EventStatus.SUCCEEDED, None),
        (True, EventStatus.ABORTED, StatusReason.OPTED_OUT),
    ],
    ids=["joined", "left"],
)
def test_a_running_event_whose_newer_version_is_over_ends_now(
    now: datetime, status: EventStatus, reason: StatusReason | None, *, opted_out: bool
) -> None:
    newer = moved(START, 15 * MINUTE)
    record, first_part = accepted(newer, STARTED, now, Answer(opted_out=opted_out))
    assert record == replace(
        STARTED, event=newer, opted_out=opted_out, status=status, reason=reason, ended=now
    )
    assert first_part is None


def test_a_running_event_that_is_moved_ahead_waits_again_and_its_first_part_is_over() -> None:
    now, newer = START + MINUTE, moved(START + MINUTE + SECOND, MINUTE)
    record, first_part = accepted(newer, STARTED, now, Answer(opted_out=True))
    assert record == EventRecord(
        event=newer,
        status=EventStatus.ACCEPTED,
        opted_out=True,
        reason=StatusReason.OPTED_OUT,
        received=now,
    )
    assert first_part == replace(STARTED, status=EventStatus.ABORTED, reason=StatusReason.MOVED, ended=now)


@pytest.mark.parametrize(
    ("before", "opted_out", "reason"),
    [
        (make_record(), True, StatusReason.OPTED_OUT),
        (make_record(opted_out=True, reason=StatusReason.OPTED_OUT), False, None),
    ],
    ids=["left", "joined again"],
)
def test_the_residents_answer_stands_in_the_record(
    before: EventRecord, reason: StatusReason | None, *, opted_out: bool
) -> None:
    after = answered(before, Answer(opted_out=opted_out))
    assert after == replace(before, opted_out=opted_out, reason=reason)


def test_an_event_that_is_taken_back_ends_now_whatever_the_resident_said() -> None:
    left = make_record(opted_out=True, reason=StatusReason.OPTED_OUT)
    assert revoked(left, StatusReason.DELETED, START) == replace(
        left, status=EventStatus.REVOKED, reason=StatusReason.DELETED, opted_out=False, ended=START
    )


def test_a_tombstone_is_an_empty_moment_with_the_deletions_id_and_time() -> None:
    assert tombstone(deleted("gone", modified=NOW), START) == Event(
        event_id="gone",
        program_id="",
        name=None,
        source=Source.AGGREGATOR,
        priority=None,
        created=NOW,
        modified=NOW,
        intervals=(Interval(id=0, start=START, end=START, payloads=()),),
    )


WAITING = make_record()
LEFT: dict[str, Any] = {"opted_out": True, "reason": StatusReason.OPTED_OUT}
STEPS = {
    "it waits until its start": (WAITING, START - SECOND, None),
    "it starts at its start": (WAITING, START, {"status": EventStatus.STARTED, "started": START}),
    "it starts late when it was not looked at": (
        WAITING,
        END - SECOND,
        {"status": EventStatus.STARTED, "started": END - SECOND},
    ),
    "it starts once": (STARTED, START + MINUTE, None),
    "it is done at its end": (STARTED, END, {"status": EventStatus.SUCCEEDED, "ended": END}),
    "and not later than its end": (STARTED, END + MINUTE, {"status": EventStatus.SUCCEEDED, "ended": END}),
    "one that never started was missed": (
        WAITING,
        END,
        {"status": EventStatus.ABORTED, "reason": StatusReason.MISSED, "ended": END},
    ),
    "one that was left starts, too": (
        replace(WAITING, **LEFT),
        START,
        {"status": EventStatus.STARTED, "started": START},
    ),
    "one that was left is not done": (
        replace(STARTED, **LEFT),
        END,
        {"status": EventStatus.ABORTED, "reason": StatusReason.OPTED_OUT, "ended": END},
    ),
    # A record of an older release did not say why.
    "one that was left without a word": (
        replace(STARTED, opted_out=True),
        END,
        {"status": EventStatus.ABORTED, "reason": StatusReason.OPTED_OUT, "ended": END},
    ),
}


@pytest.mark.parametrize(("record", "now", "changes"), STEPS.values(), ids=STEPS)
def test_time_brings_the_next_step(
    record: EventRecord, now: datetime, changes: dict[str, Any] | None
) -> None:
    assert advanced(record, now) == (None if changes is None else replace(record, **changes))


def test_it_may_have_ended_at_another_moment_than_it_was_to() -> None:
    record = advanced(STARTED, END + MINUTE, ended=END + SECOND)
    assert record is not None
    assert record.ended == END + SECOND


@pytest.mark.parametrize("known", [WAITING, STARTED], ids=["waiting", "running"])
@pytest.mark.parametrize(
    ("newer", "is_as_before"),
    [(moved(START, 15 * MINUTE), True), (moved(START, 14 * MINUTE), False)],
    ids=["asked as before", "asked otherwise"],
)
def test_a_newer_version_leaves_what_was_spared_and_a_part_only_of_what_is_asked_as_before(
    known: EventRecord, newer: Event, *, is_as_before: bool
) -> None:
    part = newer.intervals
    before = replace(known, eased=part, spared=frozenset({"car"}))
    record, _ = accepted(newer, before, START, Answer(opted_out=False))
    assert record.eased == (part if is_as_before else ())
    assert record.spared == {"car"}


@pytest.mark.parametrize(
    ("seen", "started", "expected"),
    [
        (None, None, True),
        (None, START, True),
        (None, END - SECOND, False),
        (END - SECOND, START, False),
        (START, END - SECOND, True),
        (END - 1.5 * MINUTE, START, False),
        (END - 1.5 * MINUTE - SECOND, START, True),
    ],
    ids=[
        "never looked at",
        "seen to start",
        "seen to start late",
        "seen near its end",
        "last seen long before",
        "seen for nine tenths",
        "seen for a second less",
    ],
)
def test_an_end_is_missed_when_nobody_saw_the_last_tenth(
    seen: datetime | None, started: datetime | None, *, expected: bool
) -> None:
    assert is_unseen(make_record(seen=seen, started=started)) is expected


def test_what_may_not_start_waits_and_ends_as_missed() -> None:
    assert advanced(WAITING, START, may_start=False) is None
    record = advanced(WAITING, END, may_start=False)
    assert record is not None
    assert record.reason is StatusReason.MISSED
