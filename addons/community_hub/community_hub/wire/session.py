"""A session at the broker in which nothing is acknowledged before it is told to be.

The broker sends no more than the Receive Maximum beyond what was acknowledged: that bounds what waits here.
"""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from . import mqtt5
from .mqtt5 import Kind, Message, Opened, Opening, PacketError, Splitter

TIMEOUT_S: Final = 10.0
_AT_ONCE: Final = 100
# So many messages are on their way to the broker at once.
MOST_UNANSWERED: Final = 1000
_TAKEN_OVER: Final = 0x8E
_REFUSED: Final = 0x80


class SessionLostError(Exception):
    """The connection is over. What was not acknowledged comes again in the next one."""


class TakenOverError(SessionLostError):
    """Another connection has opened the session."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Broker:
    """Where the broker is; with ``context`` it is reached over TLS."""

    host: str
    port: int
    context: ssl.SSLContext | None = None


class Publication(NamedTuple):
    """A message that goes out with QoS 1; the broker forgets it after ``expiry_s``."""

    topic: str
    payload: bytes
    expiry_s: int


class Publishes(Protocol):
    """What messages are published over (``Session``)."""

    def check(self) -> None:
        """Raise SessionLostError when it is lost."""

    async def publish(self, messages: Sequence[Publication], /) -> Sequence[int]:
        """Publish, and return the broker's reason for each; below 128 it has it. Raises SessionLostError."""


@dataclass(kw_only=True, slots=True)
class _Batch:
    """Messages that went out together."""

    reasons: list[int]
    unanswered: int


@contextlib.asynccontextmanager
async def opened(broker: Broker, opening: Opening) -> AsyncIterator[Session]:
    """Give an open session, and end its connection after. Raises SessionLostError, also when refused."""
    loop = asyncio.get_running_loop()
    try:
        async with _patience():
            _, session = await loop.create_connection(
                lambda: Session(opening), broker.host, broker.port, ssl=broker.context
            )
    except OSError as error:
        raise SessionLostError(f"the broker cannot be reached: {error}") from error
    try:
        await session.open()
        yield session
    finally:
        session.end()


@contextlib.asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield
    except TimeoutError as error:
        raise SessionLostError("the broker does not answer") from error


class Session(asyncio.Protocol):
    """One connection; ``opened`` opens it."""

    def __init__(self, opening: Opening) -> None:
        """Prepare."""
        self._opening = opening
        self._splitter = Splitter(opening.most_bytes)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._opened: asyncio.Future[Opened] = self._loop.create_future()
        self._waiting: deque[Message] = deque()
        self._wanted = 1
        self._news = asyncio.Event()
        self._answers: dict[int, tuple[_Batch, int]] = {}
        self._answered = asyncio.Event()
        self._subscribed: dict[int, asyncio.Future[int]] = {}
        self._most_unanswered = MOST_UNANSWERED
        self._last_id = 0
        self._lost: SessionLostError | None = None
        self._heard_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self.is_present = False

    async def open(self) -> None:
        """Wait for the broker's yes. Raises SessionLostError, also when it refuses."""
        async with _patience():
            answer = await self._opened
        if answer.reason:
            raise SessionLostError(f"the broker refuses the session: {answer.reason:#04x}")
        self.is_present = answer.is_session_present
        self._most_unanswered = min(MOST_UNANSWERED, answer.receive_maximum)

    async def subscribe(self, topics: Sequence[str]) -> None:
        """Subscribe. Raises SessionLostError, also when it may not."""
        packet_id = self._next_id()
        answer = self._subscribed[packet_id] = self._loop.create_future()
        self._write(mqtt5.subscribe(packet_id, topics))
        async with _patience():
            reason = await answer
        if reason >= _REFUSED:
            raise SessionLostError(f"the broker refuses the subscription: {reason:#04x}")

    async def messages(self, most: int, within_s: float) -> list[Message]:
        """Return messages as they came, as soon as there are ``most``, or the first is ``within_s`` old.

        Raises SessionLostError as soon as the connection is lost: none of them is to be written any more.
        """
        await self._until(1)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._until(most)
        self.check()
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that they are kept."""
        self._write(b"".join(mqtt5.puback(each.packet_id) for each in messages if each.packet_id))

    def tell(self, topic: str, payload: bytes) -> None:
        """Publish what may be lost (QoS 0)."""
        self._write(mqtt5.publish(topic, payload))

    async def publish(self, messages: Sequence[Publication]) -> list[int]:
        """Publish in this order, and return the broker's reason for each: below 128 it has it.

        Raises SessionLostError when the connection is lost before: then nobody knows.
        """
        batch = _Batch(reasons=[0] * len(messages), unanswered=len(messages))
        for first in range(0, len(messages), _AT_ONCE):
            packets: list[bytes] = []
            for index, each in enumerate(messages[first : first + _AT_ONCE], first):
                await self._room_for(packets)
                packet_id = self._next_id()
                self._answers[packet_id] = batch, index
                packets.append(mqtt5.publish(each.topic, each.payload, packet_id, expiry_s=each.expiry_s))
            self._write(b"".join(packets))
        while batch.unanswered:
            self.check()
            self._answered.clear()
            await self._answered.wait()
        return batch.reasons

    async def _room_for(self, packets: list[bytes]) -> None:
        """Wait until the broker takes one more; what is ready goes out first."""
        while len(self._answers) >= self._most_unanswered:
            self._write(b"".join(packets))
            packets.clear()
            self.check()
            self._answered.clear()
            await self._answered.wait()
        self.check()

    def check(self) -> None:
        """Raise SessionLostError when the connection is lost."""
        if self._lost is not None:
            raise self._lost

    def end(self) -> None:
        """End the connection; the session at the broker stays as long as its expiry says."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(mqtt5.GOODBYE)
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who connects."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 # a stream's transport is one
        self._transport = transport
        transport.write(mqtt5.connect(self._opening))
        self._stay_alive()

    def data_received(self, data: bytes) -> None:
        """Take what the broker sends."""
        self._heard_s = self._loop.time()
        try:
            for first, body in self._splitter.feed(data):
                self._take(first, body)
        except PacketError as error:
            self._lose(SessionLostError(f"the broker sends what is not understood: {error}"))
        if len(self._waiting) >= self._wanted:
            self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let everybody who waits know."""
        self._lose(SessionLostError(f"the connection to the broker is lost: {exc or 'closed'}"))

    def _take(self, first: int, body: bytes) -> None:
        match first >> 4:
            case Kind.PUBLISH:
                self._waiting.append(mqtt5.published(first, body))
            case Kind.PUBACK:
                packet_id, reason = mqtt5.answered(body)
                if (asked := self._answers.pop(packet_id, None)) is not None:
                    batch, index = asked
                    batch.reasons[index] = reason
                    batch.unanswered -= 1
                    self._answered.set()
            case Kind.SUBACK:
                packet_id, reasons = mqtt5.subscribed(body)
                _resolve(self._subscribed.pop(packet_id, None), max(reasons, default=_REFUSED))
            case Kind.CONNACK:
                if not self._opened.done():
                    self._opened.set_result(mqtt5.opened(body))
            case Kind.DISCONNECT:
                reason = body[0] if body else 0
                kind = TakenOverError if reason == _TAKEN_OVER else SessionLostError
                self._lose(kind(f"the broker ends the session: {reason:#04x}"))

    def _lose(self, error: SessionLostError) -> None:
        if self._lost is not None:
            return
        self._lost = error
        self.end()
        waiting: list[asyncio.Future[Any]] = [self._opened, *self._subscribed.values()]
        for each in waiting:
            if not each.done():
                each.set_exception(error)
                each.exception()  # whoever waits gets it; where nobody does, nothing is to be said
        self._news.set()
        self._answered.set()

    def _stay_alive(self) -> None:
        keep_alive_s = self._opening.keep_alive_s
        if self._loop.time() - self._heard_s > 1.5 * keep_alive_s:
            self._lose(SessionLostError("the broker is silent"))
            return
        if self._opened.done():
            self._write(mqtt5.PING)
        self._timer = self._loop.call_later(keep_alive_s / 2, self._stay_alive)

    async def _until(self, number: int) -> None:
        """Wait until so many messages are there; who waits is not woken by each that comes."""
        while len(self._waiting) < number:
            self.check()
            self._wanted = number
            self._news.clear()
            await self._news.wait()

    def _next_id(self) -> int:
        while True:
            self._last_id = self._last_id % mqtt5.MOST_ID + 1
            if self._last_id not in self._answers and self._last_id not in self._subscribed:
                return self._last_id

    def _write(self, data: bytes) -> None:
        if data and self._lost is None and self._transport is not None:
            self._transport.write(data)


def _resolve(waiting: asyncio.Future[int] | None, reason: int) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(reason)
