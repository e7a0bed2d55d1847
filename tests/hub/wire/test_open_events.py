"""What a home is answered that asks which of its events are open."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from community_hub.store.tables import Home
from community_hub.wire.mqtt5 import Message
from community_hub.wire.open_events import MOST_BYTES, answers

from tests.asyncapi import validate

from ..running import VEN_SCOPES, VTN, Running, made
from .samples import PREFIX
from .test_events import Community, community

ASKED: Final = {"venID": "home-1", "correlation": "c-1"}


def request(ven_id: str = "home-1", told: object = ASKED) -> Message:
    payload = told if isinstance(told, bytes) else json.dumps(told).encode()
    return Message(f"{PREFIX}/vens/{ven_id}/events/request", payload, 1)


async def answered(hub: Running, *requests: Message) -> dict[str, Any]:
    """Return what is answered, by topic."""
    async with hub.store.reading() as session:
        found = await answers(session, PREFIX, requests, hub.clock())
    return {each.topic: json.loads(each.payload) for each in found}


async def seen(here: Community, ven_id: str) -> list[str]:
    told = await answered(here.hub, request(ven_id, {"venID": ven_id, "correlation": "c"}))
    [answer] = told.values()
    validate("events/response", answer)
    return [event["id"] for event in answer["events"]]


async def test_a_home_is_told_all_that_it_sees_and_nothing_else(hub: Running) -> None:
    here = await community(hub)
    first = await here.create(targets=["home-1"])
    await here.create(targets=["home-2"])
    for_all = await here.create()

    told = await answered(hub, request())

    assert list(told) == ["home_flex/vens/home-1/events/response"]
    answer = told["home_flex/vens/home-1/events/response"]
    assert (answer["correlation"], [event["id"] for event in answer["events"]]) == ("c-1", [first, for_all])
    assert await seen(here, "home-3") == []


async def test_it_is_what_the_home_was_told_of_as_it_changed(hub: Running) -> None:
    """For each home, what is open by its messages is what it is answered."""
    here = await community(hub)
    _, client_id = await hub.program(here.operator, *VEN_SCOPES, name="home-2")
    ven = {
        "objectType": "BL_VEN_REQUEST",
        "clientID": client_id,
        "venName": "home-2",
        "targets": ["feeder-7"],
    }
    ven = await made(here.business, f"{VTN}/vens", ven)
    device = {"objectType": "BL_RESOURCE_REQUEST", "clientID": client_id, "venID": ven["id"]}
    await made(here.business, f"{VTN}/resources", device | {"resourceName": "car", "targets": ["cars"]})
    for targets in ([], ["home-1"], ["feeder-7"], ["feeder-7", "cars"], ["cars", "batteries"]):
        await here.create(targets=targets)
    moved = await here.create(targets=["home-1"])
    await here.update(moved, targets=["home-2"])
    gone = await here.create()
    await here.business.delete(f"{VTN}/events/{gone}")

    opened: dict[str, set[str]] = {f"home-{number}": set() for number in (1, 2, 3)}
    for message in await here.gone_out():
        of = opened[message.ven_id]
        (of.discard if message.topic.endswith("/delete") else of.add)(message.event_id)

    for ven_id, events in opened.items():
        assert set(await seen(here, ven_id)) == events
    assert {len(events) for events in opened.values()} == {0, 2, 4}


async def test_an_event_that_is_over_is_not_open(hub: Running) -> None:
    here = await community(hub)
    await here.create()
    hub.clock.now += timedelta(days=1)

    assert await seen(here, "home-1") == []


async def test_of_several_requests_of_a_home_the_latest_is_answered(hub: Running) -> None:
    await community(hub)

    told = await answered(hub, request(), request(told=ASKED | {"correlation": "c-2"}))

    assert [each["correlation"] for each in told.values()] == ["c-2"]


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[" * 3000,
        {"venID": "home-1"},
        {"venID": "home-1", "correlation": 7},
        {"venID": "home-2", "correlation": "c-1"},
        {"correlation": "c" * 300},
        b" " * MOST_BYTES + b"{}",
    ],
    ids=repr,
)
async def test_what_is_no_request_is_not_answered(hub: Running, told: object) -> None:
    await community(hub)

    assert await answered(hub, request(told=told)) == {}


async def test_who_is_no_home_of_the_community_is_not_answered(hub: Running) -> None:
    """Its events may be another's: an empty answer would withdraw them."""
    await community(hub)
    async with hub.store.writing() as session:
        (await session.get_one(Home, "home-1")).state = "leaving"

    assert await answered(hub, request(), request("stranger", {"correlation": "c"})) == {}
