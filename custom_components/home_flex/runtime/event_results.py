"""What events come to in energy and money: expected before, so far while they run, and once they are over."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ..core.events.consent import Programme
from ..core.events.model import EventRecord, EventStatus
from ..core.settlement.receipt import Receipt
from ..history.store import HistoryStore
from .event_settlement import Settlement

_MOST_EXPECTED: Final = 5
_MOST_OUTCOMES: Final = 50

type Programmes = Mapping[str, Programme]
type Results = Mapping[str, Any]


class EventResults:
    """The results of events by their ids, as ``settlement`` reckons them.

    ``so_far`` is what those that run have come to, ``outcomes`` what those did that are over, and
    ``expected`` with what those ahead will be compared. ``programmes`` are those of the resident, by id.
    """

    def __init__(self, settlement: Settlement) -> None:
        """Start with none; ``load`` takes up those of events that are over."""
        self.so_far: Mapping[str, Results] = {}
        self.expected: Mapping[str, Results] = {}
        self.outcomes: Mapping[str, Results] = {}
        self._settlement = settlement

    @property
    def newest(self) -> Mapping[str, Results]:
        """The newest results of each event: those of one that runs before what was expected of it."""
        return {**self.outcomes, **self.expected, **self.so_far}

    async def load(self, store: HistoryStore) -> None:
        """Take up what the newest events came to before the restart. Raises HistoryError."""
        self.outcomes = await store.event_results(_MOST_OUTCOMES)

    def expect(self, records: Iterable[EventRecord], programmes: Programmes) -> None:
        """Reckon with what the events ahead are expected to be compared, the next few of them."""
        waiting = [record for record in records if record.status is EventStatus.ACCEPTED]
        first = sorted(waiting, key=lambda record: record.event.start)[:_MOST_EXPECTED]
        self.expected = {
            record.event.event_id: self._settlement.expected(record, _programme(record, programmes))
            for record in first
        }

    def measure(self, running: Sequence[EventRecord], programmes: Programmes, now: datetime) -> None:
        """Reckon what the events that run have come to until ``now``."""
        found = {
            record.event.event_id: self._settlement.so_far(record, _programme(record, programmes), now)
            for record in running
        }
        self.so_far = {event_id: results for event_id, results in found.items() if results is not None}

    def receipts(
        self, records: Iterable[EventRecord], programmes: Programmes
    ) -> list[tuple[EventRecord, Receipt]]:
        """Return each of these events, or of their parts that are over, with its receipt."""
        return [
            (record, self._settlement.receipt(record, _programme(record, programmes))) for record in records
        ]

    def note(self, settled: Iterable[tuple[EventRecord, Receipt]]) -> None:
        """Take note of what events that are over came to, as their receipts say."""
        came_to: Mapping[str, Any] = {
            record.event.event_id: receipt.document["results"] for record, receipt in settled
        }
        self.outcomes = dict([*self.outcomes.items(), *came_to.items()][-_MOST_OUTCOMES:])


def settled_figures(results: Results) -> Mapping[str, Any]:
    """Return what of an event's results is told in its settlement."""
    rule = results["rule"]
    names = ("used_wh", "known", "opted_out_s", "limit", "paid")
    use_wh = results["baselines"][rule].get("use_wh")
    return {"rule": rule, "use_wh": use_wh, **{name: results[name] for name in names}}


def _programme(record: EventRecord, programmes: Programmes) -> Programme:
    return programmes.get(record.event.program_id, Programme())
