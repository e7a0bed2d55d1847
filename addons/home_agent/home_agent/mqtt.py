"""The line to the home's broker: the heartbeat and answers go out, commands come in.

The session at the broker lasts while the agent is away, so that commands of that time arrive. A command is
acknowledged when it has arrived; one that a crash right then loses is sent again by who misses the answer.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiomqtt
from aiomqtt import MqttError, ProtocolVersion
from home_common.mqtt import Client, properties
from home_common.retry import BackOff
from paho.mqtt.packettypes import PacketTypes

_LOGGER = logging.getLogger(__name__)

SESSION_EXPIRY_S = 7 * 24 * 3600
MAX_PACKET_BYTES = 256 * 1024
_KEPT = "$SYS/broker/store/messages/count"
_TIMEOUT_S = 10.0
_LEAST_RETRY_S, _MOST_RETRY_S = 1.0, 60.0
_MOST_WAITING = 100

type OnCommand = Callable[[str, bytes], Awaitable[None]]


class MqttLine:
    """One client at the broker, which connects again by itself."""

    def __init__(self, *, host: str, port: int, root: str, credentials: Path) -> None:
        """Prepare for the topics below ``root``; user name and password are files in ``credentials``."""
        self.connected = False
        self.bridge_connected: bool | None = None
        # How many messages the broker keeps, retained ones and those that wait for somebody.
        self.kept_by_broker: int | None = None
        self._host, self._port, self._root = host, port, root
        self._credentials = credentials
        self._client: aiomqtt.Client | None = None
        self._retained: dict[str, bytes] = {}
        self._cleared: set[str] = set()
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_MOST_WAITING)

    @property
    def waiting(self) -> int:
        """How many messages wait for the broker."""
        return len(self._waiting)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Send a message once, now or when the broker is back; the oldest of too many are given up."""
        self._waiting.append((topic, payload))
        await self._send_waiting()

    async def publish_retained(self, topic: str, payload: bytes) -> None:
        """Send what holds from now on; the broker gets the latest when it is back.

        While the bridge is down the home's broker retains nothing: at each attempt to reach the centre
        Mosquitto queues all that is retained once more (mosquitto#2248), in the place of reports.
        """
        self._retained[topic] = payload
        if self._client is not None:
            with contextlib.suppress(MqttError):
                await self._retain(self._client, topic, payload)

    async def run(self, on_command: OnCommand) -> None:
        """Stay connected until cancelled; hand the level below ``agent/commands`` and the payload over."""
        back_off = BackOff(_LEAST_RETRY_S, _MOST_RETRY_S)
        while True:
            try:
                username, password = await asyncio.to_thread(self._log_in)
                async with self._connect(username, password) as client:
                    back_off.reset()
                    await self._serve(client, on_command)
            except (MqttError, OSError) as error:
                if self.connected:
                    _LOGGER.warning("The home's broker is gone: %s", error)
            finally:
                self.connected, self._client = False, None
                self.kept_by_broker = None
            await asyncio.sleep(back_off.next_s())

    def _log_in(self) -> tuple[str, str]:
        """Read user name and password, which may be new. Raises OSError."""
        names = ("mqtt_username", "mqtt_password")
        username, password = ((self._credentials / name).read_text().strip() for name in names)
        return username, password

    def _connect(self, username: str, password: str) -> aiomqtt.Client:
        return Client(
            self._host,
            self._port,
            username=username,
            password=password,
            identifier="home_agent",
            protocol=ProtocolVersion.V5,
            clean_start=False,
            properties=properties(
                PacketTypes.CONNECT,
                SessionExpiryInterval=SESSION_EXPIRY_S,
                MaximumPacketSize=MAX_PACKET_BYTES,
            ),
            timeout=_TIMEOUT_S,
            keepalive=30,
            max_queued_incoming_messages=100,
        )

    async def _serve(self, client: aiomqtt.Client, on_command: OnCommand) -> None:
        commands, bridge = f"{self._root}/agent/commands", f"{self._root}/bridge/state"
        await client.subscribe([(f"{commands}/#", 1), (bridge, 1), (_KEPT, 0)])
        self.connected, self._client = True, client
        _LOGGER.info("Connected to the home's broker")
        for topic, payload in dict(self._retained).items():
            await self._retain(client, topic, payload)
        await self._send_waiting()
        async for message in client.messages:
            payload = message.payload
            match message.topic.value:
                case topic if topic == bridge:
                    await self._bridge_changed(client, is_up=payload == b"1")
                case topic if topic == _KEPT:
                    self.kept_by_broker = int(payload) if payload.isdigit() else None
                case topic:
                    await on_command(topic.removeprefix(f"{commands}/"), payload)

    async def _bridge_changed(self, client: aiomqtt.Client, *, is_up: bool) -> None:
        """Retain nothing while the bridge is down, and the latest again when it is up. Raises MqttError."""
        before, self.bridge_connected = self.bridge_connected, is_up
        if is_up is before or (is_up and before is None):
            return
        for topic, payload in dict(self._retained).items():
            await (self._retain(client, topic, payload) if is_up else self._clear(client, topic))

    async def _retain(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        may_be_kept = self.bridge_connected is not False
        if may_be_kept:
            self._cleared.discard(topic)
        elif topic not in self._cleared:
            await self._clear(client, topic)
        if payload or may_be_kept:
            await self._publish(client, topic, payload, retain=may_be_kept)

    async def _clear(self, client: aiomqtt.Client, topic: str) -> None:
        await self._publish(client, topic, b"", retain=True)
        self._cleared.add(topic)

    async def _send_waiting(self) -> None:
        while (client := self._client) is not None and self._waiting:
            message = self._waiting.popleft()
            try:
                await self._publish(client, *message, retain=False)
            except BaseException as error:
                self._waiting.appendleft(message)
                if isinstance(error, MqttError):
                    return
                raise

    async def _publish(self, client: aiomqtt.Client, topic: str, payload: bytes, *, retain: bool) -> None:
        await client.publish(f"{self._root}/{topic}", payload, qos=1, retain=retain, timeout=_TIMEOUT_S)
