"""What is taken of a home's reports, and what is refused."""

import json
from typing import Any

import pytest
from community_hub.wire.mqtt5 import Message
from community_hub.wire.reports import MOST_BYTES, Refusal, RefusedError, place_of, read

from .samples import NOW, message, place, report, sent


def valued(value: Any) -> dict[str, Any]:
    payloads = [{"type": "DEMAND", "values": [value]}]
    return {"resources": [{"resourceName": "SITE", "intervals": [{"id": 0, "payloads": payloads}]}]}


def raw(text: str) -> Message:
    return sent(json.dumps(report(**valued(0.125))).replace("0.125", text).encode())


def test_a_report_is_what_the_home_said_with_its_place_in_the_homes_store() -> None:
    told = message(7)
    found = read(told, NOW)

    assert (found.ven_id, found.report_id, found.event_id) == ("home-1", "report-7", "event-1")
    assert (found.payload, found.is_clock_off) == (told.payload, False)
    assert place_of(told) == ("store-1", 7, 1)


def test_a_home_need_not_number_its_reports() -> None:
    assert place_of(message(stream=None)) is None


@pytest.mark.parametrize(
    ("created", "is_off"), [("12:59:59", False), ("13:00:01", True), ("01:00:00", False)]
)
def test_a_clock_an_hour_ahead_is_noted_and_a_late_report_is_none(created: str, *, is_off: bool) -> None:
    assert read(message(createdDateTime=f"2026-11-29T{created}Z"), NOW).is_clock_off is is_off


REFUSED = {
    "too large": (sent(b" " * (MOST_BYTES + 1)), Refusal.TOO_LARGE),
    "no JSON": (sent(b"{"), Refusal.NOT_JSON),
    "not UTF-8": (sent(b'"\xff"'), Refusal.NOT_JSON),
    "deeper than a stack": (sent(b"[" * 60_000), Refusal.NOT_JSON),
    "NaN": (raw("NaN"), Refusal.NOT_JSON),
    "Infinity": (raw("-Infinity"), Refusal.NOT_JSON),
    "a number beyond numbers": (raw("1e999"), Refusal.ABSURD_VALUE),
    "eleven megawatts": (raw("11000.5"), Refusal.ABSURD_VALUE),
    "whole megawatts": (raw("-20000"), Refusal.ABSURD_VALUE),
    "another home's": (sent(json.dumps(report(ven_id="home-2")).encode()), Refusal.ANOTHER_HOME),
    "another's by its id": (message(clientID="home-2"), Refusal.ANOTHER_HOME),
    "no notification": (sent(b"[]"), Refusal.MALFORMED),
    "no values": (message(resources=[{"intervals": [{"payloads": [{}]}]}]), Refusal.MALFORMED),
    "resources that are none": (message(resources=[7]), Refusal.MALFORMED),
    "no id": (message(id=None), Refusal.MALFORMED),
    "an id that is SQL": (message(id="'; DROP TABLE homes; --"), Refusal.MALFORMED),
    "a name with a control character": (message(reportName="a\0"), Refusal.MALFORMED),
    "a time without its offset": (message(modificationDateTime="2026-11-29T12:00:00"), Refusal.MALFORMED),
    "a time before times": (message(modificationDateTime="0001-01-01T00:00:00+14:00"), Refusal.MALFORMED),
    "a value that is nothing": (message(**valued(None)), Refusal.MALFORMED),
}  # fmt: skip
WRONG_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "a number without its stream": (("sequence", "1"), ("oldest", "1")),
    "a number without the oldest": (("sequence", "1"), ("stream", "s")),
    "number zero": place("s", 0),
    "a number that no database holds": place("s", 2**63),
    "a number before the oldest": place("s", 3, oldest=4),
    "two numbers": (*place("s", 1), ("sequence", "2")),
    "a stream that is SQL": place("'; DROP TABLE homes; --", 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_report_can_be_is_refused_with_its_reason(name: str) -> None:
    told, reason = REFUSED[name]
    with pytest.raises(RefusedError) as caught:
        read(told, NOW)
    assert caught.value.reason is reason


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_a_place_that_none_can_be_is_refused(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        place_of(message()._replace(properties=WRONG_PLACES[name]))
    assert caught.value.reason is Refusal.WRONG_SEQUENCE
