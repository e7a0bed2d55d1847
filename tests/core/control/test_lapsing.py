"""Orders that end by themselves: heard, repeated ever more seldom, told, and made up for by others."""

import pytest

from custom_components.home_flex.core.control.memory import Judgement
from custom_components.home_flex.core.events.model import PayloadType

from .house import House, command

IMPORT_2KW = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)


def forgetful(lasts_s: float, *, period_s: float = 1.0, car_max_a: float = 0.0) -> House:
    """Return a house of 4.5 kW whose battery goes back to doing nothing ``lasts_s`` after each order."""
    house = House(base_w=4500, capacity_wh=1e6, car_max_a=car_max_a)
    house.battery.lasts_s, house.battery.tells, house.battery.period_s = lasts_s, True, period_s
    return house


@pytest.mark.parametrize("lasts_s", [5.0, 10.0])
@pytest.mark.parametrize("period_s", [1.0, 5.0])
def test_who_goes_back_to_its_own_ways_is_told_seldom_and_never_twice_as_much(
    lasts_s: float, period_s: float
) -> None:
    house = forgetful(lasts_s, period_s=period_s)
    house.run(10)
    house.run(300, IMPORT_2KW)
    writes = house.battery.writes
    powers = house.run(900, IMPORT_2KW)
    assert min(powers) > 1000
    assert house.battery.writes - writes <= 10


def test_one_order_after_the_other_that_ends_by_itself_is_not_followed_and_said() -> None:
    house = forgetful(5.0)
    house.run(10)
    house.run(300, IMPORT_2KW)
    assert house.memory.devices["battery"].judgement is Judgement.NOT_FOLLOWED
    assert house.decision is not None
    assert "not_following:battery" in house.decision.bent


def test_others_make_up_for_an_order_that_is_over() -> None:
    house = forgetful(5.0, car_max_a=16.0)
    house.base_w = 500
    house.run(10)
    # The car is not paused before it has charged for a while.
    house.run(600, IMPORT_2KW)
    powers = house.run(600, IMPORT_2KW)
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)


def test_an_order_that_is_renewed_before_it_ends_is_in_force() -> None:
    house = forgetful(25.0)
    house.run(10)
    powers = house.run(300, IMPORT_2KW)[10:]
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)
    assert house.memory.devices["battery"].judgement is Judgement.FOLLOWED


def test_a_device_that_keeps_its_orders_again_is_believed_again() -> None:
    house = forgetful(5.0)
    house.run(10)
    house.run(300, IMPORT_2KW)
    house.battery.lasts_s = float("inf")
    house.run(600, IMPORT_2KW)
    powers = house.run(300, IMPORT_2KW)
    assert house.memory.devices["battery"].judgement is Judgement.FOLLOWED
    assert sum(power <= 2100 for power in powers) >= 0.97 * len(powers)


def test_a_hand_back_is_no_lapse() -> None:
    house = forgetful(float("inf"))
    house.run(10)
    house.run(60, IMPORT_2KW)
    house.run(60)
    house.run(30, IMPORT_2KW)
    assert house.memory.devices["battery"].lapses.count == 0
    assert max(house.run(60, IMPORT_2KW)) < 2100
