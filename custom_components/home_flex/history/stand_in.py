"""A store in memory for a home that must run while its disk cannot be used."""

import asyncio
import logging
from pathlib import Path
from typing import Final

from .database import HistoryError
from .store import HistoryStore

_LOGGER = logging.getLogger(__name__)

TRY_EVERY_S: Final = 60.0


async def open_or_stand_in(path: Path) -> tuple[HistoryStore, str | None]:
    """Open the store at ``path``, or one that forgets; return it, and why it is one (HistoryError.reason)."""
    try:
        return await HistoryStore.open(path), None
    except HistoryError as error:
        _LOGGER.warning("Nothing can be remembered for now: %s", error)
        return await HistoryStore.open(":memory:"), error.reason


async def until_usable(path: Path) -> None:
    """Return when the store at ``path`` can be opened and written to."""
    while True:
        await asyncio.sleep(TRY_EVERY_S)
        try:
            store = await HistoryStore.open(path)
        except HistoryError:
            continue
        await store.close()
        return
