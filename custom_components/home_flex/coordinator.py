"""The site as Home Assistant sees it: a controller, its link to the aggregator, and the view to show."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .aggregator_port import AggregatorPort
from .building import outdoor_c_of
from .charger_port import ChargerListener, async_central_system
from .community_copy import async_watch_community_copy
from .const import (
    CONF_HEALTH_URL,
    CONF_OCPP_PORT,
    DEFAULT_OCPP_PORT,
    DOMAIN,
    LOGGER,
    SUBENTRY_AGGREGATOR,
    SUBENTRY_MEASUREMENT_STORE,
)
from .core.model import DeviceKind, Quantity
from .core.settlement.receipt import Receipt
from .core.signals import SignalKind
from .core.statistics.charges import Charges, with_newest
from .device_drivers import HomeAssistantResources, KnownDevice, build_driver, known_devices
from .devices.driver import settable
from .devices.entities.profile import Profile
from .devices.entities.spec import PROFILE
from .devices.ocpp import CentralSystem
from .devices.spec import WIRED_PHASES
from .entity_port import HomeAssistantEntities
from .entity_profiles import async_load_profiles
from .history.stand_in import open_or_stand_in, until_usable
from .history.store import HistoryStore
from .home_parts import home_settings
from .home_series import HomeSeriesTask
from .measurement_store import async_forget_measurements, async_run_telemetry
from .network_settings import group_settings, wiring_of
from .past_days import async_read_past
from .plan_makers import async_plan_makers
from .receipt_parts import followed_up_events, receipts_home, settlement
from .runtime.controller import SiteController
from .runtime.device_slot import DeviceSlot
from .runtime.figure_pace import FigurePace
from .runtime.group_limits import DOCUMENT as GROUP_LIMITS
from .runtime.group_limits import GroupLimits
from .runtime.journal import Journal
from .runtime.kept_charges import CHARGES, charges_document, charges_from
from .runtime.kept_document import KeptDocument
from .runtime.past_use import PastUse
from .runtime.planning.made import MadePlan
from .runtime.view import SiteView
from .runtime.wishes import WishService, kept_wishes
from .settings import site_of, utc_now
from .shared_rooms import shared_rooms_of
from .sharing import shared_quarter_hours, sharing_of
from .site_prices import SitePrices
from .tariff_settings import charges_of, tariffs_of

STOP_TIMEOUT_S = 10.0
# What a driver keeps of one device, by the id of its subentry.
KEPT_OF_DEVICE = "device."

type HomeFlexConfigEntry = ConfigEntry[HomeFlexCoordinator]


def store_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the home's own store of a site lies."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.sqlite"))


class HomeFlexCoordinator(DataUpdateCoordinator[SiteView]):
    """Pushes a fresh view of the site to the entities each time the controller has decided.

    States are shown with each view, and so as they change; figures only while ``shows_figures``.
    """

    config_entry: HomeFlexConfigEntry

    def __init__(self, hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
        """Prepare; ``async_start`` opens the store and starts the loops."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, update_interval=None)
        self.site = site_of(entry.data)
        self.central_system: CentralSystem
        self.charger_listener: ChargerListener
        self._entities = HomeAssistantEntities(hass)
        self.settable: dict[str, frozenset[Quantity]] = {}
        self.controller: SiteController
        self.prices: SitePrices
        self.charges: tuple[Charges, ...]
        self.series: HomeSeriesTask
        self._prices_known: list[datetime | None] = []
        self.shows_figures = True
        self._pace = FigurePace()
        self._store: HistoryStore
        self._journal: Journal
        self._stopped = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def receipts(self) -> HistoryStore:
        """Where the receipts of events and days are kept."""
        return self._store

    def put_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt for good."""
        self._journal.put_receipt(receipt)

    async def async_start(self) -> None:
        """Open the store, build the devices and the link, and start everything."""
        entry = self.config_entry
        devices = known_devices(entry)
        self.prices = SitePrices(
            self.hass,
            tariffs=tariffs_of(entry, self.site),
            currency=self.site.currency,
            entry_id=entry.entry_id,
            clock=utc_now,
        )
        settings = home_settings(self.hass, entry, self.prices)
        path = store_path(self.hass, entry.entry_id)
        self._store, out_of_reach = await open_or_stand_in(path)
        self._journal = Journal(self._store, out_of_reach=out_of_reach)
        kept = charges_from(await self._store.get_setting(CHARGES))
        self.charges = with_newest(kept, charges_of(self.prices.tariffs), dt_util.now().date())
        self._journal.put_document(CHARGES, charges_document(self.charges))
        self.central_system = await async_central_system(self.hass, entry, self._store, self._journal)
        self.charger_listener = ChargerListener(
            self.hass, self.central_system, int(entry.data.get(CONF_OCPP_PORT, DEFAULT_OCPP_PORT))
        )
        entry.async_on_unload(self.async_stop)
        aggregator = AggregatorPort(
            next(iter(entry.get_subentries_of_type(SUBENTRY_AGGREGATOR)), None), self.site, self._journal
        )
        entry.async_on_unload(self._journal.add_listener(aggregator.journal_changed))
        past = PastUse(
            zone=dt_util.get_default_time_zone,
            records=lambda: tuple(self.controller.events.book.records.values()),
        )
        self.controller = SiteController(
            site=self.site,
            journal=self._journal,
            ven_id=aggregator.ven_id,
            grid_operator_programs=aggregator.grid_operator_programs,
            clock=utc_now,
            monotonic_s=time.monotonic,
            wishes=await self._async_wishes(),
            groups=GroupLimits(
                group_settings(wiring_of(entry)),
                await self._store.get_setting(GROUP_LIMITS),
                documents=self._journal,
                clock=utc_now,
                monotonic=time.monotonic,
            ),
            settings=settings,
            on_view=self._async_view_changed,
            ask_again=aggregator.ask_again,
            settlement=settlement(entry.entry_id, self.site, past),
            makers=await async_plan_makers(
                self.hass,
                self.prices,
                self._store,
                self._journal,
                lambda: self.controller,
            ),
        )
        names_profile = any(PROFILE in device.subentry.data for device in devices)
        profiles = await async_load_profiles(self.hass) if names_profile else {}
        for device in devices:
            self._add_device(device, profiles)
        # A start that fails ends here; a site that ran is stopped before its links are closed.
        entry.async_on_unload(self.async_stop)
        # Before Home Assistant tells everybody that it stops: then the links are closed.
        entry.async_on_unload(self.hass.async_add_shutdown_job(HassJob(self.async_stop)))
        await self.controller.load()
        self.data = self.controller.view()
        if any(device.spec.dials_in for device in devices):
            try:
                await self.charger_listener.async_listen()
            except OSError as error:
                raise ConfigEntryNotReady(
                    translation_domain=DOMAIN,
                    translation_key="ocpp_port_in_use",
                    translation_placeholders={"port": str(self.charger_listener.port)},
                ) from error
        self._start_task(self._journal.run(), "journal")
        if out_of_reach is not None:
            self._start_task(self._async_reload_when_usable(path), "store")
        self._start_task(self.controller.run(), "control")
        entry.async_on_unload(self.prices.add_listener(self._prices_read))
        self._start_task(self.prices.run(), "prices")
        self.series = HomeSeriesTask(
            self,
            self.site,
            self.prices,
            entry.entry_id,
            learn=self._learn_past,
            made=self._made_plan,
            receipts=receipts_home(self),
            events=followed_up_events(self),
            outdoor_c=outdoor_c_of(self.hass, entry),
            shared=shared_quarter_hours(entry),
        )
        self._start_task(self.series.run(), "series")
        self._start_task(async_read_past(self, past), "past use")
        self._start_task(sharing_of(self, self._journal), "sharing")
        self._start_task(shared_rooms_of(self, self._journal), "shared rooms")
        for name, work in aggregator.connect(self.controller).items():
            self._start_task(work, name)
        if store := next(iter(entry.get_subentries_of_type(SUBENTRY_MEASUREMENT_STORE)), None):
            self._start_task(async_run_telemetry(self, self.controller, entry.entry_id, store), "telemetry")
            if health_url := store.data.get(CONF_HEALTH_URL):
                self._start_task(async_watch_community_copy(self.hass, health_url), "community copy")
        else:
            await async_forget_measurements(self.hass, entry.entry_id)

    async def _async_wishes(self) -> WishService:
        """Take up the wishes that were kept."""
        batteries = self.config_entry.get_subentries_of_type(DeviceKind.BATTERY)
        return WishService(
            await kept_wishes(self._store, (battery.subentry_id for battery in batteries)),
            documents=self._journal,
            clock=utc_now,
            monotonic=time.monotonic,
            zone=dt_util.get_default_time_zone,
        )

    def _add_device(self, device: KnownDevice, profiles: Mapping[str, Profile]) -> None:
        controller, subentry = self.controller, device.subentry
        resources = HomeAssistantResources(
            hass=self.hass,
            entry=self.config_entry,
            device_name=subentry.title,
            central_system=self.central_system,
            entities=self._entities,
            kept=KeptDocument(self._journal, f"{KEPT_OF_DEVICE}{subentry.subentry_id}"),
            profiles=profiles,
        )
        driver = build_driver(device, resources)
        self.settable[subentry.subentry_id] = settable(driver)
        controller.slots[subentry.subentry_id] = DeviceSlot(
            device_id=subentry.subentry_id,
            name=subentry.title,
            kind=device.kind,
            wired_phases=tuple(int(phase) for phase in subentry.data.get(WIRED_PHASES, ())),
            site=self.site,
            driver=driver,
            clock=utc_now,
            monotonic_s=time.monotonic,
            on_reading=controller.reading_changed,
            on_ledger=controller.ledger.note,
        )

    def _start_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self.config_entry.async_create_background_task(self.hass, work, f"{DOMAIN} {name}")
        self._tasks.append(task)

    async def async_stop(self) -> None:
        """End what works with the store and the links, write what is left, and close the store; once."""
        if self._stopped:
            return
        self._stopped = True
        self.controller.wishes.flush()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)
        await self.central_system.stop()
        await self._journal.close()
        await self._store.close()

    async def _async_reload_when_usable(self, path: Path) -> None:
        await until_usable(path)
        self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)

    @callback
    def _prices_read(self) -> None:
        """Plan anew once more is known of prices ahead."""
        known = [self.prices.known_until(kind) for kind in SignalKind]
        if known != self._prices_known and self.controller.planning is not None:
            self.controller.planning.replan()
        self._prices_known = known

    def _made_plan(self) -> MadePlan | None:
        return None if self.controller.planning is None else self.controller.planning.made

    @callback
    def _learn_past(self, powers_w: Mapping[str, Mapping[int, float]]) -> None:
        """Tell the forecasts what the home used before, once it is known."""
        if self.controller.planning is not None:
            self.controller.planning.learn(powers_w)

    @callback
    def _async_view_changed(self, view: SiteView) -> None:
        self.shows_figures = self._pace.is_due(view, time.monotonic())
        self.async_set_updated_data(view)

    @override
    async def _async_update_data(self) -> SiteView:
        """Decide now when somebody asks for fresh data; otherwise the controller pushes."""
        await self.controller.tick()
        return self.controller.view()
