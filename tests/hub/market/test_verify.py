"""A home reckons its own line again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from community_hub.market.issuing import statements
from community_hub.market.sharing import RULES, Slots
from community_hub.market.statement import Statement, document_of, statement_of
from community_hub.market.verify import Fault, Received, verify_line
from hypothesis import given

from .communities import communities, three_homes


def _received(slots: Slots, place: int) -> Mapping[int, Received]:
    return {
        slots.first_slot + index: Received(int(demand[place]), int(surplus[place]))
        for index, (demand, surplus) in enumerate(zip(slots.demand_wh, slots.surplus_wh, strict=True))
    }


def _ann(rule: str) -> Statement:
    return statements(three_homes(), rule, currency="EUR")[0]


ANN = _received(three_homes(), 0)


@pytest.mark.parametrize("rule", RULES)
@given(slots=communities())
def test_each_home_finds_its_line_right(rule: str, slots: Slots) -> None:
    for place, statement in enumerate(statements(slots, rule, currency="EUR")):
        read = statement_of(json.loads(json.dumps(document_of(statement))))
        assert read == statement
        verdict = verify_line(_received(slots, place), read)
        assert verdict.findings == ()
        assert verdict.checked == len(slots.buy_micro)


@pytest.mark.parametrize("rule", RULES)
def test_a_bill_of_a_cent_more_is_found(rule: str) -> None:
    statement = _ann(rule)
    wrong = replace(statement, bill_nano=(statement.bill_nano[0] + 10_000_000,))
    found = {finding.fault for finding in verify_line(ANN, wrong).findings}
    # By cost causation the bill hangs on everybody's use: only that it is no worse than alone can be seen.
    assert Fault.BILL in found or rule == "cost_causation"
    dearer = replace(statement, bill_nano=(91_000_000,))
    assert Fault.WORSE_THAN_ALONE in {finding.fault for finding in verify_line(ANN, dearer).findings}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"taken_wh": (148,)}, Fault.TAKEN),
        ({"taken_wh": (301,)}, Fault.TAKEN_MORE_THAN_USED),
        ({"given_wh": (1,)}, Fault.GIVEN_MORE_THAN_SURPLUS),
        ({"shared_wh": (199,)}, Fault.SHARED),
        ({"price_micro": (210_000,)}, Fault.PRICE),
        ({"demand_wh": (299,)}, Fault.ABOVE_TOTALS),
        ({"total": 9}, Fault.TOTAL),
    ],
)
def test_what_does_not_follow_from_the_rule_is_named(changed: dict[str, Any], fault: Fault) -> None:
    verdict = verify_line(ANN, replace(_ann("pro_rata"), **changed))
    assert fault in {finding.fault for finding in verdict.findings}
    assert not verdict.is_right


def test_a_line_about_use_that_the_meter_did_not_count_is_found() -> None:
    found = verify_line({0: Received(250, 0)}, _ann("pro_rata")).findings
    assert {finding.fault for finding in found} >= {Fault.TAKEN, Fault.BILL}


def test_it_says_where_only_bounds_can_be_checked() -> None:
    assert verify_line(ANN, _ann("cost_causation")).only_bounds
    assert not verify_line(ANN, _ann("static")).only_bounds


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 2},
        {"bill_nano": [1.5]},
        {"bill_nano": [True]},
        {"taken_wh": []},
        {"price_micro": [1, 2]},
        {"places": 12},
        {"demand_wh": None},
        {"total": "8"},
    ],
)
def test_a_document_that_is_no_statement_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"statement|slot|places"):
        statement_of({**document_of(_ann("pro_rata")), **changed})


def test_a_rule_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule"):
        verify_line(ANN, replace(_ann("pro_rata"), rule="lottery"))
