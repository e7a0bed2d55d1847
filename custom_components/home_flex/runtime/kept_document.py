"""A small document of one device's driver, kept in the home's store."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..history.store import HistoryError
from .journal import Journal

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """What a driver remembers over a restart (``devices.keepsake.Keepsake``), by the device's id."""

    journal: Journal
    device_id: str

    async def load(self) -> Mapping[str, Any] | None:
        """Return what was kept; a store that cannot be read is as if it were empty."""
        try:
            return await self.journal.store.get_document(self._key)
        except HistoryError as error:
            _LOGGER.warning("What the driver of a device remembered cannot be read: %s", error)
            return None

    def keep(self, document: Mapping[str, Any]) -> None:
        """Hand the document over; the same again costs nothing."""
        self.journal.put_document(self._key, document)

    @property
    def _key(self) -> str:
        return f"device.{self.device_id}"
