"""``flexctl canary`` plans homes with the version that they run and with the next, and compares them."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from home_common.plain_text import plain
from rich.console import Console
from rich.table import Table

from ..canary.comparing import Comparison, Row, totals
from ..canary.report import Report
from ..canary.rules import LEAST_COMPARED, WORDS
from ..canary.running import run_canary
from ..canary.scenarios import Scenario, read_scenarios
from ..canary.versions import Version, version_at

WORSE: Final = 5


def canary(arguments: argparse.Namespace, now: datetime) -> int:
    """Compare two wheels, print a table, keep the report; 0 or ``WORSE``. Raises ValueError and OSError."""
    old, new = version_at(arguments.old), version_at(arguments.new)
    scenarios = read_scenarios(arguments.scenarios, now=now, within=arguments.within)
    comparison = run_canary(old, new, scenarios)
    if arguments.report is not None:
        _report(arguments.release, (old, new), scenarios, comparison, now).save(arguments.report)
    _tell(arguments.release, comparison)
    return 0 if comparison.is_passed else WORSE


def _report(
    release: str,
    versions: tuple[Version, Version],
    scenarios: Sequence[Scenario],
    comparison: Comparison,
    now: datetime,
) -> Report:
    old, new = versions
    return Report(
        release=release,
        made_at=now,
        old=old.digest,
        new=new.digest,
        passed=comparison.is_passed,
        compared=comparison.compared,
        scenarios=[each.digest for each in scenarios],
        rows=[{**asdict(row), "worse": row.is_worse} for row in comparison.rows],
        left_out=comparison.left_out,
        lost=comparison.lost,
    )


def _tell(release: str, comparison: Comparison) -> None:
    console = Console(soft_wrap=True)
    table = Table("", "old", "new", "tolerated", "")
    for row in totals(comparison):
        _add(
            table,
            WORDS[row.figure],
            row,
            is_worse=any(each.figure == row.figure for each in comparison.worse),
        )
    console.print(table)
    for row in comparison.worse:
        told = f"worse: {row.scenario}: {WORDS[row.figure]}: {row.old:.3f} -> {row.new:.3f}"
        console.print(plain(f"{told} (tolerated {row.tolerated:.3f})"), markup=False, highlight=False)
    for kind, named in (("worse: planned no more", comparison.lost), ("not compared", comparison.left_out)):
        for name, reason in named.items():
            console.print(plain(f"{kind}: {name}: {reason}"), markup=False, highlight=False)
    if comparison.compared < LEAST_COMPARED:
        console.print(f"too few: {comparison.compared} homes were compared, {LEAST_COMPARED} are needed")
    verdict = "no worse than" if comparison.is_passed else "not to be released after"
    console.print(
        plain(f"{release}: {verdict} the old version in {comparison.compared} homes"),
        markup=False,
        highlight=False,
    )


def _add(table: Table, words: str, row: Row, *, is_worse: bool) -> None:
    table.add_row(
        words, f"{row.old:.3f}", f"{row.new:.3f}", f"{row.tolerated:.3f}", "worse" if is_worse else ""
    )
