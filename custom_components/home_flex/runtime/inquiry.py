"""What the aggregator was asked: which events are open. Its lists are matched to it, and waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from ..core.events.awaited_list import LONGEST_WAIT_S
from ..core.events.wire import OpenEvents


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """What a list of open events tells.

    ``open_ids`` are those of all events that may be open, None where it does not tell. Of the events
    ``in_doubt`` it says nothing, but they were heard of after it was asked for.
    """

    open_ids: frozenset[str] | None = None
    in_doubt: frozenset[str] = frozenset()


class Inquiry:
    """Asks for the open events, and knows whether a list is awaited.

    ``clock`` gives the time, ``monotonic_s`` seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], datetime], monotonic_s: Callable[[], float]) -> None:
        """Begin as after a start: nothing is asked yet, and a list is awaited as if it were."""
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._correlation: str | None = None
        self._heard_since: set[str] = set()
        self._asked = clock()
        self._waits_since_s: float | None = monotonic_s()

    @property
    def asked(self) -> datetime | None:
        """When the list that is awaited was asked for; None when it came, or was awaited for too long."""
        return self._asked if self._is_waiting else None

    def ask(self) -> str:
        """Return the correlation of a new request, about to be sent.

        The answer to it removes what it does not hold; what is heard of in the meantime stays. Who asks again
        while waiting does not wait longer for it: a line that comes and goes keeps no event for good.
        """
        if not self._is_waiting:
            self._waits_since_s = self._monotonic_s()
        self._asked = self._clock()
        self._correlation = str(uuid4())
        self._heard_since.clear()
        return self._correlation

    def heard_of(self, event_id: str) -> None:
        """Take note of a message about an event."""
        if self._correlation is not None:
            self._heard_since.add(event_id)

    def answered(self, answer: OpenEvents, *, is_open: Callable[[str], bool]) -> Listed | None:
        """Return what a list tells; None for one that was not asked for.

        ``is_open`` says whether an event is known as open. While the list leaves one in doubt the next is
        awaited.
        """
        if answer.correlation != self._correlation:
            return None
        self._correlation = None
        if not answer.complete:
            self._waits_since_s = None
            return Listed()
        left_out = self._heard_since - answer.event_ids
        in_doubt = frozenset(event_id for event_id in left_out if is_open(event_id))
        if not in_doubt:
            self._waits_since_s = None
        return Listed(open_ids=answer.event_ids | in_doubt, in_doubt=in_doubt)

    @property
    def _is_waiting(self) -> bool:
        since_s = self._waits_since_s
        return since_s is not None and self._monotonic_s() - since_s < LONGEST_WAIT_S
