"""The home's own series in Home Assistant: fed with what devices say, for as long as the site runs."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .core.model import Site
from .core.signals import SignalKind, Slot
from .core.statistics import SLOT_S, slot_at
from .history.database import HistoryError
from .history.series_store import KEEP_READINGS, SeriesStore
from .runtime.series_feed import SeriesFeed
from .runtime.series_keeper import SeriesKeeper
from .runtime.view import SiteView
from .site_prices import SitePrices

_TRY_EVERY_S: Final = 60.0
_SLOT: Final = timedelta(seconds=SLOT_S)


def series_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the series of a site lie."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.series.sqlite"))


class HomeSeriesTask:
    """Opens the series and feeds them. ``keeper`` is None until they can be opened."""

    def __init__(
        self, views: DataUpdateCoordinator[SiteView], site: Site, prices: SitePrices, entry_id: str
    ) -> None:
        """Prepare; ``run`` opens and feeds."""
        self.prices = prices
        self.keeper: SeriesKeeper | None = None
        self._site = site
        self._views = views
        self._path = series_path(views.hass, entry_id)

    async def run(self) -> None:
        """Feed the series until cancelled; a file that cannot be opened is tried again each minute."""
        warned = False
        while True:
            try:
                store = await SeriesStore.open(self._path)
            except HistoryError as error:
                if not warned:
                    LOGGER.warning("The home's series cannot be opened: %s", error)
                warned = True
                await asyncio.sleep(_TRY_EVERY_S)
                continue
            await self._feed(SeriesKeeper(store))

    async def _feed(self, keeper: SeriesKeeper) -> None:
        stop = None
        try:
            kept = await keeper.store.readings_since(slot_at(dt_util.utcnow() - KEEP_READINGS))
            feed = SeriesFeed(self._site, kept, put=keeper.put, price_at=self._price_at)
            stop = self._views.async_add_listener(lambda: feed.view_changed(self._views.data))
            self.keeper = keeper
            await keeper.run()
        finally:
            if stop is not None:
                stop()
            self.keeper = None
            await keeper.close()

    def _price_at(self, kind: SignalKind, start: datetime) -> tuple[Slot, str] | None:
        """Return what a kWh cost from a moment on; what was only guessed is not kept."""
        signal = self.prices.signal(kind, start, start + _SLOT)
        slot = signal.at(start)
        return None if slot is None or slot.guessed else (slot, signal.unit)
