"""What cannot be true is named; overloads that a fuse carries for a while, and rough ratings, can be."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    PvReading,
    Reading,
    why_incredible,
)
from tests.core.control.house import SITE

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
METER = MeterReading(time=NOW, power_w=1500.0)
BATTERY = BatteryReading(
    time=NOW, power_w=0.0, state_of_charge=0.5, capacity_wh=10_000, max_charge_w=5000, max_discharge_w=4000
)
PV = PvReading(time=NOW, power_w=-3000.0, rated_power_w=4000.0)
CHARGER = ChargerReading(
    time=NOW,
    power_w=0.0,
    status=ChargerStatus.CHARGING,
    phases=1,
    min_current_a=6.0,
    max_current_a=16.0,
)


@pytest.mark.parametrize(
    "reading",
    [
        METER,
        replace(METER, power_w=2.5 * 17_250),
        replace(METER, power_w=-50_000.0),
        replace(METER, phase_power_w=(14_000.0, 0.0, 0.0), phase_current_a=(61.0, 0.0, 0.0)),
        replace(BATTERY, power_w=-6000.0),
        replace(BATTERY, power_w=1500.0, max_charge_w=0.0, max_discharge_w=0.0),
        replace(PV, power_w=-7000.0),
        replace(PV, power_w=20.0),
        replace(CHARGER, power_w=11_000.0),
    ],
)
def test_what_a_fuse_carries_for_a_while_and_what_goes_beyond_a_rough_rating_can_be(reading: Reading) -> None:
    assert why_incredible(reading, SITE) is None


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        (replace(METER, power_w=math.nan), "power_w"),
        (replace(METER, power_w=100_000.0), "power_w"),
        (replace(METER, power_w=-60_000.0), "power_w"),
        (replace(METER, phase_power_w=(0.0, 32_767.0, 0.0)), "phase_power_w"),
        (replace(METER, phase_power_w=(0.0, -18_000.0, 0.0)), "phase_power_w"),
        (replace(METER, phase_current_a=(0.0, 655.35, 0.0)), "phase_current_a"),
        (replace(METER, phase_voltage_v=(230.0, math.inf, 230.0)), "phase_voltage_v"),
        (replace(BATTERY, power_w=-55_000.0), "power_w"),
        (replace(BATTERY, state_of_charge=math.nan), "state_of_charge"),
        (replace(BATTERY, state_of_charge=1.2), "state_of_charge"),
        (replace(BATTERY, capacity_wh=-1.0), "capacity_wh"),
        (replace(BATTERY, max_charge_w=3.4e38), "max_charge_w"),
        (replace(BATTERY, max_discharge_w=4_294_967_295.0), "max_discharge_w"),
        (replace(PV, power_w=-65_535.0), "power_w"),
        (replace(PV, rated_power_w=680_740_000.0), "rated_power_w"),
        (replace(CHARGER, power_w=32_767.0), "power_w"),
        (replace(CHARGER, max_current_a=65_535.0), "max_current_a"),
    ],
)
def test_what_no_fuse_and_no_rating_allows_is_named(reading: Reading, names: str) -> None:
    why = why_incredible(reading, SITE)
    assert why is not None
    assert why.startswith(f"{names} ")


@given(st.floats(-3 * 17_250, 5 * 17_250))
def test_no_power_that_the_main_fuse_may_show_is_doubted(power_w: float) -> None:
    assert why_incredible(replace(METER, power_w=power_w), SITE) is None
