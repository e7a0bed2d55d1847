"""The real Home Assistant through the door: pages, websockets, streams, and a restart that nobody notices."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from scripts.home_stack.api import HomeAssistantApi, wait_until

from .conftest import HomeEntrance
from .stand_in import OPERATOR
from .visitors import browser, trusting, visit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

PINGS = 6


@asynccontextmanager
async def websocket(
    entrance: HomeEntrance, tls: ssl.SSLContext | None = None
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Log in to the websocket API through the door."""
    url = f"https://localhost:{entrance.door.https_port}" if tls else entrance.door.url
    async with browser() as session, session.ws_connect(f"{url}/api/websocket", ssl=tls or True) as socket:
        assert (await socket.receive_json())["type"] == "auth_required"
        await socket.send_json({"type": "auth", "access_token": entrance.home.api.token})
        assert (await socket.receive_json())["type"] == "auth_ok"
        yield socket


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "tls"])
async def test_the_websocket_api_logs_in_obeys_and_stays(over_tls: bool, home_entrance: HomeEntrance) -> None:
    tls = trusting(home_entrance.door) if over_tls else None
    async with websocket(home_entrance, tls) as socket:
        await socket.send_json({"id": 1, "type": "get_config"})
        answer = await socket.receive_json()
        assert answer["success"]
        assert answer["result"]["time_zone"] == "Europe/Amsterdam"
        for number in range(2, PINGS + 2):
            await asyncio.sleep(0.3)
            await socket.send_json({"id": number, "type": "ping"})
            assert await socket.receive_json() == {"id": number, "type": "pong"}


async def test_a_command_of_a_megabyte_and_its_answer_pass(home_entrance: HomeEntrance) -> None:
    async with websocket(home_entrance) as socket:
        template = "x" * 1_000_000
        await socket.send_json({"id": 1, "type": "render_template", "template": template})
        assert (await socket.receive_json())["success"]
        assert (await socket.receive_json())["event"]["result"] == template


@pytest.mark.parametrize("path", ["/", "/manifest.json", "/service_worker.js", "/auth/providers"])
async def test_pages_arrive_as_home_assistant_made_them(path: str, home_entrance: HomeEntrance) -> None:
    wanted = {"Accept-Encoding": "gzip"}
    seen = []
    for url in (home_entrance.home.url, home_entrance.door.url):
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.get(url + path, headers=wanted, allow_redirects=False) as answer,
        ):
            encoding, kind = answer.headers.get("Content-Encoding"), answer.headers.get("Content-Type")
            seen.append((answer.status, encoding, kind, await answer.read()))
    assert seen[0] == seen[1]
    assert seen[0][0] == 200


async def test_events_arrive_while_the_stream_stays_open(home_entrance: HomeEntrance) -> None:
    api = home_entrance.home.api
    headers = {"Authorization": f"Bearer {api.token}", "Accept-Encoding": "gzip"}
    async with (
        browser() as session,
        session.get(f"{home_entrance.door.url}/api/stream?restrict=a_test", headers=headers) as stream,
    ):
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert await stream.content.readline() == b"data: ping\n"
        for number in (1, 2):
            await api.post("/api/events/a_test", {"number": number})
            async with asyncio.timeout(60):
                while f'"number":{number}'.encode() not in (await stream.content.readline()):
                    pass


async def test_a_home_assistant_that_restarts_is_found_again(home_entrance: HomeEntrance) -> None:
    door, home = home_entrance.door, home_entrance.home
    await home.stored("auth", holding="Home stack")
    before = (door.run / "nginx.pid").read_text()
    async with websocket(home_entrance) as socket:
        await home.kill()
        assert (await socket.receive(timeout=60)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE}
    away = await visit(door, "/lovelace?authSig=signature")
    assert away.status == 503
    assert "Your home is starting" in away.text
    assert away.headers["Retry-After"] == "5"
    assert away.headers["Cache-Control"] == "no-store"
    assert str(home.port) not in away.text
    status = await visit(door, "/status", headers={"Authorization": OPERATOR})
    assert (status.status, status.text) == (200, "HOME_AGENT")
    await home.start()
    async with HomeAssistantApi(door.url) as api:
        api.token = home.api.token
        assert (await api.get("/api/config"))["state"] == "RUNNING"
    assert (door.run / "nginx.pid").read_text() == before


async def test_what_is_logged_holds_no_signature_of_an_address(home_entrance: HomeEntrance) -> None:
    door = home_entrance.door
    await visit(door, "/api/no_such_thing?authSig=very-secret-signature")

    async def is_logged() -> bool:
        return '"GET /api/no_such_thing" 404' in door.says()

    await wait_until(is_logged, "the visit to be logged", timeout_s=60)
    assert "signature" not in door.says()
