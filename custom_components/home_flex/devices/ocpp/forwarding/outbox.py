"""What waits to be told to a second back end: the ends of transactions last, the rest is lossy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..session import Payload

# A year of a car that is charged each second day, or a day of statuses.
_MOST_LASTING: Final = 400
_MOST_PASSING: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Notice:
    """A call of the charger's, to be told on. ``transaction`` is our number of one that it begins (OCPP 1.6).

    One that is ``lasting`` begins or ends a transaction: it outlives a restart.
    """

    action: str
    payload: Payload
    lasting: bool = False
    transaction: int | None = None


class Outbox:
    """Keeps notices in their order; of too many the oldest go, and are counted in ``dropped``."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: list[Notice] = []
        self.dropped = 0

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def first(self) -> Notice | None:
        """The one that is due."""
        return next(iter(self._waiting), None)

    def begins(self, transaction: int) -> bool:
        """Whether the beginning of this transaction waits."""
        return any(each.transaction == transaction for each in self._waiting)

    def add(self, notice: Notice) -> None:
        """Have one more wait."""
        self._waiting.append(notice)
        alike = [each for each in self._waiting if each.lasting is notice.lasting]
        if len(alike) > (_MOST_LASTING if notice.lasting else _MOST_PASSING):
            self.remove(alike[0])
            self.dropped += 1

    def remove(self, notice: Notice) -> None:
        """Take one out: it was told, or never will be. One that was dropped meanwhile is none."""
        self._waiting = [each for each in self._waiting if each is not notice]

    def forget(self, action: str) -> None:
        """Take out all of an action, as something newer will be told."""
        self._waiting = [each for each in self._waiting if each.action != action]

    def document(self) -> list[Mapping[str, Any]]:
        """Return what outlives a restart."""
        return [
            {"action": each.action, "payload": each.payload, "transaction": each.transaction}
            for each in self._waiting
            if each.lasting
        ]

    def restore(self, document: object) -> None:
        """Put what was kept before what waits already; what cannot be read of it is left out."""
        kept = [
            Notice(
                action=each["action"],
                payload=each["payload"],
                lasting=True,
                transaction=number if isinstance(number := each.get("transaction"), int) else None,
            )
            for each in (document if isinstance(document, list) else ())
            if isinstance(each, dict)
            and isinstance(each.get("action"), str)
            and isinstance(each.get("payload"), dict)
        ]
        self._waiting = [*kept, *self._waiting]
