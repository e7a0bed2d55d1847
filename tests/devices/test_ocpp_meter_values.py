"""Meter values of real chargers, read with their oddities."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.devices.ocpp.meter import Meter
from custom_components.home_flex.devices.ocpp.meter_values import (
    LARGEST_POWER_W,
    MeterSample,
    read_meter_values,
)
from custom_components.home_flex.devices.ocpp.register import EnergyRegister
from tests.devices.ocpp_clients import NOON, SETTINGS

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


def sampled(
    value: object, measurand: str | None = None, unit: str | None = None, **more: Any
) -> dict[str, Any]:
    named = {"measurand": measurand, "unit": unit} | more
    return {"value": value} | {name: field for name, field in named.items() if field is not None}


def read(*values: dict[str, Any]) -> MeterSample:
    (sample,) = read_meter_values([{"timestamp": NOON, "sampledValue": list(values)}])
    return sample


def measured(*samples: tuple[dict[str, Any], ...], apart_s: float = 1.0) -> Meter:
    """Return the meter after samples that came so far apart."""
    meter = Meter(SETTINGS.phases)
    for number, values in enumerate(samples):
        meter.take(read(*values).values, 1000.0 + number * apart_s)
    return meter


@pytest.mark.parametrize(
    ("value", "unit", "power_w"),
    [
        ("7200", "W", 7200.0),
        ("7.2", "kW", 7200.0),
        ("7200", None, 7200.0),
        (7200, "W", 7200.0),
        ("0", "W", 0.0),
    ],
)
def test_power_is_read_in_watts_from_any_of_its_units(
    value: object, unit: str | None, power_w: float
) -> None:
    assert measured((sampled(value, "Power.Active.Import", unit),)).power_w == power_w


@pytest.mark.parametrize(
    ("value", "unit", "energy_wh"),
    [("12470", "Wh", 12470.0), ("12.47", "kWh", 12470.0), ("12470", None, 12470.0)],
)
def test_energy_is_read_in_watt_hours_from_any_of_its_units(
    value: str, unit: str | None, energy_wh: float
) -> None:
    assert read(sampled(value, "Energy.Active.Import.Register", unit)).energy_wh == pytest.approx(energy_wh)


def test_a_long_decimal_string_of_kilowatt_hours_is_read() -> None:
    sample = read(sampled("0.15002000000000001", "Energy.Active.Import.Register", "kWh"))
    assert sample.energy_wh == pytest.approx(150.02)


def test_a_value_without_a_measurand_is_the_energy_register_in_watt_hours() -> None:
    assert read(sampled("4711")).energy_wh == 4711.0


def test_the_total_power_counts_and_not_its_phases_beside_it() -> None:
    phases = [sampled("1000", "Power.Active.Import", "W", phase=f"L{n}-N") for n in (1, 2, 3)]
    assert (
        measured(
            (
                *phases,
                sampled("3100", "Power.Active.Import", "W"),
            )
        ).power_w
        == 3100.0
    )


def test_without_a_total_the_power_is_the_sum_of_the_phases() -> None:
    phases = [sampled("1000", "Power.Active.Import", "W", phase=f"L{n}") for n in (1, 2, 3)]
    assert measured(tuple(phases)).power_w == 3000.0


def test_without_power_it_is_currents_times_voltages() -> None:
    currents = [sampled(str(10 + n), "Current.Import", "A", phase=f"L{n}") for n in (1, 2, 3)]
    voltages = [sampled("231", "Voltage", "V", phase=f"L{n}-N") for n in (1, 2, 3)]
    meter = measured((*currents, *voltages))
    assert meter.phase_current_a == (11.0, 12.0, 13.0)
    assert meter.power_w == pytest.approx(36 * 231.0)


def test_without_a_voltage_it_is_230_volts() -> None:
    assert measured((sampled("10", "Current.Import", "A", phase="L1"),)).power_w == pytest.approx(2300.0)


def test_a_current_without_a_phase_is_that_of_every_phase() -> None:
    assert measured((sampled("10", "Current.Import", "A"),)).phase_current_a == (10.0, 10.0, 10.0)


def test_power_of_150_kilowatts_that_no_home_s_charger_draws_is_ignored_and_counted() -> None:
    sample = read(sampled("150000", "Power.Active.Import", "W"))
    assert (sample.values, sample.ignored) == ({}, 1)


def test_a_charger_that_draws_more_than_it_was_set_up_for_is_believed() -> None:
    currents = [sampled("32", "Current.Import", "A", phase=f"L{n}") for n in (1, 2, 3)]
    meter = measured((sampled("22000", "Power.Active.Import", "W"), *currents))
    assert (meter.power_w, meter.phase_current_a) == (22000.0, (32.0, 32.0, 32.0))


@pytest.mark.parametrize("measurand", ["Power.Active.Import", "Energy.Active.Import.Register"])
@pytest.mark.parametrize("context", ["Sample.Periodic", "Sample.Clock", "Trigger", None])
@pytest.mark.parametrize("turned", [False, True])
def test_what_a_transaction_began_with_does_not_stand_for_what_is_now(
    measurand: str, context: str | None, turned: bool
) -> None:
    now = sampled("203", measurand, context=context)
    begin = sampled("0", measurand, context="Transaction.Begin")
    sample = read(*([begin, now] if turned else [now, begin]))
    assert sample.values == {measurand: {0: 203.0}}


def by_phase(power_w: str, current_a: str) -> list[tuple[dict[str, Any], ...]]:
    """Return one sample for each phase."""
    return [
        (
            sampled(power_w, "Power.Active.Import", "W", phase=f"L{n}"),
            sampled(current_a, "Current.Import", "A", phase=f"L{n}"),
        )
        for n in (1, 2, 3)
    ]


def test_phases_that_come_in_samples_of_their_own_are_put_together() -> None:
    meter = measured(*by_phase("2400", "10.4"))
    assert (meter.power_w, meter.phase_current_a) == (7200.0, (10.4, 10.4, 10.4))


def test_a_phase_that_is_told_no_more_is_forgotten_when_the_others_go_on() -> None:
    one = [(sampled("2000", "Power.Active.Import", "W", phase="L1"),)] * 3
    meter = measured(*by_phase("2400", "10.4"), *one, apart_s=30.0)
    assert meter.power_w == 2000.0


def test_a_total_of_long_before_does_not_hide_its_phases() -> None:
    total = (sampled("0", "Power.Active.Import", "W"),)
    assert measured(total, *by_phase("2400", "10"), apart_s=6.0).power_w == 7200.0
    assert measured(total, *by_phase("2400", "10"), apart_s=1.0).power_w == 0.0


def test_a_power_that_is_told_no_more_gives_way_to_the_currents() -> None:
    power = (sampled("11000", "Power.Active.Import", "W"),)
    current = (sampled("6", "Current.Import", "A"),)
    assert measured(power, current, apart_s=61.0).power_w == pytest.approx(3 * 6 * 230.0)


@pytest.mark.parametrize("value", ["NaN", "inf", "-inf", "", "1,5", "seven", None, True, [], {}, 10**400])
def test_what_is_no_number_is_ignored_and_counted(value: object) -> None:
    sample = read(sampled(value, "Power.Active.Import", "W"))
    assert (sample.values, sample.ignored) == ({}, 1)


def test_a_unit_outside_the_schema_costs_nothing_but_its_value() -> None:
    meter = measured((sampled("50", "Frequency", "Hz"), sampled("7200", "Power.Active.Import", "W")))
    assert meter.power_w == 7200.0


def test_a_value_at_the_outlet_counts_more_than_one_at_the_inlet() -> None:
    outlet = sampled("7000", "Power.Active.Import", "W", location="Outlet")
    inlet = sampled("7100", "Power.Active.Import", "W", location="Inlet")
    assert measured((outlet, inlet)).power_w == 7000.0
    assert measured((inlet,)).power_w == 7100.0


@given(ANY_JSON)
def test_no_json_value_is_too_odd_to_be_read(anything: object) -> None:
    read_meter_values(anything)
    read_meter_values([anything])
    read_meter_values([{"timestamp": anything, "sampledValue": anything}])
    read_meter_values([{"timestamp": NOON, "sampledValue": [anything]}])


@given(
    st.fixed_dictionaries(
        {"value": ANY_JSON},
        optional=dict.fromkeys(("measurand", "unit", "phase", "location", "context", "format"), ANY_JSON),
    )
)
def test_no_field_of_a_value_is_too_odd_to_be_read(value: dict[str, Any]) -> None:
    read(value)


@given(
    st.floats() | st.integers(),
    st.sampled_from(["Power.Active.Import", "Current.Import", "Voltage", None]),
    st.sampled_from([None, "W", "kW", "A", "V", "Wh"]),
    st.sampled_from([None, "L1", "L2-N", "N", "L1-L2"]),
)
def test_power_is_never_beyond_what_any_charger_can_draw(
    value: object, measurand: str | None, unit: str | None, phase: str | None
) -> None:
    meter = Meter(SETTINGS.phases)
    meter.take(read(sampled(value, measurand, unit, phase=phase)).values, 1000.0)
    assert not meter.is_told or abs(meter.power_w) <= LARGEST_POWER_W
    assert all(math.isfinite(current) for current in meter.phase_current_a)


@pytest.mark.parametrize(
    ("power_w", "current_a"),
    [
        ("6624", (9.6, 9.6, 9.6)),
        ("2260", (9.6, 0.0, 0.0)),
        ("2208", (9.6, 0.0, 0.0)),
        ("0", (9.6, 0.0, 0.0)),
    ],
)
def test_what_the_power_has_beyond_the_phases_that_tell_is_drawn_on_the_others(
    power_w: str, current_a: tuple[float, ...]
) -> None:
    values = (
        sampled(" 9.6", "Current.Import", "A", phase="L1"),
        sampled(power_w, "Power.Active.Import", "W"),
    )
    assert measured(values).phase_current_a == pytest.approx(current_a)


def test_a_power_of_long_ago_tells_nothing_of_the_phases_now() -> None:
    power = (sampled("6624", "Power.Active.Import", "W"),)
    current = (sampled("9.6", "Current.Import", "A", phase="L1"),)
    assert measured(power, current, apart_s=90.0).phase_current_a == (9.6, 0.0, 0.0)


def test_the_register_leaves_out_150_kilowatt_hours_after_15_seconds() -> None:
    register = EnergyRegister()
    assert register.take(1000.0, 0.0, LARGEST_POWER_W)
    assert not register.take(151000.0, 15.0, LARGEST_POWER_W)
    assert register.take(1050.0, 30.0, LARGEST_POWER_W)
    assert register.energy_wh == 1050.0


def test_the_register_leaves_out_kilowatt_hours_told_as_watt_hours() -> None:
    register = EnergyRegister()
    register.take(12470.0, 0.0, LARGEST_POWER_W)
    assert not register.take(12.0, 15.0, LARGEST_POWER_W)
    assert register.energy_wh == 12470.0


@pytest.mark.parametrize(
    ("counted", "is_behind"), [(1.0, False), (0.98, False), (0.001, True), (0.0, True)], ids=str
)
def test_a_register_that_counts_next_to_nothing_of_what_is_drawn_is_behind(
    counted: float, is_behind: bool
) -> None:
    register = EnergyRegister()
    for minute in range(30):
        drawn_wh = 9451.0 * minute / 60.0
        register.take(361.0 + counted * drawn_wh, 60.0 * minute, LARGEST_POWER_W)
        register.draw(9451.0, 60.0 * minute)
    assert register.is_behind is is_behind


def test_a_register_that_is_seldom_told_or_in_whole_kilowatt_hours_is_not_behind() -> None:
    register = EnergyRegister()
    for minute in range(60):
        drawn_wh = 9451.0 * minute / 60.0
        if minute % 15 == 0:
            register.take(drawn_wh // 1000.0 * 1000.0, 60.0 * minute, LARGEST_POWER_W)
        register.draw(9451.0, 60.0 * minute)
        assert not register.is_behind


def test_three_values_that_agree_are_believed_against_an_older_one() -> None:
    register = EnergyRegister()
    register.take(0.0, 0.0, LARGEST_POWER_W)
    believed = [register.take(4_000_000.0 + n, 10.0 * n + 20.0, LARGEST_POWER_W) for n in (1, 2, 3)]
    assert believed == [False, False, True]


def test_a_register_that_has_counted_is_not_given_up_for_a_leap_that_is_told_for_minutes() -> None:
    register = EnergyRegister()
    for n in range(3):
        assert register.take(4_000_000.0 + 30 * n, 10.0 * n, LARGEST_POWER_W)
    assert not any(register.take(4_150_000.0 + 30 * n, 10.0 * n, LARGEST_POWER_W) for n in range(3, 60))
    assert register.take(4_002_000.0, 600.0, LARGEST_POWER_W)
    last = [register.take(9_000_000.0 + n, 610.0 + 60.0 * n, LARGEST_POWER_W) for n in range(67)]
    assert last == [False] * 65 + [True] * 2


def test_one_that_fell_is_believed_as_soon_as_it_counts_on() -> None:
    register = EnergyRegister()
    for n in range(3):
        register.take(4_000_000.0 + 30 * n, 10.0 * n, LARGEST_POWER_W)
    assert [register.take(10.0 * n, 10.0 * n + 30.0, LARGEST_POWER_W) for n in range(3)] == [
        False,
        False,
        True,
    ]


def test_values_of_yesterday_that_come_at_once_are_not_believed_against_a_live_one() -> None:
    register = EnergyRegister()
    register.take(10_050_000.0, 0.0, LARGEST_POWER_W)
    queued = [register.take(10_020_000.0 + 10 * n, 2.0 + n / 10, LARGEST_POWER_W) for n in range(5)]
    assert not any(queued)
    assert register.take(10_050_100.0, 60.0, LARGEST_POWER_W)


def test_after_a_restart_of_the_charger_the_register_may_begin_anew() -> None:
    register = EnergyRegister()
    register.take(12470.0, 0.0, LARGEST_POWER_W)
    register.restart()
    assert register.take(0.0, 15.0, LARGEST_POWER_W)


@given(st.floats(0.0, 999.0) | st.floats(2000.0, 1e9))
def test_one_impossible_value_never_moves_the_register(impossible_wh: float) -> None:
    register = EnergyRegister()
    register.take(1000.0, 0.0, LARGEST_POWER_W)
    assert not register.take(impossible_wh, 2.0, LARGEST_POWER_W)
    assert register.take(1001.0, 4.0, LARGEST_POWER_W)
    assert register.energy_wh == 1001.0
