"""Who holds the line to the broker."""

import asyncio

import pytest
from community_hub.store import Store
from community_hub.wire.leading import Leading, NoLeaderError

PATIENCE_S = 20.0


def worker(store: Store, name: str, lease_s: float) -> Leading:
    return Leading(store=store, holder=name, lease_s=lease_s)


async def holds(who: Leading) -> bool:
    try:
        async with who.writing():
            return True
    except NoLeaderError:
        return False


async def test_of_workers_that_start_at_once_one_holds_it(store: Store) -> None:
    workers = [worker(store, f"worker-{number}", 60) for number in range(4)]
    waiting = [asyncio.create_task(each.wait()) for each in workers]
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    assert [await holds(each) for each in workers].count(True) == 1
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_one_that_lives_keeps_it_and_one_that_stands_still_loses_it(store: Store) -> None:
    first, second = worker(store, "worker-1", 0.5), worker(store, "worker-2", 0.5)
    await first.wait()
    waiting = asyncio.create_task(second.wait())
    for _ in range(10):
        assert await holds(first)
        await asyncio.sleep(0.1)
    assert not waiting.done()

    async with asyncio.timeout(PATIENCE_S):
        await waiting

    assert await holds(second)
    with pytest.raises(NoLeaderError):
        await first.beat()


async def test_one_that_gives_it_up_is_followed_at_once(store: Store) -> None:
    first, second = worker(store, "worker-1", 3600), worker(store, "worker-2", 10)
    await first.wait()
    await first.give_up()

    async with asyncio.timeout(PATIENCE_S):
        await second.wait()

    assert await holds(second)


async def test_giving_up_what_another_holds_takes_nothing_from_it(store: Store) -> None:
    first, second = worker(store, "worker-1", 0), worker(store, "worker-2", 0)
    await first.wait()
    await second.wait()

    await first.give_up()

    assert await holds(second)
