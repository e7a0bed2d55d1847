"""A home that was away while an event was taken back, in Home Assistant and at a real broker."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.home_flex.coordinator import HomeFlexConfigEntry
from custom_components.home_flex.core.events.model import EventStatus
from tests.aggregator.broker import Broker
from tests.aggregator.home import Aggregator, aggregator

from .conftest import StartSite
from .house import subentry, until

ACCOUNT = {"username": "home", "password": "secret-of-home"}
AN_HOUR_AGO = timedelta(hours=1)
A_MINUTE_AGO = timedelta(minutes=1)


def asked(other: Aggregator) -> list[str]:
    """Return the correlations of the requests for open events that a home has made."""
    return [json.loads(payload)["correlation"] for payload in other.payloads("events/request")]


async def answer_until(other: Aggregator, condition: Callable[[], object]) -> None:
    """Answer each request, that nothing is open; what the queue brings again is asked about twice."""
    answered = 0
    while not condition():
        await until(lambda: condition() or len(asked(other)) > answered)  # noqa: B023 # waited for here
        answered = len(asked(other))
        await other.send("response", {"correlation": asked(other)[-1], "events": []})


def limit() -> dict[str, Any]:
    """Return an event that was made an hour ago and should have started a minute ago."""
    now = datetime.now(UTC)
    made = (now - AN_HOUR_AGO).isoformat()
    return {
        "id": "e1",
        "objectType": "EVENT",
        "createdDateTime": made,
        "modificationDateTime": made,
        "programID": "flexibility",
        "intervalPeriod": {"start": (now - A_MINUTE_AGO).isoformat(), "duration": "PT1H"},
        "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]}],
    }


async def test_what_was_taken_back_while_the_home_was_away_does_not_start_when_it_is_back(
    hass: HomeAssistant, start_site: StartSite, broker: Broker
) -> None:
    at_broker: dict[str, Any] = {"host": broker.host, "port": broker.port, "tls": False, "prefix": "flex"}
    async with aggregator(broker, **ACCOUNT) as other:
        entry: HomeFlexConfigEntry = await start_site(
            subentry("aggregator", "Aggregator", ven_id="home-1", **at_broker, **ACCOUNT)
        )

        def statuses() -> list[EventStatus]:
            return [record.status for record in entry.runtime_data.data.records]

        await until(lambda: entry.runtime_data.data.aggregator_connected)
        await other.send("create", {"objectType": "EVENT", "operation": "CREATE", "object": limit()})
        await until(statuses)
        assert await hass.config_entries.async_unload(entry.entry_id)
        # Here it is taken back, and the message that says so is lost.
        assert await hass.config_entries.async_setup(entry.entry_id)

        await until(lambda: len(asked(other)) == 2)
        back = datetime.now(UTC)
        await until(lambda: entry.runtime_data.data.time > back + timedelta(seconds=1))
        assert statuses() == [EventStatus.ACCEPTED]
        await answer_until(other, lambda: statuses() == [EventStatus.REVOKED])
        (record,) = entry.runtime_data.data.records
        assert record.started is None
