"""MQTT 5 as every client of ours speaks it."""

from types import TracebackType
from typing import Any, override

import aiomqtt
from paho.mqtt.properties import Properties


class Client(aiomqtt.Client):
    """aiomqtt's client, which leaves nothing behind when the broker ends the connection before it does.

    aiomqtt notes why, for whoever waits then; without one asyncio would say later, and out of place, that
    nobody took note of it.
    """

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await super().__aexit__(exc_type, exc, tb)
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()


def properties(packet_type: int, **values: Any) -> Properties:
    """Return the properties of a packet, such as ``SessionExpiryInterval`` (MQTT 5, section 2.2.2.2).

    Raises paho's MQTTException for one that such a packet cannot have.
    """
    made = Properties(packet_type)  # type: ignore[no-untyped-call] # paho left it without annotations
    for name, value in values.items():
        setattr(made, name, value)
    return made
