"""What the home takes from the aggregator."""

from custom_components.home_flex.core.events.model import Interval, Payload, PayloadType, Source

from .samples import EVENT, MINUTE, NOW, read_event


def test_an_event_becomes_absolute_times_and_watts() -> None:
    event = read_event(EVENT)
    assert event.event_id == "event-1"
    assert event.source is Source.AGGREGATOR
    assert event.priority == 5
    assert event.intervals == (
        Interval(
            id=0,
            start=NOW + 10 * MINUTE,
            end=NOW + 25 * MINUTE,
            payloads=(Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=2000.0),),
        ),
    )
