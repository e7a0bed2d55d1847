"""Handing telegrams on to other readers, over real sockets."""

import asyncio
import socket
from contextlib import suppress

from custom_components.home_flex.devices.p1 import P1Settings
from scripts.home_stack.processes import free_port

from .fakes.listener import running
from .fakes.p1_feeder import feeding, p1_meter
from .fakes.telegrams import simple


async def each_second(writer: asyncio.StreamWriter) -> None:
    number = 0
    while True:
        number = (number + 1) % 1000
        writer.write(simple(number / 1000))
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_others_read_whole_telegrams_while_the_port_has_one_reader() -> None:
    relay_port = free_port()
    async with (
        feeding(each_second) as port,
        running(p1_meter(P1Settings("127.0.0.1", port, relay_port=relay_port))) as heard,
        running(p1_meter(P1Settings("127.0.0.1", relay_port))) as first,
        running(p1_meter(P1Settings("127.0.0.1", relay_port))) as second,
    ):
        await heard.until(lambda: min(len(heard.readings), len(first.readings), len(second.readings)) >= 5)
    assert not heard.losses
    assert first.readings[0].power_w in {reading.power_w for reading in heard.readings}


async def test_a_reader_that_takes_nothing_is_hung_up_on_and_holds_nobody_up() -> None:
    relay_port, loop = free_port(), asyncio.get_running_loop()
    async with (
        feeding(flood) as port,
        running(p1_meter(P1Settings("127.0.0.1", port, relay_port=relay_port))) as heard,
    ):
        await heard.until(lambda: bool(heard.readings))
        with socket.socket() as asleep:
            asleep.setblocking(False)
            # Else the kernel may take tens of MB for it.
            asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            await loop.sock_connect(asleep, ("127.0.0.1", relay_port))
            await heard.until(lambda: len(heard.readings) > 70_000)  # 7.5 MB, more than all buffers hold
            with suppress(ConnectionError):
                async with asyncio.timeout(10):
                    while await loop.sock_recv(asleep, 1 << 20):
                        pass


async def flood(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(simple() * 200)
        await writer.drain()
        await asyncio.sleep(0)


async def test_only_this_machine_can_connect_and_the_port_is_closed_with_the_driver() -> None:
    relay_port = free_port()
    async with (
        feeding(each_second) as port,
        running(p1_meter(P1Settings("127.0.0.1", port, relay_port=relay_port))) as heard,
    ):
        await heard.until(lambda: bool(heard.readings))
        with socket.socket() as other:
            other.bind(("127.0.0.2", relay_port))  # the port of another address is free
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", relay_port))


async def test_a_port_that_is_taken_does_not_keep_the_meter_from_being_read() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = taken.getsockname()[1]
        async with (
            feeding(each_second) as port,
            running(p1_meter(P1Settings("127.0.0.1", port, relay_port=settings))) as heard,
        ):
            await heard.until(lambda: bool(heard.readings))
