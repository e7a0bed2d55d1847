"""What arrives from the aggregator about events, read."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from ..aggregator.link import Incoming
from ..core.events.wire import (
    Notification,
    OpenEvents,
    Operation,
    parse_notification,
    parse_open_events,
)


class _ParseOptions(TypedDict):
    ven_id: str
    now: datetime
    grid_operator_programs: frozenset[str]
    random: Callable[[str], float]
    group_ids: frozenset[str]


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
        """Take whom the messages are for."""
        self._ven_id = ven_id
        self._grid_operator_programs = grid_operator_programs
        self.group_ids = group_ids
        self._clock = clock

    def read(self, incoming: Incoming) -> Notification | OpenEvents:
        """Return what a message holds: word of one event, or the list of those open. Raises Refusal."""
        if incoming.kind == "response":
            return parse_open_events(incoming.payload, **self._options())
        operation = Operation(incoming.kind.upper())
        return parse_notification(incoming.payload, operation=operation, **self._options())

    def _options(self) -> _ParseOptions:
        ven_id = self._ven_id
        return {
            "ven_id": ven_id,
            "now": self._clock(),
            "grid_operator_programs": self._grid_operator_programs,
            "group_ids": self.group_ids,
            # The ids are the seed: the same shift after a restart, and another one in each home.
            "random": lambda event_id: random.Random(f"{ven_id}\n{event_id}").random(),  # noqa: S311 # not a secret
        }
