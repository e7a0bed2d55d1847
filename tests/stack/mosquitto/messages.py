"""Clients that number what they send and note what arrives, whatever happens to brokers and lines."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiomqtt
from aiomqtt import MqttError
from home_common.mqtt import Client, properties
from paho.mqtt.packettypes import PacketTypes

from .brokers import HUB_PASSWORDS, CentralBroker, HomeBroker, eventually
from .community import Identity

SESSION_S = 3600
TIMEOUT_S = 3.0
COMMITTED_AFTER_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Door:
    """How a client gets into a broker. With ``session`` the broker keeps what arrives while it is away."""

    port: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    session: str | None = None

    def client(self) -> aiomqtt.Client:
        session = properties(PacketTypes.CONNECT, SessionExpiryInterval=SESSION_S if self.session else 0)
        return Client(
            "127.0.0.1",
            self.port,
            username=self.username,
            password=self.password,
            tls_context=self.tls,
            identifier=self.session,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=self.session is None,
            properties=session,
            timeout=TIMEOUT_S,
        )


def into_home(broker: HomeBroker, client: str = "home_assistant", session: str | None = None) -> Door:
    return Door(port=broker.port, username=client, password=broker.password(client), session=session)


def into_centre(broker: CentralBroker, user: str, session: str | None = None) -> Door:
    context = ssl.create_default_context(cadata=broker.community.server_authority)
    password = HUB_PASSWORDS[user]
    return Door(port=broker.hub_port, username=user, password=password, tls=context, session=session)


def as_home(broker: CentralBroker, identity: Identity | None, session: str | None = None) -> Door:
    """Return the way in of a home that shows this certificate, or none."""
    context = ssl.create_default_context(cadata=broker.community.server_authority)
    if identity is not None:
        files = broker.folder / "shown"
        files.mkdir(exist_ok=True)
        (files / "certificate.pem").write_text(identity.certificate)
        (files / "key.pem").write_text(identity.private_key)
        context.load_cert_chain(files / "certificate.pem", files / "key.pem")
    return Door(port=broker.port, tls=context, session=session)


async def answer(door: Door) -> str:
    """Knock as an MQTT 3.1.1 client would: ``accepted``, ``not authorised`` (return code 5) or ``ended``."""

    def text(value: str) -> bytes:
        return len(value.encode()).to_bytes(2) + value.encode()

    flags = 0b10 | (0b1000_0000 if door.username else 0) | (0b0100_0000 if door.password is not None else 0)
    body = text("MQTT") + bytes([4, flags, 0, 10]) + text("knocking")
    body += b"".join(text(part) for part in (door.username, door.password) if part is not None)
    async with asyncio.timeout(TIMEOUT_S):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=door.tls)
        except OSError:
            return "ended"
        try:
            writer.write(bytes([0x10, len(body)]) + body)
            code = (await reader.readexactly(4))[3]
        except OSError, asyncio.IncompleteReadError:
            return "ended"
        finally:
            writer.transport.abort()
    return {0: "accepted", 5: "not authorised"}[code]


async def publish_numbers(door: Door, topic: str, numbers: range, *, pause_s: float = 0.0) -> None:
    """Publish every number until the broker has acknowledged it, as who loses nothing does.

    Mosquitto acknowledges a moment before it commits to its database. What was acknowledged in the last
    second before a connection is lost is therefore sent again; its reader knows it by its number.
    """
    waiting, acknowledged = list(numbers), dict[int, float]()
    while waiting:
        try:
            async with door.client() as client:
                while waiting:
                    await client.publish(topic, str(waiting[0]), qos=1, timeout=TIMEOUT_S)
                    acknowledged[waiting.pop(0)] = time.monotonic()
                    await asyncio.sleep(pause_s)
        except MqttError:
            since = time.monotonic() - COMMITTED_AFTER_S
            unsure = [number for number, at in acknowledged.items() if at >= since and number not in waiting]
            waiting = [*unsure, *waiting]
        await asyncio.sleep(0.05)


@dataclass
class Listener:
    """Notes everything that arrives on a topic over a session that outlives connections and brokers."""

    door: Door
    topic: str
    numbers: list[int] = field(default_factory=list)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def on(cls, door: Door, topic: str) -> AsyncIterator[Self]:
        """Listen until the end of the block."""
        listener = cls(door, topic)
        task = asyncio.create_task(listener._run())
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await listener.subscribed.wait()
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(MqttError):
                async with self.door.client() as client:
                    if not self.subscribed.is_set():
                        await client.subscribe(self.topic, qos=1)
                        self.subscribed.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        self.numbers.append(int(message.payload))
            await asyncio.sleep(0.05)

    async def has(self, numbers: range) -> None:
        """Wait until each of them has arrived. Raises AssertionError with what is missing."""
        await eventually(
            lambda: set(numbers) <= set(self.numbers),
            lambda: (
                f"missing on {self.topic} of {self.door.username}: {sorted(set(numbers) - set(self.numbers))}"
            ),
        )
