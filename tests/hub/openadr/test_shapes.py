"""What an OpenADR request must look like."""

from typing import Any

import pytest
from community_hub.openadr.kinds import EVENT, SUBSCRIPTION
from pydantic import ValidationError

WHOLE = {
    "programID": "p",
    "priority": 0,
    "duration": "PT1H",
    "targets": ["f1"],
    "intervalPeriod": {"start": "2026-11-30T17:00:00+01:00", "duration": "PT15M", "randomizeStart": "PT0S"},
    "intervals": [{"id": -1, "payloads": [{"type": "PRICE", "values": [0.17, 1, "x", True]}]}],
}


@pytest.mark.parametrize(
    "changed",
    [
        {"programID": None},
        {"programID": "../x"},
        {"priority": -1},
        {"priority": True},
        {"priority": "1"},
        {"eventName": 1},
        {"targets": "home"},
        {"targets": [""]},
        {"targets": [{"type": "GROUP", "values": ["a"]}]},
        {"targets": ["x"] * 257},
        {"duration": "1h"},
        {"duration": "-PT1H"},
        {"duration": "PT"},
        {"intervalPeriod": {"start": "2026-11-30T17:00:00"}},
        {"intervalPeriod": {"start": "tomorrow"}},
        {"intervalPeriod": {"start": 1}},
        {"intervals": [{"id": "0", "payloads": []}]},
        {"intervals": [{"id": 2**31, "payloads": []}]},
        {"intervals": [{"payloads": []}]},
        {"intervals": [{"id": 0, "payloads": [{"type": "PRICE", "values": 1}]}]},
        {"intervals": [{"id": 0, "payloads": [{"type": "PRICE", "values": [{"x": 1, "y": 2}]}]}]},
        {"intervals": [{"id": 0, "payloads": [{"type": "PRICE", "values": [None]}]}]},
        {"payloadDescriptors": [{"objectType": "REPORT_PAYLOAD_DESCRIPTOR", "payloadType": "USAGE"}]},
    ],
)
def test_an_event_of_another_shape_is_refused(changed: dict[str, Any]) -> None:
    EVENT.request.validate_python(WHOLE)

    with pytest.raises(ValidationError):
        EVENT.request.validate_python(WHOLE | changed)


@pytest.mark.parametrize("duration", ["P9999Y", "P1M", "P1W", "P1DT1.5S", "PT0S", "P1Y2M3DT4H5M6S"])
def test_durations_of_the_document_are_kept_as_they_are(duration: str) -> None:
    shape = EVENT.request.validate_python(WHOLE | {"duration": duration})

    assert shape.document()["duration"] == duration


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-11-30T17:00:00+01:00", "2026-11-30T16:00:00Z"),
        ("2026-11-30T16:00:00.5Z", "2026-11-30T16:00:00.500000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_times_are_kept_in_utc(given: str, kept: str) -> None:
    shape = EVENT.request.validate_python(WHOLE | {"intervalPeriod": {"start": given}})

    assert shape.document()["intervalPeriod"] == {"start": kept}


@pytest.mark.parametrize(
    "url", ["http://x.example/", "ftp://x.example/", "https:///x", "x", "https://user:pass@x.example/"]
)
def test_a_callback_is_https_and_holds_no_password(url: str) -> None:
    operation = {"objects": ["EVENT"], "operations": ["CREATE"], "callbackUrl": "https://x.example/"}
    whole = {"clientName": "c", "objectOperations": [operation]}
    SUBSCRIPTION.request.validate_python(whole)

    with pytest.raises(ValidationError):
        SUBSCRIPTION.request.validate_python(whole | {"objectOperations": [operation | {"callbackUrl": url}]})
