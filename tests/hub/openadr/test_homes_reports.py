"""What homes reported over MQTT, in the VTN's list of reports."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from community_hub.wire import keeping
from community_hub.wire.mqtt5 import Message

from ..running import VEN_SCOPES, VTN, Running, made
from ..wire.samples import message
from ..wire.test_events import Community, community
from ..wire.test_intake import leading_intake


async def told(here: Community, messages: Sequence[Message], after_s: float = 0.0) -> None:
    intake = await leading_intake(here.hub.store)
    here.hub.clock.now += timedelta(seconds=after_s)
    intake.clock = here.hub.clock
    await intake.take(messages)


async def listed(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get(f"{VTN}/reports", params=query)
    assert answer.status_code == 200, answer.text
    return [report["id"] for report in answer.json()]


async def a_ven(here: Community, ven_id: str) -> httpx.AsyncClient:
    client, client_id = await here.hub.program(here.operator, *VEN_SCOPES, name=ven_id)
    ven = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": ven_id}
    await made(here.business, f"{VTN}/vens", ven)
    return client


async def test_they_stand_among_those_that_vens_sent_in_the_order_they_came(hub: Running) -> None:
    here = await community(hub)
    event_id = await here.create()
    ven = await a_ven(here, "home-2")
    await told(here, [message(1, eventID=event_id)])
    hub.clock.now += timedelta(seconds=1)
    sent = {"eventID": event_id, "clientName": "home-2", "resources": []}
    own = await made(ven, f"{VTN}/reports", sent)
    await told(here, [message(2, eventID=event_id)], after_s=1)

    assert await listed(here.business) == ["report-1", own["id"], "report-2"]
    assert await listed(here.business, skip=1, limit=1) == [own["id"]]
    found = (await here.business.get(f"{VTN}/reports/report-1")).json()
    assert (found["objectType"], found["clientName"], found["eventID"]) == ("REPORT", "home-1", event_id)


async def test_a_query_asks_of_them_too(hub: Running) -> None:
    here = await community(hub)
    event_id = await here.create()
    await told(here, [message(1, eventID=event_id), message(2, "home-2", eventID="another")])

    assert await listed(here.business, eventID=event_id) == ["report-1"]
    assert await listed(here.business, programID=here.program_id) == ["report-1"]
    assert await listed(here.business, clientName="home-2") == ["report-2"]
    assert await listed(here.business, targets="cars") == []


async def test_a_home_sees_its_own_and_no_stranger_any(hub: Running) -> None:
    here = await community(hub)
    home, stranger = await a_ven(here, "home-1"), await a_ven(here, "stranger")
    await told(here, [message(1), message(2, "home-2")])

    assert await listed(home) == ["report-1"]
    assert await listed(stranger) == []
    for client, report_id in ((home, "report-2"), (stranger, "report-1")):
        assert (await client.get(f"{VTN}/reports/{report_id}")).status_code == 404


async def test_they_are_not_changed_and_not_deleted_by_anybody(hub: Running) -> None:
    here = await community(hub)
    home = await a_ven(here, "home-1")
    await told(here, [message(1)])

    assert (await home.delete(f"{VTN}/reports/report-1")).status_code == 404
    assert await listed(home) == ["report-1"]


async def test_one_that_no_client_could_read_is_left_out(hub: Running) -> None:
    here = await community(hub)
    await told(here, [message(1, resources=[{"intervals": []}]), message(2)])

    assert await listed(here.business) == ["report-2"]


async def test_what_came_long_ago_is_deleted_some_at_a_time(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 3)
    here = await community(hub)
    for number in range(5):
        await told(here, [message(2 * number + 1), message(2 * number + 2)], after_s=1)
    last = hub.clock()
    await told(here, [message(11)], after_s=1)

    await keeping.forget(hub.store, last + timedelta(milliseconds=1))

    assert await listed(here.business) == ["report-11"]
