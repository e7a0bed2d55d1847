"""A counter that fell or leapt is not told, until it stays so or another meter counts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.kinds.switched_load import SwitchedLoadReading
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    MeterRegisters,
    PvReading,
    Reading,
)
from custom_components.home_flex.runtime.counters import FALLEN_S, SESSION_S, Counters

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
METER = MeterReading(time=NOON, power_w=400.0)


def import_wh(counters: Counters, energy_wh: float | None, now_s: float, serial: str = "E1") -> float | None:
    return counters.settled(replace(METER, energy_import_wh=energy_wh), serial, now_s).energy_import_wh


def test_a_meter_that_tells_nothing_for_a_moment_has_not_begun_anew() -> None:
    counters = Counters()
    told = [import_wh(counters, each, 5.0 * at) for at, each in enumerate((9e6, 0.0, None, 0.0, 9e6 + 1.0))]
    assert told == [9e6, None, None, None, 9e6 + 1.0]


def test_a_counter_that_stays_lower_and_counts_on_is_believed_after_an_hour() -> None:
    counters = Counters()
    assert import_wh(counters, 9e6, 0.0) == 9e6
    assert import_wh(counters, 5.0, 10.0) is None
    assert import_wh(counters, 900.0, 9.0 + FALLEN_S) is None
    assert import_wh(counters, 901.0, 10.0 + FALLEN_S) == 901.0
    assert import_wh(counters, 902.0, 11.0 + FALLEN_S) == 902.0


PV = PvReading(time=NOON, power_w=0.0, rated_power_w=5000.0)


def produced_wh(counters: Counters, energy_wh: float, now_s: float) -> float | None:
    return counters.settled(replace(PV, energy_produced_wh=energy_wh), "E1", now_s).energy_produced_wh


def test_an_inverter_that_tells_nothing_all_night_has_not_begun_anew() -> None:
    counters = Counters()
    assert produced_wh(counters, 9e6, 0.0) == 9e6
    assert {produced_wh(counters, 0.0, 60.0 * minute) for minute in range(1, 600)} == {None}
    assert produced_wh(counters, 9e6 + 10.0, 36_000.0) == 9e6 + 10.0


def test_an_inverter_that_is_first_asked_by_night_is_told_from_where_it_stands_by_day() -> None:
    counters = Counters()
    assert {produced_wh(counters, 0.0, 60.0 * minute) for minute in range(600)} == {None}
    assert produced_wh(counters, 9e6, 36_000.0) == 9e6


def test_one_that_did_begin_anew_is_told_as_soon_as_it_counts() -> None:
    counters = Counters()
    assert produced_wh(counters, 9e6, 0.0) == 9e6
    assert produced_wh(counters, 0.0, 10.0) is None
    assert produced_wh(counters, 0.0, 10.0 + FALLEN_S) is None
    assert produced_wh(counters, 1.0, 20.0 + FALLEN_S) == 1.0


def test_a_meter_that_has_fed_nothing_in_says_so() -> None:
    assert import_wh(Counters(), 0.0, 0.0) == 0.0


def test_one_that_falls_again_meanwhile_begins_its_hour_anew() -> None:
    counters = Counters()
    assert import_wh(counters, 9e6, 0.0) == 9e6
    assert import_wh(counters, 900.0, 10.0) is None
    assert import_wh(counters, 5.0, FALLEN_S) is None
    assert import_wh(counters, 6.0, 10.0 + FALLEN_S) is None


def test_a_leap_that_no_home_uses_is_not_told_and_keeps_no_true_value_back() -> None:
    counters = Counters()
    told = [
        import_wh(counters, each, 10.0 * at)
        for at, each in enumerate((24_691e3, 94_691e3, 24_691.1e3, 2e67, 24_691.2e3))
    ]
    assert told == [24_691e3, None, 24_691.1e3, None, 24_691.2e3]


def test_a_leap_that_stays_and_counts_on_is_believed_after_an_hour() -> None:
    counters = Counters()
    assert import_wh(counters, 5e6, 0.0) == 5e6
    assert import_wh(counters, 9e6, 10.0) is None
    assert import_wh(counters, 9e6 + 500.0, 10.0 + FALLEN_S) == 9e6 + 500.0


@pytest.mark.parametrize(("away_s", "used_wh"), [(10.0, 1000.0), (86_400.0, 3e6), (1.0, 1e5)])
def test_what_a_home_can_have_used_meanwhile_is_told_at_once(away_s: float, used_wh: float) -> None:
    counters = Counters()
    assert import_wh(counters, 5e6, 0.0) == 5e6
    assert import_wh(counters, 5e6 + used_wh, away_s) == 5e6 + used_wh


def test_another_meter_counts_from_where_it_is() -> None:
    counters = Counters()
    assert import_wh(counters, 9e6, 0.0) == 9e6
    assert import_wh(counters, 203.0, 1.0, serial="E2") == 203.0


CHARGER = ChargerReading(
    time=NOON,
    power_w=0.0,
    status=ChargerStatus.CHARGING,
    phases=3,
    min_current_a=6.0,
    max_current_a=16.0,
)


def charger_wh(counters: Counters, energy_wh: float, session_wh: float, now_s: float) -> tuple[Any, Any]:
    told = replace(CHARGER, energy_wh=energy_wh, session_energy_wh=session_wh)
    settled = counters.settled(told, "C1", now_s)
    assert isinstance(settled, ChargerReading)
    return settled.energy_wh, settled.session_energy_wh


def test_a_charger_that_leaps_or_tells_nothing_for_a_moment_has_charged_what_it_had() -> None:
    counters = Counters()
    assert charger_wh(counters, 7e6, 9e3, 0.0) == (7e6, 9e3)
    assert charger_wh(counters, 7.2e6, 159e3, 15.0) == (None, None)
    assert charger_wh(counters, 0.0, 0.0, 30.0) == (None, None)
    assert charger_wh(counters, 7e6 + 100, 9100.0, 45.0) == (7e6 + 100, 9100.0)


def test_a_charger_s_counters_that_begin_anew_are_believed_after_a_minute() -> None:
    counters = Counters()
    assert charger_wh(counters, 9e3, 9e3, 0.0) == (9e3, 9e3)
    assert charger_wh(counters, 0.0, 0.0, 10.0) == (None, None)
    assert charger_wh(counters, 150.0, 150.0, 10.0 + SESSION_S) == (150.0, 150.0)


def test_what_a_charger_tells_once_an_hour_is_told() -> None:
    counters = Counters()
    assert charger_wh(counters, 7e6, 0.0, 0.0) == (7e6, 0.0)
    assert charger_wh(counters, 7e6, 0.0, 3590.0) == (7e6, 0.0)
    assert charger_wh(counters, 7.022e6, 22e3, 3600.0) == (7.022e6, 22e3)


READINGS: dict[str, tuple[Reading, dict[str, Any]]] = {
    "both directions": (METER, {"energy_import_wh": 5e6, "energy_export_wh": 7e5}),
    "the sun": (PvReading(time=NOON, power_w=0.0, rated_power_w=5e3), {"energy_produced_wh": 8e6}),
    "a battery": (
        BatteryReading(
            time=NOON,
            power_w=0.0,
            state_of_charge=0.5,
            capacity_wh=1e4,
            max_charge_w=5e3,
            max_discharge_w=5e3,
        ),
        {"energy_charged_wh": 3e6, "energy_discharged_wh": 2e6},
    ),
    "a charger": (CHARGER, {"energy_wh": 5e6, "session_energy_wh": 8e3}),
    "a load": (
        SwitchedLoadReading(time=NOON, power_w=0.0, is_on=False, rated_power_w=1e3),
        {"energy_wh": 4321.0},
    ),
}


@pytest.mark.parametrize(("reading", "counted"), READINGS.values(), ids=READINGS)
def test_each_counter_of_each_kind_is_looked_after(reading: Reading, counted: dict[str, Any]) -> None:
    counters = Counters()
    whole = replace(reading, **counted)
    assert counters.settled(whole, None, 0.0) == whole
    empty = replace(reading, **dict.fromkeys(counted, 0.0))
    assert counters.settled(empty, None, 1.0) == reading


def test_gas_water_heat_and_tariffs_are_left_out_with_the_rest_as_it_is() -> None:
    counters = Counters()
    told = MeterRegisters(
        gas_m3=4034.1, gas_time=NOON, water_m3=7.0, heat_wh=9e6, import_by_tariff_wh=(1.0, 2.0), tariff=2
    )
    assert counters.settled(replace(METER, registers=told), "E1", 0.0).registers == told
    zero = replace(told, gas_m3=0.0, water_m3=0.0, heat_wh=0.0, import_by_tariff_wh=(1.0, 0.0))
    assert counters.settled(replace(METER, registers=zero), "E1", 1.0).registers == MeterRegisters(
        gas_time=NOON, tariff=2
    )


@given(st.lists(st.tuples(st.floats(0.0, 1e7), st.floats(0.0, 600.0)), max_size=30))
def test_what_is_told_falls_at_most_once_an_hour_and_is_never_made_up(
    steps: list[tuple[float, float]],
) -> None:
    counters, now_s, last_wh, fell_s = Counters(), 0.0, 0.0, -FALLEN_S
    for energy_wh, passed_s in steps:
        now_s += passed_s
        told = import_wh(counters, energy_wh, now_s)
        assert told in (None, energy_wh)
        if told is not None:
            if told < last_wh:
                assert now_s - fell_s >= FALLEN_S
                fell_s = now_s
            last_wh = told
