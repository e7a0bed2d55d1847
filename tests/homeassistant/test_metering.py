"""What a home's meter counted in an event reaches a settlement, and contradicts what the home claims.

The home is a real one, which tells its quarter-hours to the real hub over a Mosquitto with the centre's
rules. The event is of an hour ago: its record and the meter's counts are put into the home's stores, as a
home finds them that starts again.
"""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from aiomqtt import Client
from community_hub.store.series import MISSING, decoded
from community_hub.wire.metering import series_of
from homeassistant.core import HomeAssistant

from custom_components.home_flex.coordinator import HomeFlexConfigEntry, store_path
from custom_components.home_flex.core.events.codec import record_to_json
from custom_components.home_flex.core.events.model import EventRecord, EventStatus
from custom_components.home_flex.core.events.wire import parse_notification
from custom_components.home_flex.core.statistics import Mark, slot_at
from custom_components.home_flex.history.batch import Batch
from custom_components.home_flex.history.series_rows import SeriesBatch, SeriesKey
from custom_components.home_flex.history.store import HistoryStore
from tests.hub.flexibility.communities import HALF_HOUR, PREFIX
from tests.hub.settlement.test_closing import lines_of

from .community import SECRET, Community, RealClock, centre, resting
from .house import until
from .test_invitations import home
from .test_statistics import keeper_of

__all__ = ["centre", "home", "resting"]

QUARTER = timedelta(minutes=15)


@pytest.fixture
def community(resting: Community) -> Community:
    """Run a hub whose worker comes when the past is made."""
    return resting


@pytest.mark.timeout(120)
async def test_a_home_that_claims_more_than_its_meter_counted_is_contradicted_and_paid_by_the_meter(
    hass: HomeAssistant,
    home: HomeFlexConfigEntry,
    community: Community,
) -> None:
    here = community.here
    dispatch, start, event = await an_hour_ago(community)
    # 3 kWh were expected, of which the meter counts 2.8.
    await lived(hass, home, start, event, counted_wh=1400)

    await community.work()
    assert await hass.config_entries.async_setup(home.entry_id)
    await until(lambda: home.runtime_data.data.aggregator_connected, 60)
    await metered(community, start)
    # It says that it used 1.2 kWh less.
    await claim(community, event["id"], start, USAGE=1.8, DELTA_USAGE=-1.2, BASELINE=6.0, COVERAGE=1.0)
    settlement = await settled(community, dispatch)

    line = (await lines_of(here, settlement))["home-1"]
    assert (line["state"], line["told_kwh"], line["delivered_kwh"], line["amount"]) == (
        "contradicted",
        1.2,
        0.2,
        "0.08",
    )
    assert settlement["counts"]["contradicted"] == 1


async def an_hour_ago(community: Community) -> tuple[Any, datetime, dict[str, Any]]:
    """Call the home for half an hour that is over; return the dispatch, its start, and the home's event."""
    here = community.here
    clock = cast("RealClock", here.hub.clock)
    now = clock()
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) - 4 * QUARTER
    clock.behind = now - (start - HALF_HOUR)
    await here.consent("home-1", here.program_id)
    await here.offer("home-1", 2.0)
    need = here.need(2.0, price_per_kwh="0.40", duration_minutes=30, start=start.isoformat())
    answer = await here.operator.post("/api/v1/dispatches", json=need)
    assert answer.status_code == 201, answer.text
    [(_, event)] = await here.told()
    clock.behind = timedelta(0)
    return answer.json(), start, event


async def lived(
    hass: HomeAssistant,
    entry: HomeFlexConfigEntry,
    start: datetime,
    event: dict[str, Any],
    counted_wh: int,
) -> None:
    """Let the home have lived through the event: its meter counted so much in each quarter-hour."""
    keeper = await keeper_of(hass, entry)
    batch = SeriesBatch()
    slots = range(slot_at(start), slot_at(start + HALF_HOUR))
    cells = dict.fromkeys(slots, (counted_wh // 3, Mark.MEASURED))
    # The last of three slots takes what is left over by whole Wh.
    cells |= dict.fromkeys(slots[2::3], (counted_wh - 2 * (counted_wh // 3), Mark.MEASURED))
    batch.put(SeriesKey(device_id="meter", name="import", unit="Wh"), cells)
    await keeper.store.write(batch)
    assert await hass.config_entries.async_unload(entry.entry_id)
    told = json.dumps({"objectType": "EVENT", "operation": "CREATE", "object": event}).encode()
    read = parse_notification(told, ven_id="home-1", now=start, operation=None, random=lambda _: 0.0)
    assert read.event is not None
    record = EventRecord(
        event=read.event,
        status=EventStatus.SUCCEEDED,
        received=start - QUARTER,
        started=start,
        ended=start + HALF_HOUR,
        is_settled=True,
    )
    store = await HistoryStore.open(store_path(hass, entry.entry_id))
    await store.write(Batch(records={event["id"]: record_to_json(record)}))
    await store.close()


async def metered(community: Community, start: datetime) -> None:
    """Wait until the hub has both quarter-hours from the home."""
    last = (start + QUARTER).date()

    known = 0
    while known < 2:
        await asyncio.sleep(0.2)
        async with community.here.hub.store.reading() as session:
            days = await series_of(session, "home-1", start.date(), last)
        known = sum(int((decoded([day]).marks != MISSING).sum()) for day in days.values())


async def claim(community: Community, event_id: str, start: datetime, **values: float) -> None:
    """Let the home say what came of the event, over the broker."""
    payloads = [{"type": kind, "values": [value]} for kind, value in values.items()]
    payloads.append({"type": "INSTRUCTION_STATUS", "values": ["SUCCEEDED"]})
    period = {"start": start.isoformat(), "duration": "PT1800.000S"}
    site = {
        "resourceName": "SITE",
        "intervalPeriod": period,
        "intervals": [{"id": 0, "payloads": payloads}],
    }
    report = community.here.report("home-1", event_id, "settlement", [site])
    door = Client(community.broker.host, community.broker.port, username="home-1", password=SECRET)
    async with door as client:
        await client.publish(f"{PREFIX}/vens/home-1/reports/create", json.dumps(report), qos=1)


async def settled(community: Community, dispatch: Any) -> Any:
    """Settle as soon as the claim is there."""
    while True:
        answer = await community.here.operator.post(
            "/api/v1/settlements", json={"dispatch_id": dispatch["id"]}
        )
        if answer.status_code == 201:
            return answer.json()
        assert answer.json()["type"].endswith(":reports-missing"), answer.text
        await asyncio.sleep(0.2)
