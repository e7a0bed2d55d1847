"""What is dispatched reaches homes as events that they read."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pytest
from community_hub.arrays import Whole
from community_hub.flexibility.calls import Held, Occasion, event_requests, holding_requests
from community_hub.flexibility.offers import MOST_W
from community_hub.flexibility.release import NOT_CALLED
from community_hub.openadr.shapes import EventRequest
from community_hub.store import Written
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from custom_components.home_flex.core.events.model import Event, PayloadType
from custom_components.home_flex.core.events.timing import resolve_windows
from tests.core.events.samples import EVENT, MINUTE, NOW, VEN_ID, read_event

OCCASION = Occasion(
    program_id="flex", name="evening", start=NOW + 10 * MINUTE, interval_s=900, asks_less=True
)
CALLED_W = np.array([[2000, 2000, 0, 500], [0, 0, 0, 0]])
HOMES = [VEN_ID, "home-2"]


def _read(occasion: Occasion) -> Event:
    return _as_read(event_requests(occasion, HOMES, CALLED_W))


def _as_read(made: Iterable[tuple[str, Written]]) -> Event:
    """Return the event as the hub stores it and the first home reads it."""
    requests = dict(made)
    assert list(requests) == [VEN_ID]
    document = json.loads(requests[VEN_ID])
    stored = EventRequest.model_validate(document).document()
    assert stored == document, "it is written as the VTN keeps what a client sends"
    metadata = {name: EVENT[name] for name in ("id", "objectType", "createdDateTime", "modificationDateTime")}
    return read_event({**stored, **metadata})


def _told(event: Event) -> list[tuple[datetime, timedelta, PayloadType, float]]:
    return [
        (each.start, each.end - each.start, payload.type, payload.value)
        for each in event.intervals
        for payload in each.payloads
    ]


def test_a_called_home_is_asked_for_its_change_in_each_interval_and_others_for_nothing() -> None:
    start = NOW + 10 * MINUTE
    change = PayloadType.DISPATCH_SETPOINT_RELATIVE
    assert _told(_read(OCCASION)) == [
        (start, 30 * MINUTE, change, -2000.0),
        (start + 45 * MINUTE, 15 * MINUTE, change, -500.0),
    ]
    assert _told(_read(replace(OCCASION, asks_less=False)))[0][3] == 2000.0


@pytest.mark.parametrize("name", ["90 % of the evening", "%s %d %(name)s", 'with "quotes" and {braces}'])
def test_a_name_is_told_as_it_was_given(name: str) -> None:
    [(_, request)] = event_requests(replace(OCCASION, name=name), HOMES[:1], CALLED_W[:1])
    assert json.loads(request)["eventName"] == name


def test_intervals_of_one_length_without_a_gap_have_one_period() -> None:
    """Half of what homes are sent would be periods; a gap, or another length, has each tell its own."""
    [(_, request)] = event_requests(OCCASION, HOMES[:1], np.array([[0, 2000, 1000, 500]]))
    event = json.loads(request)
    period = {"start": (NOW + 25 * MINUTE).isoformat().replace("+00:00", "Z"), "duration": "PT900S"}
    assert event["intervalPeriod"] == period
    assert not any("intervalPeriod" in interval for interval in event["intervals"])
    start, change = NOW + 10 * MINUTE, PayloadType.DISPATCH_SETPOINT_RELATIVE
    assert _told(_as_read([(VEN_ID, request)])) == [
        (start + 15 * MINUTE * (number + 1), 15 * MINUTE, change, -power_w)
        for number, power_w in enumerate([2000.0, 1000.0, 500.0])
    ]


@given(
    called_w=arrays(np.int64, (3, 6), elements=st.integers(0, 3) | st.integers(0, MOST_W)),
    name=st.text(max_size=20),
)
def test_whatever_is_called_for_is_read_as_it_was_meant(called_w: Whole, name: str) -> None:
    occasion = replace(OCCASION, name=name, price_per_kwh=Decimal("0.25"))
    homes = [VEN_ID, "home-2", 'home "3"']
    requests = dict(event_requests(occasion, homes, called_w))
    assert list(requests) == [home for home, powers in zip(homes, called_w, strict=True) if powers.any()]
    for home, powers in zip(homes, called_w.tolist(), strict=True):
        asked_w = [0.0] * len(powers)
        if home in requests:
            event = json.loads(requests[home])
            assert (event["targets"], event["eventName"]) == ([home], name)
            for window, interval in zip(
                resolve_windows(event, event["intervals"], NOW), event["intervals"], strict=True
            ):
                first = (window.start - OCCASION.start) // (15 * MINUTE)
                for number in range(first, first + (window.end - window.start) // (15 * MINUTE)):
                    asked_w[number] = -1000 * interval["payloads"][0]["values"][0]
        assert asked_w == pytest.approx(powers, abs=1e-6)


def test_a_home_is_held_to_its_usual_load_until_it_is_let_go() -> None:
    held = Held(limit_w=np.array([800, 0]), until=np.array([3, NOT_CALLED]), slot_s=300)
    end = NOW + 70 * MINUTE
    event = _as_read(holding_requests(OCCASION, HOMES, 4, held))
    assert _told(event) == [(end, 15 * MINUTE, PayloadType.IMPORT_CAPACITY_LIMIT, 800.0)]
    assert not dict(holding_requests(OCCASION, HOMES, 4, replace(held, until=np.array([0, 0]))))


def test_a_home_is_told_what_its_change_pays() -> None:
    event = _read(replace(OCCASION, price_per_kwh=Decimal("0.25"), currency="EUR"))
    assert [each.pays_per_kwh for each in event.intervals] == [0.25, 0.25]
    assert event.currency == "EUR"


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0 W"):
        list(event_requests(OCCASION, HOMES, -CALLED_W))
    local = OCCASION.start.astimezone(timezone(timedelta(hours=1)))
    with pytest.raises(ValueError, match="in UTC"):
        list(event_requests(replace(OCCASION, start=local), HOMES, CALLED_W))
