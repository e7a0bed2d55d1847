"""Chargers: on a port of their own and on Home Assistant's path, with nothing in between that they notice.

Behind the door is a stand-in that echoes, and in the last tests Home Flex' own central system.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.devices.ocpp_clients import POWER, Driven, dial, driving

from .conftest import Entrance
from .door import Door
from .visitors import browser, offer, speak

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = aiohttp.encode_basic_auth("charger-1", "the password of this charger")
CALL = '[2,"1","BootNotification",{"chargePointModel":"A","chargePointVendor":"B"}]'


@asynccontextmanager
async def charger(
    url: str, *, address: str = "127.0.0.1", protocols: tuple[str, ...] = ("ocpp1.6",)
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Dial as a charger does (OCPP-J 1.6, section 3.1)."""
    headers = {"Authorization": PASSWORD}
    async with (
        browser(address) as session,
        session.ws_connect(url, protocols=protocols, headers=headers) as socket,
    ):
        yield socket


@pytest.mark.parametrize(
    ("port", "path", "service"),
    [
        ("ocpp_port", "/charger-1", "OCPP"),
        ("ocpp_port", "/ocpp/charger-1", "OCPP"),
        ("ocpp_port", "/NL*ABC%20E1234:5", "OCPP"),
        ("http_port", "/api/home_flex/ocpp/charger-1", "HOME_ASSISTANT"),
    ],
)
async def test_a_charger_reaches_the_central_system_with_its_password_and_its_protocol(
    port: str, path: str, service: str, entrance: Entrance
) -> None:
    url = f"http://127.0.0.1:{getattr(entrance.door, port)}{path}"
    async with charger(url, protocols=("ocpp2.0.1", "ocpp1.6")) as socket:
        assert socket.protocol in {"ocpp1.6", "ocpp2.0.1"}
        await socket.send_str(CALL)
        assert await socket.receive_str(timeout=60) == CALL
        await socket.ping(b"still there")
    asked = entrance.behind[service].last(path.split("%", maxsplit=1)[0])
    assert asked.headers.getall("Authorization") == [PASSWORD]
    assert asked.headers.getall("Sec-WebSocket-Protocol") == ["ocpp2.0.1,ocpp1.6"]
    assert asked.path == path


async def test_a_charger_that_offers_an_unknown_protocol_gets_none(entrance: Entrance) -> None:
    url = f"http://127.0.0.1:{entrance.door.ocpp_port}/charger-1"
    async with charger(url, protocols=("ocpp9",)) as socket:
        assert socket.protocol is None


async def test_a_charger_may_call_the_home_what_it_likes(entrance: Entrance) -> None:
    """Some send the address, some a name of their own, and some of the first days nothing at all."""
    for host in ("192.168.1.20:8887", "csms", "home.local"):
        request = f"GET /charger-1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        assert b" 200 OK" in await speak(entrance.door.ocpp_port, request)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ocpp/",
        "/api/states",
        "/api/home_flex/ocpp/charger-1",
        "/auth/token",
        "/ocpp/charger-1/more",
        "/ocpp/../api/states",
        "/api%2Fstates",
    ],
)
async def test_nothing_but_chargers_is_behind_their_port(path: str, entrance: Entrance) -> None:
    for service in entrance.behind.values():
        service.asked.clear()
    request = f"GET {path} HTTP/1.1\r\nHost: home.local\r\nConnection: close\r\n\r\n"
    assert b" 404 " in await speak(entrance.door.ocpp_port, request)
    assert not [asked for service in entrance.behind.values() for asked in service.asked]


async def test_a_charger_sends_no_large_bodies(entrance: Entrance) -> None:
    assert await offer(entrance.door.ocpp_port, "/charger-1", 64 * 1024 + 1) == 413


async def test_what_a_charger_claims_about_its_address_goes_no_further(entrance: Entrance) -> None:
    request = (
        "GET /charger-9 HTTP/1.1\r\nHost: home.local\r\nConnection: close\r\n"
        "X-Forwarded-For: 192.0.2.9\r\nX-Real-IP: 192.0.2.9\r\n\r\n"
    )
    await speak(entrance.door.ocpp_port, request, address="127.0.0.92")
    headers = entrance.behind["OCPP"].last("/charger-9").headers
    assert headers.getall("X-Forwarded-For") == ["127.0.0.92"]
    assert "X-Real-IP" not in headers


async def test_one_address_has_a_few_chargers_and_no_more(entrance: Entrance) -> None:
    url = f"http://127.0.0.1:{entrance.door.ocpp_port}/charger"
    async with AsyncExitStack() as stack:
        for number in range(8):
            await stack.enter_async_context(charger(f"{url}-{number}", address="127.0.0.93"))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(charger(f"{url}-8", address="127.0.0.93"))
        assert refused.value.status == 429
        await stack.enter_async_context(charger(f"{url}-8", address="127.0.0.94"))


@asynccontextmanager
async def door_before(home: Driven, folder: Path) -> AsyncIterator[Door]:
    """Return a door before a charger's driver."""
    door = Door(folder, OCPP=f"127.0.0.1:{home.port}")
    try:
        await door.start()
        yield door
    finally:
        await door.stop()


async def test_home_flex_sees_and_limits_a_charger_behind_the_door(tmp_path: Path) -> None:
    async with (
        driving() as home,
        door_before(home, tmp_path) as door,
        dial(door.ocpp_port, path="/ocpp/{identity}") as charger,
    ):
        await charger.get_ready()
        transaction = await charger.start_transaction()
        await charger.meter(POWER, transactionId=transaction)
        await home.until(lambda: home.reading.power_w == 7200.0)
        await home.driver.set_current_limit(7.0, expires_in_s=60)
        assert charger.limits()[-1] == 7.0


async def test_a_wrong_password_is_refused_behind_the_door_too(tmp_path: Path) -> None:
    async with driving() as home, door_before(home, tmp_path) as door:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with dial(door.ocpp_port, password="guessed"):
                raise AssertionError("It was let in")
        assert refused.value.status == 401
        assert refused.value.headers is not None
        assert refused.value.headers["WWW-Authenticate"] == 'Basic realm="OCPP"'


async def test_home_flex_notices_that_the_door_is_gone_and_takes_the_charger_up_again(tmp_path: Path) -> None:
    async with driving() as home, door_before(home, tmp_path) as door:
        async with dial(door.ocpp_port) as charger:
            await charger.get_ready()
            await door.stop()
            await charger.until_closed(timeout_s=30)
            await home.until(lambda: home.losses == 1)
        await door.start()
        async with dial(door.ocpp_port) as charger:
            await charger.get_ready()
            assert home.reading.power_w == 0.0
            assert home.losses == 1
