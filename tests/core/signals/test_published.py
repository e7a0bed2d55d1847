"""Prices as integrations of Home Assistant tell them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.home_flex.core.signals import (
    Note,
    Oddity,
    Published,
    PublishedBy,
    SignalError,
    SignalKind,
    published,
)

from .signals import NOON

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 11, 29, tzinfo=BERLIN)


def read(document: Mapping[str, Any], unit: object = "EUR/kWh", currency: str = "EUR") -> Published:
    by = PublishedBy(
        kind=SignalKind.IMPORT_PRICE, unit=unit, currency=currency, zone=BERLIN, source="sensor.price"
    )
    return published(document, by, NOON)


def local(hour: int, minute: int = 0) -> str:
    return (MIDNIGHT + timedelta(hours=hour, minutes=minute)).isoformat()


def rows(start: str, value: str, values: tuple[object, ...], end: str = "") -> list[dict[str, object]]:
    return [
        {start: local(hour), value: told} | ({end: local(hour + 1)} if end else {})
        for hour, told in enumerate(values)
    ]


TWO = (0.1, 0.25)
SHAPED: tuple[tuple[str, str | None, Mapping[str, Any]], ...] = (
    ("Nord Pool", "EUR/kWh", {"raw_today": rows("start", "value", TWO, "end"), "raw_tomorrow": []}),
    ("Energi Data Service", "EUR/kWh", {"raw_today": rows("hour", "price", TWO)}),
    ("Nord Pool template", "EUR/kWh", {"raw_today": rows("start", "price", TWO)}),
    ("ENTSO-E", "EUR/kWh", {"prices_today": rows("time", "price", TWO), "prices_tomorrow": None}),
    ("ENTSO-E", "EUR/kWh", {"prices": rows("time", "price", TWO)}),
    ("Frank Energie", "EUR/kWh", {"prices": rows("from", "price", TWO, "till")}),
    ("EnergyZero", "EUR/kWh", {"prices": rows("timestamp", "price", TWO)}),
    ("Tibber", "EUR/kWh", {"prices": {"My home": rows("start_time", "price", TWO)}}),
    ("Tibber", "EUR/kWh", {"today": rows("startsAt", "total", TWO)}),
    ("Amber", "EUR/kWh", {"forecasts": rows("start_time", "per_kwh", TWO, "end_time")}),
    ("EPEX Spot", "EUR/kWh", {"data": rows("start_time", "price_per_kwh", TWO, "end_time")}),
    ("EPEX Spot", None, {"data": rows("start_time", "price_ct_per_kwh", (10, 25), "end_time")}),
    ("EPEX Spot", None, {"data": rows("start_time", "price_eur_per_mwh", (100, 250), "end_time")}),
    ("OMIE", "EUR/MWh", {"today_hours": {local(0): 100, local(1): 250}}),
    ("Price forecast", "EUR/kWh", {"forecast": rows("start", "price", TWO, "end")}),
    ("Value forecast", "EUR/kWh", {"forecast": rows("datetime", "value", TWO)}),
    ("Nord Pool", "EUR/MWh", {"SE3": rows("start", "price", (100, 250), "end")}),
)


@pytest.mark.parametrize(("name", "unit", "document"), SHAPED)
def test_each_shape_gives_the_same_prices(name: str, unit: str | None, document: Mapping[str, Any]) -> None:
    found = read({"friendly_name": "Price", "unit_of_measurement": unit, **document}, unit)
    assert found.shape == name
    assert found.notes == ()
    assert [slot.value for slot in found.signal.slots] == [Decimal("0.1"), Decimal("0.25")]
    assert [slot.start for slot in found.signal.slots] == [
        datetime(2026, 11, 28, 23, tzinfo=UTC),
        datetime(2026, 11, 29, 0, tzinfo=UTC),
    ]
    assert found.signal.end == datetime(2026, 11, 29, 1, tzinfo=UTC)
    assert {(slot.known_at, slot.source) for slot in found.signal.slots} == {(NOON, "sensor.price")}


def test_octopus_tells_pounds_whatever_the_unit_of_its_event() -> None:
    found = read({"rates": rows("start", "value_inc_vat", TWO, "end")}, None, "GBP")
    assert found.signal.unit == "GBP/kWh"
    with pytest.raises(SignalError, match="other_currency"):
        read({"rates": rows("start", "value_inc_vat", TWO, "end")}, None, "EUR")


def test_awattar_tells_times_in_milliseconds() -> None:
    start_ms = int(NOON.timestamp() * 1000)
    row = {"start_timestamp": start_ms, "end_timestamp": start_ms + 3_600_000, "marketprice": 80}
    (slot,) = read({"data": [row]}, None).signal.slots
    assert (slot.start, slot.end, slot.value) == (NOON, NOON + timedelta(hours=1), Decimal("0.08"))


def test_a_shape_that_nobody_knows_is_refused_with_what_there_was() -> None:
    with pytest.raises(SignalError) as refused:
        read({"friendly_name": "Price", "today": [0.1, 0.2]})
    assert refused.value.problem == "shape_unknown"
    assert refused.value.placeholders == {"names": "friendly_name, today"}


def test_several_areas_are_not_mixed() -> None:
    with pytest.raises(SignalError, match="several_lists") as refused:
        read({"SE3": rows("start", "price", TWO, "end"), "SE4": rows("start", "price", TWO, "end")})
    assert refused.value.placeholders == {"names": "SE3, SE4"}


@pytest.mark.parametrize(
    ("unit", "problem"),
    [
        (None, "unit_missing"),
        ("EUR", "unit_unknown"),
        ("apples/kWh", "unit_unknown"),
        ("NOK/kWh", "other_currency"),
    ],
)
def test_a_unit_that_is_no_price_of_the_site_is_refused(unit: str | None, problem: str) -> None:
    with pytest.raises(SignalError, match=problem):
        read({"prices": rows("time", "price", TWO)}, unit)


def test_nothing_but_tomorrows_gaps_is_no_signal() -> None:
    with pytest.raises(SignalError, match="nothing_told"):
        read({"prices": rows("time", "price", (None, None))})


def test_values_that_are_no_numbers_are_shown_and_not_called_missing() -> None:
    with pytest.raises(SignalError, match="no_numbers") as refused:
        read({"prices": rows("time", "price", (None, "0,25", "0,31"))})

    assert refused.value.placeholders == {"value": "0,25"}


def test_a_list_of_which_each_hour_is_told_with_two_prices_is_no_signal() -> None:
    with pytest.raises(SignalError, match="contradicted"):
        read({"prices": [*rows("time", "price", (0.1, 0.2)), *rows("time", "price", (0.3, 0.4))]})


def test_words_for_times_are_refused() -> None:
    with pytest.raises(SignalError, match="no_times"):
        read({"prices": [{"time": "at noon", "price": 0.1}]})


@pytest.mark.parametrize(
    "start",
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-12:00",
        datetime(1, 1, 1, tzinfo=BERLIN),
        "1970-01-01T00:00:00+00:00",
        "x" * 1_000_000,
        10**5000,
        float("inf"),
        True,
        None,
        [[["2026-11-29"]]],
        {"time": local(0)},
    ],
    ids=lambda start: type(start).__name__,
)
def test_what_is_no_time_of_a_price_is_refused_in_a_short_sentence(start: object) -> None:
    with pytest.raises(SignalError, match="no_times") as refused:
        read({"prices": [{"time": start, "price": 0.1}]})
    assert len(str(refused.value)) < 300


def test_an_end_that_is_no_time_is_refused() -> None:
    with pytest.raises(SignalError, match="no_times"):
        read({"prices": [{"from": local(0), "till": "9999-12-31T23:59:59+00:00", "price": 0.1}]})


@pytest.mark.parametrize(
    "price",
    ["1e999999", 10**5000, [0.1], {"eur": 0.1}, "sNaN", "0.1 EUR"],
    ids=lambda price: type(price).__name__,
)
def test_a_price_that_no_bill_has_is_left_out_and_told(price: object) -> None:
    found = read(
        {"prices": [{"time": local(0), "price": price}, {"time": local(1), "price": 0.25}]}, "EUR/Wh"
    )
    assert [slot.value for slot in found.signal.slots] == [Decimal(250)]
    assert found.notes == (Note(Oddity.NO_NUMBER, 1),)


@pytest.mark.parametrize("unit", [5, ["EUR/kWh"], {}, True])
def test_a_unit_that_is_no_text_is_none(unit: object) -> None:
    with pytest.raises(SignalError, match="unit_missing"):
        read({"prices": rows("time", "price", TWO)}, unit)


def test_what_is_refused_is_told_in_a_short_sentence_however_much_there_was() -> None:
    with pytest.raises(SignalError, match="shape_unknown") as refused:
        read({f"attribute {index}": index for index in range(100_000)})
    assert len(str(refused.value)) < 300


def test_a_day_too_long_to_be_one_is_refused() -> None:
    with pytest.raises(SignalError, match="too_many"):
        read({"prices": [{"time": local(0), "price": 0.1}] * 10_001})


def test_a_repeated_slot_is_taken_once_and_told() -> None:
    found = read({"prices": rows("time", "price", TWO) + rows("time", "price", TWO)})
    assert len(found.signal.slots) == 2
    assert found.notes == (Note(Oddity.REPEATED, 2),)


def test_a_slot_with_two_prices_is_a_hole_and_told() -> None:
    found = read({"prices": rows("time", "price", TWO) + rows("time", "price", (0.1, 0.3))})
    assert [slot.value for slot in found.signal.slots] == [Decimal("0.1")]
    assert Note(Oddity.CONTRADICTED, 1) in found.notes


def test_a_price_that_is_no_number_is_left_out_and_told() -> None:
    found = read({"prices": rows("time", "price", (0.1, "unavailable", True, "nan"))})
    assert len(found.signal.slots) == 1
    assert found.notes == (Note(Oddity.NO_NUMBER, 3),)


def test_a_missing_hour_is_a_hole() -> None:
    told = rows("time", "price", (0.1, 0.2, 0.3, 0.4))
    found = read({"prices": [told[0], told[1], told[3]]}).signal
    assert found.at(MIDNIGHT + timedelta(hours=2)) is None
    assert found.at(MIDNIGHT + timedelta(hours=3)) is not None


def test_quarter_hours_after_hours_are_told_by_their_starts() -> None:
    quarters = [{"time": local(2, minute), "price": 0.3} for minute in (0, 15, 30, 45)]
    slots = read({"prices": rows("time", "price", TWO) + quarters}).signal.slots
    assert [slot.end - slot.start for slot in slots] == [timedelta(hours=1)] * 2 + [timedelta(minutes=15)] * 4


def test_slots_that_end_with_their_last_second_leave_no_hole() -> None:
    told = [
        {"from": local(0), "till": "2026-11-29T00:59:59+01:00", "price": 0.1},
        {"from": local(1), "till": "2026-11-29T01:59:59+01:00", "price": 0.2},
    ]
    first, second = read({"prices": told}).signal.slots
    assert first.end == second.start


def test_a_slot_that_ends_as_it_begins_lasts_until_the_next() -> None:
    told = [*rows("from", "price", TWO), {"from": local(2), "price": 0.3}]
    found = read({"prices": [{**row, "till": row["from"]} for row in told]})
    assert [(slot.end - slot.start) / timedelta(hours=1) for slot in found.signal.slots] == [1, 1, 1]


def test_a_slot_that_runs_into_the_next_is_cut_and_told() -> None:
    told = [
        {"from": local(0), "till": local(2), "price": 0.1},
        {"from": local(1), "till": local(2), "price": 0.2},
    ]
    found = read({"prices": told})
    assert found.signal.slots[0].end == found.signal.slots[1].start
    assert found.notes == (Note(Oddity.OVERLAPPING, 1),)


@pytest.mark.parametrize(
    ("day", "clocks", "hours"),
    [
        ("2026-03-29", [0, 1, *range(3, 24)], 23),
        ("2026-10-25", [0, 1, 2, 2, *range(3, 24)], 25),
        ("2026-11-29", [*range(24)], 24),
    ],
)
def test_local_times_without_a_zone_fill_a_day_of_any_length(day: str, clocks: list[int], hours: int) -> None:
    told = [{"time": f"{day}T{hour:02}:00:00", "price": index / 100} for index, hour in enumerate(clocks)]
    slots = read({"prices": told}).signal.slots
    assert len(slots) == hours
    assert all(slot.end - slot.start == timedelta(hours=1) for slot in slots)
    assert slots[-1].end - slots[0].start == timedelta(hours=hours)
    assert [slot.value for slot in slots] == [Decimal(str(index / 100)) for index in range(hours)]
