"""What arrives from the aggregator about events: read, and lists of open events matched to what was asked."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import uuid4

from ..aggregator.link import Incoming
from ..core.events.wire import (
    Notification,
    OpenEvents,
    Operation,
    Refusal,
    parse_notification,
    parse_open_events,
)


class _ParseOptions(TypedDict):
    ven_id: str
    now: datetime
    grid_operator_programs: frozenset[str]
    random: Callable[[str], float]
    group_ids: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """What a message holds, one by one.

    ``open_ids`` are those of all events that may be open, None where the message does not tell. Of the
    events ``in_doubt`` the list says nothing, but they were heard of after it was asked for.
    """

    items: tuple[Notification | Refusal, ...]
    open_ids: frozenset[str] | None = None
    in_doubt: frozenset[str] = frozenset()


class EventInbox:
    """Reads messages for one VEN and its groups of devices. ``clock`` gives the time they arrive."""

    def __init__(
        self,
        *,
        ven_id: str,
        grid_operator_programs: frozenset[str],
        group_ids: frozenset[str],
        clock: Callable[[], datetime],
    ) -> None:
        """Start with nothing asked."""
        self._ven_id = ven_id
        self._grid_operator_programs = grid_operator_programs
        self.group_ids = group_ids
        self._clock = clock
        self._asked: str | None = None
        self._heard_since_asked: set[str] = set()

    def ask(self) -> str:
        """Return the correlation of a new request for the open events, about to be sent.

        The answer to it removes what it does not hold; what is heard of in the meantime stays.
        """
        self._asked = str(uuid4())
        self._heard_since_asked.clear()
        return self._asked

    def read(self, incoming: Incoming) -> Arrived | None:
        """Return what a message holds; None for a list that was not asked for. Raises Refusal."""
        if incoming.kind == "response":
            return self._listed(parse_open_events(incoming.payload, **self._options()))
        operation = Operation(incoming.kind.upper())
        told = parse_notification(incoming.payload, operation=operation, **self._options())
        if self._asked is not None:
            self._heard_since_asked.add(told.event_id)
        return Arrived(items=(told,))

    def _listed(self, answer: OpenEvents) -> Arrived | None:
        if answer.correlation != self._asked:
            return None
        self._asked = None
        if not answer.complete:
            return Arrived(items=answer.items)
        in_doubt = self._heard_since_asked - answer.event_ids
        return Arrived(items=answer.items, open_ids=answer.event_ids | in_doubt, in_doubt=frozenset(in_doubt))

    def _options(self) -> _ParseOptions:
        ven_id = self._ven_id
        return {
            "ven_id": ven_id,
            "now": self._clock(),
            "grid_operator_programs": self._grid_operator_programs,
            # The ids are the seed: the same shift after a restart, and another one in each home.
            "group_ids": self.group_ids,
            "random": lambda event_id: random.Random(f"{ven_id}\n{event_id}").random(),  # noqa: S311 # not a secret
        }
