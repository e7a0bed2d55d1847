"""What a worker does again and again as long as it runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

_LOG: Final = logging.getLogger(__name__)


async def repeat(
    once: Callable[[], Awaitable[None]], *, each_s: float, what: str, first_s: float = 0
) -> None:
    """Do something after ``first_s`` and then every ``each_s`` seconds, until cancelled.

    What fails is said with its traceback, and tried again the next time.
    """
    await asyncio.sleep(first_s)
    while True:
        try:
            await once()
        except Exception:  # noqa: BLE001 # whatever it is, it is said with its traceback
            _LOG.exception("%s failed; it will be tried again", what)
        await asyncio.sleep(each_s)
