"""Tells the community what the resident shares, for as long as they do; and that they do no more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from ..core.events.battery_report import SharedBattery
from ..history.database import HistoryError
from .kept_document import KeptDocument
from .view import RequestError

_LOGGER: Final = logging.getLogger(__name__)
KEY: Final = "shared_until"
TELL_EVERY_S: Final = 6 * 3600.0
# The series are opened beside.
_AGAIN_S: Final = 5.0


class NotYetError(Exception):
    """What is shared is not known yet; soon it will be."""


type Look = Callable[[], Awaitable[Sequence[SharedBattery]]]
type Tell = Callable[[Sequence[SharedBattery], datetime], None]


class SharingTeller:
    """``until`` is how long the resident shares, None: not. ``tell`` is given what ``look`` found, and that.

    What was told is kept, so that after a restart without it the community hears that it ended.
    """

    def __init__(
        self,
        until: datetime | None,
        *,
        look: Look,
        tell: Tell,
        kept: KeptDocument,
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare; ``run`` tells."""
        self._until = until
        self._look = look
        self._tell = tell
        self._kept = kept
        self._clock = clock

    async def run(self) -> None:
        """Tell a few times a day until it is over, or cancelled."""
        while self._until is not None and (now := self._clock()) < self._until:
            try:
                found = await self._look()
            except (HistoryError, RequestError, NotYetError) as error:
                _LOGGER.debug("What is shared cannot be read: %s", error)
                await asyncio.sleep(_AGAIN_S)
                continue
            self._put(found, self._until)
            await asyncio.sleep(min(TELL_EVERY_S, max((self._until - now).total_seconds(), 1.0)))
        await self._end()

    async def _end(self) -> None:
        """Say once that nothing is shared any more, where something was."""
        kept = await self._kept.load()
        now = self._clock()
        if kept is not None and kept.get(KEY) is not None and datetime.fromisoformat(kept[KEY]) > now:
            self._put((), now)

    def _put(self, found: Sequence[SharedBattery], until: datetime) -> None:
        self._tell(found, until)
        self._kept.put({"version": 1, KEY: until.isoformat()})
