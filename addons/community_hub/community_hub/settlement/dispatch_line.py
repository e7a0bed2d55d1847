"""A home's line of a dispatch that was settled: the document that it is given, and how it is reckoned again.

What is paid follows from what the home's own receipt says was delivered, by the same rule of money that the
home applies (``core.settlement.money``). Who has the receipt with its inputs reckons all of it again. Pure.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ..core import Receipt, Terms, pay, verify_receipt

VERSION: Final = 1
KIND: Final = "dispatch"
_TEXTS: Final = ("settlement", "home", "event", "state", "currency", "price_per_kwh", "amount")


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchLine:
    """A home's line. ``state``: settled, unknown (nothing was told), left (it took no part), or contradicted.

    ``delivered_wh`` in the direction that was asked for, by ``baseline_rule``; None where it is not known.
    ``told_wh`` is what the home says it delivered: contradicted is what its own meter does not bear out.
    ``receipt`` is the digest of the receipt that it follows from. ``amount`` in ``currency``, as a text.
    """

    settlement: str
    home: str
    event: str
    state: str
    asks: str
    agreed_wh: int
    delivered_wh: int | None
    told_wh: int | None
    baseline_rule: str | None
    receipt: str | None
    currency: str
    price_per_kwh: str
    amount: str


def amount_of(delivered_wh: int | None, agreed_wh: int, price_per_kwh: Decimal, currency: str) -> Decimal:
    """Return what is paid, rounded once; nothing where the delivery is not known."""
    if delivered_wh is None:
        return Decimal("0.00")
    terms = Terms(currency=currency, per_kwh=price_per_kwh)
    return pay(terms, delivered_wh=delivered_wh, agreed_wh=agreed_wh).total


def document_of(line: DispatchLine) -> dict[str, Any]:
    """Return a line's document, which becomes JSON."""
    return {"version": VERSION, "kind": KIND, **asdict(line)}


def is_dispatch_line(document: Mapping[str, Any]) -> bool:
    """Return whether a document is such a line, of any version."""
    return document.get("kind") == KIND


def line_of(document: Mapping[str, Any]) -> DispatchLine:
    """Return a line from its document. Raises ValueError for one that is none, or of a later layout."""
    if document.get("version") != VERSION or document.get("kind") != KIND:
        raise ValueError(f"a dispatch's line of version {document.get('version')!r} is not read here")
    fields = {name: document.get(name) for name in DispatchLine.__dataclass_fields__}
    are_right = (
        all(isinstance(fields[name], str) for name in _TEXTS),
        type(fields["agreed_wh"]) is int,
        *(fields[name] is None or type(fields[name]) is int for name in ("delivered_wh", "told_wh")),
        all(_is_decimal(fields[name]) for name in ("price_per_kwh", "amount")),
    )
    if not all(are_right):
        raise ValueError("no line of a dispatch")
    return DispatchLine(**fields)  # type: ignore[arg-type] # as it was looked at


def _is_decimal(text: object) -> bool:
    try:
        return isinstance(text, str) and Decimal(text).is_finite()
    except InvalidOperation:
        return False


def faults_of(line: DispatchLine, receipt: Receipt | None) -> list[str]:
    """Return what of a line does not follow: by its figures, and by the home's receipt where that is given.

    Empty: it is right. Without a receipt only the money is reckoned again.
    """
    faults = []
    price = Decimal(line.price_per_kwh)
    paid = amount_of(line.delivered_wh, line.agreed_wh, price, line.currency)
    if Decimal(line.amount) != paid:
        faults.append(f"amount is {line.amount}, and {line.delivered_wh} Wh are worth {paid}")
    if receipt is None:
        return faults
    faults += [f"the receipt differs: {place}" for place in verify_receipt(receipt, line.receipt)]
    return faults + _against_receipt(line, receipt)


def _against_receipt(line: DispatchLine, receipt: Receipt) -> list[str]:
    document: Mapping[str, Any] = receipt.document
    try:
        told = document["results"]["baselines"][line.baseline_rule].get("delivered_wh")
        asks = document["asks"]
        event = document["event"].get("id", line.event)
    except AttributeError, KeyError, TypeError:
        return ["the receipt says nothing by this baseline"]
    faults = []
    if event != line.event:
        faults.append("the receipt is another event's")
    if asks is not None and asks != line.asks:
        faults.append(f"the receipt asks for {asks}, the line for {line.asks}")
    if told != line.delivered_wh:
        faults.append(f"the receipt says {told} Wh, the line {line.delivered_wh} Wh")
    return faults
