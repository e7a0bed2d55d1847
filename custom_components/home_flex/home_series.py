"""The home's own series in Home Assistant: fed with what devices say, for as long as the site runs."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .core.model import DeviceKind, Site
from .core.signals import SignalKind, Slot
from .core.statistics import SLOT_S, slot_at
from .history.database import HistoryError
from .history.series_store import KEEP_READINGS, SeriesStore, Stretch
from .recorder_statistics import has_recorder, publisher
from .runtime.backfill import Backfill
from .runtime.day_balance import DayBalance
from .runtime.day_receipts import DayReceipts, Home
from .runtime.event_follow_ups import EventFollowUps, Events
from .runtime.metering_teller import Asked, MeteringTeller
from .runtime.one_task import OneTask
from .runtime.past_powers import past_powers
from .runtime.planning.made import MadePlan
from .runtime.publication import PUBLISHED, Publication
from .runtime.run_recorder import RunRecorder
from .runtime.series_feed import SeriesFeed
from .runtime.series_keeper import SeriesKeeper
from .runtime.series_work import Rule, SeriesWork
from .runtime.view import RequestError, SiteView
from .site_prices import SitePrices

_TRY_EVERY_S: Final = 60.0
# What forecasts learn from: twelve weeks, beyond which they keep nothing.
_LEARNED: Final = timedelta(weeks=12)
_NO_CONSUMERS: Final = frozenset({DeviceKind.GRID_METER, DeviceKind.PV, DeviceKind.BATTERY})
_SLOT: Final = timedelta(seconds=SLOT_S)


def series_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the series of a site lie."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.series.sqlite"))


type Learn = Callable[[Mapping[str, Mapping[int, float]]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenSeries:
    """The series while they are open: who writes, feeds, derives and fills them in.

    ``task`` is what of filling in and writing out is being done.
    """

    keeper: SeriesKeeper
    feed: SeriesFeed
    work: SeriesWork
    backfill: Backfill
    task: OneTask


class HomeSeriesTask:
    """Opens the series and feeds them. ``open`` is None until they can be opened.

    ``learn`` is told mean powers of past half-hours when all of the series is derived; ``made`` tells the
    newest plan; ``receipts`` is what receipts need besides, and ``events`` those of events. ``outdoor_c``:
    how warm it is outdoors, None where nobody tells. ``shared``: quarter-hours that are told besides.
    """

    def __init__(  # noqa: PLR0913 # each is one part of the home
        self,
        views: DataUpdateCoordinator[SiteView],
        site: Site,
        prices: SitePrices,
        entry_id: str,
        *,
        learn: Learn,
        made: Callable[[], MadePlan | None],
        receipts: Home,
        events: Events,
        outdoor_c: Callable[[], float | None],
        shared: Asked | None,
    ) -> None:
        """Prepare; ``run`` opens and feeds."""
        self._outdoor_c = outdoor_c
        self._shared = shared
        self._receipts = receipts
        self._events = events
        self.prices = prices
        self.open: OpenSeries | None = None
        self._site = site
        self._views = views
        self._entry_id = entry_id
        self._learn = learn
        self._made = made
        self._path = series_path(views.hass, entry_id)

    @property
    def keeper(self) -> SeriesKeeper | None:
        """Who writes the series, None until they can be opened."""
        return None if self.open is None else self.open.keeper

    def opened(self) -> OpenSeries:
        """Return the series with all that feeds them. Raises RequestError until they can be opened."""
        if self.open is None:
            raise RequestError("no_series", "The series cannot be opened")
        return self.open

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
            since = slot_at(dt_util.utcnow() - KEEP_READINGS)
            kept, swaps = await keeper.store.readings_since(since), await keeper.store.swaps_since(since)
            feed = SeriesFeed(
                self._site,
                kept,
                swaps,
                put=keeper.put,
                price_at=self._price_at,
                priced_until=await keeper.store.priced_until(),
            )
            recorder = RunRecorder(self._made, keeper.put)

            def view_changed() -> None:
                if (outdoor_c := self._outdoor_c()) is not None:
                    feed.outdoor(self._views.data.time, outdoor_c)
                feed.view_changed(self._views.data)
                recorder.look()

            stop = self._views.async_add_listener(view_changed)
            work = SeriesWork(
                keeper,
                await self._rules(keeper.store),
                clock=dt_util.utcnow,
                caught_up=lambda: self._caught_up(keeper.store),
            )
            metering = MeteringTeller(
                keeper.store,
                records=self._events.records,
                tell=self._events.tell_metered,
                clock=dt_util.utcnow,
                shared=self._shared,
            )
            task = OneTask()
            backfill = Backfill(keeper.store, self._site, task, self.prices.agreed)
            self.open = OpenSeries(keeper=keeper, feed=feed, work=work, backfill=backfill, task=task)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(keeper.run())
                tasks.create_task(work.run())
                tasks.create_task(metering.run())
        finally:
            if stop is not None:
                stop()
            self.open = None
            await keeper.close()

    async def _rules(self, store: SeriesStore) -> list[Rule]:
        """Return what is derived of days: with a recorder also what is published there."""
        hass = self._views.hass
        rules: list[Rule] = [
            DayBalance(store),
            EventFollowUps(store, self._receipts, self._events),
            DayReceipts(store, self._receipts),
        ]
        if has_recorder(hass):
            texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
            names = {
                name: f"{self._site.name} {texts[f'component.{DOMAIN}.common.published_{name}']}"
                for name in PUBLISHED
            }
            rules.append(Publication(store, publisher(hass, self._entry_id, names)))
        return rules

    async def _caught_up(self, store: SeriesStore) -> None:
        """Teach the forecasts what the home used before."""
        end = slot_at(dt_util.utcnow())
        consumers = [
            device.device_id
            for device in self._views.data.devices.values()
            if device.kind not in _NO_CONSUMERS
        ]
        first = end - int(_LEARNED.total_seconds()) // SLOT_S
        self._learn(await past_powers(store, consumers, Stretch(first_slot=first, end_slot=end)))

    def _price_at(self, kind: SignalKind, start: datetime) -> tuple[Slot, str] | None:
        """Return what a kWh cost from a moment on; what was only guessed is not kept."""
        signal = self.prices.signal(kind, start, start + _SLOT)
        slot = signal.at(start)
        return None if slot is None or slot.guessed else (slot, signal.unit)
