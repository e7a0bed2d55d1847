"""``/api/v1/feed`` (server-sent events) and ``/ws`` (websocket): the same messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket, WebSocketDisconnect, status
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import HTTPConnection

from ..accounts.identity import Asking, who_asks_over
from ..accounts.roles import Reach, Thing, Verb, Who, reach
from ..web import Problem, StrictRoute
from .feeding import TOPICS, Feed
from .subscribers import Message, Subscriber

router = APIRouter(tags=["feed"], route_class=StrictRoute)

# Who listens is asked for again after that long: a session that ended meanwhile hears no more.
LONGEST_S: Final = 900.0
_READABLE: Final = {
    "invitation": Thing.INVITATION,
    "dispatch": Thing.DISPATCH,
    "settlement": Thing.SETTLEMENT,
    "request": Thing.REQUEST,
    "program": Thing.PROGRAM,
}

type Topics = Annotated[list[str], Query(max_length=len(TOPICS))]


def feed_of(connection: HTTPConnection) -> Feed:
    """Return the feed of the hub that answers."""
    return cast("Feed", connection.app.state.feed)


async def _listening(
    who: Asking,
    request: Request,
    topic: Topics = [],  # noqa: B006 # as FastAPI has it
) -> AsyncIterator[Subscriber]:
    """Let who asks listen until the answer is over; what is refused is refused before it begins."""
    with feed_of(request).subscribed(_subscriber(who, topic)) as subscriber:
        yield subscriber


@router.get("/api/v1/feed", response_class=EventSourceResponse)
async def stream(
    subscriber: Annotated[Subscriber, Depends(_listening)],
    request: Request,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Tell what happens, as it happens; with ``Last-Event-ID`` first what was missed since then."""
    if last_event_id is not None:
        for message in await feed_of(request).since(last_event_id, subscriber):
            yield _event(message)
    try:
        async with asyncio.timeout(LONGEST_S):
            while True:
                yield _event(await subscriber.next())
    except TimeoutError:
        return


@router.websocket("/ws")
async def socket(socket: WebSocket, topic: Topics = []) -> None:  # noqa: B006 # as FastAPI has it
    """Tell the same to programs, a JSON text for each message; what they send is not read."""
    with ExitStack() as listening:
        try:
            subscriber = _subscriber(await who_asks_over(socket, is_harmless=False), topic)
            listening.enter_context(feed_of(socket).subscribed(subscriber))
        except Problem as problem:
            await socket.close(status.WS_1008_POLICY_VIOLATION, problem.slug)
            return
        await socket.accept()
        try:
            async with asyncio.timeout(LONGEST_S), asyncio.TaskGroup() as group:
                group.create_task(_send(socket, subscriber))
                group.create_task(_until_gone(socket))
        except* WebSocketDisconnect:
            pass
        except* TimeoutError:
            await socket.close(status.WS_1001_GOING_AWAY)


async def _send(socket: WebSocket, subscriber: Subscriber) -> None:
    while True:
        await socket.send_json((await subscriber.next()).document())


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    raise WebSocketDisconnect


def _event(message: Message) -> ServerSentEvent:
    number = None if message.number is None else str(message.number)
    return ServerSentEvent(data=message.document(), event=message.type, id=number)


def _subscriber(who: Who, topics: list[str]) -> Subscriber:
    """Return who listens, to what they may read of it. Raises Problem 403 where that is nothing."""
    wanted = [topic for topic in TOPICS if not topics or topic in topics]
    found = {topic: reach(who, Verb.READ, _READABLE[topic]) for topic in wanted}
    readable = [topic for topic, how in found.items() if how is not None]
    if not readable:
        raise Problem(HTTPStatus.FORBIDDEN, "not-allowed", "Your account or token may read none of this.")
    is_any = all(found[topic] is Reach.ANY for topic in readable)
    return Subscriber(topics=readable, person_id=None if is_any else who.person_id, listener=who.person_id)
