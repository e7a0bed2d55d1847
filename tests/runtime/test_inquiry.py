"""The request for the open events: which list answers it, and for how long what it may take back waits."""

from custom_components.home_flex.core.events.awaited_list import LONGEST_WAIT_S
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.core.events.schedule import commands_at
from custom_components.home_flex.core.events.wire import OpenEvents
from custom_components.home_flex.runtime.inquiry import Inquiry

from .service_home import Clock, Home, document, event, message

STARTED, ACCEPTED = EventStatus.STARTED, EventStatus.ACCEPTED


def is_asking(home: Home) -> bool:
    """Whether any event asks something of the home now."""
    now = home.clock()
    return bool(commands_at(home.events.book, now, asked=home.events.asked))


async def come_back(home: Home, *, at_s: float) -> None:
    """Let a home that knows an event of second 60 start again."""
    home.answer()
    home.events.receive(event())
    home.clock.seconds = at_s
    await home.restart()


async def test_a_home_that_comes_back_after_the_start_waits_for_the_list(home: Home) -> None:
    await come_back(home, at_s=70)
    home.at(71)
    assert home.record().status is ACCEPTED
    assert not is_asking(home)
    home.answer(document())
    home.at(72)
    assert home.record().status is STARTED
    assert is_asking(home)


async def test_what_the_list_leaves_out_never_starts(home: Home) -> None:
    await come_back(home, at_s=50)
    home.events.ask()
    home.at(61)
    home.answer()
    assert [status for _, status in home.told] == [ACCEPTED, EventStatus.REVOKED]


async def test_without_a_list_what_was_agreed_holds_after_half_a_minute(home: Home) -> None:
    await come_back(home, at_s=70)
    home.at(70 + LONGEST_WAIT_S - 1)
    assert home.record().status is ACCEPTED
    home.at(70 + LONGEST_WAIT_S)
    assert home.record().status is STARTED


async def test_what_runs_goes_on_while_the_list_is_awaited(home: Home) -> None:
    home.events.receive(event())
    home.at(60)
    home.clock.seconds = 100
    await home.restart()
    home.at(101)
    assert is_asking(home)


async def test_while_the_line_is_down_what_was_agreed_starts_in_time(home: Home) -> None:
    home.answer()
    home.events.receive(event())
    home.at(60)
    assert home.record().status is STARTED


async def test_what_is_due_when_the_line_comes_back_waits_for_the_list(home: Home) -> None:
    home.answer()
    home.events.receive(event())
    home.clock.seconds = 59
    home.events.ask()
    home.at(60)
    assert home.record().status is ACCEPTED


async def test_an_event_that_is_sent_while_the_list_is_awaited_starts_at_once(home: Home) -> None:
    home.clock.seconds = 30
    home.events.ask()
    home.events.receive(event(start_s=30, modified_s=30))
    home.at(30.5)
    assert home.record().status is STARTED


async def test_what_a_queue_brings_waits_like_what_was_known(home: Home) -> None:
    home.clock.seconds = 70
    await home.restart()
    home.events.ask()
    home.events.receive(event())
    home.at(71)
    assert home.record().status is ACCEPTED


async def test_what_a_list_leaves_in_doubt_waits_for_the_next(home: Home) -> None:
    home.clock.seconds = 70
    await home.restart()
    asked = home.events.ask()
    home.events.receive(event())
    home.answer(correlation=asked)
    home.at(71)
    assert home.record().status is ACCEPTED
    home.answer()
    assert [status for _, status in home.told] == [ACCEPTED, EventStatus.REVOKED]


async def test_a_grid_operators_limit_starts_in_time_whatever_is_awaited(home: Home) -> None:
    home.answer()
    home.events.receive(event(programID="grid"))
    home.clock.seconds = 70
    await home.restart()
    home.at(70)
    assert home.record().status is STARTED


async def test_a_line_that_comes_and_goes_keeps_an_event_for_half_a_minute_at_most(home: Home) -> None:
    home.answer()
    home.events.receive(event())
    for second in range(55, 86):
        if second % 7 == 6:
            home.clock.seconds = second
            home.events.ask()
        home.at(second)
    assert home.record().status is STARTED


async def test_a_home_without_an_aggregator_awaits_nothing(home: Home) -> None:
    home.ven_id = None
    await home.restart()
    assert home.events.asked is None


def test_what_is_heard_of_is_remembered_only_while_a_list_is_asked_for() -> None:
    clock = Clock()
    inquiry = Inquiry(clock, clock.monotonic_s)
    for heard_of in ("first", "second"):
        inquiry.heard_of("before")
        correlation = inquiry.ask()
        inquiry.heard_of(heard_of)
        listed = inquiry.answered(OpenEvents(correlation=correlation, items=()), is_open=lambda _: True)
        assert listed is not None
        assert listed.in_doubt == {heard_of}


async def test_a_list_of_which_an_event_has_no_id_ends_the_wait_and_takes_nothing_back(home: Home) -> None:
    await come_back(home, at_s=70)
    home.answer({"objectType": "EVENT"})
    home.at(71)
    assert home.record().status is STARTED


async def test_what_was_deleted_since_the_home_asked_is_in_no_doubt(home: Home) -> None:
    home.events.receive(event())
    asked = home.events.ask()
    home.events.receive(message("delete", document(modified_s=1)))
    home.answer(correlation=asked)
    assert home.events.asked is None
    assert home.asked_again == 0
