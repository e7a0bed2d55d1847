"""Messages come late, twice and in any order: what the book makes of them."""

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.events.book import EventBook
from custom_components.home_flex.core.events.model import OPEN, EventRecord, EventStatus
from custom_components.home_flex.core.events.outcome import TurnedAway
from custom_components.home_flex.core.events.schedule import commands_at
from custom_components.home_flex.core.events.wire import Notification

from .samples import MINUTE, NOW, created, deleted, make_event

MESSAGES = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 4), st.booleans()), min_size=1, max_size=5
)


def _message(event_id: str, version: int, is_deletion: bool) -> Notification:
    modified = NOW + version * timedelta(seconds=1)
    if is_deletion:
        return deleted(event_id, modified=modified)
    start = NOW + (version - 2) * 10 * MINUTE
    return created(
        make_event(
            event_id, value=version * 1000.0, start=start, length=timedelta(hours=1), modified=modified
        )
    )


def _essence(record: EventRecord) -> object:
    """Return what must not depend on the order: of a revoked event only that it is."""
    return record.status if record.status is EventStatus.REVOKED else record


@given(deliveries=MESSAGES, repeated=st.lists(st.integers(0, 4), max_size=3), participating=st.booleans())
def test_any_order_and_repetition_of_deliveries_ends_in_the_same_state(
    deliveries: list[tuple[str, int, bool]], repeated: list[int], participating: bool
) -> None:
    # An aggregator deletes an event last: what comes later under the same id is turned away.
    last = {event_id: version for event_id, version, is_deletion in sorted(deliveries) if is_deletion}
    deliveries = [each for each in deliveries if each[1] <= last.get(each[0], 4)]
    deliveries = deliveries + [
        deliveries[index % len(deliveries)] for index in repeated[: 5 - len(deliveries)]
    ]
    ends = []
    for order in permutations(deliveries):
        book = EventBook()
        for delivery in order:
            book, _ = book.receive(_message(*delivery), NOW, participating=participating)
        ends.append(
            ({key: _essence(record) for key, record in sorted(book.records.items())}, commands_at(book, NOW))
        )
    assert all(end == ends[0] for end in ends)


@given(deliveries=MESSAGES, ticks=st.lists(st.integers(0, 120), min_size=5, max_size=5))
def test_an_older_version_never_wins_whenever_it_comes(
    deliveries: list[tuple[str, int, bool]], ticks: list[int]
) -> None:
    book = EventBook()
    newest: dict[str, int] = {}
    for (event_id, version, is_deletion), tick in zip(deliveries, sorted(ticks), strict=False):
        book, _ = book.advance(NOW + tick * MINUTE)
        book, _ = book.receive(
            _message(event_id, version, is_deletion), NOW + tick * MINUTE, participating=True
        )
        record = book.records[event_id]
        if record.status in OPEN:
            newest[event_id] = max(version, newest.get(event_id, 0))
            assert record.event.modified == NOW + newest[event_id] * timedelta(seconds=1)


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["receive", "delete", "opt_out", "opt_in", "cancel", "advance"]),
            st.integers(0, 4),
        ),
        max_size=12,
    )
)
def test_every_event_ends_once_and_stays_ended(
    steps: list[tuple[str, int]],
) -> None:
    book = EventBook()
    for minute, (step, version) in enumerate(steps):
        now = NOW + 10 * minute * MINUTE
        before = book.records.get("a")
        match step:
            case "receive" | "delete":
                book, outcomes = book.receive(
                    _message("a", version, step == "delete"), now, participating=True
                )
            case "opt_out":
                book, outcomes = book.opt_out("a")
            case "opt_in":
                book, outcomes = book.opt_in("a")
            case "cancel":
                book, outcomes = book.cancel("a", now)
            case _:
                book, outcomes = book.advance(now)
        after = book.records.get("a")
        if before is not None and before.ended:
            assert after == before
        for outcome in outcomes:
            assert isinstance(outcome, TurnedAway) or outcome.record == after
    book, _ = book.advance(NOW + timedelta(days=1))
    assert all(record.ended for record in book.records.values())
    assert book.advance(NOW + timedelta(days=2)) == (book, ())
