"""When a setpoint is written, and when a device is believed to have followed it."""

from datetime import timedelta

import pytest

from custom_components.home_flex.core.control.arbiter import differs
from custom_components.home_flex.core.control.read_back import followed
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    Owner,
    PvReading,
    Quantity,
    Setpoint,
)

from .house import START


def setpoint(value: float | None, quantity: Quantity = Quantity.POWER_W, life_s: float = 60) -> Setpoint:
    return Setpoint(
        device_id="device",
        quantity=quantity,
        value=value,
        owner=Owner.AGGREGATOR,
        reason="test",
        issued=START,
        expires=START + timedelta(seconds=life_s),
    )


def battery(power_w: float, after_s: float) -> BatteryReading:
    return BatteryReading(
        time=START + timedelta(seconds=after_s),
        power_w=power_w,
        state_of_charge=0.5,
        capacity_wh=10000,
        max_charge_w=5000,
        max_discharge_w=5000,
    )


@pytest.mark.parametrize(
    ("new", "old", "written"),
    [
        (1000, 1000, False),
        (1040, 1000, False),
        (1060, 1000, True),
        (None, 0, True),
        (0, None, True),
        (None, None, False),
    ],
)
def test_only_a_real_change_is_written(new: float | None, old: float | None, written: bool) -> None:
    assert differs(setpoint(new), setpoint(old), START, 30) is written


def test_the_first_setpoint_is_always_written() -> None:
    assert differs(setpoint(None), None, START, 30)


def test_a_tenth_of_an_ampere_is_a_change() -> None:
    quantity = Quantity.CURRENT_LIMIT_A
    assert differs(setpoint(9.3, quantity), setpoint(9.2, quantity), START, 30)
    assert not differs(setpoint(9.2, quantity), setpoint(9.2, quantity), START, 30)


def test_a_setpoint_is_renewed_before_it_expires_but_a_hand_back_is_not() -> None:
    soon = START + timedelta(seconds=31)
    assert differs(setpoint(1000), setpoint(1000), soon, 30)
    assert not differs(setpoint(1000), setpoint(1000), START + timedelta(seconds=29), 30)
    assert not differs(setpoint(None), setpoint(None), soon, 30)


@pytest.mark.parametrize(
    ("power_w", "after_s", "finding"),
    [
        (-2900, 0.5, True),
        (0, 2.0, None),
        (0, 5.9, None),
        (0, 6.0, False),
        (-3000, 0.0, None),
        (-2650, 9.0, False),
        (-2710, 9.0, True),
    ],
)
def test_a_battery_follows_when_its_power_shows_it(
    power_w: float, after_s: float, finding: bool | None
) -> None:
    assert followed(setpoint(-3000), battery(power_w, after_s), START + timedelta(seconds=60)) is finding


def test_an_inverter_follows_when_it_stays_below_its_limit() -> None:
    limit = setpoint(2000, Quantity.PRODUCTION_LIMIT_W)
    later = START + timedelta(seconds=20)
    assert followed(limit, PvReading(time=later, power_w=-500, rated_power_w=8000), later) is True
    assert followed(limit, PvReading(time=later, power_w=-4000, rated_power_w=8000), later) is False


def test_a_charger_follows_when_it_stays_below_its_current() -> None:
    later = START + timedelta(seconds=20)

    def charger(power_w: float) -> ChargerReading:
        return ChargerReading(
            time=later,
            power_w=power_w,
            status=ChargerStatus.CHARGING,
            phases=3,
            min_current_a=6,
            max_current_a=16,
        )

    limit = setpoint(6.0, Quantity.CURRENT_LIMIT_A)
    assert followed(limit, charger(4140), later) is True
    assert followed(limit, charger(0), later) is True
    assert followed(limit, charger(11040), later) is False


def test_a_device_that_was_handed_back_has_nothing_to_follow() -> None:
    assert followed(setpoint(None), battery(0, 9), START + timedelta(seconds=9)) is None
