"""A client of ours whose broker dies leaves nothing behind."""

import asyncio
import gc
import weakref
from typing import Any

from .brokers import HomeBroker, eventually
from .messages import into_home


async def test_a_client_whose_broker_dies_leaves_no_error_that_nobody_takes(home: HomeBroker) -> None:
    left: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: left.append(context))
    client = into_home(home).client()
    async with client:
        await home.kill()
        await eventually(client._disconnected.done, lambda: "the client does not notice")
    reason = weakref.ref(client._disconnected)
    del client

    def is_gone() -> bool:
        gc.collect()
        return reason() is None

    await eventually(is_gone, lambda: "something holds the client")
    assert left == []
