"""What the home took back after events, for those who ask for their receipts."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .const import LOGGER
from .coordinator import HomeFlexCoordinator
from .core.settlement.baselines import Missing
from .core.settlement.past import DAYS_BACK, REBOUND_MS
from .core.settlement.rebound import Rebound, rebound
from .core.settlement.receipt import Receipt, share_text
from .history.database import HistoryError
from .holidays import Holidays
from .runtime.past_use import PastUse

_REBOUND: Final = timedelta(milliseconds=REBOUND_MS)


async def async_rebounds(
    coordinator: HomeFlexCoordinator, receipts: Sequence[Receipt]
) -> list[dict[str, Any] | None]:
    """Return what was taken back after the event of each receipt, None where no event of the site ran.

    While the home's series cannot be read nothing is known of any.
    """
    holidays = await Holidays(coordinator.hass)()
    events = [_ran(each.document) for each in receipts]
    return [None if event is None else await _rebound(coordinator, event, holidays) for event in events]


def _ran(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the event of a receipt, None unless it was of the whole site and ran."""
    event: Mapping[str, Any] | None = document.get("event")
    if event is None or event["started"] is None or event["scope"] != "SITE":
        return None
    return event


async def _rebound(
    coordinator: HomeFlexCoordinator, event: Mapping[str, Any], holidays: AbstractSet[date]
) -> dict[str, Any]:
    start = datetime.fromisoformat(event["started"])
    end = datetime.fromisoformat(event["ended"] or event["end"])
    keeper = coordinator.series.keeper
    past = PastUse(
        zone=dt_util.get_default_time_zone,
        records=lambda: tuple(coordinator.controller.events.book.records.values()),
    )
    if keeper is not None:
        try:
            # As it was known when those hours were over: later days change nothing.
            await past.refresh(
                keeper.store,
                min(dt_util.utcnow(), end + _REBOUND),
                holidays=holidays,
                earlier=await coordinator.receipts.event_starts(start - timedelta(days=DAYS_BACK + 1)),
            )
        except HistoryError as error:
            LOGGER.debug("The hours after an event cannot be read: %s", error)
    asked = past.asked_after(event["id"], start, end)
    if asked is None:
        return {"missing": Missing.NO_HISTORY.value}
    return _document(await coordinator.hass.async_add_executor_job(rebound, asked))


def _document(found: Rebound | Missing) -> dict[str, Any]:
    if isinstance(found, Missing):
        return {"missing": found.value}
    return {
        "energy_wh": found.energy_wh,
        "half_width_wh": found.half_width_wh,
        "known": share_text(found.known),
        "length_s": found.length_s,
        "rule": found.rule,
    }
