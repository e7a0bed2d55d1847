"""The broker, and the topics of one prefix on it."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import aiomqtt
from home_common.mqtt import Client, properties
from paho.mqtt.packettypes import PacketTypes

from .documents import Document

LARGEST_PAYLOAD = 64 * 1024

_ANSWER_S = {aiomqtt.ProtocolVersion.V5: 4.0, aiomqtt.ProtocolVersion.V311: 10.0}
# CONNACK of MQTT 3.1.1 (section 3.2.2.3) and of MQTT 5 (section 3.2.2.2).
_UNSUPPORTED_PROTOCOL_VERSION = {0x01, 0x84}


@dataclass(frozen=True, kw_only=True)
class BrokerSettings:
    """How the broker is reached; without ``tls`` in plain: for a broker on this machine only."""

    host: str
    port: int
    prefix: str
    username: str | None
    password: str | None = field(repr=False)
    tls: bool
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None

    def topic(self, ven_id: str, rest: str) -> str:
        """Return a home's topic."""
        return f"{self.prefix}/vens/{ven_id}/{rest}"

    def ven_id(self, topic: str) -> str:
        """Return whose topic it is."""
        return topic.removeprefix(f"{self.prefix}/vens/").split("/", 1)[0]


@dataclass(frozen=True)
class Connection:
    """An open connection. ``expires``: whether the broker lets messages die with their event (MQTT 5)."""

    client: aiomqtt.Client
    expires: bool

    @property
    def messages(self) -> AsyncIterator[aiomqtt.Message]:
        """What was subscribed to, as it comes."""
        return aiter(self.client.messages)

    async def subscribe(self, topic: str) -> None:
        """Subscribe with quality of service 1."""
        await self.client.subscribe(topic, qos=1)

    async def publish(self, topic: str, document: Document, *, expires_in_s: float) -> None:
        """Publish a document with quality of service 1, never retained."""
        expiry = None
        if self.expires:
            expiry = properties(PacketTypes.PUBLISH, MessageExpiryInterval=max(1, round(expires_in_s)))
        await self.client.publish(topic, json.dumps(document), qos=1, properties=expiry)


@asynccontextmanager
async def connect(settings: BrokerSettings) -> AsyncIterator[Connection]:
    """Connect with MQTT 5, or with 3.1.1 where the broker speaks no other. Raises aiomqtt.MqttError."""
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(_client(settings, aiomqtt.ProtocolVersion.V5))
        except aiomqtt.MqttError as error:
            if _understood(error):
                raise
            client = await stack.enter_async_context(_client(settings, aiomqtt.ProtocolVersion.V311))
            yield Connection(client, expires=False)
        else:
            yield Connection(client, expires=True)


def _understood(error: aiomqtt.MqttError) -> bool:
    """Return whether the broker understood the question of version 5 and said no; some just do not answer."""
    if not isinstance(error, aiomqtt.MqttCodeError) or error.rc is None:
        return False
    code = error.rc if isinstance(error.rc, int) else error.rc.value
    return code not in _UNSUPPORTED_PROTOCOL_VERSION


def _client(settings: BrokerSettings, version: aiomqtt.ProtocolVersion) -> aiomqtt.Client:
    return Client(
        settings.host,
        settings.port,
        username=settings.username,
        password=settings.password,
        protocol=version,
        tls_context=_tls_context(settings) if settings.tls else None,
        timeout=_ANSWER_S[version],
    )


def read_document(message: aiomqtt.Message) -> Document | None:
    """Return a message's JSON object, or None when it is not one."""
    payload = message.payload
    if len(payload) > LARGEST_PAYLOAD:
        return None
    try:
        document = json.loads(payload)
    except ValueError, RecursionError:
        return None
    return document if isinstance(document, dict) else None


def _tls_context(settings: BrokerSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.certificate_file:
        context.load_cert_chain(settings.certificate_file, settings.key_file)
    return context
