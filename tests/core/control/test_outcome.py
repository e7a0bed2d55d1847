"""What a decision amounts to: balance, whose limit is in force, whether it is kept, what had to bend."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.allocation import Allocation
from custom_components.home_flex.core.control.asked import Cause
from custom_components.home_flex.core.control.charging import ChargeIntent
from custom_components.home_flex.core.control.charging.model import Reason
from custom_components.home_flex.core.control.commands import STORES
from custom_components.home_flex.core.control.demand import SITE, Asks, Demand, Envelope, Target
from custom_components.home_flex.core.control.flexibility import Restriction
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.memory import DeviceMemory, Response
from custom_components.home_flex.core.control.outcome import (
    balance,
    bent,
    effective,
    export_limit_w,
    export_limited_by,
    import_limit_w,
    import_limited_by,
    keeps,
    limit_owner,
    shortfall_w,
)
from custom_components.home_flex.core.control.response import TURNED
from custom_components.home_flex.core.control.state import LimitSource
from custom_components.home_flex.core.model import DeviceKind, MeterReading, Owner

from .parts import TIME, battery, car, held, joint, lines, sun

GRID, RESIDENT, AGGREGATOR, PLAN = Owner.GRID_OPERATOR, Owner.RESIDENT, Owner.AGGREGATOR, Owner.PLAN


def demand(asks: Asks, owner: Owner = AGGREGATOR) -> Demand:
    return Demand(owner=owner, scope=SITE, asks=asks, reason="asked")


def import_(high_w: float, owner: Owner = AGGREGATOR) -> Demand:
    return demand(Envelope(high_w=high_w), owner)


def export(low_w: float, owner: Owner = AGGREGATOR) -> Demand:
    return demand(Envelope(low_w=low_w), owner)


def target(power_w: float, owner: Owner = AGGREGATOR) -> Demand:
    return demand(Target(power_w=power_w), owner)


def meter(power_w: float) -> MeterReading:
    return MeterReading(time=TIME, power_w=power_w)


def test_the_rest_is_what_the_meter_shows_beyond_the_devices() -> None:
    devices = (battery("a", 500.0), battery("b", -200.0), car(power_w=4140.0), sun(power_w=-3000.0))
    found = balance(meter(2000.0), {one.device_id: one.reading for one in devices})
    assert found is not None
    assert (found.grid_w, found.battery_w, found.ev_charger_w, found.pv_w) == (2000, 300, 4140, -3000)
    assert found.rest_w == 2000 - 300 - 4140 + 3000
    twice = balance(
        meter(0.0), {"a": sun().reading, "b": sun().reading, "c": car().reading, "d": car().reading}
    )
    assert twice is not None
    assert (twice.pv_w, twice.ev_charger_w) == (-8000, 22080)


def test_without_a_meter_there_is_no_balance() -> None:
    assert balance(None, {}) is None


@pytest.mark.parametrize(
    ("kind", "unknown"),
    [
        (DeviceKind.BATTERY, {"battery_w", "rest_w"}),
        (DeviceKind.PV, {"pv_w", "rest_w"}),
        (DeviceKind.EV_CHARGER, {"ev_charger_w", "rest_w"}),
    ],
)
def test_what_a_device_that_cannot_be_read_draws_is_unknown_and_so_is_the_rest(
    kind: DeviceKind, unknown: set[str]
) -> None:
    found = balance(meter(0.0), {"battery": battery("battery", 500.0).reading}, unread=[kind])
    assert found is not None
    powers = {name: getattr(found, name) for name in ("pv_w", "battery_w", "ev_charger_w", "rest_w")}
    assert {name for name, power_w in powers.items() if power_w is None} == unknown
    assert found.grid_w == 0.0


def test_the_tightest_limits_are_in_force() -> None:
    asked = [import_(4000), import_(2000), export(-5000), export(-3000), demand(Envelope()), target(0)]
    assert import_limit_w(asked) == 2000
    assert export_limit_w(asked) == 3000
    assert import_limit_w([export(-1)]) is None
    assert export_limit_w([import_(1)]) is None
    assert math.copysign(1.0, export_limit_w([export(0.0)]) or 0.0) == 1.0


def test_each_direction_says_whose_limit_is_the_tightest() -> None:
    asked = [
        replace(import_(4000, GRID), source_id="limit"),
        replace(import_(2000), source_id="evening"),
        replace(export(0, RESIDENT), source_id="export"),
        target(0, GRID),
    ]
    assert import_limited_by(asked) == LimitSource(owner=AGGREGATOR, source_id="evening")
    assert export_limited_by(asked) == LimitSource(owner=RESIDENT, source_id="export")
    assert export_limited_by([import_(2000)]) is None
    assert import_limited_by([export(0)]) is None
    assert import_limited_by([import_(2000), import_(2000, GRID)]) == LimitSource(owner=GRID)


WHOSE = {
    "nobody's": ([], None),
    "the tightest import limit's": ([import_(4000, GRID), import_(2000, AGGREGATOR)], AGGREGATOR),
    "of two that are equal the higher line's": ([import_(2000, AGGREGATOR), import_(2000, GRID)], GRID),
    "an import limit before an export limit": ([export(0, GRID), import_(9000, AGGREGATOR)], AGGREGATOR),
    "an export limit before a target": ([target(0, GRID), export(-9000, AGGREGATOR)], AGGREGATOR),
    "the tightest export limit's": ([export(-4000, GRID), export(-1000, RESIDENT)], RESIDENT),
    "the highest target's": ([target(0, PLAN), target(1, RESIDENT)], RESIDENT),
    "nobody's without an end": ([demand(Envelope())], None),
}


@pytest.mark.parametrize(("asked", "owner"), WHOSE.values(), ids=WHOSE)
def test_whose_limit_is_in_force(asked: list[Demand], owner: Owner | None) -> None:
    assert limit_owner(asked) is owner


EFFECTIVE = {
    "nothing": ([], []),
    "limits as they are": ([import_(2000), export(-1)], [Envelope(high_w=2000), Envelope(low_w=-1)]),
    "a target as an envelope without width": ([target(700)], [Envelope(low_w=700, high_w=700)]),
    "a target cut by its own owner's limit": (
        [import_(2000), target(3000)],
        [Envelope(high_w=2000), Envelope(low_w=2000, high_w=2000)],
    ),
    "a target cut by a higher limit, from below": (
        [target(-3000), export(-1000, GRID)],
        [Envelope(low_w=-1000), Envelope(low_w=-1000, high_w=-1000)],
    ),
    "a lower limit gives way to a target": (
        [target(3000, GRID), import_(2000)],
        [Envelope(low_w=3000, high_w=3000)],
    ),
    "of two targets the higher": (
        [target(3000), target(500, RESIDENT)],
        [Envelope(low_w=500, high_w=500)],
    ),
    "of two limits that clash the first": (
        [import_(1000), export(2000), target(5000)],
        [Envelope(high_w=1000), Envelope(low_w=2000), Envelope(low_w=1000, high_w=1000)],
    ),
}


@pytest.mark.parametrize(("asked", "envelopes"), EFFECTIVE.values(), ids=EFFECTIVE)
def test_what_must_be_met_together(asked: list[Demand], envelopes: list[Envelope]) -> None:
    assert list(effective(asked)) == envelopes


# The rest draws 1,000 W and the devices 500: 1,500 W at the meter.
LOAD = RestLoad(high_w=(9000.0,), low_w=(0.0,), latest_w=1000.0)
SHORT = {
    "nothing asked": ([], 0),
    "an import limit that is kept": ([import_(1500)], 0),
    "one watt is nothing": ([import_(1499)], 0),
    "an import limit that is not": ([import_(1400)], 100),
    "an export limit that is not": ([export(1700)], 200),
    "the worst counts": ([import_(1400), import_(1000)], 500),
    "a target within 100 W": ([target(1600)], 0),
    "a target from above, too": ([target(1400)], 0),
    "a target missed": ([target(1601)], 101),
    "a large target within 5 %": ([target(1500 + 4000)], 4000),
    "a limit beside a target is measured as roughly": ([import_(1420), target(1420)], 0),
}


@pytest.mark.parametrize(("asked", "missed_w"), SHORT.values(), ids=SHORT)
def test_by_how_much_the_demands_cannot_be_reached(asked: list[Demand], missed_w: float) -> None:
    devices = (battery(), car())
    powers = {"battery": -500.0, "car": 1000.0}
    assert shortfall_w(asked, LOAD, devices, powers) == missed_w


def test_a_target_of_ten_kilowatts_may_be_missed_by_five_percent() -> None:
    load = RestLoad(high_w=(0.0,), low_w=(0.0,), latest_w=9500.0)
    assert shortfall_w([target(10000)], load, (), {}) == 0
    assert shortfall_w([target(10001)], load, (), {}) == 501
    load = RestLoad(high_w=(0.0,), low_w=(0.0,), latest_w=-9500.0)
    assert shortfall_w([target(-10000)], load, (), {}) == 0


KEPT = {
    # What is asked, and between which powers at the meter it counts as kept.
    "a small import limit within 20 W": ([import_(1000)], -math.inf, 1020),
    "a large import limit within 1 %": ([import_(5000)], -math.inf, 5050),
    "an export limit within 1 %": ([export(-5000)], -5050, math.inf),
    "a small export limit within 20 W": ([export(0)], -20, math.inf),
    "a target within 100 W": ([target(1000)], 900, 1100),
    "a large target within 5 %": ([target(-4000)], -4200, -3800),
    "a target cut by a limit": ([import_(1000), target(3000)], 900, 1020),
}


@pytest.mark.parametrize(("asked", "low_w", "high_w"), KEPT.values(), ids=KEPT)
def test_whether_the_meter_keeps_the_demands(asked: list[Demand], low_w: float, high_w: float) -> None:
    for power_w, kept in [(low_w - 1, False), (low_w, True), (high_w, True), (high_w + 1, False)]:
        if math.isfinite(power_w):
            assert keeps(asked, power_w) is kept


@pytest.mark.parametrize(
    ("asked", "counted_w", "kept"),
    [
        ([import_(1000)], 900.0, True),
        ([import_(1000)], 1100.0, False),
        ([import_(3000)], 4000.0, False),
        ([export(1500)], 0.0, True),
        ([export(2500)], 9000.0, False),
        ([target(2000)], 0.0, True),
    ],
)
def test_what_counts_for_a_limit_for_drawing_may_be_another_power(
    asked: list[Demand], counted_w: float, kept: bool
) -> None:
    assert keeps(asked, 2000.0, counted_w=counted_w) is kept


def test_nothing_asked_is_neither_kept_nor_broken() -> None:
    assert keeps([], 0.0) is None


CAUSE = Cause(owner=AGGREGATOR, reason="limit", source_id=None)
BENT = {
    "within": (held("battery", low_w=-600.0), -600, []),
    "a watt beyond": (held("battery", low_w=-600.0), -601, []),
    "more than a watt below": (held("battery", low_w=-600.0), -601.5, ["held:battery"]),
    "more than a watt above": (held("battery", high_w=-600.0), -598.5, ["held:battery"]),
    "a watt above": (held("battery", high_w=-600.0), -599, []),
    "all it can when asked for more": (held("battery", low_w=math.inf), 5000, []),
    "all it can give when asked for more": (held("battery", high_w=-math.inf), -5000, []),
    "less than it could": (held("battery", low_w=math.inf), 4000, ["held:battery"]),
}


@pytest.mark.parametrize(("restriction", "power_w", "found"), BENT.values(), ids=BENT)
def test_a_restriction_bends_when_a_line_moved_the_device_out_of_it(
    restriction: Restriction, power_w: float, found: list[str]
) -> None:
    devices = (battery(),)
    asked = lines(devices, restrictions=(restriction,))
    moved = Allocation(powers={"battery": power_w}, causes={"battery": CAUSE})
    assert list(bent(devices, asked, moved)) == found
    unmoved = Allocation(powers={"battery": power_w}, causes={})
    assert bent(devices, asked, unmoved) == ()


def test_what_had_to_bend_is_told_once_with_who_does_not_follow_and_what_cannot_be_reached() -> None:
    devices = (battery("a", stuck=True), battery("b"))
    asked = lines(
        devices,
        joint(high_w=-5001.0, reason="near"),
        joint(high_w=-5002.0, reason="far"),
        joint(high_w=-9000.0, reason="far"),
        restrictions=(held("a", low_w=0.0), held("b", low_w=0.0), held("b", low_w=10.0)),
    )
    moved = Allocation(powers={"a": 0.0, "b": -5000.0}, causes={"b": CAUSE})
    assert bent(devices, asked, moved) == ("not_following:a", "held:b", "unreachable:far")


def test_demands_of_groups_are_no_targets_of_the_site() -> None:
    assert limit_owner([Demand(owner=GRID, scope=STORES, asks=Envelope(), reason="asked")]) is None


def test_a_device_against_whose_orders_the_meter_goes_is_told_as_turned() -> None:
    turned = DeviceMemory(response=Response(against=TURNED))
    devices = (battery("a", stuck=True, memory=turned), battery("b", stuck=True))
    moved = Allocation(powers={"a": 0.0, "b": 0.0}, causes={})
    assert bent(devices, lines(devices), moved) == ("turned:a", "not_following:b")


@pytest.mark.parametrize(
    ("intent", "found"),
    [
        (ChargeIntent(current_a=6.0, reason=Reason.READY_BY, must=True), ("ready_by:car",)),
        (ChargeIntent(current_a=6.0, reason=Reason.SURPLUS), ()),
        (ChargeIntent(current_a=None, reason=Reason.READY_BY, must=True), ()),
        (None, ()),
    ],
    ids=["a promise", "the sun", "a promise that asks for nothing", "nothing"],
)
def test_a_promise_that_stands_above_events_is_told(
    intent: ChargeIntent | None, found: tuple[str, ...]
) -> None:
    devices = (replace(car(), intent=intent),)
    allocation = Allocation(powers={"car": 4140.0}, causes={})
    assert bent(devices, lines(devices), allocation) == found
