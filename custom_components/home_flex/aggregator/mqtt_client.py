"""aiomqtt's client, with what a link that may lose nothing needs beyond it.

The socket comes from ``open_socket``; a message is acknowledged when it has been handled, not when it has
arrived; a PUBACK that refuses is an error; and no socket or task outlives the connection.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import override

import aiomqtt
from aiomqtt import Message, MqttError, ProtocolVersion, Will
from aiomqtt.exceptions import MqttConnectError
from aiomqtt.types import PahoSocket
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, DisconnectFlags
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from .broker_socket import RememberingSocket, open_socket
from .errors import UNSUPPORTED_PROTOCOL_VERSION, AggregatorError, reason_code_of, refused_connect
from .settings import AggregatorSettings

KEEPALIVE_S = 15
TIMEOUT_S = 10.0
# Some brokers of MQTT 3.1.1 answer version 5 with silence (amqtt reads its properties as the client id).
CONNACK_TIMEOUT_S = 4.0
CLOSE_TIMEOUT_S = 2.0
# MQTT 5 bounds what the broker may send: packets of this size, so many without acknowledgement.
MAX_PACKET_BYTES = 2 * 1024 * 1024
RECEIVE_MAXIMUM = 16
# PUBACK: MQTT 5 section 3.4.2.1.
_NO_MATCHING_SUBSCRIBERS = 0x10
# Tried in this order.
VERSIONS = (ProtocolVersion.V5, ProtocolVersion.V311)

# The link says once that the connection is lost; paho would say it each time.
_PAHO_LOGGER = logging.getLogger(f"{__name__}.paho")
_PAHO_LOGGER.setLevel(logging.CRITICAL)


class VersionRefusedError(AggregatorError):
    """The broker does not take this version of MQTT: it says so, hangs up, or does not answer CONNECT."""


class MqttClient(aiomqtt.Client):
    """One connection to the broker, in one version of MQTT."""

    def __init__(
        self,
        settings: AggregatorSettings,
        *,
        identifier: str,
        protocol: ProtocolVersion,
        session_expiry_s: int,
        will: Will | None,
    ) -> None:
        """Prepare; ``open`` connects. A ``session_expiry_s`` of 0 leaves no session at the broker."""
        self.is_version_5 = protocol is ProtocolVersion.V5
        clean = session_expiry_s == 0
        connect = {
            "SessionExpiryInterval": session_expiry_s,
            "MaximumPacketSize": MAX_PACKET_BYTES,
            "ReceiveMaximum": RECEIVE_MAXIMUM,
        }
        super().__init__(
            settings.host,
            settings.port,
            username=settings.username,
            password=settings.password,
            identifier=identifier,
            protocol=protocol,
            will=will,
            clean_session=None if self.is_version_5 else clean,
            clean_start=clean if self.is_version_5 else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_properties(PacketTypes.CONNECT, connect) if self.is_version_5 else None,
            keepalive=KEEPALIVE_S,
            timeout=TIMEOUT_S,
            logger=_PAHO_LOGGER,
        )
        self._settings = settings
        self._client.manual_ack_set(True)
        self._publishing = asyncio.Lock()
        self._refusal: ReasonCode | None = None
        self._is_unheard = False

    async def open(self, context: ssl.SSLContext | None) -> None:
        """Connect and wait for the broker's consent. Raises AggregatorError."""
        connection = await open_socket(self._settings.host, self._settings.port, context, timeout_s=TIMEOUT_S)
        # paho would open a socket itself, in a thread that cannot be cancelled.
        self._client._create_socket = lambda: connection  # type: ignore[method-assign]  # noqa: SLF001
        try:
            self._client_connect()
            await asyncio.wait(
                (self._connected, self._disconnected),
                timeout=CONNACK_TIMEOUT_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._check_connack(connection)
        except BaseException:
            await self.close()
            raise

    def _check_connack(self, connection: object) -> None:
        """Raise what kept the broker from saying yes."""
        if self._connected.done():
            error = self._connected.exception()
        elif self._disconnected.done():
            raise AggregatorError("protocol", "What answers there does not speak MQTT")
        else:
            raise VersionRefusedError("timeout", "The broker accepts the connection but does not answer")
        if isinstance(error, MqttConnectError):
            if reason_code_of(error) == UNSUPPORTED_PROTOCOL_VERSION:
                raise VersionRefusedError("protocol", "The broker does not take this version of MQTT")
            raise refused_connect(error, has_username=self._settings.username is not None)
        if error is not None:
            if isinstance(connection, RememberingSocket) and connection.certificate_refused:
                raise AggregatorError(
                    "client_certificate_refused", "The broker refuses the client certificate"
                )
            raise VersionRefusedError("protocol", "The broker hangs up instead of answering")

    async def close(self) -> None:
        """Say goodbye, so that the will is not sent; with or without an answer, nothing stays open."""
        try:
            if self._is_open():
                self._client.disconnect()
                await asyncio.wait((self._disconnected,), timeout=CLOSE_TIMEOUT_S)
        finally:
            self._client._sock_close()  # noqa: SLF001 # paho has no public way to let go of a silent broker
            for future in (self._connected, self._disconnected):
                if future.done() and not future.cancelled():
                    future.exception()  # taken note of: it is not "never retrieved"
            if self._misc_task is not None:
                self._misc_task.cancel()
                await asyncio.wait((self._misc_task,))

    def _is_open(self) -> bool:
        return (
            self._connected.done() and self._connected.exception() is None and not self._disconnected.done()
        )

    async def subscribe_to(self, topics: Iterable[str]) -> None:
        """Listen to ``topics`` with QoS 1. Raises AggregatorError ``not_authorised``, MqttError."""
        if self.is_version_5:
            codes = await self.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])
        else:
            codes = await self.subscribe([(topic, 1) for topic in topics])
        if any(isinstance(code, ReasonCode) and code.is_failure for code in codes):
            raise AggregatorError("not_authorised", "The broker does not let this home listen to its events")

    async def publish_confirmed(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        properties: Mapping[str, object] | None = None,
    ) -> bool:
        """Publish with QoS 1; return, when the broker has it, whether it keeps it for anybody.

        A broker of MQTT 5 may tell that nobody subscribes to the topic (section 3.4.2.1); what does not tell
        counts as somebody. Raises AggregatorError, MqttError.
        ``properties`` are those of PUBLISH in MQTT 5 (section 3.3.2.3); MQTT 3.1.1 goes without.
        One at a time: aiomqtt keeps a PUBACK's reason code to itself, so it is told by order.
        """
        async with self._publishing:
            self._refusal, self._is_unheard = None, False
            extra = _properties(PacketTypes.PUBLISH, properties or {}) if self.is_version_5 else None
            await self.publish(topic, payload, 1, retain, extra)
            if self._refusal is not None:
                raise AggregatorError("not_authorised", f"The broker refuses {topic}: {self._refusal}")
            return not self._is_unheard

    def acknowledge(self, message: Message) -> None:
        """Tell the broker that ``message`` has been handled and need not come again."""
        self._client.ack(message.mid, message.qos)

    def _on_publish(
        self, client: Client, userdata: object, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if reason_code.is_failure:
            self._refusal = reason_code
        self._is_unheard = reason_code.value == _NO_MATCHING_SUBSCRIBERS
        super()._on_publish(client, userdata, mid, reason_code, properties)

    @override
    def _on_socket_register_write(self, client: Client, userdata: object, sock: PahoSocket) -> None:
        """Watch the socket from the next turn of the loop on, unless paho has closed it by then."""
        self._loop.call_soon(self._watch_writing, sock)

    def _watch_writing(self, sock: PahoSocket) -> None:
        if sock.fileno() >= 0 and self._client.want_write():
            self._loop.add_writer(sock.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:  # noqa: BLE001 # whatever it is, the connection is broken
            if not self._disconnected.done():
                self._disconnected.set_exception(error)

    def _on_disconnect(
        self,
        client: Client,
        userdata: object,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            self._connected.set_exception(MqttError("The broker hung up"))
            return
        super()._on_disconnect(client, userdata, flags, reason_code, properties)


@contextlib.asynccontextmanager
async def connection_to(
    settings: AggregatorSettings,
    context: ssl.SSLContext | None,
    *,
    identifier: str,
    session_expiry_s: int = 0,
    will: Will | None = None,
) -> AsyncGenerator[MqttClient]:
    """Connect with MQTT 5, or with 3.1.1 where the broker refuses 5. Raises AggregatorError."""
    for protocol in VERSIONS:
        client = MqttClient(
            settings,
            identifier=identifier,
            protocol=protocol,
            session_expiry_s=session_expiry_s,
            will=will,
        )
        try:
            await client.open(context)
        except VersionRefusedError:
            if protocol is VERSIONS[-1]:
                raise
        else:
            break
    try:
        yield client
    finally:
        await client.close()


def _properties(packet_type: int, values: Mapping[str, object]) -> Properties:
    properties = Properties(packet_type)  # type: ignore[no-untyped-call] # paho left it without annotations
    for name, value in values.items():
        setattr(properties, name, value)
    return properties
