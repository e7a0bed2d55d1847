"""Which commands are in force at a moment, when events overlap."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from ..model import Scope
from .awaited_list import may_start
from .book import EventBook
from .model import Command, EventRecord, EventStatus, PayloadType

_IN_FORCE: Final = frozenset({EventStatus.ACCEPTED, EventStatus.STARTED})
_LIMITS: Final = frozenset({PayloadType.IMPORT_CAPACITY_LIMIT, PayloadType.EXPORT_CAPACITY_LIMIT})


def commands_at(book: EventBook, now: datetime, *, asked: datetime | None = None) -> tuple[Command, ...]:
    """Return the commands in force, at most one per source, payload type and scope.

    While a list of open events is awaited that was ``asked`` for, what may not start before it asks nothing.

    Of capacity limits the smallest binds. Of the others the one with the higher priority (lower number, None
    last) wins; between equals the newest modification. The order among sources is the arbiter's.
    """
    winners: dict[tuple[str, PayloadType, Scope], tuple[EventRecord, Command]] = {}
    for record, command in _active(book, now, asked):
        key = (command.source, command.type, command.scope)
        best = winners.get(key)
        if best is None or _rank(record, command) < _rank(*best):
            winners[key] = (record, command)
    return tuple(winners[key][1] for key in sorted(winners, key=str))


def spared_at(book: EventBook, now: datetime) -> frozenset[str]:
    """Return the devices that the resident keeps out of the events in force: none of those moves them."""
    return frozenset(
        device_id
        for record in book.records.values()
        if record.status in _IN_FORCE and not record.opted_out
        if record.event.start <= now < record.event.end
        for device_id in record.spared
    )


def _active(book: EventBook, now: datetime, asked: datetime | None) -> Iterator[tuple[EventRecord, Command]]:
    for record in book.records.values():
        if record.status not in _IN_FORCE or record.opted_out or not may_start(record, asked):
            continue
        for interval in record.intervals:
            if not interval.start <= now < interval.end:
                continue
            for payload in interval.payloads:
                yield (
                    record,
                    Command(
                        event_id=record.event.event_id,
                        source=record.event.source,
                        priority=record.event.priority,
                        type=payload.type,
                        value=payload.value,
                        is_energy=payload.is_energy,
                        interval_end=interval.end,
                        baseline_w=record.baseline_w,
                        scope=record.event.scope,
                    ),
                )


def _rank(record: EventRecord, command: Command) -> tuple[float, float, float, str]:
    """Return what orders commands of one source and type: the smallest is in force."""
    smallest = command.value if command.type in _LIMITS else 0.0
    priority = math.inf if command.priority is None else float(command.priority)
    return smallest, priority, -record.event.modified.timestamp(), command.event_id
