"""What the door bounds: guesses, slow visitors, long headers, and many connections at once."""

import asyncio
import resource
import select
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from scripts.home_stack.processes import StackError

from .conftest import Entrance, HomeEntrance
from .door import Door
from .home import begin_to_log_in
from .stand_in import OPERATOR
from .visitors import TUNNEL, any_certificate, browser, speak, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

# One at once and ten more, then one each three seconds; a few may pass while a slow machine counts.
BURST = 11
MANY = 40


async def _statuses(
    entrance: Entrance, path: str, *, address: str, forwarded_for: str | None = None
) -> list[int]:
    headers = {"Host": "home.local", "Authorization": OPERATOR}
    if forwarded_for:
        headers["X-Forwarded-For"] = forwarded_for
    statuses = []
    async with browser(address) as session:
        for _ in range(MANY):
            async with session.post(entrance.door.url + path, headers=headers) as answer:
                statuses.append(answer.status)
    return statuses


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/auth/login_flow", "127.0.0.71"),
        ("/auth/login_flow/0123abc", "127.0.0.72"),
        ("/auth/token", "127.0.0.73"),
        ("/auth/./token", "127.0.0.74"),
        ("//auth/login_flow", "127.0.0.75"),
        ("/auth%2Ftoken", "127.0.0.76"),
        ("/auth/%74oken", "127.0.0.77"),
    ],
)
async def test_who_guesses_must_wait_however_the_place_is_written(
    path: str, address: str, entrance: Entrance
) -> None:
    statuses = await _statuses(entrance, path, address=address)
    assert statuses[:BURST] == [200] * BURST
    assert statuses.count(429) >= MANY // 2


async def test_the_log_in_page_and_the_token_share_one_count(entrance: Entrance) -> None:
    await _statuses(entrance, "/auth/login_flow", address="127.0.0.78")
    assert 429 in (await _statuses(entrance, "/auth/token", address="127.0.0.78"))[:BURST]


async def test_a_neighbour_does_not_wait_for_who_guesses(entrance: Entrance) -> None:
    await _statuses(entrance, "/auth/token", address="127.0.0.79")
    assert (await visit(entrance.door, "/auth/token", method="POST", address="127.0.0.80")).status == 200


async def test_visitors_of_the_tunnel_are_counted_one_by_one(entrance: Entrance) -> None:
    guesser = await _statuses(entrance, "/auth/token", address=TUNNEL, forwarded_for="192.0.2.81")
    assert guesser.count(429) >= MANY // 2
    headers = {"X-Forwarded-For": "192.0.2.82"}
    neighbour = await visit(entrance.door, "/auth/token", method="POST", address=TUNNEL, headers=headers)
    assert neighbour.status == 200


async def test_nobody_gets_a_new_count_by_claiming_another_address(entrance: Entrance) -> None:
    await _statuses(entrance, "/auth/token", address="127.0.0.83")
    headers = {"X-Forwarded-For": "192.0.2.84"}
    answer = await visit(entrance.door, "/auth/token", method="POST", address="127.0.0.83", headers=headers)
    assert answer.status == 429


@pytest.mark.parametrize(
    "path", ["/", "/api/states", "/auth/authorize", "/auth/providers", "/status", "/owner"]
)
async def test_nothing_else_is_counted(path: str, entrance: Entrance) -> None:
    assert set(await _statuses(entrance, path, address="127.0.0.85")) == {200}


async def test_home_assistant_does_not_hear_of_more_log_ins(home_entrance: HomeEntrance) -> None:
    statuses = [await begin_to_log_in(home_entrance.door, address="127.0.0.86") for _ in range(MANY)]
    assert statuses[:BURST] == [200] * BURST
    assert statuses.count(429) >= MANY // 2


async def test_a_header_that_takes_too_long_is_cut(entrance: Entrance) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", entrance.door.http_port)
    writer.write(b"GET / HTTP/1.1\r\nHost: home.local\r\nX-Slow: ")
    began = time.monotonic()
    async with asyncio.timeout(45):
        said = await reader.read()
    writer.close()
    assert said == b"" or b" 408 " in said
    assert time.monotonic() - began > 5


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET /" + "a" * 9_000 + " HTTP/1.1\r\nHost: home.local\r\n\r\n", b"414"),
        ("GET / HTTP/1.1\r\nHost: home.local\r\nX-Long: " + "a" * 9_000 + "\r\n\r\n", b"400"),
        ("GET / HTTP/1.1\r\nHost: home.local\r\n" + f"X-Long: {'a' * 7_000}\r\n" * 6 + "\r\n", b"400"),
    ],
    ids=["address", "one header", "all headers"],
)
async def test_the_size_of_what_is_asked_is_bounded(
    request_text: str, status: bytes, entrance: Entrance
) -> None:
    said = await speak(entrance.door.http_port, request_text)
    assert said.split()[1] == status


async def test_the_address_of_a_signed_download_still_fits(entrance: Entrance) -> None:
    assert (await visit(entrance.door, "/api/download?authSig=" + "a" * 4_000)).status == 200


async def test_visitors_of_many_addresses_leave_the_chargers_their_places(entrance: Entrance) -> None:
    async with AsyncExitStack() as stack:
        for last in range(8):
            session = await stack.enter_async_context(browser(f"127.0.0.{141 + last}"))
            for _ in range(50):
                await stack.enter_async_context(session.ws_connect(f"{entrance.door.url}/a_websocket"))
        assert (await visit(entrance.door, address="127.0.0.107")).status == 429
        charger = await stack.enter_async_context(browser("127.0.0.108"))
        url = f"http://127.0.0.1:{entrance.door.ocpp_port}/charger-1"
        await stack.enter_async_context(charger.ws_connect(url, protocols=("ocpp1.6",)))
        await entrance.door.check_health()


@contextmanager
def half_asked(port: int, count: int, *addresses: str) -> Iterator[list[socket.socket]]:
    """Dial so many times from these addresses in turn, and ask half a request each time; give the sockets."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < count + 1_000:
        pytest.skip("this machine lets a process have too few files for it")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, count + 1_000), most))
    dialled: list[socket.socket] = []
    try:
        for number in range(count):
            source = (addresses[number % len(addresses)], 0)
            dialled.append(socket.create_connection(("127.0.0.1", port), 5, source_address=source))
            # Who holds too many is hung up on, perhaps before a word.
            with suppress(ConnectionError):
                dialled[-1].sendall(b"GET / HTTP/1.1\r\nHost: home.local\r\nX-Half: ")
        yield dialled
    finally:
        for each in dialled:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


def held(dialled: list[socket.socket], *, within_s: float = 1.0) -> int:
    """Return how many are still connected when those that are hung up on have had time to hear of it."""
    poll = select.poll()
    for each in dialled:
        poll.register(each, select.POLLIN | select.POLLHUP)
    time.sleep(within_s)
    return len(dialled) - len(poll.poll(0))


async def ask_half(count: int, port: int, *addresses: str, stack: AsyncExitStack) -> int:
    """Hold what the door lets these addresses hold of so many half requests; return how many that are."""
    dialled = await asyncio.to_thread(stack.enter_context, half_asked(port, count, *addresses))
    return await asyncio.to_thread(held, dialled)


async def test_one_address_holds_a_bounded_share_of_half_requests_and_keeps_nobody_out(
    entrance: Entrance,
) -> None:
    async with AsyncExitStack() as stack:
        ports = (entrance.door.http_port, entrance.door.https_port, entrance.door.ocpp_port)
        shares = [await ask_half(400, port, "127.0.0.120", stack=stack) for port in ports]
        assert shares == [80, 60, 16]
        assert (await visit(entrance.door, address="127.0.0.121")).status == 200
        tls = any_certificate()
        assert (await visit(entrance.door, address="127.0.0.121", tls=tls)).status == 200
        assert await takes_a_charger(entrance.door, "127.0.0.121")


async def test_those_behind_the_tunnel_are_not_one_visitor(entrance: Entrance) -> None:
    async with AsyncExitStack() as stack:
        assert await ask_half(300, entrance.door.http_port, TUNNEL, stack=stack) == 300


async def test_half_requests_of_many_addresses_leave_other_ports_the_connected_and_the_health_check_alone(
    entrance: Entrance,
) -> None:
    door = entrance.door
    # As few as fill the share of the port.
    many = [f"127.0.0.{130 + number}" for number in range(13)]
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(browser("127.0.0.109"))
        url = f"http://127.0.0.1:{door.ocpp_port}/charger-1"
        charger = await stack.enter_async_context(session.ws_connect(url, protocols=("ocpp1.6",)))
        assert await ask_half(2_500, door.http_port, *many, stack=stack) == 1040
        with pytest.raises(aiohttp.ClientError):
            await visit(door, address="127.0.0.122")
        assert (await visit(door, address="127.0.0.122", tls=any_certificate())).status == 200
        await charger.send_str("still there")
        assert await charger.receive_str(timeout=10) == "still there"
        assert await takes_a_charger(door, "127.0.0.122")
        await door.check_health()


async def takes_a_charger(door: Door, address: str) -> bool:
    """Whether one more charger gets in."""
    url = f"http://127.0.0.1:{door.ocpp_port}/charger-2"
    async with browser(address) as session, session.ws_connect(url, protocols=("ocpp1.6",)) as charger:
        await charger.send_str("hello")
        return await charger.receive_str(timeout=10) == "hello"


async def test_a_door_that_does_not_answer_is_not_well(tmp_path: Path) -> None:
    door = Door(tmp_path)
    await door.start()
    await door.check_health()
    await door.stop()
    with pytest.raises(StackError):
        await door.check_health()


async def test_a_door_that_was_killed_opens_again(tmp_path: Path) -> None:
    """Its sockets are still in the folder."""
    door = Door(tmp_path)
    await door.start()
    await door.kill()
    await door.start()
    await door.check_health()
    await door.stop()


async def test_one_visitor_cannot_hold_every_connection(entrance: Entrance) -> None:
    url = entrance.door.url
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(browser("127.0.0.87"))
        for _ in range(50):
            await stack.enter_async_context(session.ws_connect(f"{url}/a_websocket"))
        async with session.get(f"{url}/one_more") as answer:
            assert answer.status == 429
        assert (await visit(entrance.door, address="127.0.0.88")).status == 200
