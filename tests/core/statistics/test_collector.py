"""Readings as they come: closing slots one after the other gives what all readings together give."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import (
    BatteryReading,
    DeviceKind,
    MeterReading,
    MeterRegisters,
    PvReading,
    Reading,
)
from custom_components.home_flex.core.statistics import CounterReading, CounterRule, Mark, Problem, count
from custom_components.home_flex.core.statistics.collector import CounterCollector, PowerCollector, PowerSlot
from custom_components.home_flex.core.statistics.registers import directions, registers_of, tariff_of

RULE = CounterRule(most_per_h=17_250)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def reading(time_s: int, value: int) -> CounterReading:
    return CounterReading(time_s=time_s, value=value)


def test_a_slot_that_is_over_is_closed_with_what_was_read_at_its_ends() -> None:
    counter = CounterCollector(RULE)
    for time_s in range(0, 320, 10):
        counter.add(reading(time_s, 1_000 + time_s))

    closed = counter.close(1)

    assert closed.cells == {0: (300, Mark.MEASURED)}
    assert closed.readings == {0: (reading(0, 1_000), reading(290, 1_290))}


def test_a_device_that_was_silent_fills_the_slots_in_between_later() -> None:
    counter = CounterCollector(RULE)
    for time_s in (0, 100, 200):
        counter.add(reading(time_s, time_s))
    assert counter.close(1).cells == {0: (200, Mark.INTERPOLATED)}
    assert counter.close(2).cells == {0: (200, Mark.INTERPOLATED)}

    counter.add(reading(1_200, 1_200))

    assert counter.close(4).cells == dict.fromkeys(range(4), (300, Mark.INTERPOLATED))


def test_what_was_kept_before_a_restart_goes_on_without_a_gap() -> None:
    before = CounterCollector(RULE)
    for time_s in range(0, 600, 10):
        before.add(reading(time_s, time_s))
    kept = before.close(2).readings

    after = CounterCollector(RULE, (kept[0][-1], *kept[1]))
    after.add(reading(900, 900))

    assert after.close(3).cells == {1: (300, Mark.MEASURED), 2: (300, Mark.MEASURED)}


def test_a_reading_of_a_slot_that_is_closed_for_good_is_passed_over() -> None:
    counter = CounterCollector(RULE)
    for time_s in (0, 300, 600):
        counter.add(reading(time_s, time_s))
    counter.close(2)

    counter.add(reading(150, 7))

    assert counter.close(3).findings == ()


def test_what_is_odd_is_told() -> None:
    counter = CounterCollector(RULE)
    for time_s, value in ((0, 5_200), (100, 5_290), (110, 0), (290, 10)):
        counter.add(reading(time_s, value))

    assert [finding.problem for finding in counter.close(1).findings] == [Problem.RESET]


def test_a_counter_that_told_nothing_for_a_while_goes_on_where_it_stood() -> None:
    counter = CounterCollector(RULE)
    counter.add(reading(0, 2_000))
    told: dict[int, tuple[int | None, Mark]] = {}
    for slot in range(1, 10):
        counter.add(reading(300 * slot, 0))
        told |= counter.close(slot).cells
    counter.add(reading(3_000, 2_010))
    told |= counter.close(10).cells
    assert sum(value or 0 for value, _ in told.values()) == 10


@given(
    st.lists(st.tuples(st.integers(1, 900), st.just(0) | st.integers(0, 1 << 20)), min_size=1, max_size=40),
    st.lists(st.integers(0, 40), max_size=8),
)
def test_closing_now_and_then_gives_what_all_readings_give(
    steps: list[tuple[int, int]], closings: list[int]
) -> None:
    made, time_s = [], 0
    for gap_s, value in steps:
        time_s += gap_s
        made.append(reading(time_s, value))
    counter, cells = CounterCollector(RULE), dict[int, tuple[int | None, Mark]]()

    for index, each in enumerate(made):
        counter.add(each)
        if index in closings:
            cells |= counter.close(each.time_s // 300).cells
    cells |= counter.close(made[-1].time_s // 300 + 1).cells

    assert cells == {slot: (value, mark) for slot, value, mark in count(made, RULE).series}


def powers(*samples: tuple[float, float], end_slot: int) -> dict[int, PowerSlot | None]:
    collector = PowerCollector()
    for time_s, power_w in samples:
        collector.add(time_s, power_w)
    return collector.close(end_slot)


def test_power_is_its_mean_over_time_and_counts_both_ways() -> None:
    samples = [(float(time_s), 3_600.0 if time_s < 150 else -1_200.0) for time_s in range(0, 310, 10)]

    assert powers(*samples, end_slot=1) == {0: PowerSlot(mean_w=1_200, consumed_wh=150, produced_wh=50)}


def test_a_power_holds_for_a_minute_and_no_longer() -> None:
    found = powers((0.0, 600.0), (301.0, 600.0), (330.0, 600.0), end_slot=1)

    assert found == {0: None}


def test_small_powers_add_up() -> None:
    collector = PowerCollector()
    for time_s in range(0, 3_610, 10):
        collector.add(float(time_s), 5.0)

    assert sum(slot.consumed_wh for slot in collector.close(12).values() if slot) == 5


def test_a_clock_that_was_set_back_begins_anew() -> None:
    found = powers(
        (3_600.0, 100.0), (0.0, 100.0), *((float(at), 100.0) for at in range(10, 310, 10)), end_slot=1
    )

    assert found[0] == PowerSlot(mean_w=100, consumed_wh=8, produced_wh=0)


def names(read: Reading) -> list[tuple[str, float]]:
    return [(register.name, register.value) for register in registers_of(read)]


def test_a_meter_tells_the_registers_of_its_tariffs_or_one_for_all() -> None:
    one = MeterReading(time=NOON, power_w=0.0, energy_import_wh=5.0, energy_export_wh=2.0)
    by_tariff = MeterRegisters(import_by_tariff_wh=(3.0, 2.0), gas_m3=1.5, gas_time=NOON, water_m3=1.0)
    two = MeterReading(time=NOON, power_w=0.0, energy_import_wh=5.0, registers=by_tariff)

    assert names(one) == [("import", 5.0), ("export", 2.0)]
    assert names(two) == [("import.1", 3.0), ("import.2", 2.0), ("gas", 1_500.0)]
    assert [tariff_of(name) for name in ("import", "import.2")] == ["all", "2"]


def test_the_meters_own_clock_stamps_its_registers() -> None:
    late = NOON.replace(second=7)
    read = MeterReading(time=late, power_w=0.0, energy_import_wh=1.0, registers=MeterRegisters(clock=NOON))

    assert [register.time for register in registers_of(read)] == [NOON]


def test_other_devices_tell_what_they_count() -> None:
    battery = BatteryReading(
        time=NOON,
        power_w=0.0,
        state_of_charge=0.5,
        capacity_wh=1.0,
        max_charge_w=1.0,
        max_discharge_w=1.0,
        energy_charged_wh=9.0,
    )

    assert names(battery) == [("charge", 9.0)]
    assert names(PvReading(time=NOON, power_w=-1.0, rated_power_w=5.0)) == []
    assert directions(DeviceKind.EV_CHARGER) == ("consumption", "")
