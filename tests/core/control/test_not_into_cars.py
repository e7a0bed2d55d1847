"""Batteries that are not to charge cars give what the house draws, and no more."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging import ChargerMemory, ChargingMemory
from custom_components.home_flex.core.control.charging.surplus import SunMemory
from custom_components.home_flex.core.control.flexibility import Flexibility, Restriction
from custom_components.home_flex.core.control.not_into_cars import held
from custom_components.home_flex.core.control.state import FeedsCars
from custom_components.home_flex.core.model import Owner

from .parts import battery, car, sun

NEVER = FeedsCars(down_to=float("inf"))
NOBODY_OWES = ChargingMemory()
OWES = ChargingMemory(
    chargers={"car": ChargerMemory(), "other": ChargerMemory(sun=SunMemory(on=True, debt_wh=1.0))}
)


def store(
    feeds: FeedsCars = NEVER, *, soc: float = 0.5, name: str = "battery", low_w: float = -5000.0
) -> Flexibility:
    one = battery(name, soc=soc)
    return replace(one, device=replace(one.device, feeds_cars=feeds), declared_low_w=low_w)


def low_w(*devices: Flexibility, memory: ChargingMemory = NOBODY_OWES, rest_w: float = 1000.0) -> list[float]:
    return [one.low_w for one in held(devices, memory, rest_w)]


def test_it_is_the_residents_lasting_wish() -> None:
    assert held((store(), car(power_w=7000.0)), NOBODY_OWES, 1000.0) == (
        Restriction(
            owner=Owner.RESIDENT,
            device_id="battery",
            reason="not_into_the_car",
            low_w=-1000.0,
            source_id="car",
            standing=True,
        ),
    )


@pytest.mark.parametrize(("car_w", "is_bound"), [(0.0, False), (229.9, False), (230.0, True), (7000.0, True)])
def test_it_binds_while_a_car_draws(car_w: float, *, is_bound: bool) -> None:
    assert bool(low_w(store(), car(power_w=car_w))) is is_bound
    assert bool(low_w(store(), car(power_w=car_w / 2), car("other", power_w=car_w / 2))) is is_bound


@pytest.mark.parametrize(
    ("feeds", "soc", "is_bound"),
    [
        (FeedsCars(), 0.5, False),
        (FeedsCars(), 0.0, False),
        (FeedsCars(down_to=0.4), 0.41, False),
        (FeedsCars(down_to=0.4), 0.4, True),
        (NEVER, 1.0, True),
    ],
)
def test_a_battery_may_feed_cars_above_what_the_resident_keeps(
    feeds: FeedsCars, soc: float, *, is_bound: bool
) -> None:
    assert bool(low_w(store(feeds, soc=soc), car(power_w=7000.0))) is is_bound


def test_what_the_sun_gives_the_house_no_battery_gives() -> None:
    assert low_w(store(), car(power_w=7000.0), sun(power_w=-400.0)) == [-600.0]
    assert low_w(store(), car(power_w=7000.0), sun(power_w=-1400.0)) == [0.0]


def test_several_share_it_by_what_they_can_give() -> None:
    devices = (
        store(),
        store(name="small", low_w=-2500.0),
        store(FeedsCars(), name="free"),
        car(power_w=7000.0),
    )
    assert low_w(*devices, rest_w=900.0) == [pytest.approx(-600.0), pytest.approx(-300.0)]


def test_one_that_can_give_nothing_is_not_bound() -> None:
    assert low_w(store(low_w=0.0), car(power_w=7000.0)) == []


@pytest.mark.parametrize(
    ("bridge", "memory", "low"),
    [(True, OWES, -8000.0), (True, NOBODY_OWES, -1000.0), (False, OWES, -1000.0)],
)
def test_it_may_help_over_a_gap_of_the_sun_where_the_resident_lets_it(
    memory: ChargingMemory, low: float, *, bridge: bool
) -> None:
    feeds = FeedsCars(down_to=float("inf"), bridge=bridge)
    assert low_w(store(feeds), car(power_w=7000.0), memory=memory) == [low]
