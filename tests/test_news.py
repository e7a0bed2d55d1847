"""What automations are told: which change of an event's state is news, and when a plan has something else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.planner.plan import IntentKind
from custom_components.home_flex.news import (
    EVENT_ANNOUNCED,
    EVENT_ENDED,
    EVENT_STARTED,
    event_news,
    is_replanned,
)
from custom_components.home_flex.runtime.planning.showing import Planned, Stretch

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
S = EventStatus


@pytest.mark.parametrize(
    ("status", "previous", "news"),
    [
        (S.ACCEPTED, None, EVENT_ANNOUNCED),
        (S.ACCEPTED, S.NEW, EVENT_ANNOUNCED),
        (S.ACCEPTED, S.ACCEPTED, None),
        (S.STARTED, S.ACCEPTED, EVENT_STARTED),
        (S.STARTED, None, EVENT_STARTED),
        (S.SUCCEEDED, S.STARTED, EVENT_ENDED),
        (S.ABORTED, S.STARTED, EVENT_ENDED),
        (S.REVOKED, S.ACCEPTED, EVENT_ENDED),
        (S.REVOKED, S.REJECTED, None),
        (S.REJECTED, None, None),
    ],
)
def test_each_turn_in_the_life_of_an_event_is_told_once(
    status: EventStatus, previous: EventStatus | None, news: str | None
) -> None:
    assert event_news(status, previous) == news


def stretch(kind: IntentKind) -> Stretch:
    return Stretch(kind=kind, start=NOON, end=NOON + timedelta(hours=1), power_w=0.0, reason=None)


def planned(now: IntentKind, then: IntentKind | None = None) -> Planned:
    return Planned(now=stretch(now), then=None if then is None else stretch(then))


CHARGE, HOLD, GIVE = IntentKind.CHARGE, IntentKind.HOLD, IntentKind.GIVE


@pytest.mark.parametrize(
    ("old", "new", "is_other"),
    [
        (planned(HOLD, CHARGE), planned(HOLD, CHARGE), False),
        (planned(HOLD, CHARGE), planned(CHARGE, HOLD), False),
        (planned(HOLD, CHARGE), planned(GIVE), True),
        (planned(HOLD, CHARGE), planned(HOLD, GIVE), True),
        (planned(HOLD, CHARGE), planned(HOLD), True),
        (planned(HOLD), planned(CHARGE), True),
        (None, planned(CHARGE), True),
        (planned(CHARGE), None, True),
        (None, None, False),
    ],
)
def test_what_was_to_come_next_is_no_other_plan(
    old: Planned | None, new: Planned | None, is_other: bool
) -> None:
    assert is_replanned(old, new) is is_other


def test_another_hour_of_the_same_is_no_other_plan() -> None:
    later = planned(HOLD, CHARGE)
    later = replace(later, now=replace(later.now, end=NOON + timedelta(hours=2)))
    assert not is_replanned(planned(HOLD, CHARGE), later)
