"""The operator's routes: the agent says who may, and when it is away nobody may."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from .conftest import Entrance
from .door import NAME, PUBLIC_NAME, Door
from .stand_in import OPERATOR, stand_in
from .visitors import TUNNEL, any_certificate, visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUTES = {
    "/status": "HOME_AGENT",
    "/status.json": "HOME_AGENT",
    "/status/diagnostics.zip": "HOME_AGENT",
    "/owner": "HOME_AGENT",
    "/configurator/": "CONFIG_EDITOR",
    "/configurator/api/file?name=automations.yaml": "CONFIG_EDITOR",
    "/influxdb/health": "INFLUXDB",
    "/influxdb/api/v2/query?org=home": "INFLUXDB",
}
KNOWN = {"Authorization": OPERATOR}


@pytest_asyncio.fixture(loop_scope="session")
async def orphan(entrance: Entrance, tmp_path: Path) -> AsyncIterator[Door]:
    """Return a door whose agent is dead, with everything else behind it."""
    addresses = {name: each.address for name, each in entrance.behind.items() if name != "HOME_AGENT"}
    door = Door(tmp_path / "orphan", **addresses)
    await door.start()
    yield door
    await door.stop()


@pytest.mark.parametrize("path", ROUTES)
async def test_whom_the_agent_knows_gets_there(path: str, entrance: Entrance) -> None:
    answer = await visit(entrance.door, path, headers=KNOWN)
    assert (answer.status, answer.text) == (200, ROUTES[path])
    assert entrance.behind[ROUTES[path]].last(path.removeprefix("/influxdb")).method == "GET"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic bm9ib2R5"}], ids=["nobody", "wrong"])
@pytest.mark.parametrize("path", ROUTES)
async def test_anybody_else_is_asked_who_they_are_as_the_agent_asks(
    path: str, headers: dict[str, str], entrance: Entrance
) -> None:
    for service in entrance.behind.values():
        service.asked.clear()
    answer = await visit(entrance.door, path, headers=headers)
    assert (answer.status, answer.headers.getall("WWW-Authenticate")) == (401, ['Basic realm="operator"'])
    asked = {asked.path for service in entrance.behind.values() for asked in service.asked}
    assert asked == {"/check"}


async def test_the_agent_sees_what_the_visitor_showed_and_not_the_body(
    entrance: Entrance,
) -> None:
    headers = {**KNOWN, "X-Original-Method": "GET"}
    await visit(entrance.door, "/owner", method="POST", address="127.0.0.91", headers=headers, data=b"a body")
    asked = entrance.behind["HOME_AGENT"].last("/check")
    assert (asked.method, asked.body, asked.headers["Authorization"]) == ("GET", b"", OPERATOR)
    assert asked.headers["X-Forwarded-For"] == "127.0.0.91"
    assert "Content-Length" not in asked.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/owner", "/configurator/api/save?x=1", "/influxdb/api/v2/write?bucket=b"])
async def test_method_address_and_body_arrive_as_they_were_sent(
    path: str, method: str, entrance: Entrance
) -> None:
    service = next(service for start, service in ROUTES.items() if path.startswith(start.split("?")[0][:9]))
    body = f"{method} {path}".encode()
    await visit(entrance.door, path, method=method, headers=KNOWN, data=body)
    asked = entrance.behind[service].last(path.removeprefix("/influxdb"))
    assert (asked.method, asked.body) == (method, body)


async def test_only_the_owners_page_sees_the_operators_secret_again(entrance: Entrance) -> None:
    for path in ROUTES:
        await visit(entrance.door, path, headers={**KNOWN, "X-Influxdb-Token": "a token of InfluxDB"})
    agent, editor, influxdb = (entrance.behind[name] for name in ("HOME_AGENT", "CONFIG_EDITOR", "INFLUXDB"))
    assert agent.last("/owner").headers["Authorization"] == OPERATOR
    assert "Authorization" not in agent.last("/status").headers
    assert "Authorization" not in editor.last("/configurator/").headers
    assert influxdb.last("/health").headers["Authorization"] == "Token a token of InfluxDB"


@pytest.mark.parametrize("path", ROUTES)
async def test_through_the_tunnel_not_even_the_operator_gets_there(path: str, entrance: Entrance) -> None:
    for service in entrance.behind.values():
        service.asked.clear()
    through = {**KNOWN, "X-Forwarded-For": "203.0.113.9"}
    for address, host in ((TUNNEL, NAME), ("127.0.0.1", PUBLIC_NAME), (TUNNEL, PUBLIC_NAME)):
        answer = await visit(entrance.door, path, address=address, host=host, headers=through)
        assert answer.status == 403
    assert not [asked for service in entrance.behind.values() for asked in service.asked]


async def test_through_the_tunnel_residents_get_to_their_home(entrance: Entrance) -> None:
    answer = await visit(entrance.door, "/", address=TUNNEL, host=PUBLIC_NAME)
    assert answer.text == "HOME_ASSISTANT"


@pytest.mark.parametrize(
    "path", ["/influxdb/", "/influxdb/api/v2/authorizations", "/influxdb/api/v2/query/../users"]
)
async def test_of_influxdb_there_is_nothing_but_reading_and_writing(path: str, entrance: Entrance) -> None:
    asked = len(entrance.behind["INFLUXDB"].asked)
    await visit(entrance.door, path, headers=KNOWN)
    assert len(entrance.behind["INFLUXDB"].asked) == asked


@pytest.mark.parametrize("path", ["/_operator", "/check", "/health", "/@away"])
async def test_what_the_door_asks_for_itself_nobody_else_reaches(path: str, entrance: Entrance) -> None:
    asked = len(entrance.behind["HOME_AGENT"].asked)
    await visit(entrance.door, path, headers=KNOWN)
    assert len(entrance.behind["HOME_AGENT"].asked) == asked


@pytest.mark.parametrize("path", ROUTES)
async def test_when_the_agent_is_dead_nobody_is_the_operator(path: str, orphan: Door) -> None:
    answer = await visit(orphan, path, headers=KNOWN)
    assert answer.status == 503


async def test_when_the_agent_is_dead_the_home_still_works(orphan: Door, entrance: Entrance) -> None:
    for path in ("/", "/auth/token", "/api/websocket"):
        assert (await visit(orphan, path)).text == "HOME_ASSISTANT"
    assert (await visit(orphan, tls=any_certificate())).status == 200


async def test_an_agent_that_comes_back_is_asked_again(orphan: Door) -> None:
    assert (await visit(orphan, "/status", headers=KNOWN)).status == 503
    host, _, port = orphan.environment["HOME_AGENT"].partition(":")
    async with stand_in("the agent", host=host, port=int(port)):
        assert (await visit(orphan, "/status", headers=KNOWN)).text == "the agent"
        assert (await visit(orphan, "/status")).status == 401


async def test_an_editor_that_is_off_is_seen_by_the_operator_alone(
    entrance: Entrance, tmp_path: Path
) -> None:
    door = Door(tmp_path / "door", HOME_AGENT=entrance.behind["HOME_AGENT"].address)
    await door.start()
    try:
        seen = await visit(door, "/configurator/", headers=KNOWN)
        assert (seen.status, "CONFIG_EDITOR=on" in seen.text) == (503, True)
        assert (await visit(door, "/configurator/")).status == 401
    finally:
        await door.stop()


@pytest.mark.parametrize(
    "path",
    [
        "/api/onboarding/users",
        "/api/onboarding/core_config",
        "/api/onboarding/backup/upload",
        "//api/onboarding/users",
        "/api/./onboarding/users",
        "/api/x/../onboarding/users",
        "/api%2Fonboarding%2Fusers",
        "/api/%6fnboarding/users",
    ],
)
@pytest.mark.parametrize("known", [False, True], ids=["visitor", "operator"])
async def test_nobody_makes_the_first_user_from_outside(path: str, known: bool, entrance: Entrance) -> None:
    asked = len(entrance.behind["HOME_ASSISTANT"].asked)
    answer = await visit(entrance.door, path, method="POST", headers=KNOWN if known else {}, json={})
    assert answer.status == 403
    assert len(entrance.behind["HOME_ASSISTANT"].asked) == asked


async def test_the_page_still_learns_that_onboarding_is_done(entrance: Entrance) -> None:
    assert (await visit(entrance.door, "/api/onboarding")).text == "HOME_ASSISTANT"
