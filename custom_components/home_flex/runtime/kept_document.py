"""One document of one device in the home's own store: read at the start, written behind."""

import logging
from collections.abc import Mapping
from typing import Any

from ..history.store import HistoryError
from .journal import Journal

_LOGGER = logging.getLogger(__name__)


class KeptDocument:
    """A JSON object under a key of its own."""

    def __init__(self, journal: Journal, key: str) -> None:
        """Remember where it is kept."""
        self._journal = journal
        self._key = key

    async def load(self) -> Mapping[str, Any] | None:
        """Return what was kept; None where nothing was, or where it, or the store, cannot be read."""
        try:
            return await self._journal.store.get_document(self._key)
        except HistoryError as error:
            _LOGGER.warning("What was kept under %s cannot be read: %s", self._key, error)
            return None

    def put(self, document: Mapping[str, Any]) -> None:
        """Keep a document; it is written behind, and nobody waits."""
        self._journal.put_document(self._key, document)
