"""How far the home joins events by itself: quiet hours, and so many a week; what is held back is asked."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.house_rules import Household, HouseRules, QuietHours
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.events.outcome import StatusReason

from .samples import NOW, created, make_event

BRUSSELS = ZoneInfo("Europe/Brussels")
NIGHT = QuietHours(start=time(21), end=time(8))
HOUR = timedelta(hours=1)
# A Monday; the week of NOW ends before it.
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November by the clock of Brussels, an hour before UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("start", "end", "is_quiet"),
    [
        (local(25, 20), local(25, 21), False),
        (local(25, 20, 30), local(25, 21, 15), True),
        (local(25, 23), local(26, 2), True),
        (local(26, 2), local(26, 3), True),
        (local(26, 7, 59), local(26, 9), True),
        (local(26, 8), local(26, 20), False),
        (local(26, 9), local(28, 9), True),
    ],
    ids=[
        "until they begin",
        "into them",
        "over midnight",
        "within",
        "out of them",
        "after them",
        "over days",
    ],
)
def test_quiet_hours_over_midnight_are_those_of_the_homes_clock(
    start: datetime, end: datetime, is_quiet: bool
) -> None:
    assert NIGHT.touch(start.astimezone(UTC), end.astimezone(UTC), BRUSSELS) is is_quiet


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu"])
def test_quiet_hours_and_weeks_are_those_of_a_clock_half_a_day_away(zone: str) -> None:
    there = ZoneInfo(zone)
    # By UTC it is another day of the week, and the last or first of another week.
    evening = datetime(2026, 11, 29, 22, 30, tzinfo=there)
    morning = datetime(2026, 11, 30, 9, tzinfo=there)
    rules = HouseRules(quiet=NIGHT, most_a_week=1, zone=there)
    assert rules.is_quiet(evening.astimezone(UTC), (evening + HOUR).astimezone(UTC))
    assert not rules.is_quiet(morning.astimezone(UTC), (morning + HOUR).astimezone(UTC))
    assert not rules.is_full(morning.astimezone(UTC), [evening.astimezone(UTC)])
    assert rules.is_full(evening.astimezone(UTC), [(evening - 3 * HOUR).astimezone(UTC)])


def test_quiet_hours_at_noon_do_not_touch_the_night() -> None:
    noon = QuietHours(start=time(12), end=time(14))
    assert noon.touch(local(25, 13), local(25, 15), BRUSSELS)
    assert not noon.touch(local(25, 22), local(26, 11), BRUSSELS)


def test_quiet_hours_at_noon_are_found_where_it_is_still_the_day_before_by_utc() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    noon = QuietHours(start=time(12), end=time(13))
    start = datetime(2026, 11, 25, 12, 15, tzinfo=auckland).astimezone(UTC)
    assert start.day == 24
    assert noon.touch(start, start + timedelta(minutes=15), auckland)
    assert not noon.touch(start + HOUR, start + 2 * HOUR, auckland)


def test_quiet_hours_without_a_length_are_none() -> None:
    with pytest.raises(ValueError, match=r"^Quiet hours have a length$"):
        QuietHours(start=time(8), end=time(8))


def received(book: EventBook, *starts: datetime, participating: bool = True) -> EventBook:
    """Take an event that begins at each of these moments, named by their order."""
    for index, start in enumerate(starts):
        event = make_event(f"event-{index}", start=start, length=HOUR)
        book, _ = book.receive(created(event), NOW, participating=participating)
    return book


def joined(book: EventBook) -> list[str]:
    return sorted(event_id for event_id, record in book.records.items() if not record.opted_out)


def test_what_touches_quiet_hours_asks_instead() -> None:
    book = received(EventBook(house=HouseRules(quiet=NIGHT)), MONDAY, MONDAY.replace(hour=22))
    assert joined(book) == ["event-0"]
    held = book.records["event-1"]
    assert (held.status, held.reason) == (EventStatus.ACCEPTED, StatusReason.QUIET_HOURS)


def test_a_week_has_as_many_events_as_it_may_and_the_next_begins_anew() -> None:
    days = [MONDAY + timedelta(days=day) for day in (0, 1, 2, 7)]
    book = received(EventBook(house=HouseRules(most_a_week=2)), *days)
    assert joined(book) == ["event-0", "event-1", "event-3"]
    assert book.records["event-2"].reason is StatusReason.WEEK_FULL


def test_a_yes_to_one_event_comes_before_the_rules_of_the_house() -> None:
    book = received(EventBook(house=HouseRules(most_a_week=0)), MONDAY)
    assert joined(book) == []
    book, _ = book.opt_in("event-0")
    assert joined(book) == ["event-0"]


def test_a_place_in_a_week_that_is_given_back_is_not_taken_again_behind_the_residents_back() -> None:
    book = received(EventBook(house=HouseRules(most_a_week=1)), MONDAY, MONDAY + timedelta(days=1))
    book, _ = book.opt_out("event-0")
    assert joined(book) == []


def test_of_what_is_open_the_earlier_events_have_the_places() -> None:
    book = received(EventBook(), *(MONDAY + timedelta(days=day) for day in (3, 0, 2, 1)))
    book, outcomes = book.with_house(HouseRules(most_a_week=2), participating=True)
    assert joined(book) == ["event-1", "event-3"]
    assert len(outcomes) == 2
    book, _ = book.with_house(HouseRules(), participating=True)
    assert len(joined(book)) == 4


def test_what_runs_is_not_left_for_a_rule_and_has_its_place() -> None:
    book = received(EventBook(), MONDAY, MONDAY + timedelta(days=1))
    book, _ = book.advance(MONDAY)
    book, _ = book.with_house(
        HouseRules(quiet=QuietHours(start=time(11), end=time(20)), most_a_week=1), participating=True
    )
    assert joined(book) == ["event-0"]
    newer = replace(book.records["event-0"].event, modified=NOW + HOUR)
    book, _ = book.receive(created(newer), MONDAY + timedelta(minutes=5), participating=True)
    assert "event-0" in joined(book)


def test_a_newer_version_that_is_moved_into_quiet_hours_is_held_although_it_was_joined() -> None:
    book = received(EventBook(house=HouseRules(quiet=NIGHT)), MONDAY)
    assert joined(book) == ["event-0"]
    moved = make_event("event-0", start=MONDAY.replace(hour=22), length=HOUR, modified=NOW + HOUR)
    book, _ = book.receive(created(moved), NOW + HOUR, participating=True)
    assert book.records["event-0"].reason is StatusReason.QUIET_HOURS


def test_a_newer_version_of_what_runs_without_the_home_stays_held() -> None:
    evening = MONDAY.replace(hour=22)
    book = received(EventBook(house=HouseRules(quiet=NIGHT)), evening)
    book, _ = book.advance(evening)
    assert book.records["event-0"].status is EventStatus.STARTED
    newer = replace(book.records["event-0"].event, modified=NOW + HOUR)
    book, _ = book.receive(created(newer), evening, participating=True)
    assert book.records["event-0"].reason is StatusReason.QUIET_HOURS


def test_what_nobody_answers_ends_as_what_held_it_back() -> None:
    book = received(EventBook(house=HouseRules(most_a_week=0)), MONDAY)
    book, _ = book.advance(MONDAY + 2 * HOUR)
    record = book.records["event-0"]
    assert (record.status, record.reason) == (EventStatus.ABORTED, StatusReason.WEEK_FULL)


def at_home(book: EventBook, household: Household) -> EventBook:
    """Return the book once the people of the home are otherwise."""
    return book.with_house(replace(book.house, household=household), participating=True)[0]


GONE = Household(is_away=True)
ILL = Household(is_unwell=True)


def test_while_nobody_is_at_home_nothing_is_joined_where_that_is_the_rule() -> None:
    book = received(EventBook(house=HouseRules(never_away=True)), MONDAY)
    assert joined(book) == ["event-0"]
    book = at_home(book, GONE)
    assert joined(book) == []
    assert book.records["event-0"].reason is StatusReason.AWAY
    assert joined(at_home(book, Household())) == ["event-0"]
    assert joined(at_home(received(EventBook(), MONDAY), GONE)) == ["event-0"]


def test_an_event_after_the_return_is_joined() -> None:
    back = Household(is_away=True, away_until=MONDAY + HOUR)
    house = HouseRules(never_away=True, household=back)
    book = received(EventBook(house=house), MONDAY, MONDAY + 2 * HOUR)
    assert joined(book) == ["event-1"]


def test_while_somebody_is_ill_nothing_is_joined_without_a_yes_and_what_runs_is_left() -> None:
    book = received(EventBook(), MONDAY, MONDAY + 2 * HOUR)
    book, _ = book.advance(MONDAY)
    book = at_home(book, ILL)
    assert joined(book) == []
    assert {each.reason for each in book.records.values()} == {StatusReason.UNWELL}
    newer = replace(book.records["event-0"].event, modified=NOW + HOUR)
    book, _ = book.receive(created(newer), MONDAY + timedelta(minutes=5), participating=True)
    assert joined(book) == []
    book, _ = book.opt_in("event-1")
    assert joined(book) == ["event-1"]
    assert joined(at_home(book, Household())) == ["event-0", "event-1"]


def test_who_leaves_the_house_leaves_no_event_that_runs() -> None:
    book = received(EventBook(house=HouseRules(never_away=True)), MONDAY)
    book, _ = book.advance(MONDAY)
    assert joined(at_home(book, GONE)) == ["event-0"]


@pytest.mark.parametrize(("ahead", "is_empty"), [(-HOUR, True), (timedelta(0), False), (HOUR, False)])
def test_the_home_is_empty_until_its_people_are_back(ahead: timedelta, *, is_empty: bool) -> None:
    house = HouseRules(never_away=True, household=Household(is_away=True, away_until=MONDAY))
    assert house.is_empty(MONDAY + ahead) is is_empty
