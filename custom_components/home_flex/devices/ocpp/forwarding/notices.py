"""Which calls of a charger are told on, how often, and how much of a long one."""

from typing import Any, Final

from .. import fields
from ..session import Payload
from .outbox import Notice

# A second back end counts energy; each second sample would only cost its line and ours.
_VALUES_EACH_S: Final = 60.0
_LONGEST_MESSAGE: Final = 16 * 1024
_LONGEST_TEXT: Final = 255
_MOST_REMEMBERED: Final = 32


class Notices:
    """Makes notices of what a charger calls, and remembers the newest of what may be asked for again."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.boot: Payload | None = None
        self.statuses: dict[tuple[int, int], Payload] = {}
        self.values: dict[int, Payload] = {}
        self._told_s: dict[int, float] = {}
        self._states: dict[str, str | None] = {}
        self._events: list[tuple[str | None, ...]] = []

    def of(self, action: str, payload: Payload, answer: Payload, length: int, now_s: float) -> Notice | None:
        """Return what is to be told of a call that was answered; ``length`` is that of its message.

        None for what is nobody's business, too often, or told already.
        """
        told = payload if length <= _LONGEST_MESSAGE else _slim(payload)
        match action:
            case "BootNotification":
                self.boot = told
                return None
            case "StatusNotification":
                place = (fields.integer(told, "evseId") or 0, fields.integer(told, "connectorId") or 0)
                self.statuses = _newest(self.statuses | {place: told})
            case "MeterValues":
                return self._values(told, now_s) if length <= _LONGEST_MESSAGE else None
            case "StartTransaction":
                number = fields.integer(answer, "transactionId")
                return Notice(action=action, payload=told, lasting=True, transaction=number)
            case "StopTransaction":
                return Notice(action=action, payload=told, lasting=True)
            case "TransactionEvent":
                return self._event(told, now_s)
            case _:
                return None
        return Notice(action=action, payload=told)

    def _values(self, payload: Payload, now_s: float) -> Notice | None:
        place = fields.integer(payload, "connectorId") or fields.integer(payload, "evseId") or 0
        self.values = _newest(self.values | {place: payload})
        if not self._is_due(place, now_s):
            return None
        return Notice(action="MeterValues", payload=payload)

    def _event(self, payload: Payload, now_s: float) -> Notice | None:
        """Tell each beginning and end, each new state, and of the rest one in a while."""
        kind, info = fields.text(payload, "eventType"), payload.get("transactionInfo")
        info = info if isinstance(info, dict) else {}
        name, state = fields.text(info, "transactionId") or "", fields.text(info, "chargingState")
        event = (name, kind, str(fields.integer(payload, "seqNo")), fields.text(payload, "timestamp"))
        if event in self._events:
            return None
        self._events = [*self._events, event][-_MOST_REMEMBERED:]
        is_new_state = state is not None and self._states.get(name) != state
        self._states = _newest(self._states | {name: state or self._states.get(name)})
        evse = payload.get("evse")
        place = fields.integer(evse, "id") or 0 if isinstance(evse, dict) else 0
        lasting = kind in {"Started", "Ended"}
        if not (self._is_due(place, now_s) or is_new_state or lasting):
            return None
        return Notice(action="TransactionEvent", payload=payload, lasting=lasting)

    def _is_due(self, place: int, now_s: float) -> bool:
        told_s = self._told_s.get(place)
        if told_s is not None and now_s - told_s < _VALUES_EACH_S:
            return False
        self._told_s = _newest(self._told_s | {place: now_s})
        return True


def _newest[Key, Value](values: dict[Key, Value]) -> dict[Key, Value]:
    """Return the last few: a charger that makes up numbers fills no memory."""
    return dict(list(values.items())[-_MOST_REMEMBERED:])


def _slim(payload: Payload, depth: int = 1) -> Payload:
    """Return a long message without its lists and long texts."""
    slim: dict[str, Any] = {}
    for name, value in list(payload.items())[:_MOST_REMEMBERED]:
        if isinstance(value, dict):
            if depth:
                slim[name] = _slim(value, depth - 1)
        elif not isinstance(value, list) and len(str(value)) <= _LONGEST_TEXT:
            slim[name] = value
    return slim
