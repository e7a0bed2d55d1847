"""An aggregator's statement laid beside the home's own receipts, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

# What rounding to whole watt-hours explains.
ROUNDING_WH: Final = Decimal(1)


class Comparison(StrEnum):
    """How a line of a statement goes with the receipt."""

    AGREES = "agrees"
    DIFFERS = "differs"
    # The home has no receipt of this event, or does not know what it delivered.
    NOT_KNOWN_HERE = "not_known_here"
    # The home has a receipt, and the statement no line.
    NOT_IN_STATEMENT = "not_in_statement"
    # The statement names the event more than once.
    TWICE = "twice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What a statement says of one event: the energy delivered in Wh, and what is paid; None: it does not."""

    event_id: str
    delivered_wh: Decimal | None = None
    paid: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A line beside the receipt: theirs less ours where both are known."""

    event_id: str
    comparison: Comparison
    delivered_wh: Decimal | None = None
    ours_wh: int | None = None
    paid: Decimal | None = None
    ours_paid: Decimal | None = None


def compared(lines: Iterable[Line], results: Mapping[str, Mapping[str, Any]]) -> list[Compared]:
    """Return each line beside the receipt of its event, and then the receipts that no line is about.

    ``results``: of each receipt by the id of its event. Energies agree within the rounding of a watt-hour,
    money to the cent.
    """
    told = list(lines)
    names = [line.event_id for line in told]
    rows = [
        _beside(line, results.get(line.event_id), is_first=names.index(line.event_id) == index)
        for index, line in enumerate(told)
    ]
    return rows + [
        Compared(
            event_id=event_id,
            comparison=Comparison.NOT_IN_STATEMENT,
            ours_wh=_delivered_wh(ours),
            ours_paid=_paid(ours),
        )
        for event_id, ours in results.items()
        if event_id not in names
    ]


def _beside(line: Line, ours: Mapping[str, Any] | None, *, is_first: bool) -> Compared:
    ours_wh, ours_paid = _delivered_wh(ours), _paid(ours)
    pairs = [(line.delivered_wh, ours_wh, ROUNDING_WH), (line.paid, ours_paid, Decimal(0))]
    both = [(theirs, mine, by) for theirs, mine, by in pairs if theirs is not None and mine is not None]
    if not is_first:
        comparison = Comparison.TWICE
    elif not both:
        comparison = Comparison.NOT_KNOWN_HERE
    elif all(abs(theirs - mine) <= by for theirs, mine, by in both):
        comparison = Comparison.AGREES
    else:
        comparison = Comparison.DIFFERS
    return Compared(
        event_id=line.event_id,
        comparison=comparison,
        delivered_wh=line.delivered_wh,
        ours_wh=ours_wh,
        paid=line.paid,
        ours_paid=ours_paid,
    )


def _delivered_wh(results: Mapping[str, Any] | None) -> int | None:
    if results is None:
        return None
    delivered_wh: int | None = results["baselines"][results["rule"]].get("delivered_wh")
    return delivered_wh


def _paid(results: Mapping[str, Any] | None) -> Decimal | None:
    return None if results is None or results["paid"] is None else Decimal(results["paid"])
