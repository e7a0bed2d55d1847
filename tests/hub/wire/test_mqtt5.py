"""Packets as bytes, against those that paho makes."""

import pytest
from community_hub.wire import mqtt5
from community_hub.wire.mqtt5 import Kind, Message, Opening, PacketError, Splitter
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MOST = 1000


def of_paho(kind: int, **values: object) -> bytes:
    """Return properties as paho packs them, with their length."""
    made = Properties(kind)  # type: ignore[no-untyped-call] # paho left it without annotations
    for name, value in values.items():
        setattr(made, name, value)
    packed: bytes = made.pack()  # type: ignore[no-untyped-call] # paho left it without annotations
    return packed


def only(packet: bytes) -> tuple[int, bytes]:
    [found] = Splitter(MOST).feed(packet)
    return found


def test_a_message_has_the_properties_that_another_client_gave_it() -> None:
    properties = of_paho(
        PacketTypes.PUBLISH,
        MessageExpiryInterval=60,
        ContentType="application/json",
        CorrelationData=b"\x00\x01",
        SubscriptionIdentifier=[300],
        UserProperty=[("stream", "s-1"), ("sequence", "7")],
    )

    told = mqtt5.published(0x32, b"\x00\x03a/b" + b"\x00\x09" + properties + b"{}")

    assert told == Message("a/b", b"{}", 9, (("stream", "s-1"), ("sequence", "7")))


def test_what_is_published_has_the_properties_as_another_client_packs_them() -> None:
    packet = mqtt5.publish("a/b", b"{}", 9, expiry_s=60, properties=[("stream", "s-1")])

    expected = of_paho(PacketTypes.PUBLISH, MessageExpiryInterval=60, UserProperty=("stream", "s-1"))
    assert only(packet) == (0x32, b"\x00\x03a/b\x00\x09" + expected + b"{}")


def test_connecting_says_how_much_may_wait_unacknowledged() -> None:
    opening = Opening(client_id="c", session_expiry_s=60, receive_maximum=20, most_bytes=500)

    first, body = only(mqtt5.connect(opening))

    expected = of_paho(
        PacketTypes.CONNECT, SessionExpiryInterval=60, ReceiveMaximum=20, MaximumPacketSize=500
    )
    assert first >> 4 == Kind.CONNECT
    assert body == b"\x00\x04MQTT\x05\x00\x00\x1e" + expected + b"\x00\x01c"


def test_the_brokers_yes_tells_whether_the_session_was_there_and_how_much_it_takes() -> None:
    properties = of_paho(
        PacketTypes.CONNACK, ReceiveMaximum=20, AssignedClientIdentifier="x", RetainAvailable=1
    )
    assert mqtt5.opened(b"\x01\x00" + properties) == (0, True, 20)
    assert mqtt5.opened(b"\x00\x87\x00") == (0x87, False, 65_535)


@given(st.lists(st.binary(max_size=200), max_size=5), st.lists(st.integers(1, 40), min_size=1))
def test_packets_are_whole_however_they_are_cut(payloads: list[bytes], cuts: list[int]) -> None:
    data = b"".join(mqtt5.publish("t", payload, 5) for payload in payloads)
    splitter, found, at = Splitter(MOST), [], 0
    for number in range(len(data)):
        cut = cuts[number % len(cuts)]
        found += splitter.feed(data[at : at + cut])
        at += cut

    assert [mqtt5.published(*each).payload for each in found] == payloads


@given(st.binary(max_size=60))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    for read in (lambda: mqtt5.published(0x32, body), lambda: mqtt5.opened(body)):
        try:
            read()
        except PacketError:
            continue


@pytest.mark.parametrize("data", [b"\x30\xe9\x07", b"\x30\xff\xff\xff\xff\x01"])
def test_a_packet_that_is_too_long_is_refused_before_it_is_there(data: bytes) -> None:
    with pytest.raises(PacketError):
        Splitter(MOST).feed(data)
