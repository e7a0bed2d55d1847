"""Reads the home's use of other days from its series while events are near, for their baselines."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from .const import LOGGER
from .core.events.model import OPEN
from .core.settlement.past import DAYS_BACK
from .history.database import HistoryError
from .holidays import Holidays
from .runtime.past_use import PastUse

if TYPE_CHECKING:
    from .coordinator import HomeFlexCoordinator

_EVERY_S: Final = 300.0
_LOOK_EVERY_S: Final = 10.0
# As far ahead an event is told with what it will be compared.
_AHEAD: Final = timedelta(days=1)


async def async_read_past(coordinator: HomeFlexCoordinator, past: PastUse) -> None:
    """Read until cancelled: when an event comes near, and every five minutes while one is."""
    holidays = Holidays(coordinator.hass)
    read: tuple[frozenset[tuple[str, bool]], float] | None = None
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        near, now_s = _near(coordinator), asyncio.get_running_loop().time()
        if not near or coordinator.series.keeper is None:
            continue
        if read is not None and near <= read[0] and now_s < read[1] + _EVERY_S:
            continue
        now = dt_util.utcnow()
        try:
            await past.refresh(
                coordinator.series.keeper.store,
                now,
                holidays=await holidays(),
                earlier=await coordinator.receipts.event_spans(now - timedelta(days=DAYS_BACK + 1)),
            )
        except HistoryError as error:
            LOGGER.debug("The use of other days cannot be read: %s", error)
            continue
        read = near, now_s
        coordinator.controller.events.expect()


def _near(coordinator: HomeFlexCoordinator) -> frozenset[tuple[str, bool]]:
    """Return the events that run, are to begin soon, or are not settled yet, and whether each has begun.

    With its beginning it is known of which devices the days are to be read.
    """
    soon = dt_util.utcnow() + _AHEAD
    return frozenset(
        (event_id, record.started is not None)
        for event_id, record in coordinator.controller.events.book.records.items()
        if (record.status in OPEN and record.event.start <= soon)
        or (record.started is not None and not record.is_settled)
    )
