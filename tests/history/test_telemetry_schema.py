"""The points of docs/telemetry.md, as line protocol."""

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.state import PowerBalance
from custom_components.home_flex.core.events.model import Event, EventRecord, EventStatus, Interval, Source
from custom_components.home_flex.core.model import (
    BatteryReading,
    ChargerReading,
    ChargerStatus,
    MeterReading,
    MeterRegisters,
    PvReading,
    Reading,
)
from custom_components.home_flex.history.entries import LedgerEntry
from custom_components.home_flex.history.telemetry_schema import (
    Point,
    availability_point,
    balance_point,
    event_point,
    limit_point,
    line,
    nanoseconds,
    reading_points,
    setpoint_point,
)
from tests.core.kinds import samples

DOCUMENT = Path(__file__).parents[2] / "docs" / "telemetry.md"
NOON = datetime(2026, 11, 21, 12, 0, 0, 250_001, tzinfo=UTC)
NOON_NS = 1795262400250001000


def lines(points: list[Point]) -> list[str]:
    return [text for point in points if (text := line(point, home="h1", time_ns=nanoseconds(point.time)))]


def all_points() -> list[Point]:
    """Return one of each point there is, with every field."""
    readings: dict[str, Reading] = {
        "grid_meter": MeterReading(
            time=NOON,
            power_w=1.0,
            phase_power_w=(1.0, 2.0, 3.0),
            phase_voltage_v=(1.0, 2.0, 3.0),
            phase_current_a=(1.0, 2.0, 3.0),
            energy_import_wh=1.0,
            energy_export_wh=1.0,
            registers=MeterRegisters(
                import_by_tariff_wh=(1.0, 2.0, 3.0, 4.0), export_by_tariff_wh=(1.0, 2.0, 3.0, 4.0)
            ),
        ),
        "pv": PvReading(
            time=NOON, power_w=1.0, rated_power_w=1.0, production_limit_w=1.0, energy_produced_wh=1.0
        ),
        "battery": BatteryReading(
            time=NOON,
            power_w=1.0,
            state_of_charge=1.0,
            capacity_wh=1.0,
            max_charge_w=1.0,
            max_discharge_w=1.0,
            power_setpoint_w=1.0,
            energy_charged_wh=1.0,
            energy_discharged_wh=1.0,
        ),
        "ev_charger": ChargerReading(
            time=NOON,
            power_w=1.0,
            status=ChargerStatus.CHARGING,
            phases=3,
            min_current_a=6.0,
            max_current_a=16.0,
            current_limit_a=1.0,
            phase_current_a=(1.0, 2.0, 3.0),
            energy_wh=1.0,
            session_energy_wh=1.0,
        ),
        "switched_load": samples.PUMP,
        "appliance": samples.WASHER,
        "heat_pump": replace(samples.HEAT_PUMP, told=3.0),
        "water_heater": replace(samples.BOILER, power_setpoint_w=1.0),
    }
    interval = Interval(id=0, start=NOON, end=NOON + timedelta(hours=1), payloads=())
    event = Event(
        event_id="e1",
        program_id="p1",
        name="An evening",
        source=Source.AGGREGATOR,
        priority=1,
        created=NOON,
        modified=NOON,
        intervals=(interval,),
    )
    record = EventRecord(
        event=event,
        status=EventStatus.STARTED,
        received=NOON,
        baseline_w=1.0,
        reason="overlap",
    )
    entry = LedgerEntry(
        time=NOON,
        device_id="b1",
        owner="aggregator",
        reason="event",
        event_id="e1",
        quantity="power_w",
        value=1.0,
        outcome="accepted",
        read_back=1.0,
    )
    return [
        *(point for kind, reading in readings.items() for point in reading_points("d1", kind, reading)),
        *(availability_point("d1", kind, readable=True, time=NOON) for kind in readings),
        balance_point(PowerBalance(grid_w=1.0, pv_w=1.0, battery_w=1.0, ev_charger_w=1.0, rest_w=1.0), NOON),
        limit_point(1.0, 1.0, 1.0, NOON),
        event_point(record, NOON),
        setpoint_point(entry, "battery"),
    ]


def test_a_reading_becomes_lines_at_its_own_time_in_nanoseconds() -> None:
    reading = MeterReading(time=NOON, power_w=-1500.0, phase_current_a=(3.0, 2.5), energy_import_wh=1000.5)
    assert lines(reading_points("m1", "grid_meter", reading)) == [
        f"power,device=m1,home=h1,kind=grid_meter power_w=-1500.0 {NOON_NS}",
        f"current,device=m1,home=h1,kind=grid_meter l1_a=3.0,l2_a=2.5 {NOON_NS}",
        f"energy,device=m1,home=h1,kind=grid_meter import_wh=1000.5 {NOON_NS}",
    ]


def test_what_is_not_told_is_left_out_and_not_zero() -> None:
    assert lines([limit_point(None, None, 0.0, NOON)]) == [
        f"limit,device=site,home=h1,kind=site shortfall_w=0.0 {NOON_NS}"
    ]
    nothing = Point(measurement="power", device="d", kind="pv", time=NOON, fields={"power_w": None})
    assert lines([nothing]) == []


def test_every_number_is_a_float_also_one_that_came_as_a_whole_number() -> None:
    point = Point(measurement="power", device="d", kind="pv", time=NOON, fields={"power_w": 7, "yes": True})
    assert lines([point]) == [f"power,device=d,home=h1,kind=pv power_w=7.0,yes=1.0 {NOON_NS}"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_no_number_is_left_out(value: float) -> None:
    fields = {"power_w": value, "other_w": 1.0}
    point = Point(measurement="power", device="d", kind="pv", time=NOON, fields=fields)
    assert lines([point]) == [f"power,device=d,home=h1,kind=pv other_w=1.0 {NOON_NS}"]


def test_the_document_names_exactly_the_measurements_and_fields_that_are_written() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    schema = document[document.index("## Sampled") : document.index("## Downsampling")]
    for point in all_points():
        assert f"`{point.measurement}`" in schema
        for name in point.fields:
            assert f"`{name}`" in schema, name
        for name, value in point.tags.items():
            assert f"`{name}`" in schema
            assert f"`{value}`" in schema
    written = {name for point in all_points() for name in (point.measurement, *point.fields, *point.tags)}
    fields = set(re.findall(r"`(\w+_(?:w|wh|v|a|s|c|k))`", schema))
    # Quantities of setpoints are values of a tag, named like fields.
    assert fields <= written | {"power_w", "production_limit_w", "current_limit_a", "set_point_offset_k"}


def test_texts_are_fields_of_facts_only() -> None:
    for point in all_points():
        if any(isinstance(value, str) for value in point.fields.values()):
            assert point.measurement in {"event", "setpoint"}


LINE = re.compile(
    r"power,device=(?:[^ ,=\\]|\\[ ,=]|\\)+,home=h1,kind=pv value=(?P<number>[^ ,]+)"
    r',text="(?P<text>(?:[^"\\]|\\["\\])*)" (?P<time>\d+)'
)


@given(
    number=st.floats(allow_nan=False, allow_infinity=False),
    text=st.text(max_size=300),
    microseconds=st.integers(0, 4_000_000_000_000_000),
)
def test_numbers_texts_and_times_come_back_as_they_were(number: float, text: str, microseconds: int) -> None:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    point = Point(
        measurement="power",
        device="a b,c=d",
        kind="pv",
        time=time,
        fields={"value": number, "text": text},
    )
    (written,) = lines([point])
    assert "\n" not in written
    found = LINE.fullmatch(written)
    assert found is not None
    assert float(found["number"]) == number
    assert int(found["time"]) == microseconds * 1000
    printable = "".join(each for each in text if each.isprintable())[:200]
    assert re.sub(r'\\(["\\])', r"\1", found["text"]) == printable
