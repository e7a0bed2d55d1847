"""What may stand beside what in one home."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement

import pytest
from community_hub.flexibility.guard import (
    PRECEDENCE,
    RULES,
    Asks,
    Claim,
    Conflict,
    Kind,
    Stage,
    Verdict,
    conflicts,
    payer,
    refusals,
)

START = datetime(2026, 11, 29, 17, tzinfo=UTC)
END = START + timedelta(hours=2)


def _claim(name: str, kind: Kind, asks: Asks = Asks.LESS, *devices: str, exclusive: bool = False) -> Claim:
    return Claim(
        id=name,
        kind=kind,
        start=START,
        end=END,
        asks=asks,
        devices=frozenset(devices),
        exclusive=exclusive,
    )


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("pair", combinations_with_replacement(Kind, 2))
@pytest.mark.parametrize("alike", [True, False])
def test_each_meeting_has_one_row(pair: tuple[Kind, Kind], stage: Stage, alike: bool) -> None:
    rows = [
        rule
        for rule in RULES
        if rule.kinds == frozenset(pair) and rule.stage is stage and rule.alike in {None, alike}
    ]
    assert len(rows) == 1


LESS, MORE = Asks.LESS, Asks.MORE
LIMIT, EVENT, TARIFF, SHARE = Kind.GRID_LIMIT, Kind.AGGREGATOR, Kind.TARIFF_EVENT, Kind.SHARING
JOINS, CALLED = Stage.ENROLMENT, Stage.DISPATCH


@pytest.mark.parametrize(
    ("stage", "new", "standing", "verdict", "reason"),
    [
        (
            JOINS,
            (EVENT, LESS),
            (EVENT, LESS),
            "refused",
            "one_aggregator_a_device",
        ),
        (JOINS, (EVENT, LESS), (SHARE, LESS), "stands", "nothing_in_common"),
        (
            JOINS,
            (TARIFF, LESS),
            (EVENT, LESS),
            "paid_once",
            "one_pays_for_a_kwh",
        ),
        (
            JOINS,
            (SHARE, LESS),
            (SHARE, LESS),
            "refused",
            "shared_once_without_a_part",
        ),
        (CALLED, (EVENT, MORE), (LIMIT, LESS), "refused", "limit_forbids_it"),
        (
            CALLED,
            (EVENT, LESS),
            (LIMIT, LESS),
            "paid_once",
            "limit_asks_for_it_already",
        ),
        (CALLED, (EVENT, LESS), (EVENT, LESS), "refused", "called_already"),
        (CALLED, (EVENT, LESS), (EVENT, MORE), "refused", "called_the_other_way"),
        (
            CALLED,
            (EVENT, LESS),
            (TARIFF, MORE),
            "yields",
            "event_binds_before_price",
        ),
        (CALLED, (LIMIT, LESS), (LIMIT, LESS), "yields", "tightest_limit_binds"),
    ],
)
def test_a_meeting_is_decided_by_its_row(
    stage: Stage, new: tuple[Kind, Asks], standing: tuple[Kind, Asks], verdict: str, reason: str
) -> None:
    found = conflicts(_claim("new", *new), [_claim("old", *standing)], stage)
    assert [(each.with_id, each.verdict, each.reason) for each in found] == [("old", verdict, reason)]


def test_claims_on_other_devices_or_at_other_times_do_not_meet() -> None:
    car = _claim("car", Kind.AGGREGATOR, LESS, "car")
    assert conflicts(car, [_claim("pump", Kind.AGGREGATOR, LESS, "pump")], Stage.DISPATCH) == []
    later = replace(_claim("later", Kind.AGGREGATOR), start=END, end=END + timedelta(hours=1))
    assert conflicts(car, [later], Stage.DISPATCH) == []
    assert refusals(car, [_claim("home", Kind.AGGREGATOR)], Stage.DISPATCH) != []


def test_an_exclusive_programme_bears_no_other_that_pays_but_any_limit() -> None:
    new = _claim("new", Kind.AGGREGATOR, exclusive=True)
    old = [
        _claim("tariff", Kind.TARIFF_EVENT),
        _claim("limit", Kind.GRID_LIMIT),
        _claim("share", Kind.SHARING),
    ]
    assert refusals(new, old, Stage.ENROLMENT) == [
        Conflict(with_id="tariff", verdict=Verdict.REFUSED, reason="programme_is_exclusive", first="new")
    ]
    assert refusals(replace(old[0], id="late"), [new], Stage.ENROLMENT) != []


def test_an_event_that_is_sent_again_does_not_meet_itself() -> None:
    event = _claim("event", Kind.AGGREGATOR)
    assert refusals(event, [event], Stage.DISPATCH) == []


def test_no_kwh_is_paid_twice_and_the_limit_goes_first() -> None:
    claims = [_claim(kind, kind) for kind in reversed(PRECEDENCE)]
    assert payer(claims) == Kind.GRID_LIMIT
    assert payer(claims[:-1]) == Kind.AGGREGATOR
    assert payer(claims[:1]) is None
    first, second = (
        _claim("b", Kind.AGGREGATOR),
        replace(_claim("a", Kind.AGGREGATOR), start=START + timedelta(1)),
    )
    assert payer([second, first]) == "b"
