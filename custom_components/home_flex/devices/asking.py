"""Asking a device for its values, over and over: what drivers share that poll over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

from ..core.model import Reading
from .backoff import Backoff
from .driver import DeviceError, LinkDown, Publish

# One answer may come late or be lost; the values of the one before are not old yet.
_FAILURES_BORNE = 3
# What others who ask the same device are left, as a share of the time an answer takes.
_LEFT_TO_OTHERS = 0.25


async def ask_for_ever(
    read: Callable[[], Awaitable[Reading]], publish: Publish, *, every_s: float, soon: asyncio.Event
) -> None:
    """Publish what ``read`` returns each ``every_s`` seconds until cancelled.

    ``read`` raises DeviceError. The first failure of all, and three in a row later, are published as
    LinkDown, once per loss; then it is asked with back-off. ``soon`` set: it is asked at once.
    """
    backoff, failures, is_down = Backoff(), _FAILURES_BORNE - 1, False
    loop = asyncio.get_running_loop()
    while True:
        began_s, wait_s = loop.time(), every_s
        try:
            publish(await read())
        except DeviceError as error:
            failures += 1
            if failures >= _FAILURES_BORNE:
                if not is_down:
                    is_down = True
                    publish(LinkDown(error.reason, str(error)))
                wait_s = backoff.next_s()
        else:
            failures, is_down = 0, False
            backoff.reset()
            took_s = loop.time() - began_s
            wait_s = max(every_s - took_s, _LEFT_TO_OTHERS * took_s)
        await _pause(wait_s, soon)


async def _pause(seconds: float, soon: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await soon.wait()
    except TimeoutError:
        return
    soon.clear()
