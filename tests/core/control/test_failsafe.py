"""What happens when something is lost: docs/failsafe.md."""

import pytest

from custom_components.home_flex.core.control.document import decode, encode
from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.model import Owner

from .house import House, command

LIMIT = command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000)


def test_a_lost_meter_leaves_the_car_what_was_seen_to_fit_and_keeps_the_battery() -> None:
    house = House(car_max_a=16)
    house.run(30, LIMIT)
    house.meter_lost = True
    house.run(15, LIMIT)
    assert house.charger.value is not None
    assert 6.0 <= house.charger.value <= 11.0
    assert house.grid_w <= 2000


def test_a_short_gap_of_the_meter_changes_nothing() -> None:
    house = House(car_max_a=16)
    house.run(30, LIMIT)
    before = house.charger.value
    house.meter_lost = True
    house.run(8, LIMIT)
    assert house.charger.value == before


def test_a_lost_meter_limits_the_car_for_the_fuse_without_an_event_too() -> None:
    house = House(car_max_a=16)
    house.run(10)
    house.meter_lost = True
    house.run(15)
    # A step of 16 A that nobody sees fits beside it: 1.13 x 25 - 16 - 0.7 A.
    assert house.charger.value == 11.0
    house.meter_lost = False
    house.run(60)
    assert house.charger.value is None


def test_a_lost_meter_never_pauses_a_car_for_what_was_not_seen() -> None:
    house = House(car_max_a=16, base_w=6000)
    house.run(10)
    house.meter_lost = True
    house.run(15)
    assert house.charger.value == 6.0


def test_without_a_meter_ever_and_without_an_event_nothing_is_touched() -> None:
    house = House(car_max_a=16, meter_lost=True)
    house.run(30)
    assert [device.writes for device in house.devices.values()] == [0, 0, 0]
    assert house.decision is not None
    assert house.decision.balance is None


def test_what_a_lost_battery_gives_is_not_shown_as_nothing_nor_as_the_house() -> None:
    house = House(car_max_a=16)
    house.run(30, LIMIT)
    house.battery.lost = True
    house.run(20, LIMIT)
    assert house.decision is not None
    assert house.decision.balance is not None
    assert house.decision.balance.battery_w is None
    assert house.decision.balance.rest_w is None
    assert house.decision.balance.ev_charger_w is not None


def test_a_lost_battery_is_made_up_for_by_the_car() -> None:
    house = House(car_max_a=16)
    house.run(30, LIMIT)
    house.battery.lost = True
    house.battery.value = None
    house.run(10, LIMIT)
    assert house.grid_w <= 2000
    assert house.charger.value == 0.0
    assert house.decision is not None
    assert "battery" not in [setpoint.device_id for setpoint in house.decision.wanted]


def test_a_battery_that_does_not_follow_is_named_and_made_up_for() -> None:
    house = House(car_max_a=16)
    house.run(5)
    house.battery.deaf = True
    house.run(40, LIMIT)
    assert house.grid_w <= 2000
    house.base_w = 4000
    house.run(90, LIMIT)
    assert house.decision is not None
    assert "not_following:battery" in house.decision.bent
    assert house.decision.shortfall_w == pytest.approx(2000, abs=120)


def test_a_battery_that_follows_again_is_used_again() -> None:
    house = House(base_w=4000)
    house.run(5)
    house.battery.deaf = True
    house.run(60, LIMIT)
    house.battery.deaf = False
    house.run(75, LIMIT)
    assert house.grid_w <= 2000
    assert house.decision is not None
    assert house.decision.bent == ()


def test_setpoints_expire_by_themselves_when_nobody_renews_them() -> None:
    house = House(car_max_a=16, sun_w=1000)
    house.run(5, LIMIT)
    assert house.decision is not None
    lives_s = {setpoint.device_id: setpoint.life_s for setpoint in house.decision.wanted}
    assert lives_s == {"battery": 60, "pv": 60, "charger": 120}


def test_a_restart_in_the_middle_of_an_event_goes_on_and_hands_back() -> None:
    house = House(car_max_a=16)
    house.run(20, LIMIT)
    # How soon the charger answers is all that outlives the restart here.
    house.memory = House().memory
    powers = house.run(60, LIMIT)
    assert sum(power <= 2000 for power in powers) / len(powers) >= 0.97
    house.run(8)
    assert house.battery.value is None
    assert house.charger.value is None


def test_a_car_that_was_load_until_its_charger_called_is_handed_back_at_once_after_a_restart() -> None:
    house = House(car_max_a=16, noise_w=0.0, base_w=2500)
    house.run(30, LIMIT)
    assert house.charger.value == 6.0
    house.memory = decode(encode(house.memory, house.time_s, house.now), house.time_s, house.now)
    for device in house.devices.values():
        device.written = device.written_s = device.changed_s = None
    house.charger.lost = True
    house.run(4)
    # The battery was just handed back, and the meter may not show that yet.
    assert (house.battery.value, house.charger.value) == (None, 6.0)
    house.charger.lost = False
    house.run(5)
    assert house.charger.value is None
    assert house.memory.load[-1].high_w[0] == pytest.approx(2500, abs=20)


def test_the_owner_the_reason_and_the_event_are_told() -> None:
    house = House(car_max_a=16)
    house.run(10, LIMIT)
    assert house.decision is not None
    battery = house.decision.wanted[0]
    assert (battery.owner, battery.reason, battery.source_id) == (
        Owner.AGGREGATOR,
        "import_capacity_limit",
        "event",
    )


def test_a_battery_that_takes_no_order_is_made_up_for_and_told_until_it_takes_one() -> None:
    house = House(base_w=2000, car_max_a=16)
    house.battery.refuses = True
    limit = command(PayloadType.IMPORT_CAPACITY_LIMIT, 9000)
    house.run(40, limit)
    assert max(house.run(60, limit)) <= 9000
    assert house.decision is not None
    assert "not_following:battery" in house.decision.bent
    house.battery.refuses = False
    house.run(180, limit)
    assert house.decision.bent == ()
    assert house.battery.power_w < -3000


def test_a_refusal_or_two_are_no_reason_to_move_the_car() -> None:
    house = House(base_w=2000, car_max_a=16)
    house.battery.refuses = True
    limit = command(PayloadType.IMPORT_CAPACITY_LIMIT, 9000)
    house.run(10, limit)
    house.battery.refuses = False
    house.run(60, limit)
    assert house.charger.writes == 0
    assert house.charger.power_w > 11000
