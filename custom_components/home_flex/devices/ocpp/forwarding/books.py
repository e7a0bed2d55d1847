"""Transactions by the numbers of a second back end, and the notices in its words."""

from collections.abc import Mapping
from typing import Any, Final

from .. import fields
from ..session import Payload
from .outbox import Notice

_MOST_OPEN: Final = 32
# We give no larger numbers; some chargers make up -1, or the last of 64 bits.
_LARGEST_GIVEN: Final = 2**31 - 1


class Books:
    """Which transactions a second back end knows: by our numbers its own (OCPP 1.6).

    Of those of OCPP 2.0.1 how many events it was told, as ``seqNo`` has no gap (block E).
    """

    def __init__(self) -> None:
        """Know none."""
        self._theirs: dict[int, int] = {}
        self._next: dict[str, int] = {}

    def knows(self, number: int) -> bool:
        """Whether it was told of the transaction of our number."""
        return number in self._theirs

    def ours(self, number: int) -> int | None:
        """Return our number of what it calls ``number``; None for what does not run."""
        return next((ours for ours, theirs in self._theirs.items() if theirs == number), None)

    def worded(self, notice: Notice, id_tag: str | None) -> Payload | None:
        """Return what is sent; None for the end of a transaction that it never heard of.

        ``id_tag``, where there is one, stands for who began the session here.
        """
        payload = dict(notice.payload)
        if id_tag is not None and "idTag" in payload:
            payload["idTag"] = id_tag
        if id_tag is not None and "idToken" in payload:
            payload["idToken"] = {"idToken": id_tag, "type": "ISO14443"}
        match notice.action:
            case "StopTransaction":
                theirs = self._of(fields.integer(payload, "transactionId"))
                return None if theirs is None else payload | {"transactionId": theirs}
            case "MeterValues":
                theirs = self._theirs.get(fields.integer(payload, "transactionId") or 0)
                payload.pop("transactionId", None)
                return payload if theirs is None else payload | {"transactionId": theirs}
            case "TransactionEvent":
                return payload | {"seqNo": self._next.get(_name(payload), 0)}
        return payload

    def told(self, notice: Notice, answer: Payload) -> None:
        """Note what it answered to a notice."""
        match notice.action:
            case "StartTransaction":
                theirs = fields.integer(answer, "transactionId")
                if notice.transaction is not None and theirs is not None:
                    self._theirs = dict([*self._theirs.items(), (notice.transaction, theirs)][-_MOST_OPEN:])
            case "StopTransaction":
                theirs = self._of(fields.integer(notice.payload, "transactionId"))
                self._theirs = {ours: its for ours, its in self._theirs.items() if its != theirs}
            case "TransactionEvent":
                name = _name(notice.payload)
                count = self._next.pop(name, 0) + 1
                if fields.text(notice.payload, "eventType") != "Ended":
                    self._next = dict([*self._next.items(), (name, count)][-_MOST_OPEN:])

    def document(self) -> Mapping[str, Any]:
        """Return what outlives a restart."""
        return {"theirs": [[*pair] for pair in self._theirs.items()], "next": self._next}

    def restore(self, document: object) -> None:
        """Know what was kept; what cannot be read of it is left out."""
        if not isinstance(document, dict):
            return
        pairs, following = document.get("theirs"), document.get("next")
        for pair in pairs if isinstance(pairs, list) else ():
            match pair:
                case [int() as ours, int() as theirs]:
                    self._theirs.setdefault(ours, theirs)
        for name, count in following.items() if isinstance(following, dict) else ():
            if isinstance(count, int):
                self._next.setdefault(str(name), count)

    def _of(self, number: int | None) -> int | None:
        """Return its number of ours; one that was never given means the only one that runs."""
        if number is not None and 0 < number <= _LARGEST_GIVEN:
            return self._theirs.get(number)
        return next(iter(self._theirs.values())) if len(self._theirs) == 1 else None


def _name(payload: Payload) -> str:
    info = payload.get("transactionInfo")
    return (fields.text(info, "transactionId") or "") if isinstance(info, dict) else ""
