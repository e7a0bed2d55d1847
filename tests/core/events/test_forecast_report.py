"""What the aggregator is told of what the home expects and can offer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.events.forecast_report import (
    ExpectedInterval,
    Priced,
    Storage,
    forecast_report,
)
from tests.asyncapi import validate
from tests.core.events.openadr import validate_object

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
FIRST = ExpectedInterval(start=NOON, end=NOON + HALF_HOUR, baseline_w=1500.0, up_w=2000.0, down_w=750.0)
SECOND = replace(FIRST, start=NOON + HALF_HOUR, end=NOON + 2 * HALF_HOUR, baseline_w=-400.0, up_w=0.0)
BATTERIES = Storage(stored_wh=4000.0, capacity_wh=10_000.0, charge_w=5000.0, discharge_w=4000.0)


def told(*intervals: ExpectedInterval, storage: Storage | None = BATTERIES) -> Any:
    return forecast_report(intervals, storage, ven_id="home-1", at=NOON)


def payloads(report: Any, index: int) -> dict[str, float]:
    (resource,) = report["object"]["resources"]
    return {each["type"]: each["values"][0] for each in resource["intervals"][index]["payloads"]}


@pytest.mark.parametrize("storage", [BATTERIES, None])
def test_it_is_a_report_of_openadr_and_of_our_document(storage: Storage | None) -> None:
    report = told(FIRST, SECOND, storage=storage)

    validate("reports/create", report)
    validate_object("report", report["object"])


def test_it_is_about_no_event_and_lasts_from_its_first_interval_to_its_last() -> None:
    report = told(FIRST, SECOND, storage=None)["object"]
    (resource,) = report["resources"]

    assert (report["eventID"], report["reportName"], report["clientID"]) == ("none", "forecast", "home-1")
    assert report["createdDateTime"] == "2026-11-29T12:00:00Z"
    assert resource["resourceName"] == "SITE"
    assert resource["intervalPeriod"] == {"start": "2026-11-29T12:00:00Z", "duration": "PT3600.000S"}
    assert [(each["id"], each["intervalPeriod"]["start"]) for each in resource["intervals"]] == [
        (0, "2026-11-29T12:00:00Z"),
        (1, "2026-11-29T12:30:00Z"),
    ]


def test_its_id_is_the_same_in_each_release() -> None:
    assert told(FIRST)["object"]["id"] == "283a4454-4f24-5130-9ce8-915b626295b5"


def test_it_tells_the_units_of_what_it_tells_alone() -> None:
    report = told(replace(FIRST, up_w=None, down_w=None), storage=None)["object"]

    assert report["payloadDescriptors"] == [
        {
            "objectType": "REPORT_PAYLOAD_DESCRIPTOR",
            "payloadType": kind,
            "units": unit,
            "readingType": "FORECAST",
        }
        for kind, unit in (("BASELINE", "KW"), ("USAGE_FORECAST", "KWH"))
    ]


def test_figures_are_told_to_the_milliwatt_and_levels_and_prices_as_fine() -> None:
    up = Priced(points=((500.00049, 0.12345678),), energy_wh=1.0)
    first = replace(FIRST, baseline_w=1234.56789, up=up)
    third = Storage(stored_wh=1 / 3, capacity_wh=1.0, charge_w=5000.0, discharge_w=4000.0)
    (resource,) = told(first, storage=third)["object"]["resources"]
    values = {each["type"]: each["values"] for each in resource["intervals"][0]["payloads"]}

    assert values["BASELINE"] == [1.234568]
    assert values["UP_REGULATION_CURVE"] == [0.5, 0.123457]
    assert values["STORAGE_CHARGE_LEVEL"] == [0.3333]


def test_each_half_hour_tells_what_is_expected_and_what_could_be_otherwise() -> None:
    report = told(FIRST, SECOND)

    assert payloads(report, 1) == {
        "BASELINE": -0.4,
        "USAGE_FORECAST": -0.2,
        "UP_REGULATION_AVAILABLE": 0.0,
        "LOAD_SHED_DELTA_AVAILABLE": 0.0,
        "DOWN_REGULATION_AVAILABLE": 0.75,
    }
    (resource,) = report["object"]["resources"]
    assert resource["intervals"][1]["intervalPeriod"] == {
        "start": "2026-11-29T12:30:00Z",
        "duration": "PT1800.000S",
    }


def test_what_is_offered_is_told_with_its_price_and_how_long_it_lasts() -> None:
    up = Priced(points=((500.0, 0.05), (2000.0, 0.2)), energy_wh=4000.0)
    report = told(replace(FIRST, up=up), SECOND)

    validate("reports/create", report)
    (resource,) = report["object"]["resources"]
    values = {each["type"]: each["values"] for each in resource["intervals"][0]["payloads"]}
    assert values["UP_REGULATION_CURVE"] == [0.5, 0.05, 2.0, 0.2]
    assert values["UP_REGULATION_ENERGY"] == [4.0]
    assert "DOWN_REGULATION_CURVE" not in values
    (resource,) = told(replace(FIRST, down=up), SECOND)["object"]["resources"]
    types = {each["type"] for each in resource["intervals"][0]["payloads"]}
    assert "DOWN_REGULATION_CURVE" in types
    assert "UP_REGULATION_CURVE" not in types


def test_each_home_and_each_moment_has_a_report_of_its_own() -> None:
    ids = {
        forecast_report((FIRST,), None, ven_id=ven_id, at=at)["object"]["id"]  # type: ignore[index, call-overload] # our own report
        for ven_id in ("home-1", "home-2")
        for at in (NOON, NOON + HALF_HOUR)
    }
    assert len(ids) == 4


def test_the_batteries_are_told_as_they_are_now() -> None:
    found = payloads(told(FIRST, SECOND), 0)

    assert found["STORAGE_CHARGE_LEVEL"] == 0.4
    assert found["STORAGE_USABLE_CAPACITY"] == 10.0
    assert (found["STORAGE_MAX_CHARGE_POWER"], found["STORAGE_MAX_DISCHARGE_POWER"]) == (5.0, 4.0)


def test_batteries_without_capacity_have_no_level() -> None:
    empty = Storage(stored_wh=0.0, capacity_wh=0.0, charge_w=5000.0, discharge_w=4000.0)
    assert "STORAGE_CHARGE_LEVEL" not in payloads(told(FIRST, SECOND, storage=empty), 0)


def test_what_was_not_reckoned_is_not_told() -> None:
    found = payloads(told(replace(FIRST, up_w=None, down_w=None), storage=None), 0)

    assert set(found) == {"BASELINE", "USAGE_FORECAST"}


def test_nothing_is_no_forecast() -> None:
    with pytest.raises(ValueError, match=r"^A forecast has intervals$"):
        told()
