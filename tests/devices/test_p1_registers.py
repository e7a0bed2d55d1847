"""What telegrams tell for bills: tariffs, peaks, gas, water, heat, failures, messages and their times."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.model import MeterRegisters, MonthPeak
from custom_components.home_flex.devices.p1.meter_clock import meter_clock
from custom_components.home_flex.devices.p1.telegram import parse_telegram

from .fakes.p1_feeder import example
from .fakes.telegrams import telegram

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
POWER = "1-0:1.7.0(00.500*kW)"
CLOCK = "0-0:1.0.0(260601140000S)"


def registers_of(data: bytes, arrived: datetime = NOON) -> MeterRegisters:
    text = data.decode("latin-1")
    return parse_telegram(text[: text.index("\r\n!") + 3], time=arrived).reading.registers


def registers(*lines: str) -> MeterRegisters:
    return registers_of(telegram(CLOCK, POWER, *lines))


def test_a_belgian_telegram_tells_its_capacity_tariff_gas_and_water() -> None:
    arrived = datetime(2020, 5, 12, 11, 54, 9, tzinfo=UTC)
    told = registers_of(example("fluvius-v1.7.1-be"), arrived)
    assert told == MeterRegisters(
        clock=arrived,
        tariff=1,
        import_by_tariff_wh=(34, 15_758),
        export_by_tariff_wh=(0, 11),
        quarter_hour_w=2351,
        month_peak_w=2589,
        month_peak_time=datetime(2020, 5, 9, 11, 45, 58, tzinfo=UTC),
        past_peaks=(
            MonthPeak(power_w=3695, time=datetime(2020, 4, 23, 17, 25, 38, tzinfo=UTC)),
            MonthPeak(power_w=5980, time=datetime(2020, 3, 5, 10, 21, 39, tzinfo=UTC)),
            MonthPeak(power_w=4318, time=datetime(2020, 2, 10, 2, 54, 21, tzinfo=UTC)),
        ),
        gas_m3=112.384,
        gas_time=datetime(2020, 5, 12, 11, 45, 58, tzinfo=UTC),
        water_m3=872.234,
        water_time=datetime(2020, 5, 12, 11, 45, 58, tzinfo=UTC),
    )
    assert told.mean_peak_w == pytest.approx((3695 + 5980 + 4318) / 3)


@pytest.mark.parametrize("peak", ["(260508114558S)(08.796*kW)", "(08.796*kW)(260508114558S)"])
def test_the_time_of_a_peak_may_stand_before_or_behind_it(peak: str) -> None:
    told = registers(f"1-0:1.6.0{peak}")
    assert (told.month_peak_w, told.month_peak_time) == (8796.0, datetime(2026, 5, 8, 9, 45, 58, tzinfo=UTC))


def test_of_two_gas_meters_the_one_read_last_counts() -> None:
    told = registers_of(
        example("dsmr-v5-nl-iskra-m550t-two-mbus"), datetime(2020, 4, 26, 20, 33, 25, tzinfo=UTC)
    )
    assert (told.gas_m3, told.gas_time) == (246.138, datetime(2020, 4, 26, 20, 30, 1, tzinfo=UTC))
    assert (told.power_failures, told.long_power_failures) == (5, 3)


@pytest.mark.parametrize(
    ("old", "new"),
    [("632525252525W", "260601135500S"), ("251026025500S", "251026020500W")],
    ids=["never read", "in the hour that comes twice"],
)
def test_a_gas_meter_is_the_one_read_last_by_the_time_and_not_by_its_text(old: str, new: str) -> None:
    told = registers(
        "0-1:24.1.0(003)",
        f"0-1:24.2.1({old})(00000.000*m3)",
        "0-2:24.1.0(003)",
        f"0-2:24.2.1({new})(00123.000*m3)",
    )
    assert told.gas_m3 == 123.0


def test_an_old_meter_tells_gas_over_two_lines_and_no_time_that_could_be_placed() -> None:
    told = registers_of(example("dsmr-v2.2-nl-iskra-mt382"))
    assert (told.gas_m3, told.gas_time, told.clock) == (1.001, None, None)


def test_four_tariffs_are_four_counters_and_a_gap_ends_them() -> None:
    told = registers_of(example("dsmr-v5-hu-eon-sagemcom"))
    assert told.import_by_tariff_wh == (47_719, 125_921, 0, 0)
    assert told.past_peaks == ()  # what Hungary keeps there are no peaks
    assert registers("1-0:1.8.1(1*kWh)", "1-0:1.8.3(1*kWh)").import_by_tariff_wh == (1000,)
    assert registers("1-0:1.8.2(1*kWh)").import_by_tariff_wh == ()


@pytest.mark.parametrize(
    ("value", "heat_wh"), [("00001.000*GJ", 277_777.777778), ("3600*MJ", 1e6), ("0012*kWh", 12_000)]
)
def test_heat_is_energy(value: str, heat_wh: float) -> None:
    told = registers("0-1:24.1.0(004)", f"0-1:24.2.1(260601130000S)({value})")
    assert told.heat_wh == pytest.approx(heat_wh)
    assert told.heat_time == NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("", None),
        ("48656C6C6F", "Hello"),
        ("test-/-test", "test-/-test"),
        ("636166E9", "café"),
        ("0001", None),
        ("41" * 1000, "A" * 255),
    ],
)
def test_a_message_is_read_in_hexadecimal_or_as_it_stands(sent: str, message: str | None) -> None:
    assert registers(f"0-0:96.13.0({sent})").message == message


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2098, 1, 1)).map(lambda time: time.replace(microsecond=0)),  # noqa: DTZ001 # made aware below
    st.integers(-1, 3),
    st.booleans(),
    st.integers(-599, 599),
)
def test_the_zone_of_a_meter_is_seen_at_the_time_of_arrival(
    time: datetime, winter_hours: int, summer: bool, error_s: int
) -> None:
    arrived = time.replace(tzinfo=UTC)
    local = time + timedelta(hours=winter_hours + summer, seconds=error_s)
    clock = meter_clock(f"{local:%y%m%d%H%M%S}{'S' if summer else 'W'}", arrived=arrived)
    assert clock.time == arrived + timedelta(seconds=error_s)
    in_winter = clock.utc("260101120000W")
    assert in_winter == datetime(2026, 1, 1, 12, tzinfo=UTC) - timedelta(hours=winter_hours)
    assert clock.utc("260701120000S") == datetime(2026, 7, 1, 11, tzinfo=UTC) - timedelta(hours=winter_hours)


@pytest.mark.parametrize(
    "shown", [None, "", "000101000000W", "260601143000S", "261301000000S", "260601140000", "9" * 12 + "S"]
)
def test_a_clock_that_is_wrong_or_none_places_no_time(shown: str | None) -> None:
    clock = meter_clock(shown, arrived=NOON)
    assert clock.time is None
    assert clock.utc("260601140000S") is None
