"""How the agent checks tokens of Home Assistant: too rarely for a ban, often enough to notice a change."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from home_agent.web.access import KEPT_S, MOST_REFUSED, REFUSED_WITHIN_S, Access, Visitor

from .fake_home_assistant import TOKEN, FakeHomeAssistant


@pytest.fixture
async def home_assistant() -> AsyncIterator[FakeHomeAssistant]:
    home_assistant = FakeHomeAssistant()
    await home_assistant.start()
    yield home_assistant
    await home_assistant.stop()


class Guard:
    """The agent's check, with a clock that is set by hand."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str | None) -> None:
        self.now_s = 1000.0
        self.access = Access(
            session=session, home_assistant_url=url, operator_secret=secret, clock=lambda: self.now_s
        )

    async def of_token(self, token: str) -> Visitor:
        return await self.access.visitor(f"Bearer {token}")


@pytest.fixture
async def guard(home_assistant: FakeHomeAssistant) -> AsyncIterator[Guard]:
    async with aiohttp.ClientSession(trust_env=False) as session:
        yield Guard(session, home_assistant.url, None)


async def test_wrong_tokens_one_after_another_reach_home_assistant_three_times_at_most(
    guard: Guard, home_assistant: FakeHomeAssistant
) -> None:
    for number in range(10):
        assert await guard.of_token(f"wrong.token.{number}") is Visitor.NOBODY
    assert home_assistant.refused == MOST_REFUSED
    assert guard.access.failures == 10
    guard.now_s += REFUSED_WITHIN_S
    await guard.of_token("wrong.token.again")
    assert home_assistant.refused == MOST_REFUSED + 1


async def test_wrong_tokens_all_at_once_reach_home_assistant_three_times_at_most(
    guard: Guard, home_assistant: FakeHomeAssistant
) -> None:
    await asyncio.gather(*(guard.of_token(f"wrong.token.{number}") for number in range(20)))
    assert home_assistant.refused == MOST_REFUSED


async def test_the_same_wrong_token_is_asked_once(guard: Guard, home_assistant: FakeHomeAssistant) -> None:
    for _ in range(5):
        await guard.of_token("wrong.token.same")
    assert home_assistant.refused == 1


async def test_an_administrator_is_known_for_a_minute_and_then_asked_anew(
    guard: Guard, home_assistant: FakeHomeAssistant
) -> None:
    assert await guard.of_token(TOKEN) is Visitor.ADMINISTRATOR
    del home_assistant.users[TOKEN]
    assert await guard.of_token(TOKEN) is Visitor.ADMINISTRATOR
    guard.now_s += KEPT_S
    assert await guard.of_token(TOKEN) is Visitor.NOBODY


async def test_while_home_assistant_is_away_no_token_is_good_and_none_is_held_against_anybody(
    guard: Guard, home_assistant: FakeHomeAssistant
) -> None:
    await home_assistant.stop()
    for _ in range(MOST_REFUSED + 1):
        assert await guard.of_token(TOKEN) is Visitor.NOBODY


async def test_without_a_secret_nobody_is_the_operator(guard: Guard) -> None:
    for password in ("", "None", "null"):
        header = aiohttp.encode_basic_auth("operator", password)
        assert await guard.access.visitor(header) is Visitor.NOBODY
