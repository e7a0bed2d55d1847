"""The constant power that brings a battery to a state of charge by the interval's end."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charge_state import ChargePlans, charge_plans
from custom_components.home_flex.core.control.commands import STORES
from custom_components.home_flex.core.control.demand import ChargeTo, Demand, Envelope
from custom_components.home_flex.core.control.memory import ChargePlan
from custom_components.home_flex.core.model import Owner

from .parts import battery, car


def demand(asks: ChargeTo | Envelope, source_id: str | None = "event") -> Demand:
    return Demand(owner=Owner.AGGREGATOR, scope=STORES, asks=asks, reason="charge", source_id=source_id)


def to(state_of_charge: float, left_s: float = 3600.0) -> Demand:
    return demand(ChargeTo(left_s=left_s, state_of_charge=state_of_charge))


POWERS = {
    "what is missing over the time that is left": (0.5, to(0.8), 3000),
    "twice as much in half the time": (0.5, to(0.8, 1800.0), 6000),
    "downwards": (0.5, to(0.3), -2000),
    "nothing when it is there": (0.5, to(0.5), 0),
    "nothing within 0.2 %": (0.5, to(0.502), 0),
    "nothing within 0.2 % below": (0.5, to(0.498), 0),
    "something beyond": (0.5, to(0.503), 30),
    "not faster than in a minute": (0.5, to(0.6, 1.0), 60000),
    "as in a minute at a minute": (0.5, to(0.6, 60.0), 60000),
    "slower after it": (0.5, to(0.6, 61.0), 1000 * 3600 / 61),
    "an energy": (0.5, demand(ChargeTo(left_s=3600.0, energy_wh=7000.0)), 2000),
    "no energy at all": (0.5, demand(ChargeTo(left_s=3600.0, energy_wh=0.0)), -5000),
    "nothing told is empty": (0.5, demand(ChargeTo(left_s=3600.0)), -5000),
}


@pytest.mark.parametrize(("soc", "asked", "power_w"), POWERS.values(), ids=POWERS)
def test_the_power_towards_a_state_of_charge(soc: float, asked: Demand, power_w: float) -> None:
    plans = charge_plans({}, [asked], [battery(soc=soc)])
    assert plans["event", "battery"].power_w == pytest.approx(power_w)


def test_an_energy_is_split_by_capacity() -> None:
    devices = [battery("a", capacity_wh=10000.0), battery("b", capacity_wh=5000.0), car()]
    plans = charge_plans({}, [demand(ChargeTo(left_s=3600.0, energy_wh=9000.0))], devices)
    assert {key: plan.target_wh for key, plan in plans.items()} == pytest.approx(
        {("event", "a"): 6000, ("event", "b"): 3000}
    )


def test_batteries_that_hold_nothing_have_nothing_to_reach() -> None:
    plans = charge_plans({}, [demand(ChargeTo(left_s=3600.0, energy_wh=9000.0))], [battery(capacity_wh=0.0)])
    assert plans["event", "battery"].target_wh == 0


def test_a_plan_holds_until_the_state_of_charge_or_the_target_changes() -> None:
    first = charge_plans({}, [to(0.8)], [battery()])
    later = to(0.8, 1800.0)
    assert charge_plans(first, [later], [battery()]) == first
    assert charge_plans(first, [later], [battery(soc=0.51)])["event", "battery"].power_w == pytest.approx(
        5800
    )
    assert charge_plans(first, [to(0.9, 1800.0)], [battery()])["event", "battery"].power_w == pytest.approx(
        8000
    )


def test_each_source_has_its_plan_and_other_demands_have_none() -> None:
    asked = [
        replace(to(0.8), source_id="a"),
        demand(Envelope(high_w=0.0), "b"),
        demand(ChargeTo(left_s=3600.0, state_of_charge=0.6), None),
    ]
    plans: ChargePlans = charge_plans({}, asked, [battery()])
    assert set(plans) == {("a", "battery"), ("", "battery")}
    known = {("", "battery"): ChargePlan(state_of_charge=0.5, target_wh=6000.0, power_w=77.0)}
    assert charge_plans(known, asked, [battery()])["", "battery"].power_w == 77
