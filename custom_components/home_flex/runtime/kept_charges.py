"""What a home pays beside its energy, kept over restarts: read tolerantly, as JSON values."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from ..core.statistics import Fee, Grouping
from ..core.statistics.charges import Charges

CHARGES: Final = "charges"


def charges_document(charges: Sequence[Charges]) -> dict[str, Any]:
    """Return charges as they are kept."""
    return {
        "version": 1,
        "charges": [
            {
                "since": None if each.since is None else each.since.isoformat(),
                "fees": [{"amount": str(fee.amount), "per": fee.per.value} for fee in each.fees],
                "peak_per_kw_month": str(each.peak_per_kw_month),
                "least_peak_w": each.least_peak_w,
            }
            for each in charges
        ],
    }


def charges_from(document: object) -> tuple[Charges, ...]:
    """Return what was kept, oldest first; nothing of what cannot be read."""
    try:
        rows = document["charges"] if isinstance(document, Mapping) else ()
        found = tuple(map(_charges, rows))
    except ArithmeticError, LookupError, TypeError, ValueError:
        return ()
    return tuple(sorted(found, key=lambda each: each.since or date.min))


def _charges(row: Mapping[str, Any]) -> Charges:
    return Charges(
        since=None if row["since"] is None else date.fromisoformat(row["since"]),
        fees=tuple(Fee(amount=Decimal(fee["amount"]), per=Grouping(fee["per"])) for fee in row["fees"]),
        peak_per_kw_month=Decimal(row["peak_per_kw_month"]),
        least_peak_w=int(row["least_peak_w"]),
    )
