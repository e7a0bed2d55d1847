"""The page of the market says what the code does, and its examples come out."""

import re
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from community_hub.flexibility.guard import PRECEDENCE, Kind, Stage, Verdict
from community_hub.flexibility.guard import RULES as ROWS
from community_hub.market.auction import clear
from community_hub.market.money import parted
from community_hub.market.orders import Order, Side
from community_hub.market.sharing import PERMUTATIONS, RULES

from .communities import three_homes

PAGE = (Path(__file__).parents[3] / "docs/market.md").read_text()
TEXT = re.sub(r"\s+", " ", PAGE)


def test_three_equal_homes_share_a_hundred() -> None:
    (first, second) = parted(np.full(2, 100), np.ones((2, 3), dtype=np.int64)).tolist()
    assert (
        f"are {first[0]}, {first[1]} and {first[2]} Wh in the first quarter-hour, "
        f"{second[0]}, {second[1]} and {second[2]} Wh in the next" in TEXT
    )


def test_the_auction_clears_as_told() -> None:
    rows = re.findall(r"`(\w+)` (?:bids |asks )?(\d\.\d\d) for (\d+) Wh", TEXT)
    assert [name for name, _, _ in rows] == ["high", "big", "small", "sun"]
    orders = [
        Order(
            id=name,
            home=name,
            side=Side.ASK if name == "sun" else Side.BID,
            price_micro=round(float(price) * 1_000_000),
            quantity_wh=int(quantity),
        )
        for name, price, quantity in rows
    ]
    cleared = clear("page", orders)
    assert cleared.price_micro is not None
    high, big, small, _ = cleared.filled_wh
    assert (
        f"{cleared.volume_wh} Wh are traded at {cleared.price_micro / 1_000_000:.2f}: "
        f"`high` {high}, `big` {big}, `small` {small}." in TEXT
    )


def test_alone_they_pay_as_told() -> None:
    ann, bob, cy = (three_homes().alone_nano[0] / 1e9).tolist()
    assert f"alone they pay {ann:.4f}, {bob:.4f} and get {-cy:.4f}." in TEXT
    saving = int((three_homes().shareable_wh * three_homes().margin_micro).sum()) / 1e9
    assert f"sharing all of it saves {saving:.4f}." in TEXT
    assert f"mean of {PERMUTATIONS} orders" in TEXT


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_comes_to_what_its_row_tells(rule: str) -> None:
    ann, bob, cy = (RULES[rule](three_homes()).bill_nano[0] / 1e9).tolist()
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{rule}` |"))
    assert row.endswith(f"| {ann:.4f} | {bob:.4f} | {-cy:.4f} |")


def test_the_table_of_meetings_is_that_of_the_code() -> None:
    told = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.split("## What may stand beside what")[1].splitlines()
        if line.startswith("| ") and "between" not in line and "---" not in line
    ]
    expected = [
        (
            f"{first}, {second}",
            _cell(first, second, Stage.ENROLMENT, alike=True),
            _cell(first, second, Stage.DISPATCH, alike=True),
            _cell(first, second, Stage.DISPATCH, alike=False),
        )
        for first, second in combinations_with_replacement(Kind, 2)
    ]
    assert told == expected
    assert f"goes first: {', '.join(PRECEDENCE)}." in TEXT


def _cell(first: Kind, second: Kind, stage: Stage, *, alike: bool) -> str:
    row = next(
        each
        for each in ROWS
        if each.kinds == frozenset({first, second}) and each.stage is stage and each.alike in {None, alike}
    )
    return row.verdict if row.verdict is Verdict.STANDS else f"{row.verdict}: {row.reason}"
