"""The site as Home Assistant sees it: a controller, its link to the aggregator, and the view to show."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any, override

from homeassistant.components import modbus
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import (
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_USERNAME,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryError, ConfigEntryNotReady, HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util
from modbus_connection import ModbusTcpParams, ModbusUnit

from .aggregator.link import AggregatorLink
from .aggregator.settings import AggregatorSettings
from .community_copy import async_watch_community_copy
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_CURRENCY,
    CONF_EXPORT_PRICE,
    CONF_GRID_OPERATOR_PROGRAMS,
    CONF_HEALTH_URL,
    CONF_IDENTITY,
    CONF_IMPORT_PRICE,
    CONF_MAIN_FUSE_A,
    CONF_MAX_CURRENT_A,
    CONF_MIN_CURRENT_A,
    CONF_OCPP_PORT,
    CONF_PHASES,
    CONF_PREFIX,
    CONF_TLS,
    CONF_UNIT_ID,
    CONF_VEN_ID,
    CONF_WIRED_PHASES,
    DEFAULT_OCPP_PORT,
    DOMAIN,
    LOGGER,
    SUBENTRY_AGGREGATOR,
    SUBENTRY_MEASUREMENT_STORE,
    TRANSPORT_SERIAL,
)
from .core.events.reports import presence
from .core.model import DeviceKind, Site
from .devices.driver import Driver
from .devices.ocpp import CentralSystem, ChargerSettings
from .devices.p1 import P1Meter, P1Settings
from .devices.sunspec import SunSpecBattery, SunSpecInverter
from .history.store import HistoryStore
from .measurement_store import async_forget_measurements, async_run_telemetry
from .runtime.controller import SiteController
from .runtime.device_slot import DeviceSlot
from .runtime.documents import StoreDocuments
from .runtime.resource_teller import ResourceTeller
from .runtime.view import SiteView
from .runtime.wishes import WishService, kept_wishes

STOP_TIMEOUT_S = 10.0

type HomeFlexConfigEntry = ConfigEntry[HomeFlexCoordinator]


def utc_now() -> datetime:
    """Return the time, aware and in UTC."""
    return datetime.now(UTC)


def store_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the home's own store of a site lies."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.sqlite"))


def site_of(data: Mapping[str, Any]) -> Site:
    """Return the site that a config entry describes."""
    return Site(
        name=data[CONF_NAME],
        currency=data[CONF_CURRENCY],
        phases=int(data[CONF_PHASES]),
        main_fuse_a=float(data[CONF_MAIN_FUSE_A]),
        import_price_per_kwh=Decimal(str(data[CONF_IMPORT_PRICE])),
        export_price_per_kwh=Decimal(str(data[CONF_EXPORT_PRICE])),
    )


def p1_settings(data: Mapping[str, Any]) -> P1Settings:
    """Return how the meter of a subentry is reached."""
    if data["type"] == TRANSPORT_SERIAL:
        return P1Settings(device=data["device"])
    return P1Settings(host=data[CONF_HOST], port=int(data[CONF_PORT]))


def charger_settings(data: Mapping[str, Any]) -> ChargerSettings:
    """Return what a charger must say to be let in, and what it can draw."""
    return ChargerSettings(
        identity=data[CONF_IDENTITY],
        password=data[CONF_PASSWORD],
        phases=len(data[CONF_WIRED_PHASES]),
        min_current_a=float(data[CONF_MIN_CURRENT_A]),
        max_current_a=float(data[CONF_MAX_CURRENT_A]),
    )


def aggregator_settings(data: Mapping[str, Any], site_name: str) -> AggregatorSettings:
    """Return how the aggregator of a subentry is reached."""
    return AggregatorSettings(
        host=data[CONF_HOST],
        port=int(data[CONF_PORT]),
        prefix=data[CONF_PREFIX],
        ven_id=data[CONF_VEN_ID],
        ven_name=site_name,
        tls=data[CONF_TLS],
        ca_certificate=data.get(CONF_CA_CERTIFICATE),
        client_certificate=data.get(CONF_CLIENT_CERTIFICATE),
        client_key=data.get(CONF_CLIENT_KEY),
        username=data.get(CONF_USERNAME),
        password=data.get(CONF_PASSWORD),
    )


class HomeFlexCoordinator(DataUpdateCoordinator[SiteView]):
    """Pushes a fresh view of the site to the entities each time the controller has decided."""

    config_entry: HomeFlexConfigEntry

    def __init__(self, hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
        """Prepare; ``async_start`` opens the store and starts the loops."""
        super().__init__(hass, LOGGER, config_entry=entry, name=entry.title, update_interval=None)
        self.site = site_of(entry.data)
        self.central_system = CentralSystem(clock=utc_now)
        self.controller: SiteController
        self._store: HistoryStore
        self._documents: StoreDocuments
        self._teller: ResourceTeller
        self._tasks: list[asyncio.Task[None]] = []
        self._listening = False
        self._listener_lock = asyncio.Lock()
        self._ven_id: str | None = None

    @property
    def ocpp_port(self) -> int:
        """The port chargers dial."""
        return int(self.config_entry.data.get(CONF_OCPP_PORT, DEFAULT_OCPP_PORT))

    @property
    def has_pv(self) -> bool:
        """Whether the site has any PV."""
        return bool(self.config_entry.get_subentries_of_type(DeviceKind.PV))

    async def async_start(self) -> None:
        """Open the store, build the devices and the link, and start everything."""
        entry = self.config_entry
        self._store = await HistoryStore.open(store_path(self.hass, entry.entry_id))
        entry.async_on_unload(self._store.close)
        self._documents = StoreDocuments(self._store)
        aggregator = next(iter(entry.get_subentries_of_type(SUBENTRY_AGGREGATOR)), None)
        self._ven_id = aggregator.data[CONF_VEN_ID] if aggregator else None
        self.controller = SiteController(
            site=self.site,
            store=self._store,
            ven_id=self._ven_id,
            grid_operator_programs=frozenset(
                aggregator.data.get(CONF_GRID_OPERATOR_PROGRAMS) or () if aggregator else ()
            ),
            clock=utc_now,
            wishes=await self._async_wishes(),
            on_view=self._async_view_changed,
        )
        for subentry in entry.subentries.values():
            if subentry.subentry_type in DeviceKind:
                self._add_device(subentry)
        # Last registered, first done: devices are let go before Home Assistant closes their links.
        entry.async_on_unload(self._async_stop)
        entry.async_on_unload(self.hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_end))
        await self.controller.load()
        self.data = self.controller.view()
        if any(entry.get_subentries_of_type(DeviceKind.EV_CHARGER)):
            try:
                await self.async_listen_for_chargers()
            except OSError as error:
                raise ConfigEntryNotReady(
                    translation_domain=DOMAIN,
                    translation_key="ocpp_port_in_use",
                    translation_placeholders={"port": str(self.ocpp_port)},
                ) from error
        self._start_task(self.controller.run(), "control")
        if aggregator is not None:
            self._start_link(aggregator)
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
            documents=self._documents,
            clock=utc_now,
            monotonic=monotonic,
            zone=dt_util.get_default_time_zone,
        )

    async def async_listen_for_chargers(self) -> None:
        """Open the OCPP port, once; a site without chargers listens to nobody. Raises OSError."""
        async with self._listener_lock:
            if not self._listening:
                # Chargers are other devices on the LAN; each is let in by its own password only.
                await self.central_system.start("0.0.0.0", self.ocpp_port)  # noqa: S104
                self._listening = True

    def _presence(self, online: bool) -> bytes:
        names = [slot.name for slot in self.controller.slots.values()]
        document = presence(
            ven_id=self._ven_id or "", ven_name=self.site.name, online=online, at=utc_now(), resources=names
        )
        return json.dumps(document).encode()

    def _add_device(self, subentry: ConfigSubentry) -> None:
        controller = self.controller
        controller.slots[subentry.subentry_id] = DeviceSlot(
            device_id=subentry.subentry_id,
            name=subentry.title,
            kind=DeviceKind(subentry.subentry_type),
            wired_phases=tuple(int(phase) for phase in subentry.data.get(CONF_WIRED_PHASES, ())),
            driver=self._driver(subentry),
            clock=utc_now,
            on_reading=controller.reading_changed,
            on_ledger=controller.note_ledger,
        )

    def _driver(self, subentry: ConfigSubentry) -> Driver:
        data = subentry.data
        match DeviceKind(subentry.subentry_type):
            case DeviceKind.GRID_METER:
                return P1Meter(p1_settings(data), clock=utc_now)
            case DeviceKind.EV_CHARGER:
                return self.central_system.add(charger_settings(data))
            case kind:
                driver = SunSpecInverter if kind is DeviceKind.PV else SunSpecBattery
                return driver(self._modbus_unit(subentry), clock=utc_now)

    def _modbus_unit(self, subentry: ConfigSubentry) -> ModbusUnit:
        host, port = subentry.data[CONF_HOST], int(subentry.data[CONF_PORT])
        try:
            return modbus.async_get_unit(
                self.hass,
                self.config_entry,
                ModbusTcpParams(host=host, port=port),
                int(subentry.data[CONF_UNIT_ID]),
            )
        except HomeAssistantError as error:
            raise ConfigEntryError(
                translation_domain=DOMAIN,
                translation_key="modbus_link_in_use",
                translation_placeholders={"device": subentry.title, "host": host, "port": str(port)},
            ) from error

    def _start_link(self, aggregator: ConfigSubentry) -> None:
        settings = aggregator_settings(aggregator.data, self.site.name)
        link = AggregatorLink(
            settings,
            self._store,
            on_message=self.controller.events.receive,
            on_connection=self._connection_changed,
            presence=self._presence,
            clock=utc_now,
        )
        self.controller.wake_link = link.wake
        self._teller = ResourceTeller(
            link,
            ven_id=settings.ven_id,
            site=self.site,
            slots=self.controller.slots.values(),
            clock=utc_now,
        )
        self._start_task(link.run(), "aggregator")
        self._start_task(self._teller.run(), "resources")

    def _start_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self.config_entry.async_create_background_task(self.hass, work, f"{DOMAIN} {name}")
        self._tasks.append(task)

    async def _async_stop(self) -> None:
        """End what works with the store and the links before they are closed."""
        self.controller.wishes.flush()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_TIMEOUT_S)
        await self.central_system.stop()

    async def _async_end(self, _event: Event) -> None:
        """Home Assistant ends without unloading, and would wait for a thread that is left."""
        await self._async_stop()
        await self._store.close()

    @callback
    def _connection_changed(self, connected: bool, reason: str | None) -> None:
        if connected:
            self._teller.forget()
        self.controller.connection_changed(connected, reason)

    @callback
    def _async_view_changed(self, view: SiteView) -> None:
        self.async_set_updated_data(view)

    @override
    async def _async_update_data(self) -> SiteView:
        """Decide now when somebody asks for fresh data; otherwise the controller pushes."""
        await self.controller.tick()
        return self.controller.view()
