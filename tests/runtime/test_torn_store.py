"""What lies damaged in the store is set aside, and what a message leaves behind is bounded."""

import pytest

from custom_components.home_flex.core.events.codec import record_to_json
from custom_components.home_flex.core.events.model import EventStatus
from custom_components.home_flex.history.store import Batch

from .service_home import Home, event


async def test_a_record_that_is_another_events_is_set_aside(home: Home) -> None:
    home.events.receive(event("e1"))
    await home.journal.durable()
    await home.store.write(Batch(records={"e1": None, "e2": record_to_json(home.record("e1"))}))
    await home.restart()
    assert home.events.records_set_aside == 1
    home.at(120)
    home.events.receive(event("e3", start_s=120))
    assert home.record("e3").status is EventStatus.ACCEPTED


@pytest.mark.parametrize(
    ("text", "participates"),
    [
        ("true", True),
        ("false", False),
        ('"false"', False),
        ("1", False),
        ('{"par', False),
        pytest.param("[" * 100_000, False, id="deep"),
    ],
)
async def test_a_torn_word_on_taking_part_is_a_no(home: Home, text: str, *, participates: bool) -> None:
    await home.store.write(Batch(settings={"participating": text}))
    await home.restart()
    assert home.events.participating is participates
    home.events.receive(event("e1"))
    assert home.record("e1").opted_out is not participates


async def test_of_many_events_at_once_each_is_reported_less_often(home: Home) -> None:
    for number in range(100):
        home.events.receive(event(f"e{number}", start_s=1))
    home.measure(1000.0)
    told = []
    for seconds in (1, 11, 20.9, 21):
        home.at(seconds)
        await home.journal.durable()
        waiting = await home.store.pending_reports(1000)
        told.append(sum(b'"reportName": "measurement"' in report.payload for report in waiting))
    assert told == [100, 100, 100, 200]
