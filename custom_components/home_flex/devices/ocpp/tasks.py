"""Ends tasks so that none is left and no failure goes unseen."""

import asyncio
import logging

_LOGGER = logging.getLogger(__name__)


async def finish(*tasks: asyncio.Task[object] | asyncio.Task[None]) -> None:
    """Cancel what still runs, wait for all, and log what failed on its own."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            _LOGGER.error("A charger's connection failed", exc_info=outcome)
