"""Answers of the panel that take long: each is reckoned once, and only a few at the same time."""

import asyncio
from typing import Any, cast

import pytest

from custom_components.home_flex.coordinator import HomeFlexCoordinator
from custom_components.home_flex.panel.answering import MOST_AT_ONCE, MOST_KEPT, KeptAnswers
from custom_components.home_flex.runtime.view import RequestError


class Site:
    """A mock of a coordinator: it has a loop, and starts the tasks of its entry."""

    def __init__(self) -> None:
        self.hass = self.config_entry = self
        self.loop = asyncio.get_running_loop()
        self.tasks: list[asyncio.Task[Any]] = []

    def async_create_background_task(self, _hass: object, work: Any, _name: str) -> asyncio.Task[Any]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]


class Reckoning:
    """What is reckoned once it is let."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.begun = 0

    async def __call__(self, _site: object) -> int:
        self.begun += 1
        await self.may_end.wait()
        return self.begun


def site() -> tuple[Site, HomeFlexCoordinator]:
    made = Site()
    return made, cast("HomeFlexCoordinator", made)


async def turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_many_ask_at_once_is_reckoned_once() -> None:
    _, home = site()
    answers, reckoning = KeptAnswers(), Reckoning()
    asked = [asyncio.create_task(answers.get(home, "month", reckoning, keep_s=60.0)) for _ in range(20)]
    await turn()
    reckoning.may_end.set()
    assert await asyncio.gather(*asked) == [1] * 20


async def test_of_many_questions_a_few_are_reckoned_at_once_and_all_are_answered() -> None:
    made, home = site()
    answers, reckoning = KeptAnswers(), Reckoning()
    asked = [asyncio.create_task(answers.get(home, day, reckoning, keep_s=60.0)) for day in range(200)]
    await turn()
    assert reckoning.begun == len(made.tasks) == answers.count(home) == MOST_AT_ONCE
    reckoning.may_end.set()
    await asyncio.gather(*asked)
    assert reckoning.begun == 200
    assert answers.count(home) <= MOST_KEPT


async def test_what_is_old_is_forgotten_with_the_next_that_is_kept() -> None:
    _, home = site()
    answers, reckoning = KeptAnswers(), Reckoning()
    reckoning.may_end.set()
    for day in range(10):
        await answers.get(home, day, reckoning, keep_s=0.0)
    assert answers.count(home) == 1


async def test_what_fails_is_not_kept() -> None:
    _, home = site()
    answers = KeptAnswers()

    async def fails(_site: object) -> None:
        raise ValueError("no figures")

    for _ in range(2):
        with pytest.raises(ValueError, match="no figures"):
            await answers.get(home, "month", fails, keep_s=60.0)


async def test_who_waits_for_a_turn_while_the_site_ends_is_told_so() -> None:
    made, home = site()
    answers, reckoning = KeptAnswers(), Reckoning()
    asked = [
        asyncio.create_task(answers.get(home, day, reckoning, keep_s=60.0)) for day in range(MOST_AT_ONCE + 3)
    ]
    await turn()
    for task in made.tasks:
        task.cancel()
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(each) for each in told} == {RequestError}
    assert len(made.tasks) == MOST_AT_ONCE
