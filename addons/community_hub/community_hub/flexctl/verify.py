"""``flexctl verify``: a household reckons again what it traded, or its line of sharing or of a dispatch.

It needs no hub.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from ..core import Receipt, receipt_from
from ..market.money import NANO_A_UNIT
from ..market.received import QUARTER_S, received_of
from ..market.statement import Statement, statement_of
from ..market.traded import TradeStatement, is_trade_statement
from ..market.traded import faults_of as faults_of_trades
from ..market.traded import statement_of as trade_statement_of
from ..market.verify import Verdict, verify_line
from ..settlement.dispatch_line import DispatchLine, faults_of, is_dispatch_line, line_of

_MOST_BYTES: Final = 20_000_000
_SHOWN: Final = 20


def verify(statement: Path, received: Path | None, receipt: Path | None) -> int:
    """Print what came of it; return 0 when the statement is right, 1 when it is not.

    Raises ValueError for a file that is none of what it has to be, and OSError for one that cannot be read.
    """
    document = _document(statement)
    if is_dispatch_line(document):
        return _verify_dispatch_line(line_of(document), receipt)
    if is_trade_statement(document):
        return _verify_trades(trade_statement_of(document))
    if received is None:
        raise ValueError("a statement of sharing is reckoned from --received")
    told = statement_of(document)
    verdict = verify_line(received_of(_text(received)), told)
    print(_summary(told, verdict))
    for finding in verdict.findings[:_SHOWN]:
        print(f"  {_moment(finding.slot)}: {finding.fault}")
    if len(verdict.findings) > _SHOWN:
        print(f"  and {len(verdict.findings) - _SHOWN} more")
    return 0 if verdict.is_right else 1


def _verify_dispatch_line(line: DispatchLine, receipt: Path | None) -> int:
    faults = faults_of(line, None if receipt is None else _receipt(receipt))
    outcome = f"{len(faults)} faults" if faults else "right"
    if receipt is None and not faults:
        outcome = "adds up; what was delivered is reckoned again with --receipt"
    what = "an unknown energy" if line.delivered_wh is None else f"{line.delivered_wh / 1000:.3f} kWh"
    print(f"{line.home}, an event of {what}: {line.amount} {line.currency}: {outcome}")
    for fault in faults[:_SHOWN]:
        print(f"  {fault}")
    return 1 if faults else 0


def _verify_trades(told: TradeStatement) -> int:
    faults = faults_of_trades(told)
    pays = Decimal(told.amount_nano) / NANO_A_UNIT
    amount = f"{pays:f}" if told.total is None else f"{Decimal(told.total).scaleb(-told.places)} ({pays:f})"
    outcome = f"{len(faults)} faults" if faults else "right"
    what = f"{told.home}, traded in {told.period}: {amount} {told.currency}"
    print(f"{what} over {len(told.quarters)} quarter-hours: {outcome}")
    for auction, fault in faults[:_SHOWN]:
        print(f"  {'total' if auction is None else auction}: {fault}")
    if len(faults) > _SHOWN:
        print(f"  and {len(faults) - _SHOWN} more")
    return 1 if faults else 0


def _receipt(path: Path) -> Receipt:
    try:
        return receipt_from(_document(path))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is no receipt of a home") from error


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
