"""A report as a message: with its place in the home's store, and its expiry."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from .errors import UnheardError
from .mqtt_client import MqttClient

# The hub tells every five seconds while reports come: what was published less long ago it may yet have.
ON_ITS_WAY_S: Final = 20.0


class ReportPlace(Protocol):
    """Where a report stands in the home's store."""

    @property
    def stream(self) -> str:
        """The store as it was opened; another opening, of a backup too, has another name."""

    @property
    def number(self) -> int:
        """The report's own, from 1, and higher than those before it."""

    @property
    def oldest(self) -> int:
        """The lowest number that is still kept: what is below it will not be sent again."""


class OutgoingReport(Protocol):
    """A report the home owes; after ``expires`` nobody wants it any more."""

    @property
    def id(self) -> str:
        """The report's own id, by which a repeat is known as one."""

    @property
    def payload(self) -> bytes:
        """The OpenADR notification."""

    @property
    def expires(self) -> datetime | None:
        """When the report has lost its use."""

    @property
    def place(self) -> ReportPlace | None:
        """Where it stands; None: nowhere that outlives it."""


class ReportPublisher:
    """Publishes reports to ``topic``, and knows which it published when."""

    def __init__(self, topic: str, *, clock: Callable[[], datetime]) -> None:
        """Prepare."""
        self._topic = topic
        self._clock = clock
        self._stream = ""
        self._newest = 0
        self._published_s: dict[int, float] = {}

    async def publish(self, client: MqttClient, report: OutgoingReport) -> bool:
        """Publish with QoS 1; return False for what came too late.

        Raises AggregatorError, UnheardError, MqttError.
        """
        properties: dict[str, object] = {}
        if report.expires is not None:
            remaining_s = int((report.expires - self._clock()).total_seconds())
            if remaining_s <= 0:
                return False
            properties["MessageExpiryInterval"] = remaining_s
        if (place := report.place) is not None:
            self._forget_old()
            self._note(place)
            told = {"stream": place.stream, "sequence": place.number, "oldest": place.oldest}
            properties["UserProperty"] = [(name, str(value)) for name, value in told.items()]
        if not await client.publish_confirmed(self._topic, report.payload, properties=properties):
            raise UnheardError("Nobody listens to reports at the broker")
        return True

    def has_published(self, stream: str, number: int) -> bool:
        """Return whether a report of that number, or of a higher one, was published from this stream."""
        return stream == self._stream and number <= self._newest

    def is_on_its_way(self, place: ReportPlace) -> bool:
        """Return whether that report was published within the last ``ON_ITS_WAY_S``."""
        self._forget_old()
        return place.number in self._published_s

    def _forget_old(self) -> None:
        until_s = asyncio.get_running_loop().time() - ON_ITS_WAY_S
        while self._published_s:
            number, published_s = next(iter(self._published_s.items()))
            if published_s > until_s:
                return
            del self._published_s[number]

    def _note(self, place: ReportPlace) -> None:
        if place.stream != self._stream:
            self._stream, self._newest = place.stream, 0
            self._published_s.clear()
        self._newest = max(self._newest, place.number)
        # In the order of their times.
        self._published_s.pop(place.number, None)
        self._published_s[place.number] = asyncio.get_running_loop().time()
