"""The link to the aggregator: events in, reports and presence out, across every loss of connection."""

import asyncio
import contextlib
import json
import logging
import random
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiomqtt import Message, MqttError, Will

from .errors import AggregatorError
from .mqtt_client import MqttClient, connection_to
from .publishing import ReportPublisher
from .received import ReportKeeper
from .reports import Outbox, ReportSender
from .settings import AggregatorSettings
from .tls import create_tls_context
from .topics import Kind, topics_of

_LOGGER = logging.getLogger(__name__)

SESSION_EXPIRY_S = 7 * 24 * 3600
MAX_PAYLOAD_BYTES = 64 * 1024
OFFLINE_TIMEOUT_S = 2.0
BACK_OFF_MIN_S = 1.0
BACK_OFF_MAX_S = 60.0
MOST_BROKEN_OFF = 2
# A session that lasted this long was a good one: the next loss is a new one.
STABLE_AFTER_S = 10.0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from the aggregator; ``response`` answers the request for open events.

    ``invitation`` asks whether the home would, ``verdict`` says what became of an answer to that.

    The payload is never longer than MAX_PAYLOAD_BYTES + 1: one that is longer than MAX_PAYLOAD_BYTES has been
    cut there and is to be refused.
    """

    kind: Kind
    payload: bytes


class AggregatorLink:
    """Keeps the home connected.

    ``on_message`` is called for each message in order. The broker is told that it was handled when
    ``durable`` returns: then all it changed is on the disk. Until then it stays at the broker, which sends it
    again to a home that died meanwhile. ``ask`` gives the correlation of a request for open events that is
    about to be sent.
    ``on_connection`` hears of each change: (True, None), or (False, reason slug of AggregatorError).
    ``presence`` gives the payload of the retained status for online or offline.
    """

    def __init__(
        self,
        settings: AggregatorSettings,
        outbox: Outbox,
        *,
        on_message: Callable[[Incoming], None],
        durable: Callable[[], Awaitable[None]],
        ask: Callable[[], str],
        on_connection: Callable[[bool, str | None], None],
        presence: Callable[[bool], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare; ``run`` connects. Raises AggregatorError ``invalid_topic``."""
        self._settings = settings
        self._topics = topics_of(settings)
        self._heard = self._topics.events | self._topics.invitations
        self._on_message = on_message
        self._durable = durable
        self._ask = ask
        self._ask_again = asyncio.Event()
        self._on_connection = on_connection
        self._presence = presence
        publisher = ReportPublisher(self._topics.reports, clock=clock)
        self._reports = ReportSender(outbox, publisher)
        self._keeper = ReportKeeper(outbox, publisher, clock=clock)
        self._broke_off = 0
        self._client: MqttClient | None = None
        self._state: tuple[bool, str | None] | None = None
        self._said_retained = False

    async def run(self) -> None:
        """Connect, serve and connect again, until cancelled; then say goodbye and keep the session."""
        context: ssl.SSLContext | None = None
        loop = asyncio.get_running_loop()
        back_off_s = BACK_OFF_MIN_S
        while True:
            began = loop.time()
            try:
                context = context or await create_tls_context(self._settings)
                await self._serve_one_connection(context)
            except AggregatorError as error:
                self._lost(error)
            except MqttError as error:
                self._lost(AggregatorError("cannot_connect", f"The connection is lost: {error}"))
            except Exception as error:
                _LOGGER.exception("The link to the aggregator failed and starts again")
                self._lost(AggregatorError("protocol", type(error).__name__))
            if loop.time() - began > STABLE_AFTER_S:
                back_off_s = BACK_OFF_MIN_S
            # Homes that lost the same broker come back at different moments.
            back_off_s = min(BACK_OFF_MAX_S, random.uniform(BACK_OFF_MIN_S, 3 * back_off_s))  # noqa: S311 # no secret
            await asyncio.sleep(back_off_s)

    def wake(self) -> None:
        """Say that the outbox holds something new."""
        self._reports.wake()

    def ask_again(self) -> None:
        """Ask for the open events once more: something may have been missed."""
        self._ask_again.set()

    async def publish_resource(self, payload: bytes, operation: Literal["create", "update"]) -> bool:
        """Tell what is there; return whether the broker has it.

        Without a connection it must be told again once there is one.
        """
        return await self._publish(self._topics.resources(operation), payload)

    async def publish_invitation_answer(self, payload: bytes) -> bool:
        """Answer to an invitation; return whether the broker has it."""
        return await self._publish(self._topics.invitation_answers, payload)

    async def _publish(self, topic: str, payload: bytes) -> bool:
        if (client := self._client) is None:
            return False
        try:
            await client.publish_confirmed(topic, payload)
        except (MqttError, AggregatorError) as error:
            _LOGGER.debug("What goes to %s was not told: %s", topic, error)
            return False
        return True

    async def _serve_one_connection(self, context: ssl.SSLContext | None) -> None:
        will = Will(self._topics.status, self._presence(False), qos=1, retain=True)
        async with connection_to(
            self._settings,
            context,
            identifier=self._settings.ven_id,
            session_expiry_s=SESSION_EXPIRY_S,
            will=will,
        ) as client:
            try:
                await client.subscribe_to(self._topics.events)
                if not self._settings.tls:
                    await self._watch_bridge(client)
                await self._hear_of_more(client)
                await client.publish_confirmed(self._topics.status, self._presence(True), retain=True)
                await self._ask_for_open_events(client)
                self._client = client
                self._found()
                handled: asyncio.Queue[Message] = asyncio.Queue()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._receive(client, handled))
                    tasks.create_task(self._acknowledge(client, handled))
                    tasks.create_task(self._ask_when_told(client))
                    tasks.create_task(self._reports.run(client))
                    tasks.create_task(self._keeper.run(client))
            except ExceptionGroup as group:
                raise group.exceptions[0] from None
            finally:
                self._client = None
                # Saying goodbye keeps the broker from sending the will, so the home says it itself.
                await self._say_offline(client)

    async def _ask_for_open_events(self, client: MqttClient) -> None:
        """Ask what this home should be doing now: the broker's queue may have been lost, or overflowed."""
        self._ask_again.clear()
        correlation = self._ask()
        properties = {"ResponseTopic": self._topics.events_response, "CorrelationData": correlation.encode()}
        payload = json.dumps({"venID": self._settings.ven_id, "correlation": correlation}).encode()
        await client.publish_confirmed(self._topics.events_request, payload, properties=properties)

    async def _watch_bridge(self, client: MqttClient) -> None:
        """Hear of the bridge, should there be one: a broker reached in plain is the home's own."""
        with contextlib.suppress(AggregatorError):
            await client.subscribe_to([self._topics.bridge_state])

    async def _hear_of_more(self, client: MqttClient) -> None:
        """Hear up to where the hub has reports, and of invitations, should it tell.

        A broker that does not know a topic refuses it. There are some that end the connection instead: of
        those it is not asked a third time.
        """
        if self._broke_off >= MOST_BROKEN_OFF:
            return
        self._broke_off += 1
        for topics in ([self._topics.reports_received], self._topics.invitations):
            with contextlib.suppress(AggregatorError):
                await client.subscribe_to(topics)
        self._broke_off = 0

    async def _ask_when_told(self, client: MqttClient) -> None:
        while True:
            await self._ask_again.wait()
            await self._ask_for_open_events(client)

    async def _receive(self, client: MqttClient, handled: asyncio.Queue[Message]) -> None:
        async for message in client.messages:
            if message.topic.value == self._topics.bridge_state:
                await self._bridge_changed(client, is_up=message.payload == b"1")
            elif message.topic.value == self._topics.reports_received:
                self._keeper.hear(bytes(message.payload[: MAX_PAYLOAD_BYTES + 1]))
            else:
                self._handle(message)
            handled.put_nowait(message)

    async def _acknowledge(self, client: MqttClient, handled: asyncio.Queue[Message]) -> None:
        """Acknowledge messages in order (MQTT 5 section 4.6), each when what it changed is durable.

        The broker sends no more than RECEIVE_MAXIMUM beyond those acknowledged.
        """
        while True:
            messages = [await handled.get()]
            while not handled.empty():
                messages.append(handled.get_nowait())
            await self._durable()
            for message in messages:
                client.acknowledge(message)

    async def _bridge_changed(self, client: MqttClient, *, is_up: bool) -> None:
        """Tell whether the aggregator's broker is reached behind the home's own.

        While it is not, the home's broker retains no status: Mosquitto would queue it once more at each
        attempt to reach the aggregator's (mosquitto#2248), in the place of reports.
        """
        if not is_up:
            self._lost(AggregatorError("bridge_down", "The home's broker does not reach the aggregator's"))
            await client.publish_confirmed(self._topics.status, b"", retain=True)
        elif self._state == (False, "bridge_down"):
            await client.publish_confirmed(self._topics.status, self._presence(True), retain=True)
            self._keeper.ask_soon()
            await self._ask_for_open_events(client)
            self._found()

    def _handle(self, message: Message) -> None:
        """Hand one message on. Whatever is wrong with it is logged, and the next one follows."""
        kind = self._heard.get(message.topic.value)
        if kind is None:
            return
        if message.retain:
            if not self._said_retained:
                _LOGGER.warning("The aggregator retains messages at the broker; retained ones are ignored")
                self._said_retained = True
            return
        try:
            self._on_message(Incoming(kind, bytes(message.payload[: MAX_PAYLOAD_BYTES + 1])))
        except Exception:
            _LOGGER.exception("A message of the aggregator (%s) could not be handled", kind)

    async def _say_offline(self, client: MqttClient) -> None:
        try:
            async with asyncio.timeout(OFFLINE_TIMEOUT_S):
                await client.publish_confirmed(self._topics.status, self._presence(False), retain=True)
        except (TimeoutError, MqttError, AggregatorError) as error:
            _LOGGER.debug("The aggregator was not told that the home goes offline: %s", error)

    def _found(self) -> None:
        if self._state is not None:
            _LOGGER.warning("The aggregator is connected again")
        self._tell(True, None)

    def _lost(self, error: AggregatorError) -> None:
        if self._state is None or self._state[0]:
            _LOGGER.warning("The aggregator is not connected, trying again: %s", error)
        self._tell(False, error.reason)

    def _tell(self, connected: bool, reason: str | None) -> None:
        if self._state != (connected, reason):
            self._state = (connected, reason)
            self._on_connection(connected, reason)
