"""Publishing over several sessions at a real broker."""

from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from community_hub.wire.lines import Lines
from community_hub.wire.mqtt5 import Opening
from community_hub.wire.session import Broker, Publication, SessionLostError, TakenOverError, opened

from scripts.home_stack.hub_bench.centre import CentralBroker, is_possible

HOMES: Final = 40
EACH: Final = 25
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


def told(home: int, number: int) -> Publication:
    return Publication(f"home_flex/vens/home-{home}/events/create", b"%d" % number, 60)


async def test_all_of_it_arrives_and_each_home_hears_its_own_in_order(central: CentralBroker) -> None:
    messages = [told(home, number) for number in range(EACH) for home in range(HOMES)]
    heard: defaultdict[str, list[int]] = defaultdict(list)
    async with (
        opened(at(central), Opening(client_id="reader")) as reader,
        Lines.opened(at(central), WRITER) as out,
    ):
        await reader.subscribe(["home_flex/vens/+/events/create"])
        reasons = await out.publish(messages)
        assert len(reasons) == len(messages)
        assert max(reasons) < 0x80
        while sum(map(len, heard.values())) < len(messages):
            came = await reader.messages(len(messages), 0.3)
            reader.acknowledge(came)
            for message in came:
                heard[message.topic].append(int(message.payload))

    assert len(heard) == HOMES
    assert all(numbers == list(range(EACH)) for numbers in heard.values())


async def test_who_opens_them_takes_all_of_them_over(central: CentralBroker) -> None:
    async with Lines.opened(at(central), WRITER) as first, Lines.opened(at(central), WRITER) as second:
        with pytest.raises(TakenOverError):
            await first.publish([told(home, 1) for home in range(HOMES)])
        assert max(await second.publish([told(home, 2) for home in range(HOMES)])) < 0x80


async def test_a_broker_that_ends_is_told_to_who_publishes(central: CentralBroker) -> None:
    async with Lines.opened(at(central), WRITER) as out:
        await central.kill()
        with pytest.raises(SessionLostError):
            await out.publish([told(home, 1) for home in range(HOMES)])
