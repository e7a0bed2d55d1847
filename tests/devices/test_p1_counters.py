"""Which counters are believed of a meter without a CRC."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import MeterReading, MeterRegisters
from custom_components.home_flex.devices.p1.counters import Counters

from .fakes.listener import NOON

READING = MeterReading(time=NOON, power_w=500.0)


def told(*energies_wh: float, every_s: float = 10.0) -> list[float | None]:
    counters = Counters()
    return [
        counters.credible(
            replace(READING, energy_import_wh=energy_wh), now_s=second * every_s
        ).energy_import_wh
        for second, energy_wh in enumerate(energies_wh)
    ]


def test_the_first_value_has_to_come_twice() -> None:
    assert told(24_691_000, 24_691_000, 24_692_000) == [None, 24_691_000, 24_692_000]


def test_one_damaged_digit_is_left_out_and_the_counter_goes_on() -> None:
    assert told(1000, 1000, 70_001_000, 1000, 2000) == [None, 1000, None, 1000, 2000]
    assert told(9000, 9000, 1000, 9000) == [None, 9000, None, 9000]


def test_a_new_meters_counter_is_believed_when_it_comes_again() -> None:
    assert told(9_000_000, 9_000_000, 3_000, 3_000, 4_000) == [None, 9_000_000, None, 3_000, 4_000]


def test_what_a_home_can_draw_in_a_pause_is_believed() -> None:
    assert told(0, 0, 100_000, every_s=3600.0) == [None, 0, 100_000]


def test_counters_by_tariff_are_believed_with_their_total() -> None:
    counters = Counters()
    by_tariff = MeterRegisters(import_by_tariff_wh=(1.0, 2.0), gas_m3=5.0)
    reading = replace(READING, energy_import_wh=3.0, registers=by_tariff)
    assert counters.credible(reading, now_s=0.0).registers == MeterRegisters(gas_m3=5.0)
    assert counters.credible(reading, now_s=10.0).registers == by_tariff


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=30))
def test_nothing_is_ever_told_that_was_not_sent(energies_wh: list[float]) -> None:
    assert all(
        believed in {None, sent} for sent, believed in zip(energies_wh, told(*energies_wh), strict=True)
    )
