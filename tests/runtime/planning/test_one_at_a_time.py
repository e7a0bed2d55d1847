"""Jobs that share a solver take turns, also where nobody waits for the one at work any more."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from custom_components.home_flex.runtime.planning.one_at_a_time import OneAtATime


def in_thread[T](work: Callable[[], T]) -> Awaitable[T]:
    return asyncio.get_running_loop().run_in_executor(None, work)


class Job:
    """Works until it may end, and tells how many were at work with it."""

    def __init__(self, at_work: list[Job]) -> None:
        self.began = threading.Event()
        self.may_end = threading.Event()
        self._at_work = at_work

    def __call__(self) -> int:
        self._at_work.append(self)
        self.began.set()
        self.may_end.wait(5)
        found = len(self._at_work)
        self._at_work.remove(self)
        return found


async def test_a_job_nobody_waits_for_any_more_keeps_its_turn_until_it_ends() -> None:
    turns, at_work = OneAtATime(in_thread), list[Job]()
    first, second = Job(at_work), Job(at_work)
    second.may_end.set()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await turns(first)
    waiting = asyncio.create_task(turns(second))
    await asyncio.sleep(0.05)
    has_begun = second.began.is_set()
    first.may_end.set()
    assert (first.began.is_set(), has_begun, await waiting) == (True, False, 1)


async def test_a_job_that_fails_says_so_and_ends_its_turn() -> None:
    turns = OneAtATime(in_thread)
    with pytest.raises(ZeroDivisionError):
        await turns(lambda: 1 // 0)
    assert await turns(lambda: 1) == 1


async def test_an_executor_that_takes_no_job_leaves_the_turn() -> None:
    def closed[T](work: Callable[[], T]) -> Awaitable[T]:
        raise RuntimeError("cannot schedule new futures after shutdown")

    turns = OneAtATime(closed)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await turns(lambda: 1)


async def test_who_gives_up_waiting_for_a_turn_takes_none() -> None:
    turns, at_work = OneAtATime(in_thread), list[Job]()
    first = Job(at_work)
    working = asyncio.create_task(turns(first))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await turns(lambda: 1)
    first.may_end.set()
    assert (await working, await turns(lambda: 2)) == (1, 2)
