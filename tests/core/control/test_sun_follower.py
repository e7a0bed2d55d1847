"""For which car PV that may not export is let produce all that it can take, and when its limit moves."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargeIntent, ChargeWish, Reason
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory, Judgement, Response
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.sun_follower import is_followed_promptly, kept_w, takes_w
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from . import parts

PROMPT = DeviceMemory(response=Response(report_s=(3.0,)))
DRAWN_W, MOST_W = 5000.0, 11040.0
SURPLUS = ChargeIntent(current_a=8.0, reason=Reason.SURPLUS)
NO_EXPORT = parts.joint(low_w=0.0, owner=Owner.RESIDENT)


def follower(power_w: float = DRAWN_W, **changes: Any) -> Flexibility:
    """Return a car of 16 A on three phases that follows the sun."""
    one = parts.car(power_w=power_w)
    return replace(one, **{"memory": PROMPT, "intent": SURPLUS, "declared_high_w": MOST_W, **changes})


def limited(given_w: float, limit_w: float | None) -> Flexibility:
    """Return PV that gives ``given_w`` under ``limit_w``."""
    pv = parts.sun(power_w=-given_w, given_w=-given_w)
    written = Setpoint(
        device_id="sun",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=limit_w,
        owner=Owner.RESIDENT,
        reason="export",
        life_s=300.0,
    )
    return replace(pv, device=replace(pv.device, written=written))


def takes(
    car: Flexibility, *, given_w: float = 5000.0, told_w: float = DRAWN_W, at: Joint = NO_EXPORT
) -> float:
    """Return what a car takes that is told ``told_w`` while PV gives ``given_w`` and nothing else draws."""
    devices = (car, parts.sun(power_w=-given_w))
    return takes_w(car, at, devices, {car.device_id: told_w, "sun": -given_w})


FOLLOWERS: dict[str, tuple[dict[str, Any], bool]] = {
    "it charges by the sun": ({}, True),
    "at its minimum": ({"intent": replace(SURPLUS, reason=Reason.MINIMUM)}, True),
    "it asks for sun that nobody sees": ({"intent": replace(SURPLUS, reason=Reason.PROBE)}, True),
    "it charges fast": ({"intent": replace(SURPLUS, reason=Reason.FAST)}, False),
    "it has no mode": ({"intent": None}, False),
    "it is stuck": ({"stuck": True}, False),
    "it does not do what it is told": (
        {"memory": replace(PROMPT, judgement=Judgement.NOT_FOLLOWED)},
        False,
    ),
    "nobody knows how soon it answers": ({"memory": DeviceMemory()}, False),
    "it answers late": ({"memory": DeviceMemory(response=Response(report_s=(10.1,)))}, False),
    "it answers just soon enough": ({"memory": DeviceMemory(response=Response(report_s=(10.0,)))}, True),
}


@pytest.mark.parametrize(("changes", "follows"), FOLLOWERS.values(), ids=FOLLOWERS)
def test_pv_may_give_all_that_a_car_can_take_which_follows_the_sun(
    changes: dict[str, Any], *, follows: bool
) -> None:
    assert takes(follower(**changes)) == (MOST_W if follows else DRAWN_W)


@pytest.mark.parametrize(("drawn_w", "follows"), [(231.0, True), (230.0, False)])
def test_a_car_that_does_not_charge_yet_follows_nothing(drawn_w: float, *, follows: bool) -> None:
    car = follower(power_w=drawn_w)
    assert takes(car, told_w=drawn_w, given_w=0.0) == (MOST_W if follows else drawn_w)


def test_the_grid_operator_s_limit_is_kept_to_the_watt() -> None:
    limit = parts.joint(low_w=0.0, owner=Owner.GRID_OPERATOR)
    assert takes(follower(), at=limit) == DRAWN_W
    assert kept_w(3000.0, limited(5000.0, 6000.0), limit, (follower(), limited(5000.0, 6000.0))) == 3000.0


@pytest.mark.parametrize(
    ("given_w", "told_w", "is_left"),
    [
        # What is exported is noise.
        (DRAWN_W + 150.0, DRAWN_W, True),
        (DRAWN_W + 151.0, DRAWN_W, False),
        # The car was just told to take it.
        (DRAWN_W + 2000.0, DRAWN_W + 151.0, True),
        (DRAWN_W + 2000.0, DRAWN_W + 150.0, False),
    ],
)
def test_pv_is_held_to_what_the_car_draws_when_it_leaves_sun_to_the_grid(
    given_w: float, told_w: float, *, is_left: bool
) -> None:
    assert takes(follower(), given_w=given_w, told_w=told_w) == (MOST_W if is_left else DRAWN_W)


def test_a_car_told_to_draw_less_counts_with_that() -> None:
    slow = follower(memory=DeviceMemory())
    assert takes(slow, told_w=4140.0) == 4140.0
    assert takes(replace(slow, power_w=-10.0), told_w=4140.0, given_w=0.0) == 0.0


MOST: dict[str, tuple[dict[str, Any], float]] = {
    "all that the charger gives": ({}, 11_040.0),
    "what the circuit leaves it": ({"declared_high_w": 9000.0}, 9000.0),
    "what the vehicle has shown": ({"memory": replace(PROMPT, draws_max_w=7400.0)}, 7400.0),
    "the resident's most current": (
        {"device": replace(parts.car().device, charge=ChargeWish(max_current_a=10.0))},
        6900.0,
    ),
    "what it draws already": ({"declared_high_w": 4000.0}, DRAWN_W),
}


@pytest.mark.parametrize(("changes", "most_w"), MOST.values(), ids=MOST)
def test_what_a_follower_can_take_at_most(changes: dict[str, Any], most_w: float) -> None:
    resident = {"device": replace(parts.car().device, charge=ChargeWish(max_current_a=16.0))}
    assert takes(follower(**{**resident, **changes})) == most_w


def test_whatever_is_no_car_takes_what_it_is_allotted() -> None:
    store = parts.battery(power_w=1000.0)
    assert takes_w(store, NO_EXPORT, (store,), {"battery": 3000.0}) == 3000.0


def kept(
    allowed_w: float,
    *,
    given_w: float = 5000.0,
    held_w: float | None = 6000.0,
    car: Flexibility | None = None,
    since_s: float | None = 5.0,
) -> float:
    """Return the limit of PV that gives ``given_w`` under ``held_w`` beside a follower that draws 5 kW."""
    pv = limited(given_w, held_w)
    heard = replace(pv.device, heard_s=20.0, changed_s=None if since_s is None else 20.0 - since_s)
    pv = replace(pv, device=heard)
    return kept_w(allowed_w, pv, NO_EXPORT, (car or follower(), pv))


KEPT: dict[str, tuple[float, dict[str, Any], float]] = {
    "none is in force": (5500.0, {"held_w": None}, 5500.0),
    "nobody follows": (5500.0, {"car": follower(memory=DeviceMemory())}, 5500.0),
    "it would be lowered, and nothing is exported": (5500.0, {"given_w": 5150.0}, 6000.0),
    "it would be lowered, and something is": (5500.0, {"given_w": 5151.0}, 5500.0),
    "something is exported, but it has just changed": (5500.0, {"given_w": 5151.0, "since_s": 4.9}, 6000.0),
    "something is exported, and it never changed": (5500.0, {"given_w": 5151.0, "since_s": None}, 5500.0),
    "it would be raised, and PV stands at it": (7000.0, {"given_w": 4849.0, "held_w": 4949.0}, 7000.0),
    "more is drawn, but PV does not stand at it": (7000.0, {"given_w": 4849.0, "held_w": 4949.1}, 4949.1),
    "PV stands at it, but no more is drawn": (7000.0, {"given_w": 4850.0, "held_w": 4900.0}, 4900.0),
}


@pytest.mark.parametrize(("allowed_w", "changes", "limit_w"), KEPT.values(), ids=KEPT)
def test_beside_a_follower_a_limit_stays_as_long_as_it_does_no_harm(
    allowed_w: float, changes: dict[str, Any], limit_w: float
) -> None:
    assert kept(allowed_w, **changes) == limit_w


def test_a_follower_is_one_that_answers_soon_by_its_own_reading_else_by_the_meter() -> None:
    def is_one(response: Response) -> bool:
        return is_followed_promptly(follower(memory=DeviceMemory(response=response)))

    assert is_one(Response(full_s=(9.0,)))
    assert not is_one(Response(full_s=(11.0,)))
    assert is_one(Response(report_s=(4.0,), full_s=(25.0,)))
    assert not is_one(Response(report_s=(11.0,), full_s=(4.0,)))
    assert not is_one(Response(is_late=True))
