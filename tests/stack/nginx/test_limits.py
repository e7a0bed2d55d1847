"""What the door bounds: guesses, slow visitors, long headers, and many connections at once."""

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest

from scripts.home_stack.processes import StackError

from .conftest import Entrance, HomeEntrance
from .door import Door
from .home import begin_to_log_in
from .stand_in import OPERATOR
from .visitors import TUNNEL, browser, speak, visit

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
        for last in range(4):
            session = await stack.enter_async_context(browser(f"127.0.0.{101 + last}"))
            for _ in range(100):
                await stack.enter_async_context(session.ws_connect(f"{entrance.door.url}/a_websocket"))
        assert (await visit(entrance.door, address="127.0.0.107")).status == 429
        charger = await stack.enter_async_context(browser("127.0.0.108"))
        url = f"http://127.0.0.1:{entrance.door.ocpp_port}/charger-1"
        await stack.enter_async_context(charger.ws_connect(url, protocols=("ocpp1.6",)))
        await entrance.door.check_health()


@contextmanager
def half_asked(port: int, count: int) -> Iterator[None]:
    """Hold so many connections with half a header each, from a few addresses."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < count + 1_000:
        pytest.skip("this machine lets a process have too few files for it")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, count + 1_000), most))
    held: list[socket.socket] = []
    try:
        for number in range(count):
            address = (f"127.0.0.{120 + number % 20}", 0)
            held.append(socket.create_connection(("127.0.0.1", port), 5, source_address=address))
            held[-1].sendall(b"GET / HTTP/1.1\r\nHost: home.local\r\nX-Half: ")
        yield
    finally:
        for each in held:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))


async def test_who_is_connected_stays_among_more_half_requests_than_there_are_places(
    entrance: Entrance,
) -> None:
    url = f"http://127.0.0.1:{entrance.door.ocpp_port}/charger-1"
    async with (
        browser("127.0.0.109") as session,
        session.ws_connect(url, protocols=("ocpp1.6",)) as charger,
    ):
        with half_asked(entrance.door.http_port, 2_500):
            for number in range(3):
                await charger.send_str(f"call {number}")
                assert f"call {number}" in (await charger.receive_str(timeout=10))


async def test_a_door_that_turns_some_away_is_well_and_one_that_turns_all_away_is_not(
    entrance: Entrance,
) -> None:
    turned_away = 0

    async def turn_away(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turned_away
        if turned_away < most:
            turned_away += 1
        else:
            writer.write(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    most = 3
    crowded = Door(entrance.door.folder)
    async with await asyncio.start_server(turn_away, "127.0.0.1", crowded.http_port):
        await crowded.check_health()
        assert turned_away == most
        most = 10**9
        with pytest.raises(StackError):
            await crowded.check_health()


async def test_one_visitor_cannot_hold_every_connection(entrance: Entrance) -> None:
    url = entrance.door.url
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(browser("127.0.0.87"))
        for _ in range(100):
            await stack.enter_async_context(session.ws_connect(f"{url}/a_websocket"))
        async with session.get(f"{url}/one_more") as answer:
            assert answer.status == 429
        assert (await visit(entrance.door, address="127.0.0.88")).status == 200
