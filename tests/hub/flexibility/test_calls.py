"""What is dispatched reaches homes as events that they read."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from community_hub.flexibility.calls import Held, Occasion, event_requests, holding_requests
from community_hub.flexibility.release import NOT_CALLED
from community_hub.openadr.shapes import EventRequest

from custom_components.home_flex.core.events.model import Event, PayloadType
from tests.core.events.samples import EVENT, MINUTE, NOW, VEN_ID, read_event

OCCASION = Occasion(
    program_id="flex", name="evening", start=NOW + 10 * MINUTE, interval_s=900, asks_less=True
)
CALLED_W = np.array([[2000, 2000, 0, 500], [0, 0, 0, 0]])
HOMES = [VEN_ID, "home-2"]


def _read(occasion: Occasion) -> Event:
    return _as_read(event_requests(occasion, HOMES, CALLED_W))


def _as_read(made: Iterable[tuple[str, dict[str, Any]]]) -> Event:
    """Return the event as the hub stores it and the first home reads it."""
    requests = dict(made)
    assert list(requests) == [VEN_ID]
    stored = EventRequest.model_validate(requests[VEN_ID]).document()
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
