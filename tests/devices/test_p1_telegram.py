"""What telegrams say, in every dialect of the corpus."""

import math
from datetime import UTC, datetime

import pytest
from dsmr_parser import telegram_specifications as dialects  # type: ignore[import-untyped] # ships no types
from dsmr_parser.parsers import TelegramParser  # type: ignore[import-untyped] # ships no types
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import DeviceIdentity, MeterReading
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.p1.framing import TelegramFramer
from custom_components.home_flex.devices.p1.telegram import Telegram, parse_telegram

from .fakes.p1_feeder import example
from .fakes.telegrams import telegram

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
Q3DA_PHASES = (557.29, 521.62, 609.3)
Q3DB_PHASES = (747.85, 737.28, 639.73)
HUGE = "1E99999999999999999999*kW"


def heard(data: bytes) -> Telegram:
    (frame,) = TelegramFramer().feed(data)
    return parse_telegram(frame.text, time=NOON)


def read(data: bytes) -> tuple[DeviceIdentity, MeterReading]:
    telegram = heard(data)
    return telegram.identity, telegram.reading


def parsed(*lines: str) -> MeterReading:
    return read(telegram(*lines))[1]


@pytest.mark.parametrize(
    ("name", "maker", "serial", "power_w", "phase_power_w", "import_wh"),
    [
        ("d0-v3.04-de-easymeter-q3da1004", "ESY", "1ESY1336001560", 1688.21, Q3DA_PHASES, 32549506.1662),
        ("d0-v3.04-de-easymeter-q3db1024", "ESY", "1ESY1313002565", 2124.86, Q3DB_PHASES, 52185782.5309),
        ("dsmr-v2.2-nl-iskra-mt382", "ISK", "00000000000000", 1010, (), 2002),
        ("dsmr-v3-nl-iskra-mt382", "ISK", "K8EG004046395507", 1190, (), 24691356),
        ("dsmr-v4.2-nl-kaifa", "KFM", "3960221976967177082151037881335713", 2027, (170, 1247, 209), 3016829),
        ("dsmr-v5-at-sagemcom-t210-d-r", "EST", "53710000_A", 286, (), 6545766),
        ("dsmr-v5-hu-eon-sagemcom", "SAG", "890082200002160", -2601, (), 173640),
        ("dsmr-v5-ie-iskra-mie5t", "ISK", "09610", -100, (-10, -10, -10), 20363),
        ("dsmr-v5-nl-iskra-m550t-two-mbus", "ISK", "E0044007382246019", 111, (56, 0, 55), 2375582),
        ("dsmr-v5-nl-iskra-mt382", "ISK", "K8EG004046395507", 244, (70, 32, 142), 6825),
        ("fluvius-v1.7.1-be", "FLU", "1SAG3101021605", 0, (0, 0, 0), 15792),
        ("fluvius-v1.7.1-be-alt", "FLU", "1SAG3100721326", 338, (47, 179, 111), 571562),
    ],
)  # fmt: skip
def test_every_dialect_is_read(
    name: str, maker: str, serial: str, power_w: float, phase_power_w: tuple[float, ...], import_wh: float
) -> None:
    identity, reading = read(example(name))
    assert (identity.manufacturer, identity.serial_number) == (maker, serial)
    assert reading.power_w == pytest.approx(power_w)
    assert reading.phase_power_w == pytest.approx(phase_power_w)
    assert reading.energy_import_wh == pytest.approx(import_wh)
    assert reading.time == NOON


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("dsmr-v4.2-nl-kaifa", dialects.V4),
        ("dsmr-v5-nl-iskra-mt382", dialects.V5),
        ("fluvius-v1.7.1-be", dialects.BELGIUM_FLUVIUS),
    ],
)
def test_the_one_table_reads_what_the_own_table_of_the_dialect_reads(
    name: str, dialect: dict[str, object]
) -> None:
    data = example(name)
    theirs = TelegramParser(dialect).parse(data.decode())
    _, ours = read(data)
    imported = [getattr(theirs, f"INSTANTANEOUS_ACTIVE_POWER_L{phase}_POSITIVE").value for phase in (1, 2, 3)]
    assert ours.power_w == theirs.CURRENT_ELECTRICITY_USAGE.value * 1000
    assert list(ours.phase_power_w) == [value * 1000 for value in imported]
    assert ours.phase_current_a[1] == float(theirs.INSTANTANEOUS_CURRENT_L2.value)


def test_a_heat_meter_is_refused_because_it_tells_no_power() -> None:
    with pytest.raises(DeviceError) as refusal:
        read(example("dsmr-v5-nl-warmtelink-unpadded-crc"))
    assert refusal.value.reason == "no_electricity"


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_power_is_import_minus_export_in_watts_whatever_the_unit(imported: int, exported: int) -> None:
    in_kw = parsed(f"1-0:1.7.0({imported / 1000:06.3f}*kW)", f"1-0:2.7.0({exported / 1000:06.3f}*kW)")
    in_w = parsed(f"1-0:1.7.0({imported:09d}*W)", f"1-0:2.7.0({exported:09d}*W)")
    assert in_kw.power_w == in_w.power_w == imported - exported


def test_energy_is_the_total_register_or_else_the_sum_of_the_tariffs() -> None:
    power = "1-0:1.7.0(00.000*kW)"
    tariffs = ("1-0:1.8.1(000001.500*kWh)", "1-0:1.8.2(000002.000*kWh)")
    assert parsed(power, *tariffs).energy_import_wh == 3500
    assert parsed(power, "1-0:1.8.0(000009.000*kWh)", *tariffs).energy_import_wh == 9000
    assert parsed(power).energy_import_wh is None


def test_a_meter_of_one_phase_tells_one_phase() -> None:
    reading = parsed("1-0:1.7.0(00.200*kW)", "1-0:21.7.0(00.200*kW)", "1-0:32.7.0(231.0*V)")
    assert reading.phase_power_w == (200,)
    assert reading.phase_voltage_v == (231,)
    assert reading.phase_current_a == ()


def test_a_missing_phase_in_between_leaves_the_phases_untold() -> None:
    reading = parsed("1-0:1.7.0(00.200*kW)", "1-0:21.7.0(00.200*kW)", "1-0:61.7.0(00.100*kW)")
    assert reading.phase_power_w == ()


def test_the_identifier_of_a_gas_meter_is_not_taken_for_the_meters_own() -> None:
    identity, _ = read(telegram("0-1:96.1.1(AAAA)", "0-0:96.1.1(BBBB)", "1-0:1.7.0(00.200*kW)"))
    assert identity.serial_number == "BBBB"


@pytest.mark.parametrize(
    "value",
    ["NaN*kW", "sNaN*kW", "Infinity*kW", "1E999*kW", HUGE, "1.2.3*kW", "1*k*W", "1*MW", "1", "--1*W"],
)
def test_a_value_that_is_no_number_in_a_known_unit_refuses_the_telegram(value: str) -> None:
    with pytest.raises(DeviceError) as refusal:
        parsed(f"1-0:1.7.0({value})")
    assert refusal.value.reason == "bad_telegram"


@given(st.lists(st.text(alphabet="01-:.()*kWhVANaE\r\n!72", max_size=60), max_size=6))
def test_whatever_a_valid_crc_covers_is_read_or_refused_in_words(lines: list[str]) -> None:
    for frame in TelegramFramer().feed(telegram(*lines)):
        assert outcome(frame.text) in {"read", "bad_telegram", "no_electricity"}


def outcome(text: str) -> str:
    try:
        reading = parse_telegram(text, time=NOON).reading
    except DeviceError as err:
        return err.reason
    return "read" if math.isfinite(reading.power_w) else "not finite"
