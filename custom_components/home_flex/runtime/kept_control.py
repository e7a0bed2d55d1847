"""What control remembers, kept over a restart.

Handed over when something is taken; what else changed a minute later, and once an hour what did not.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..core.control.document import decode, encode, is_in_hand
from ..core.control.state import ControlMemory
from ..core.model import Owner
from ..history.store import HistoryError
from .journal import Journal

_LOGGER = logging.getLogger(__name__)

DOCUMENT = "control"
KEEP_EVERY_S = 60.0
# What did not change carries a younger date then; a memory card is spared the minutes between.
RENEW_EVERY_S = 3600.0


class KeptControl:
    """The memory of control; what a former life took is in it after ``load``."""

    def __init__(
        self, journal: Journal, clock: Callable[[], datetime], monotonic_s: Callable[[], float]
    ) -> None:
        """Begin with nothing remembered."""
        self.memory = ControlMemory()
        self._journal = journal
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._looked_s = -KEEP_EVERY_S
        self._kept_s = -RENEW_EVERY_S
        self._kept: dict[str, Any] | None = None
        self._taken: object = None

    async def load(self) -> None:
        """Take up what was kept; what cannot be read, or a store that cannot, is as if it were empty."""
        try:
            document = await self._journal.store.get_document(DOCUMENT)
        except HistoryError as error:
            _LOGGER.warning("What control remembered cannot be read: %s", error)
            return
        self.memory = decode(document, self._monotonic_s(), self._clock())
        self._taken = self._owners()

    @property
    def is_in_hand(self) -> bool:
        """Whether some device is held, or not yet proven to be by itself again."""
        return bool(self._owners())

    def keep(self) -> None:
        """Hand the memory over when what is taken has changed, or a minute has passed; never waits."""
        now_s = self._monotonic_s()
        taken = self._owners()
        if taken == self._taken and now_s - self._looked_s < KEEP_EVERY_S:
            return
        self._looked_s, self._taken = now_s, taken
        document = encode(self.memory, now_s, self._clock())
        kept = {key: value for key, value in document.items() if key != "kept"}
        if kept != self._kept or now_s - self._kept_s >= RENEW_EVERY_S:
            self._kept_s, self._kept = now_s, kept
            self._journal.put_document(DOCUMENT, document)

    def _owners(self) -> dict[str, Owner | None]:
        return {key: one.taken for key, one in self.memory.devices.items() if is_in_hand(one)}
