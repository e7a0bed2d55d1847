"""Quiet hours by the clock of who reads: over midnight, and where the clock is changed."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from community_hub.mail.quiet import QuietHours
from hypothesis import given
from hypothesis import strategies as st

ZONE: Final = "Europe/Amsterdam"
NEW_YEAR: Final = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "at", "over_at"),
    [
        ("21:00", "08:00", "2026-11-29T20:59", None),
        ("21:00", "08:00", "2026-11-29T21:00", "2026-11-30T08:00"),
        ("21:00", "08:00", "2026-11-30T00:30", "2026-11-30T08:00"),
        ("21:00", "08:00", "2026-11-30T08:00", None),
        ("12:00", "14:00", "2026-11-29T13:00", "2026-11-29T14:00"),
        ("12:00", "14:00", "2026-11-29T14:00", None),
        ("08:00", "08:00", "2026-11-29T08:00", None),
        # The night has nine hours in spring and eleven in autumn.
        ("22:00", "08:00", "2026-03-28T22:30", "2026-03-29T08:00"),
        ("22:00", "08:00", "2026-10-24T22:30", "2026-10-25T08:00"),
    ],
)
def test_they_are_over_at_their_end_by_the_readers_clock(
    start: str, end: str, at: str, over_at: str | None
) -> None:
    quiet = QuietHours.of(start, end, ZONE)

    found = quiet.over_at(datetime.fromisoformat(at).replace(tzinfo=quiet.zone))

    wanted = None if over_at is None else datetime.fromisoformat(over_at).replace(tzinfo=quiet.zone)
    assert found == (None if wanted is None else wanted.astimezone(UTC))


TIMES = st.times().map(lambda time: time.strftime("%H:%M"))


MINUTES = st.integers(0, 365 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes))


@given(TIMES, TIMES, MINUTES)
def test_their_end_is_later_and_within_a_day(start: str, end: str, now: datetime) -> None:
    over_at = QuietHours.of(start, end, ZONE).over_at(now)

    assert over_at is None or now < over_at <= now + timedelta(hours=25)
