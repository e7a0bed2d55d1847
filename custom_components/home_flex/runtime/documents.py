"""Documents that are kept in the store without anybody waiting for it."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from ..history.store import HistoryError, HistoryStore

_LOGGER = logging.getLogger(__name__)


class StoreDocuments:
    """Writes one document at a time, the newest of each key."""

    def __init__(self, store: HistoryStore) -> None:
        """Write to ``store``."""
        self._store = store
        self._waiting: dict[str, Mapping[str, Any]] = {}
        self._writing: asyncio.Task[None] | None = None

    def put_document(self, key: str, document: Mapping[str, Any]) -> None:
        """Keep a JSON object under ``key``."""
        self._waiting[key] = document
        if self._writing is None or self._writing.done():
            # Begun at once, so that a store that is closed next writes it first.
            loop = asyncio.get_running_loop()
            self._writing = asyncio.Task(
                self._write(), loop=loop, name="home_flex documents", eager_start=True
            )

    async def _write(self) -> None:
        while self._waiting:
            key, document = self._waiting.popitem()
            try:
                await self._store.put_setting(key, document)
            except HistoryError as error:
                _LOGGER.warning("The document %s cannot be kept: %s", key, error)
