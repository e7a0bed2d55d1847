"""What meters leave out, spell otherwise or get wrong, and what is believed of that all the same."""

import pytest

from custom_components.home_flex.devices.driver import DeviceError

from .fakes.telegrams import telegram
from .test_p1_telegram import heard, parsed


@pytest.mark.parametrize(
    ("lines", "power_w"),
    [
        (("1-0:16.7.0(-00.750*kW)",), -750),
        (("1-0:16.7.0(000123.4*W)",), 123.4),
        (
            (
                *(f"1-0:{phase}1.7.0(00.100*kW)" for phase in (2, 4, 6)),
                *(f"1-0:{phase}2.7.0(01.100*kW)" for phase in (2, 4, 6)),
            ),
            -3000,
        ),
        (("1-0:1.7.0(00,500*kW)", "1-0:16.7.0(00.500*kW)"), 500),
        (("1-0:1.7.0(00.500*kW)", "1-0:2.7.0(?)", "1-0:16.7.0(-00.500*kW)"), -500),
        (("1-1:1.7.0(00.900*kW)", "1-0:1.7.0(00.500*kW)"), 500),
        (("1-1:1.7.0(00.900*kW)",), 900),
    ],
)
def test_the_power_is_taken_where_it_is_told(lines: tuple[str, ...], power_w: float) -> None:
    assert parsed(*lines).power_w == pytest.approx(power_w)


@pytest.mark.parametrize(
    "lines",
    [
        ("1-0:1.7.0(00.500*kW)", "1-0:2.7.0(damaged)"),
        ("1-0:1.7.0(00.500",),
        ("1-0:1.7.0(00.500*kW)", "1-0:2.7.0(00.5"),
    ],
)
def test_a_power_of_which_a_part_cannot_be_read_is_not_believed(lines: tuple[str, ...]) -> None:
    with pytest.raises(DeviceError) as refusal:
        parsed(*lines)
    assert refusal.value.reason == "bad_telegram"


@pytest.mark.parametrize(
    "line",
    ["1-0:32.7.0(230.1)", "1-0:32.7.0(230*mV)", "1-0:32.7.0(NaN*V)", "1-0:32.7.0(", "1-0:1.8.1(00,5*kWh)"],
)
def test_a_line_that_cannot_be_read_is_left_out_and_named(line: str) -> None:
    telegram_ = heard(telegram("1-0:1.7.0(00.500*kW)", line))
    assert telegram_.reading.power_w == 500
    assert telegram_.unread == {line[4 : line.index("(")]}


def test_units_are_read_in_any_case_with_and_without_kilo() -> None:
    reading = parsed(
        "1-0:1.7.0(00.500*kw)", "1-0:32.7.0(0.2301*kV)", "1-0:31.7.0(0.004*KA)", "1-0:1.8.0(5*wh)"
    )
    assert (reading.power_w, reading.phase_voltage_v, reading.phase_current_a) == (500, (230.1,), (4,))
    assert reading.energy_import_wh == 5


IMPORT_ONLY = ("1-0:21.7.0(00.000*kW)", "1-0:41.7.0(00.200*kW)", "1-0:61.7.0(00.000*kW)")


def test_export_told_for_some_phases_only_is_none_on_the_others_if_that_adds_up() -> None:
    some = ("1-0:22.7.0(01.500*kW)", "1-0:62.7.0(01.500*kW)")
    adds_up = parsed("1-0:1.7.0(00.000*kW)", "1-0:2.7.0(02.800*kW)", *IMPORT_ONLY, *some)
    assert adds_up.phase_power_w == (-1500, 200, -1500)
    does_not = parsed("1-0:1.7.0(00.000*kW)", "1-0:2.7.0(03.800*kW)", *IMPORT_ONLY, *some)
    assert does_not.phase_power_w == ()


def test_a_meter_that_tells_import_of_its_phases_only_tells_nothing_of_them_while_it_exports() -> None:
    importing = parsed("1-0:1.7.0(00.200*kW)", "1-0:2.7.0(00.000*kW)", *IMPORT_ONLY)
    assert importing.phase_power_w == (0, 200, 0)
    assert parsed("1-0:1.7.0(00.000*kW)", "1-0:2.7.0(00.900*kW)", *IMPORT_ONLY).phase_power_w == ()


def test_a_meter_without_serial_number_or_model_is_named_by_its_maker() -> None:
    identity = heard(telegram("1-0:1.7.0(00.500*kW)", header="/KAM5", version=None)).identity
    assert (identity.manufacturer, identity.model, identity.serial_number) == ("KAM", "P1", "KAM")
