"""What the lines ask of single devices and at the meter."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.commands import CONSUMERS, STORES
from custom_components.home_flex.core.control.constraints import (
    at_the_meter,
    charge_wishes,
    limit_joints,
    margin_w,
    restrictions,
)
from custom_components.home_flex.core.control.demand import (
    SITE,
    Asks,
    ChargeTo,
    Demand,
    Envelope,
    Scope,
    ScopeKind,
    Share,
    Target,
    device,
)
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.memory import ChargePlan
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.model import Owner

from .parts import battery, car, sun

LOAD = RestLoad(
    high_w=(900.0, 500.0, 300.0, 100.0),
    low_w=(300.0, 50.0, 150.0, 100.0),
    latest_w=700.0,
)


def demand(
    asks: Asks,
    scope: Scope = SITE,
    *,
    owner: Owner = Owner.AGGREGATOR,
    source_id: str | None = "event",
    standing: bool = False,
) -> Demand:
    return Demand(owner=owner, scope=scope, asks=asks, reason="asked", source_id=source_id, standing=standing)


@pytest.mark.parametrize(
    ("limit_w", "noise_w", "margin"),
    [
        # At least 50 W, 2 % of the limit, five times the noise but for that at most 100 W.
        (0, 0, 50),
        (2500, 0, 50),
        (10000, 0, 200),
        (-10000, 0, 200),
        (0, 10, 50),
        (0, 15, 75),
        (0, 40, 100),
        (10000, 40, 200),
    ],
)
def test_the_margin_of_a_limit(limit_w: float, noise_w: float, margin: float) -> None:
    assert margin_w(limit_w, noise_w) == pytest.approx(margin)


def bounds(joints: tuple[Joint, ...]) -> list[tuple[float, float]]:
    return [(one.low_w, one.high_w) for one in joints]


AT_THE_METER = {
    "an import limit, for the largest load": (Envelope(high_w=2000.0), (-math.inf, 2000 - 50 - 900)),
    "an export limit, for the smallest load": (Envelope(low_w=-2000.0), (-2000 + 50 - 300, math.inf)),
    "both": (Envelope(low_w=-5000.0, high_w=4000.0), (-5000 + 100 - 300, 4000 - 80 - 900)),
    "a target, for the load now, without a margin": (Target(power_w=1500.0), (800, 800)),
}


@pytest.mark.parametrize(("asks", "expected"), AT_THE_METER.values(), ids=AT_THE_METER)
def test_a_demand_at_the_meter_bounds_the_devices(asks: Asks, expected: tuple[float, float]) -> None:
    joints = limit_joints([demand(asks, standing=True)], LOAD, 0.0)
    assert bounds(joints) == [pytest.approx(expected)]
    (one,) = joints
    assert (one.owner, one.reason, one.source_id, one.node, one.standing) == (
        Owner.AGGREGATOR,
        "asked",
        "event",
        0,
        True,
    )


def test_noise_widens_the_margin_of_what_passes_and_not_of_a_lasting_wish() -> None:
    asked = [demand(Envelope(high_w=0.0)), demand(Envelope(high_w=0.0), standing=True)]
    assert [high_w for _, high_w in bounds(limit_joints(asked, LOAD, 20.0))] == [-1000, -950]


def test_a_residents_lasting_export_limit_is_for_the_load_of_now_without_a_margin() -> None:
    wish = demand(Envelope(low_w=-500.0), owner=Owner.RESIDENT, standing=True)
    (one,) = limit_joints([wish], LOAD, 20.0)
    assert (one.low_w, one.is_kept_at_zero) == (-500 - 700, True)


KEPT_AT_ZERO = [
    (Envelope(low_w=0.0), Owner.RESIDENT, True, True),
    (Envelope(high_w=0.0), Owner.RESIDENT, True, True),
    (Envelope(low_w=-500.0, high_w=500.0), Owner.RESIDENT, True, True),
    # The meter at zero does not keep these.
    (Envelope(low_w=100.0), Owner.RESIDENT, True, False),
    (Envelope(high_w=-100.0), Owner.RESIDENT, True, False),
    (Target(power_w=0.0), Owner.RESIDENT, True, False),
    # What passes, and what others ask, is kept to the watt.
    (Envelope(low_w=0.0), Owner.RESIDENT, False, False),
    (Envelope(low_w=0.0), Owner.GRID_OPERATOR, True, False),
]


@pytest.mark.parametrize(("asks", "owner", "standing", "kept"), KEPT_AT_ZERO)
def test_a_wish_is_kept_while_the_meter_shows_zero(
    asks: Asks, owner: Owner, *, standing: bool, kept: bool
) -> None:
    (one,) = limit_joints([demand(asks, owner=owner, standing=standing)], LOAD, 0.0)
    assert one.is_kept_at_zero is kept


def test_limits_without_room_for_their_margins_aim_at_the_middle_and_targets_do_not() -> None:
    asked = [demand(Envelope(high_w=1000.0)), demand(Envelope(low_w=920.0)), demand(Target(power_w=5000.0))]
    quiet = replace(LOAD, high_w=(LOAD.latest_w,), low_w=(LOAD.latest_w,))
    assert bounds(limit_joints(asked, quiet, 0.0)) == [(-math.inf, 260), (260, math.inf), (4300, 4300)]


def test_limits_that_just_fit_keep_their_margins() -> None:
    quiet = replace(LOAD, high_w=(LOAD.latest_w,), low_w=(LOAD.latest_w,))
    asked = [demand(Envelope(high_w=1000.0)), demand(Envelope(low_w=800.0))]
    assert bounds(limit_joints(asked, quiet, 0.0)) == [(-math.inf, 250), (150, math.inf)]


def test_of_each_owner_the_last_target_counts_and_every_limit() -> None:
    first, last = demand(Target(power_w=1.0)), demand(Target(power_w=2.0))
    other = demand(Target(power_w=3.0), owner=Owner.RESIDENT)
    limits = [demand(Envelope(high_w=1.0)), demand(Envelope(high_w=2.0))]
    elsewhere = [demand(Envelope(high_w=1.0), STORES), demand(Target(power_w=1.0), device("car"))]
    found = at_the_meter([first, limits[0], other, last, *elsewhere, limits[1]])
    assert found == (last, other, *limits)


def test_what_is_asked_of_the_meter_or_of_a_state_of_charge_restricts_no_device() -> None:
    asked = [demand(Envelope(high_w=0.0)), demand(ChargeTo(left_s=60.0), STORES)]
    assert restrictions([battery(), car()], asked, {}) == ()


GROUPS = {
    "one device": (device("car"), ["car"]),
    "one that is not there": (device("gone"), []),
    "consumers": (CONSUMERS, ["car"]),
    "stores": (STORES, ["battery"]),
    "a circuit": (Scope(ScopeKind.CIRCUIT, "car"), []),
}


@pytest.mark.parametrize(("scope", "ids"), GROUPS.values(), ids=GROUPS)
def test_a_scope_names_its_devices(scope: Scope, ids: list[str]) -> None:
    found = restrictions([battery(), car(), sun()], [demand(Envelope(high_w=0.0), scope)], {})
    assert [one.device_id for one in found] == ids


OF_A_DEVICE = {
    "an envelope": (Envelope(low_w=1.0, high_w=2.0), (1, 2)),
    "a target": (Target(power_w=3.0), (3, 3)),
    "half of what it may": (Share(of=0.5), (-math.inf, 5520)),
    "but its smallest": (Share(of=0.1), (-math.inf, 4140)),
}


@pytest.mark.parametrize(("asks", "interval"), OF_A_DEVICE.values(), ids=OF_A_DEVICE)
def test_what_is_asked_of_a_device(asks: Asks, interval: tuple[float, float]) -> None:
    asked = demand(asks, device("car"), owner=Owner.RESIDENT, standing=True)
    (one,) = restrictions([car()], [asked], {})
    assert (one.low_w, one.high_w) == interval
    assert (one.owner, one.reason, one.source_id, one.standing) == (Owner.RESIDENT, "asked", "event", True)


def test_without_a_meter_consumers_keep_their_smallest_power() -> None:
    (one,) = restrictions([battery(), car(), sun()], [], {"car": 6})
    assert (one.device_id, one.owner, one.reason) == ("car", Owner.FUSE, "meter_lost")
    assert (one.low_w, one.high_w, one.standing) == (-math.inf, 4140, True)


def plan(power_w: float) -> ChargePlan:
    return ChargePlan(state_of_charge=0.5, target_wh=5000.0, power_w=power_w)


def test_a_plan_towards_a_state_of_charge_is_a_wish_of_each_battery_that_has_one() -> None:
    charge = demand(ChargeTo(left_s=60.0), STORES, standing=True)
    plans = {("event", "a"): plan(100.0), ("other", "b"): plan(200.0)}
    (wish,) = charge_wishes([battery("a"), battery("b")], [charge, demand(Envelope())], plans)
    assert (wish.device_id, wish.power_w) == ("a", 100)
    cause = wish.cause
    assert (cause.owner, cause.reason, cause.source_id, cause.is_standing) == (
        Owner.AGGREGATOR,
        "asked",
        "event",
        True,
    )


def test_the_plan_of_a_wish_without_a_source_is_found() -> None:
    charge = demand(ChargeTo(left_s=60.0), STORES, source_id=None)
    (wish,) = charge_wishes([battery("a")], [charge], {("", "a"): plan(100.0)})
    assert wish.power_w == 100
    assert wish.cause.source_id is None
