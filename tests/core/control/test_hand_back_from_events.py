"""After an event each device is handed back at once, also by a home that knows nothing of its devices yet."""

import pytest

from custom_components.home_flex.core.control.state import ControlMemory
from custom_components.home_flex.core.events.model import PayloadType

from .house import House, command

LIMIT = command(PayloadType.IMPORT_CAPACITY_LIMIT, 4000)
# Two devices follow one another by two seconds, and a decision is made each second.
HANDED_BACK_S = 4


def new_house() -> House:
    house = House(car_max_a=16, memory=ControlMemory())
    house.charger.period_s = 1.0
    return house


def is_free(house: House) -> bool:
    return all(one.written is None or one.written.value is None for one in house.devices.values())


@pytest.mark.parametrize("known_s", [0, 1, 30])
@pytest.mark.parametrize("lasts_s", [1, 2, 10, 40])
def test_a_charger_that_was_never_ordered_before_is_handed_back_with_the_others(
    known_s: int, lasts_s: int
) -> None:
    house = new_house()
    house.run(known_s)
    house.run(lasts_s, LIMIT)
    assert not is_free(house)
    house.run(HANDED_BACK_S)
    assert is_free(house)


@pytest.mark.parametrize("silent_s", [3, 5])
def test_a_charger_is_not_raised_without_a_fresh_telegram_and_handed_back_with_the_next(
    silent_s: int,
) -> None:
    house = new_house()
    house.run(30)
    house.run(10, LIMIT)
    told_a = house.charger.value
    assert told_a is not None
    house.meter_lost = True
    house.run(silent_s, LIMIT)
    house.run(silent_s)
    assert house.charger.value is not None
    assert house.charger.value <= told_a
    house.meter_lost = False
    house.run(HANDED_BACK_S)
    assert is_free(house)
