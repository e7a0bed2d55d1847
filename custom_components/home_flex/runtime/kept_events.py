"""What is durable of events: the rows that a change of the book leaves, and what a restart takes up."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..core.events.book import EventBook
from ..core.events.codec import record_from_json, record_to_json
from ..core.events.consent import Programme
from ..core.events.house_rules import HouseRules
from ..core.events.model import EventRecord
from ..history.store import Consent
from .house_rules import HOUSE_RULES, house_rules_from
from .journal import Journal
from .programmes import SETTING, programmes_from

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptEvents:
    """The book as it was, whether the resident takes part, and how many records could not be read.

    ``programmes``: what the resident said of each.
    """

    book: EventBook
    participating: bool
    programmes: dict[str, Programme]
    set_aside: int


async def kept_events(journal: Journal) -> KeptEvents:
    """Return what was remembered of events. Raises HistoryError.

    A record that cannot be read is set aside and said once; the others are taken up.
    """
    store = journal.store
    records: dict[str, EventRecord] = {}
    unreadable: dict[str, str] = {}
    for event_id, text in (await store.load_records()).items():
        try:
            records[event_id] = _record(event_id, text)
        except ValueError as error:
            _LOGGER.warning("The record of event %s cannot be read and is set aside: %s", event_id, error)
            unreadable[event_id] = text
    if unreadable:
        journal.put_events(dict.fromkeys(unreadable), set_aside=unreadable.values())
    programmes, are_known = await _programmes(journal)
    return KeptEvents(
        book=EventBook(
            records=records,
            consents=await store.load_consents(),
            rules={program_id: one.rule for program_id, one in programmes.items()},
            house=await _house(journal),
        ),
        participating=await _participated(journal) and are_known,
        programmes=programmes,
        set_aside=len(unreadable),
    )


def rows_of(records: Iterable[EventRecord]) -> dict[str, str | None]:
    """Return records as they are kept (JSON text), by the ids of their events."""
    return {record.event.event_id: record_to_json(record) for record in records}


def changed_rows(before: EventBook, book: EventBook, event_ids: Iterable[str]) -> dict[str, str | None]:
    """Return the rows of the events that a change was told of; None for each that it forgot."""
    forgotten: dict[str, str | None] = dict.fromkeys(before.records.keys() - book.records.keys())
    return rows_of(book.records[each] for each in event_ids if each in book.records) | forgotten


def changed_consents(before: EventBook, book: EventBook, at: datetime) -> dict[str, Consent | None]:
    """Return what a change at ``at`` let the resident say of events; None for what it forgot."""
    said: dict[str, Consent | None] = dict.fromkeys(before.consents.keys() - book.consents.keys())
    return said | {
        event_id: Consent(participates, at)
        for event_id, participates in book.consents.items()
        if before.consents.get(event_id) is not participates
    }


async def _participated(journal: Journal) -> bool:
    """Return whether the resident takes part: not, where the store or the word in it is lost."""
    try:
        said = await journal.store.get_setting("participating", journal.out_of_reach is None)
    except ValueError, RecursionError:
        _LOGGER.warning("Whether the resident takes part in events cannot be read: then not")
        said = False
    return said is True


async def _programmes(journal: Journal) -> tuple[dict[str, Programme], bool]:
    """Return what was said of programmes, and whether it could be read: else the home takes part in none."""
    try:
        said = await journal.store.get_setting(SETTING, {})
    except ValueError, RecursionError:
        said = None
    return programmes_from(said), isinstance(said, dict)


async def _house(journal: Journal) -> HouseRules:
    """Return how far the home joins by itself: nothing, where that cannot be read."""
    try:
        return house_rules_from(await journal.store.get_setting(HOUSE_RULES, {}))
    except ValueError, RecursionError:
        return house_rules_from(None)


def _record(event_id: str, text: str) -> EventRecord:
    """Return the record kept for an event. Raises ValueError when it is none, or another event's."""
    record = record_from_json(text)
    if record.event.event_id != event_id:
        raise ValueError("It is the record of another event")
    return record
