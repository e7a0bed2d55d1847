"""MQTT 5 as every client of ours speaks it."""

from typing import Any

from paho.mqtt.properties import Properties


def properties(packet_type: int, **values: Any) -> Properties:
    """Return the properties of a packet, such as ``SessionExpiryInterval`` (MQTT 5, section 2.2.2.2).

    Raises paho's MQTTException for one that such a packet cannot have.
    """
    made = Properties(packet_type)  # type: ignore[no-untyped-call] # paho left it without annotations
    for name, value in values.items():
        setattr(made, name, value)
    return made
