"""``flexctl verify``: a household reckons its line of a sharing statement again, without a hub."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..market.received import QUARTER_S, received_of
from ..market.statement import Statement, statement_of
from ..market.verify import Verdict, verify_line

_MOST_BYTES: Final = 20_000_000
_SHOWN: Final = 20


def verify(statement: Path, received: Path) -> int:
    """Print what came of it; return 0 when the statement is right, 1 when it is not.

    Raises ValueError for a file that is no statement or no quarter-hours, and OSError for one that cannot be
    read.
    """
    told = statement_of(_document(statement))
    verdict = verify_line(received_of(_text(received)), told)
    print(_summary(told, verdict))
    for finding in verdict.findings[:_SHOWN]:
        print(f"  {_moment(finding.slot)}: {finding.fault}")
    if len(verdict.findings) > _SHOWN:
        print(f"  and {len(verdict.findings) - _SHOWN} more")
    return 0 if verdict.is_right else 1


def _summary(told: Statement, verdict: Verdict) -> str:
    amount = Decimal(told.total).scaleb(-told.places)
    outcome = "right" if verdict.is_right else f"{len(verdict.findings)} faults"
    if verdict.only_bounds and verdict.is_right:
        outcome = "within its bounds; what it hangs on is the use of others, which an auditor can reckon"
    return (
        f"{told.home}, by {told.rule}: {amount} {told.currency} over {verdict.checked} quarter-hours: "
        f"{outcome} (in {verdict.by_remainder} of them a part may be one unit more)"
    )


def _moment(slot: int | None) -> str:
    return "total" if slot is None else datetime.fromtimestamp(slot * QUARTER_S, UTC).isoformat()


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(_text(path))
    except RecursionError as error:
        raise ValueError(f"{path} is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError(f"{path} is no statement")  # noqa: TRY004 # as any other wrong file
    return document


def _text(path: Path) -> str:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path} has more than {_MOST_BYTES} bytes")
    return path.read_text(encoding="utf-8-sig")
