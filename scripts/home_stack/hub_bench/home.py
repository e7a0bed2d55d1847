"""A home as the broker sees it: one connection, its reports, and what it does with events.

It keeps each report until the hub says that it has it, and sends again what the hub says is missing; after
each connection, and when nothing is heard, it asks by sending the oldest and the newest. What it does with an
event is given to it; without that it says once that it has it. What it does for each report is written out:
ten thousand homes share the hub's two cores.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from community_hub.wire import mqtt5
from community_hub.wire.mqtt5 import Kind, Message, Opening, Splitter
from pydantic_core import from_json

PREFIX: Final = "home_flex"
MOST_BYTES: Final = 65_536
HEARS: Final = ("events/create", "events/update", "events/delete", "reports/received")
# As long and as nested as the report of an event's measurements.
_REPORT: Final = (
    '{"objectType":"REPORT","operation":"CREATE","object":{"id":"%s","objectType":"REPORT",'
    '"createdDateTime":"2026-11-29T12:00:00Z","modificationDateTime":"2026-11-29T12:00:00Z",'
    '"clientID":"%s","clientName":"%s","eventID":"%s","reportName":"%s","payloadDescriptors":'
    '[{"objectType":"REPORT_PAYLOAD_DESCRIPTOR","payloadType":"DEMAND","units":"KW","readingType":"DIRECT_READ"}],'
    '"resources":[{"resourceName":"SITE","intervalPeriod":{"start":"2026-11-29T12:00:00Z","duration":"PT60S"},'
    '"intervals":[{"id":0,"payloads":[{"type":"DEMAND","values":[1.234]},{"type":"USAGE","values":[0.021]},'
    '{"type":"OPERATING_STATE","values":["NORMAL"]}]}]}]}}'
)

_PUBACK: Final = Kind.PUBACK << 4
_PUBACK_BYTES: Final = 4


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2) + raw


def _pair(name: str, value: str) -> bytes:
    """Return a user property (2.2.2.2)."""
    return b"\x26" + _text(name) + _text(value)


class Home(asyncio.Protocol):
    """One home. ``on_lost`` is called when its connection is over, whoever ended it."""

    def __init__(
        self,
        ven_id: str,
        on_lost: Callable[[Home], None],
        hears: Callable[[Home, dict[str, Any]], None] | None = None,
    ) -> None:
        """Prepare; each new connection is given this same protocol. ``hears`` is given notifications."""
        self.ven_id = ven_id
        self.kept: dict[int, bytes] = {}
        self.events: set[str] = set()
        self.to_send = 0
        self.sent = 0
        self.opened: asyncio.Future[None] | None = None
        self.heard_s = 0.0
        self._on_lost = on_lost
        self._hears = hears or _says_that_it_has
        self._topic = f"{PREFIX}/vens/{ven_id}"
        self._head = _text(f"{self._topic}/reports/create")
        self._stream = _pair("stream", ven_id)
        self._in_flight: set[int] = set()
        self._last_id = 0
        self._splitter = Splitter(MOST_BYTES)
        self._transport: asyncio.Transport | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the broker has said yes."""
        return self.opened is not None and self.opened.done() and not self.opened.cancelled()

    def work(self, reports: int) -> None:
        """Send so many reports, each when the broker has acknowledged the one before."""
        self.to_send += reports
        self._send_next()

    def report(self, payload: bytes) -> None:
        """Send a report, of 128 bytes to 16 kB, and keep it until the hub has it."""
        self.sent += 1
        self.kept[self.sent] = payload
        self._publish(self.sent, payload)

    def report_of(self, event_id: str, name: str) -> None:
        """Send a report of an event."""
        identifier = f"{self.ven_id}-{self.sent + 1}"
        self.report((_REPORT % (identifier, self.ven_id, self.ven_id, event_id, name)).encode())

    def ask(self) -> None:
        """Ask what the hub has, as a home does."""
        if self.kept:
            self._send_again({min(self.kept), max(self.kept)})

    def _send_again(self, numbers: Iterable[int]) -> None:
        for number in sorted(numbers):
            if number in self.kept:
                self._publish(number, self.kept[number])

    def drop(self) -> None:
        """Let the connection go as a lost line does."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who connects."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 # a stream's transport is one
        self._transport = transport
        self._splitter = Splitter(MOST_BYTES)
        self._in_flight.clear()
        opening = Opening(client_id=self.ven_id, session_expiry_s=3600, receive_maximum=16, keep_alive_s=0)
        transport.write(mqtt5.connect(opening))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # as asyncio calls it
        """Note it."""
        self._transport = None
        if self.opened is not None and not self.opened.done():
            self.opened.cancel()
        self.opened = None
        self._on_lost(self)

    def data_received(self, data: bytes) -> None:
        """Take what the broker sends."""
        if data[0] == _PUBACK and len(data) == _PUBACK_BYTES:
            self._in_flight.discard(data[2] << 8 | data[3])
            self._send_next()
            return
        for first, body in self._splitter.feed(data):
            match first >> 4:
                case Kind.CONNACK:
                    self._open(mqtt5.opened(body))
                case Kind.PUBLISH:
                    self._take(mqtt5.published(first, body))
                case Kind.PUBACK:
                    self._in_flight.discard(mqtt5.answered(body)[0])
                    self._send_next()

    def _open(self, opened: mqtt5.Opened) -> None:
        if opened.reason or self.opened is None:
            self.drop()
            return
        if not opened.is_session_present:
            self._write(mqtt5.subscribe(self._next_id(), tuple(f"{self._topic}/{each}" for each in HEARS)))
        if not self.opened.done():
            self.opened.set_result(None)
        self.ask()
        self._send_next()

    def _take(self, message: Message) -> None:
        told = from_json(message.payload)
        if message.topic.endswith("/reports/received"):
            self.heard_s = asyncio.get_running_loop().time()
            if told["stream"] == self.ven_id:
                self.kept = {number: kept for number, kept in self.kept.items() if number > told["upTo"]}
                if told["missing"]:
                    self._send_again({*told["missing"], *list(self.kept)[:1]})
            return
        self._hears(self, told)
        self._write(mqtt5.puback(message.packet_id))

    def _send_next(self) -> None:
        if self.to_send and self.is_connected and not self._in_flight:
            self.to_send -= 1
            self.report_of("measured", "measurements")

    def _publish(self, number: int, payload: bytes) -> None:
        packet_id = self._next_id()
        self._in_flight.add(packet_id)
        properties = (
            self._stream
            + _pair("sequence", str(number))
            + _pair("oldest", str(next(iter(self.kept), number)))
        )
        length = len(self._head) + 3 + len(properties) + len(payload)
        head = bytes((Kind.PUBLISH << 4 | 2, length & 0x7F | 0x80, length >> 7)) + self._head
        self._write(head + packet_id.to_bytes(2) + bytes((len(properties),)) + properties + payload)

    def _next_id(self) -> int:
        self._last_id = self._last_id % mqtt5.MOST_ID + 1
        return self._last_id

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _says_that_it_has(home: Home, told: dict[str, Any]) -> None:
    identifier = told["object"]["id"]
    if identifier not in home.events:
        home.events.add(identifier)
        home.report_of(identifier, "state")
