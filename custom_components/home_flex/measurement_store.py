"""The site's measurement store in Home Assistant: from a subentry to telemetry that runs."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .const import CONF_BUCKET, CONF_HOME_ID, CONF_ORG, CONF_TOKEN_FILE, DOMAIN
from .history.telemetry import Telemetry
from .history.telemetry_influx import InfluxStore
from .history.telemetry_schema import SITE, availability_point, line, nanoseconds
from .history.telemetry_store import Store, StoreSettings
from .runtime.controller import SiteController
from .runtime.telemetry_feed import TelemetryFeed
from .runtime.view import SiteView


def credentials_folder() -> Path:
    """Return the only folder that a token is read from: who may change the store may not read all files."""
    return Path(os.environ.get("CREDENTIALS_FOLDER", "/credentials"))


def spool_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a site's measurements wait for the store."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.{entry_id}.telemetry"))


def store_settings(data: Mapping[str, Any]) -> StoreSettings:
    """Return how the store of a subentry is reached."""
    token_file = data.get(CONF_TOKEN_FILE)
    return StoreSettings(
        url=data[CONF_URL].rstrip("/"),
        org=data[CONF_ORG],
        bucket=data[CONF_BUCKET],
        home=data[CONF_HOME_ID],
        token=data.get(CONF_TOKEN),
        token_file=Path(token_file) if token_file else None,
        verify_tls=data[CONF_VERIFY_SSL],
    )


async def async_probe_store(hass: HomeAssistant, settings: StoreSettings) -> None:
    """Write one point to the store, to see whether it takes it. Raises StoreError."""
    now = dt_util.utcnow()
    point = availability_point(SITE, SITE, readable=True, time=now)
    text = line(point, home=settings.home, time_ns=nanoseconds(now)) or ""
    await _influx_store(hass, settings).write(text.encode())


async def async_run_telemetry(
    views: DataUpdateCoordinator[SiteView],
    controller: SiteController,
    entry_id: str,
    subentry: ConfigSubentry,
) -> None:
    """Feed the site's measurements to the store until cancelled; what waits then is on the disk."""
    hass = views.hass
    settings = store_settings(subentry.data)
    telemetry = Telemetry(
        store=_influx_store(hass, settings),
        folder=spool_folder(hass, entry_id),
        home=settings.home,
        clock=dt_util.utcnow,
    )
    feed = TelemetryFeed(telemetry, dt_util.utcnow)

    @callback
    def view_changed() -> None:
        feed.view_changed(views.data)

    running = asyncio.current_task()

    async def wait_for_the_end(_event: Event) -> None:
        # Home Assistant stops without waiting for the background tasks that it cancels.
        if running is not None:
            await asyncio.wait({running})

    stop_waiting = hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, wait_for_the_end)
    stop_views = views.async_add_listener(view_changed)
    stop_events = controller.add_listener(feed.event_changed)
    controller.ledger.listener = feed.ledger_row
    controller.telemetry_health = lambda: telemetry.health
    try:
        await telemetry.run()
    finally:
        stop_views()
        stop_events()
        stop_waiting()
        controller.ledger.listener = None
        await telemetry.close()


async def async_forget_measurements(hass: HomeAssistant, entry_id: str) -> None:
    """Delete what waits for a store that is no more."""
    folder = spool_folder(hass, entry_id)
    await hass.async_add_executor_job(lambda: shutil.rmtree(folder, ignore_errors=True))


def _influx_store(hass: HomeAssistant, settings: StoreSettings) -> Store:
    return InfluxStore(async_get_clientsession(hass, settings.verify_tls), settings)
