"""What happens is told as it happens, to each what they may read; slow readers cost nobody anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
import websockets
from community_hub.feed.feeding import MOST_OF_ONE, MOST_SUBSCRIBERS, Feed
from community_hub.feed.subscribers import MOST_WAITING, Message, Subscriber

from ..flexibility.communities import Flexible, flexible
from ..running import Running, made, person_id, problem

AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def message(number: int) -> Message:
    return Message(type="dispatch.make", at=AT, object=str(number), correlation_id="", details={})


def feed_of(hub: Running) -> Feed:
    feed: Feed = hub.app.state.feed
    return feed


async def heard(hub: Running, act: Any, **who: Any) -> list[Message]:
    """Return what a subscriber is told of what is done."""
    feed, subscriber = feed_of(hub), Subscriber(**who)
    found: list[Message] = []
    with feed.subscribed(subscriber):
        await feed.follow()
        await act
        await feed.follow()
        try:
            while True:
                found.append(await asyncio.wait_for(subscriber.next(), 0.01))
        except TimeoutError:
            return found


async def offering(hub: Running) -> Flexible:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    return here


async def test_an_act_is_told_with_the_correlation_of_its_request(hub: Running) -> None:
    here = await offering(hub)
    asked = here.operator.post(
        "/api/v1/dispatches", json=here.need(1.0), headers={"X-Correlation-ID": "evening-1"}
    )

    [told] = await heard(hub, asked)

    assert (told.type, told.correlation_id, told.details["homes"]) == ("dispatch.make", "evening-1", 1)
    assert told.number is not None


async def test_a_household_is_told_of_its_own_homes_alone(hub: Running) -> None:
    here = await offering(hub)
    hugo = await hub.person(here.operator, "household", "Hugo")
    ids = [(await who.get("/api/v1/account")).json()["id"] for who in (here.household, hugo)]
    feed = feed_of(hub)
    own, other = (Subscriber(person_id=each) for each in ids)
    with feed.subscribed(own), feed.subscribed(other):
        await feed.follow()
        await here.dispatch(1.0)
        await feed.follow()

    assert (await own.next()).type == "dispatch.make"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(other.next(), 0.01)


async def test_what_a_running_dispatch_delivers_is_told(hub: Running) -> None:
    here = await offering(hub)
    await here.dispatch(1.0)
    hub.clock.go_on(minutes=31)
    subscriber = Subscriber()
    with feed_of(hub).subscribed(subscriber):
        await feed_of(hub).tell_deliveries()

    told = await subscriber.next()

    assert (told.type, told.details["needed_kw"], told.details["delivered_kw"]) == (
        "dispatch.delivery",
        1.0,
        None,
    )
    json.dumps(told.document())


async def test_a_topic_that_was_not_asked_for_is_not_told(hub: Running) -> None:
    here = await offering(hub)

    assert await heard(hub, here.dispatch(1.0), topics=["invitation"]) == []


async def test_who_reads_slowly_loses_the_oldest_and_is_told_so() -> None:
    slow, quick = Subscriber(), Subscriber()
    for number in range(MOST_WAITING + 10):
        slow.put(message(number))
        quick.put(message(number))
        assert (await quick.next()).object == str(number)

    assert (await slow.next()).type == "lagging"
    assert (await slow.next()).object == "10"


async def test_too_many_listeners_are_refused(hub: Running) -> None:
    here = await offering(hub)
    feed = feed_of(hub)
    with ExitStack() as stack:
        for number in range(MOST_SUBSCRIBERS):
            stack.enter_context(feed.subscribed(Subscriber(listener=str(number))))
        answer = await here.operator.get("/api/v1/feed")

    assert problem(answer) == (503, "too-many-listeners")


async def test_nobody_listens_so_often_that_others_cannot(hub: Running) -> None:
    here = await offering(hub)
    feed = feed_of(hub)
    hanna = await person_id(here.household)
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(feed.subscribed(Subscriber(listener=hanna)))
        answer = await here.household.get("/api/v1/feed")
        stack.enter_context(feed.subscribed(Subscriber(listener=await person_id(here.operator))))

    assert problem(answer) == (503, "too-many-listeners")


@asynccontextmanager
async def listening(hub: Running) -> AsyncIterator[str]:
    """Let the hub listen on a socket of its own, with what it does in the background."""
    server = uvicorn.Server(uvicorn.Config(hub.app, host="127.0.0.1", port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 # uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving


async def token_of(visitor: httpx.AsyncClient, *scopes: str) -> str:
    body = {"name": "feed", "scopes": scopes, "lifetime_s": 3600}
    token: str = (await made(visitor, "/api/v1/tokens", body))["token"]
    return token


async def test_it_is_heard_over_server_sent_events_and_again_from_where_one_was(hub: Running) -> None:
    here = await offering(hub)
    headers = {"Authorization": f"Bearer {await token_of(here.operator, 'dispatch:read')}"}
    async with listening(hub) as address, httpx.AsyncClient(base_url=f"http://{address}") as client:
        before = (await here.operator.get("/api/v1/audit/head")).json()["number"]
        dispatch = await here.dispatch(1.0)
        again = {"Last-Event-ID": str(before)}
        async with client.stream("GET", "/api/v1/feed", headers=headers | again) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            first = [await anext(lines) for _ in range(3)]
            await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")
            rest = [await asyncio.wait_for(anext(lines), 10) for _ in range(4)]

    assert "event: dispatch.make" in first
    assert "event: dispatch.cancel" in rest


async def test_it_is_heard_over_a_websocket_and_by_nobody_without_a_token(hub: Running) -> None:
    here = await offering(hub)
    headers = {"Authorization": f"Bearer {await token_of(here.operator, 'dispatch:read')}"}
    async with listening(hub) as address:
        with pytest.raises(websockets.exceptions.InvalidStatus):
            await websockets.connect(f"ws://{address}/ws")
        async with websockets.connect(f"ws://{address}/ws", additional_headers=headers) as socket:
            await asyncio.sleep(1)
            dispatch = await here.dispatch(1.0)
            told = json.loads(await asyncio.wait_for(socket.recv(), 10))

    assert (told["type"], told["object"]) == ("dispatch.make", dispatch["id"])
