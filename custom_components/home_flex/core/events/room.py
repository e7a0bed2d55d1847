"""How much the book holds: events are weighed by their intervals, and the grid operator has room kept."""

from collections.abc import Mapping
from typing import Final

from .model import OPEN, EventRecord, Source

MAX_RECORDS: Final = 1000
# Some 0.4 KiB each in memory: a month of four programmes at a quarter of an hour.
MAX_INTERVALS: Final = 12_000
# What only a grid operator's event may take up.
KEPT_RECORDS: Final = 50
KEPT_INTERVALS: Final = 3_000


def with_room(records: Mapping[str, EventRecord], record: EventRecord) -> dict[str, EventRecord] | None:
    """Return the records with ``record`` in them, or None when there is no room for it.

    What ended longest ago makes room; what is open never does.
    """
    others = {key: old for key, old in records.items() if key != record.event.event_id}
    keep = 0 if record.event.source is Source.GRID_OPERATOR else 1
    records_left = MAX_RECORDS - keep * KEPT_RECORDS - 1 - len(others)
    intervals_left = MAX_INTERVALS - keep * KEPT_INTERVALS - record.event.weight
    intervals_left -= sum(old.event.weight for old in others.values())
    ended = [old for old in others.values() if old.status not in OPEN]
    for old in sorted(ended, key=lambda each: each.ended or each.event.end):
        if records_left >= 0 and intervals_left >= 0:
            break
        del others[old.event.event_id]
        records_left += 1
        intervals_left += old.event.weight
    if records_left < 0 or intervals_left < 0:
        return None
    return {**others, record.event.event_id: record}
