"""What may start while the home does not know which of its events are still open.

After a start and with each new connection it asks the aggregator. What was agreed before may have been
taken back while nobody listened: it waits for the list of open events, and holds as it was agreed when none
comes in a bounded time. What runs already goes on until the list takes it back. A grid operator's event is a
guard, and a resident's own is in no list: these wait for nothing.
"""

from datetime import datetime
from typing import Final

from .model import EventRecord, EventStatus, Source

# A start of Home Assistant, the way to the broker and an answer fit in.
LONGEST_WAIT_S: Final = 30.0


def may_start(record: EventRecord, asked: datetime | None) -> bool:
    """Return whether an event may start, or runs; ``asked`` is when the list that is awaited was asked for.

    None: no list is awaited. A version that was made after the home asked is no older than the list; stamps
    may be of whole seconds.
    """
    return (
        asked is None
        or record.status is EventStatus.STARTED
        or record.event.source is not Source.AGGREGATOR
        or record.event.modified >= asked.replace(microsecond=0)
    )
