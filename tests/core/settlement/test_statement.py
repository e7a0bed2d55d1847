"""An aggregator's statement is laid beside the home's receipts, and nothing is passed over."""

from decimal import Decimal
from typing import Any

import pytest

from custom_components.home_flex.core.settlement.statement import Comparison, Line, compared


def results(delivered_wh: int | None, paid: str | None = None) -> dict[str, Any]:
    return {
        "rule": "as_dispatched",
        "baselines": {"as_dispatched": {"delivered_wh": delivered_wh}},
        "paid": paid,
    }


@pytest.mark.parametrize(
    ("line", "ours", "expected"),
    [
        ({"delivered_wh": Decimal(820)}, results(820), Comparison.AGREES),
        ({"delivered_wh": Decimal("820.6")}, results(820), Comparison.AGREES),
        ({"delivered_wh": Decimal(800)}, results(820), Comparison.DIFFERS),
        ({"paid": Decimal("0.33")}, results(820, "0.33"), Comparison.AGREES),
        ({"paid": Decimal("0.32")}, results(820, "0.33"), Comparison.DIFFERS),
        ({"delivered_wh": Decimal(820), "paid": Decimal("0.32")}, results(820, "0.33"), Comparison.DIFFERS),
        ({"delivered_wh": Decimal(820)}, results(None), Comparison.NOT_KNOWN_HERE),
        ({"paid": Decimal("0.33")}, results(820), Comparison.NOT_KNOWN_HERE),
        ({"delivered_wh": Decimal(820)}, None, Comparison.NOT_KNOWN_HERE),
    ],
    ids=str,
)
def test_a_line_agrees_differs_or_cannot_be_judged(
    line: dict[str, Decimal], ours: dict[str, Any] | None, expected: Comparison
) -> None:
    (row,) = compared([Line(event_id="e1", **line)], {} if ours is None else {"e1": ours})
    assert row.comparison is expected


def test_what_the_statement_leaves_out_and_what_it_says_twice_is_told() -> None:
    line = Line(event_id="e1", delivered_wh=Decimal(820))
    rows = compared([line, line], {"e1": results(820), "e2": results(100)})
    assert [(row.event_id, row.comparison) for row in rows] == [
        ("e1", Comparison.AGREES),
        ("e1", Comparison.TWICE),
        ("e2", Comparison.NOT_IN_STATEMENT),
    ]
