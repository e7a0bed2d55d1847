"""The operator's pages: who gets in, and what is handed over how often; also behind the home's real nginx."""

import asyncio
import re
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import encode_basic_auth
from home_agent.commands.ledger import Ledger
from home_agent.web.owner import OwnerHandover
from home_agent.web.passwords_page import WORDS

from tests.stack.nginx.door import NAME, Door, nginx_is_there

from .agent_process import OPERATOR_SECRET, Operator, Stack
from .fake_home_assistant import TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESIDENT = "eyJhbGciOiJIUzI1NiJ9.residents-token.abcdef"
CHARGER_PASSWORD = "charger-password-Qw3r-0123456789abcdefghijk"
OPERATOR = encode_basic_auth("operator", OPERATOR_SECRET)


class Visitor:
    """Who comes to the agent itself, or to the home's front door."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def ask(
        self, path: str, authorization: str = "", *, post: Any = None, **headers: str
    ) -> tuple[int, str]:
        """Return status and body; with ``post`` that is sent as a form."""
        if authorization:
            headers["Authorization"] = authorization
        method = "GET" if post is None else "POST"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, f"{self._url}{path}", headers=headers, data=post) as answer:
            return answer.status, await answer.text(errors="replace")


@pytest_asyncio.fixture(loop_scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def visitor(stack: Stack, session: aiohttp.ClientSession) -> Visitor:
    stack.home_assistant.users[RESIDENT] = False
    return Visitor(session, stack.agent.url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """Return the home's nginx before the agent."""
    if not nginx_is_there():
        pytest.skip("nginx is not there: run scripts/setup as root")
    door = Door(tmp_path_factory.mktemp("door"), HOME_AGENT=stack.agent.url.removeprefix("http://"))
    await door.start()
    yield door
    await door.stop()


def leave(stack: Stack, password: str) -> str:
    """Leave what the first start leaves, with a new password of the owner."""
    (stack.agent.owner / "owner_username").write_text("owner")
    (stack.agent.owner / "owner_password").write_text(password)
    (stack.agent.owner / "charger_CP-1.a_password").write_text(CHARGER_PASSWORD)
    return password


async def test_the_operators_secret_and_an_administrators_token_open_the_door(visitor: Visitor) -> None:
    assert await visitor.ask("/check", OPERATOR) == (204, "")
    assert await visitor.ask("/check", f"Bearer {TOKEN}") == (204, "")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        encode_basic_auth("operator", "wrong"),
        encode_basic_auth("admin", OPERATOR_SECRET),
        encode_basic_auth("operator", OPERATOR_SECRET.upper()),
        encode_basic_auth("operator", ""),
        "Basic !!!",
        f"Digest {OPERATOR_SECRET}",
        f"Bearer {OPERATOR_SECRET}",
        f"Bearer {RESIDENT}",
        "Bearer a.b.c",
        f"Basic {'QUJD' * 1500}",
    ],
)
async def test_nothing_else_opens_it(visitor: Visitor, authorization: str) -> None:
    assert await visitor.ask("/check", authorization) == (401, "")


async def test_refused_log_ins_are_counted_in_the_heartbeat(visitor: Visitor, operator: Operator) -> None:
    before = (await operator.beat())["auth_failures"]["agent"]
    await visitor.ask("/check", encode_basic_auth("operator", "wrong"))
    beat = await operator.beat(lambda beat: beat["auth_failures"]["agent"] > before)
    assert "log_ins_refused" in beat["problems"]
    assert beat["healthy"]


async def test_the_owners_password_is_handed_to_the_operator_once(stack: Stack, visitor: Visitor) -> None:
    password = leave(stack, "owner-password-1-0123456789abcdef")
    status, page = await visitor.ask("/owner", OPERATOR)
    assert status == 200
    assert password not in page
    status, page = await visitor.ask("/owner", OPERATOR, post={})
    assert status == 200
    assert password in page
    assert "<code>owner</code>" in page
    assert (await visitor.ask("/owner", OPERATOR, post={}))[0] == 410
    refused = await visitor.ask("/owner", OPERATOR, post={}, Accept="application/json")
    assert refused == (410, '{"error": "already"}')
    assert "handed over already" in (await visitor.ask("/owner", OPERATOR))[1]
    notes = [note["status"] for note in Ledger(stack.agent.data).notes(3)]
    assert notes == ["DONE", "REFUSED", "REFUSED"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("ja, DE;q=0.5", "de"),
        ("fr", "fr"),
        ("pt-BR", "pt"),
        ("*", "en"),
        ("", "en"),
    ],
)
async def test_it_is_handed_over_in_the_language_of_the_browser(
    accepted: str, language: str, stack: Stack, visitor: Visitor
) -> None:
    password = leave(stack, f"owner-password-0123456789abcdef-{language}-{len(accepted)}")
    words = {name: escape(text) for name, text in WORDS[language].items()}
    _, page = await visitor.ask("/owner", OPERATOR, Accept_Language=accepted)
    shown = ("heading", "once", "show", "chargers", "each", "show_them")
    assert [name for name in shown if words[name] not in page] == []
    _, page = await visitor.ask("/owner", OPERATOR, post={"show": "chargers"}, Accept_Language=accepted)
    assert words["chargers"] in page
    _, page = await visitor.ask("/owner", OPERATOR, post={}, Accept_Language=accepted)
    assert [name for name in ("not_again", "username", "password_name") if words[name] not in page] == []
    assert password in page
    assert f'<html lang="{language}">' in page
    status, page = await visitor.ask("/owner", OPERATOR, post={}, Accept_Language=accepted)
    assert (status, words["already"] in page) == (410, True)


async def test_every_language_has_every_word() -> None:
    assert list(WORDS) == ["en", "nl", "de", "fr", "pt"]
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}


async def test_that_it_was_handed_over_outlives_a_power_cut_and_the_password_is_not_kept(
    stack: Stack, visitor: Visitor
) -> None:
    password = leave(stack, "owner-password-2-0123456789abcdef")
    status, body = await visitor.ask("/owner", OPERATOR, post={}, Accept="application/json")
    assert (status, body) == (200, f'{{"username": "owner", "password": "{password}"}}')
    await stack.agent.kill()
    await stack.agent.start()
    assert (await visitor.ask("/owner", OPERATOR, post={}))[0] == 410
    kept = [path for path in stack.agent.data.rglob("*") if path.is_file()]
    assert all(password not in path.read_text() for path in kept)
    assert password not in stack.agent.log()


async def test_another_password_of_a_new_first_start_waits_again(stack: Stack, visitor: Visitor) -> None:
    password = leave(stack, "owner-password-3-0123456789abcdef")
    assert password in (await visitor.ask("/owner", OPERATOR, post={}))[1]


@pytest.mark.parametrize("authorization", ["", f"Bearer {TOKEN}", encode_basic_auth("operator", "wrong")])
@pytest.mark.parametrize("form", [None, {}, {"show": "chargers"}])
async def test_nobody_but_the_operator_gets_a_password(
    stack: Stack, visitor: Visitor, authorization: str, form: dict[str, str] | None
) -> None:
    password = leave(stack, "owner-password-4-0123456789abcdef")
    assert await visitor.ask("/owner", authorization, post=form) == (401, "")
    assert OwnerHandover(stack.agent.owner, stack.agent.data / "owner_handed_over").waits()
    assert password not in stack.agent.log()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_no_other_site_makes_the_operators_browser_take_the_password(
    stack: Stack, visitor: Visitor, headers: dict[str, str]
) -> None:
    leave(stack, "owner-password-4-0123456789abcdef")
    assert (await visitor.ask("/owner", OPERATOR, post={}, **headers))[0] == 403
    assert OwnerHandover(stack.agent.owner, stack.agent.data / "owner_handed_over").waits()


async def test_a_password_that_cannot_be_noted_as_handed_over_is_not(tmp_path: Path) -> None:
    (tmp_path / "owner_username").write_text("owner")
    (tmp_path / "owner_password").write_text("owner-password-5-0123456789abcdef")
    with pytest.raises(OSError, match="marker"):
        OwnerHandover(tmp_path, tmp_path / "missing" / "marker").take()


async def test_the_chargers_passwords_are_shown_as_often_as_the_operator_asks(
    stack: Stack, visitor: Visitor
) -> None:
    leave(stack, "owner-password-6-0123456789abcdef")
    status, page = await visitor.ask("/owner", OPERATOR)
    assert "The chargers" in page
    assert CHARGER_PASSWORD[:40] not in page
    for _ in range(2):
        status, page = await visitor.ask("/owner", OPERATOR, post={"show": "chargers"})
        assert status == 200
        # OCPP's 40 characters, as the first start gave them to Home Flex.
        assert f"<dt>CP-1.a</dt><dd><code>{CHARGER_PASSWORD[:40]}</code>" in page
    body = await visitor.ask("/owner", OPERATOR, post={"show": "chargers"}, Accept="application/json")
    assert body == (200, f'{{"CP-1.a": "{CHARGER_PASSWORD[:40]}"}}')
    assert Ledger(stack.agent.data).notes(1)[0]["command"] == "charger_passwords"
    assert OwnerHandover(stack.agent.owner, stack.agent.data / "owner_handed_over").waits()


async def test_the_status_holds_no_secret_and_tells_that_a_password_waits(
    stack: Stack, visitor: Visitor, session: aiohttp.ClientSession
) -> None:
    password = leave(stack, "owner-password-7-0123456789abcdef")
    mqtt_password = stack.broker.password("home_agent")
    async with session.get(f"{stack.agent.url}/status") as answer:
        page = await answer.text()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        # With "no-referrer" a browser would hide the origin of our own form: it would be refused.
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "waits to be handed over" in page
    assert "Solar inverter" in page
    everything = page + (await visitor.ask("/status.json"))[1]
    for secret in (password, mqtt_password, CHARGER_PASSWORD[:40], OPERATOR_SECRET, TOKEN):
        assert secret not in everything
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page) == [
        "/owner",
        "/status.json",
        "/status/diagnostics.zip",
    ]


async def test_through_the_front_door_the_status_needs_the_secret(
    door: Door, session: aiohttp.ClientSession
) -> None:
    front = Visitor(session, door.url)
    for path in ("/status", "/status.json", "/status/diagnostics.zip", "/owner"):
        assert (await front.ask(path, Host=NAME))[0] == 401
        assert (await front.ask(path, encode_basic_auth("operator", "wrong"), Host=NAME))[0] == 401
        assert (await front.ask(path, OPERATOR, Host=NAME))[0] == 200


async def test_through_the_front_door_a_browser_takes_the_password_once(
    stack: Stack, door: Door, session: aiohttp.ClientSession
) -> None:
    password, front = leave(stack, "owner-password-8-0123456789abcdef"), Visitor(session, door.url)
    browser = {"Origin": f"http://{NAME}", "Sec-Fetch-Site": "same-origin", "Host": NAME}
    assert password in (await front.ask("/owner", OPERATOR, post={}, **browser))[1]
    assert (await front.ask("/owner", OPERATOR, post={}, **browser))[0] == 410


async def test_while_the_agent_is_away_nobody_is_the_operator(
    stack: Stack, door: Door, session: aiohttp.ClientSession
) -> None:
    front = Visitor(session, door.url)
    await stack.agent.kill()
    assert (await front.ask("/status", OPERATOR, Host=NAME))[0] == 503
    await stack.agent.start()
    statuses: list[int] = []
    async with asyncio.timeout(60):
        while 200 not in statuses:
            statuses.append((await front.ask("/status", OPERATOR, Host=NAME))[0])
    assert set(statuses) <= {200, 503}
