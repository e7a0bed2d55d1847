"""The session at a real broker."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from community_hub.wire.mqtt5 import Opening
from community_hub.wire.session import (
    MOST_UNANSWERED,
    Broker,
    Publication,
    Session,
    SessionLostError,
    TakenOverError,
    opened,
)

from scripts.home_stack.hub_bench.centre import CentralBroker, is_possible
from scripts.home_stack.processes import free_port

TOPIC: Final = "home_flex/vens/home-1/reports/create"
READER: Final = Opening(client_id="reader", session_expiry_s=60, receive_maximum=3, most_bytes=5000)
WRITER: Final = Opening(client_id="writer")

pytestmark = pytest.mark.skipif(not is_possible(), reason="Mosquitto 2.1 is not there: run scripts/setup")


@pytest.fixture
async def central(tmp_path: Path) -> AsyncIterator[CentralBroker]:
    broker = CentralBroker(tmp_path / "broker")
    await broker.start()
    yield broker
    await broker.stop()


def at(central: CentralBroker) -> Broker:
    return Broker(host="127.0.0.1", port=central.port)


async def write(central: CentralBroker, *payloads: bytes) -> None:
    async with opened(at(central), WRITER) as session:
        reasons = await session.publish([Publication(TOPIC, payload, 60) for payload in payloads])
        assert max(reasons) < 0x80


async def read(session: Session, most: int = 10) -> list[bytes]:
    messages = await session.messages(most, 0.3)
    session.acknowledge(messages)
    return [each.payload for each in messages]


async def subscribed(central: CentralBroker) -> None:
    async with opened(at(central), READER) as session:
        assert not session.is_present
        await session.subscribe([TOPIC])


async def test_what_was_not_acknowledged_comes_again_also_after_the_broker_was_killed(
    central: CentralBroker,
) -> None:
    await subscribed(central)
    await write(central, b"1", b"2")
    async with opened(at(central), READER) as session:
        assert session.is_present
        assert [each.payload for each in await session.messages(10, 0.3)] == [b"1", b"2"]

    await central.kill()
    await central.start()

    async with opened(at(central), READER) as session:
        assert await read(session) == [b"1", b"2"]
    async with opened(at(central), READER) as session:
        await write(central, b"3")
        assert await read(session) == [b"3"]


async def test_no_more_wait_here_than_it_said_it_takes(central: CentralBroker) -> None:
    await subscribed(central)
    await write(central, *(b"%d" % number for number in range(5)))
    async with opened(at(central), READER) as session:
        messages = await session.messages(10, 0.3)
        assert len(messages) == READER.receive_maximum
        session.acknowledge(messages)
        assert await read(session) == [b"3", b"4"]


async def test_more_go_out_than_the_broker_takes_at_once(central: CentralBroker) -> None:
    messages = [Publication(TOPIC, b"%d" % number, 60) for number in range(2 * MOST_UNANSWERED + 7)]
    async with opened(at(central), WRITER) as session:
        reasons = await session.publish(messages)
    assert len(reasons) == len(messages)
    assert max(reasons) < 0x80


async def test_who_opens_the_session_takes_it_over(central: CentralBroker) -> None:
    async with opened(at(central), READER) as first, opened(at(central), READER):
        with pytest.raises(TakenOverError):
            await first.messages(1, 1)


async def test_a_message_that_is_too_large_stays_out(central: CentralBroker) -> None:
    await subscribed(central)
    await write(central, b" " * 6000, b"small")
    async with opened(at(central), READER) as session:
        assert await read(session) == [b"small"]


async def test_a_broker_that_ends_is_told_to_everybody_who_waits(central: CentralBroker) -> None:
    async with opened(at(central), READER) as session:
        await central.kill()
        with pytest.raises(SessionLostError):
            await session.messages(1, 1)
        with pytest.raises(SessionLostError):
            await session.publish([Publication(TOPIC, b"", 60)])


async def test_a_broker_that_is_not_there_is_told() -> None:
    with pytest.raises(SessionLostError, match="cannot be reached"):
        async with opened(Broker(host="127.0.0.1", port=free_port()), READER):
            pass
