"""A home's line of a month's sharing, with the totals of the community: the document that a home is given."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

VERSION: Final = 1
MOST_SLOTS: Final = 100_000
_EACH_SLOT: Final = (
    "buy_micro",
    "feed_in_micro",
    "demand_wh",
    "surplus_wh",
    "shared_wh",
    "taken_wh",
    "given_wh",
    "bill_nano",
)
_NUMBERS: Final = ("first_slot", "total", "key_ppm", "places")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A home's line for the quarter-hours from ``first_slot`` on (slot number = UTC epoch // 900 s).

    ``demand_wh``, ``surplus_wh`` and ``shared_wh`` are D, G and what was shared of the whole community;
    ``taken_wh``, ``given_wh`` and ``bill_nano`` the home's own; ``total`` its bill in the smallest unit of
    the currency (``places``). ``key_ppm``: its fixed part, for the static rule. ``price_micro``: the price
    among members, empty for a rule without.
    """

    rule: str
    home: str
    currency: str
    first_slot: int
    buy_micro: tuple[int, ...]
    feed_in_micro: tuple[int, ...]
    demand_wh: tuple[int, ...]
    surplus_wh: tuple[int, ...]
    shared_wh: tuple[int, ...]
    taken_wh: tuple[int, ...]
    given_wh: tuple[int, ...]
    bill_nano: tuple[int, ...]
    total: int
    key_ppm: int
    places: int
    price_micro: tuple[int, ...] = ()


def document_of(statement: Statement) -> dict[str, Any]:
    """Return a statement's document, which becomes JSON."""
    return {"version": VERSION, **asdict(statement)}


def statement_of(document: Mapping[str, Any]) -> Statement:
    """Return a statement from its document. Raises ValueError for one that is none, or of a later layout."""
    if document.get("version") != VERSION:
        raise ValueError(f"a statement of version {document.get('version')!r} is not read here")
    try:
        texts = {name: str(document[name]) for name in ("rule", "home", "currency")}
        numbers = {name: whole(document[name]) for name in _NUMBERS}
        lists = {name: tuple(map(whole, document[name])) for name in (*_EACH_SLOT, "price_micro")}
    except (KeyError, TypeError) as error:
        raise ValueError(f"no statement: {error!r}") from error
    length = len(lists["buy_micro"])
    if length > MOST_SLOTS or any(len(lists[name]) != length for name in _EACH_SLOT):
        raise ValueError(f"a statement has the same slots in each list, at most {MOST_SLOTS}")
    if len(lists["price_micro"]) not in {0, length}:
        raise ValueError("a price is told for each slot, or for none")
    if not 0 <= numbers["places"] <= 9:
        raise ValueError(f"a currency has 0 to 9 places, not {numbers['places']}")
    return Statement(**texts, **numbers, **lists)  # type: ignore[arg-type] # each name has its own type


def whole(value: object) -> int:
    """Return a whole number of a document, which true and 1.0 are not. Raises TypeError."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value
