"""Home Flex: turns a home into a provider of energy flexibility."""

from http import HTTPStatus

from aiohttp import web
from homeassistant.components.http.ban import process_wrong_login
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.helpers.network import is_cloud_connection
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey

from .assist import async_setup_assist
from .const import DOMAIN
from .coordinator import HomeFlexConfigEntry, HomeFlexCoordinator, store_path
from .devices.ocpp import preload_schemas
from .home_series import series_path
from .measurement_store import async_forget_measurements
from .migration import migrate
from .news import watch_news
from .panel import (
    FEED,
    Bundle,
    async_register_commands,
    async_register_first_run,
    async_remove_panel,
    async_serve_panel,
    async_show_panel,
)
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

# The panel's built files, None where they are missing.
_BUNDLE: HassKey[Bundle | None] = HassKey(f"{DOMAIN}_panel_bundle")

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.DATETIME,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]


class OcppView(HomeAssistantView):
    """Lets a charger dial Home Assistant's own port; it authenticates itself by OCPP's Basic auth."""

    url = f"/api/{DOMAIN}/ocpp/{{path:.*}}"
    name = f"api:{DOMAIN}:ocpp"
    requires_auth = False

    def __init__(self, hass: HomeAssistant) -> None:
        """Remember where the loaded site is found."""
        self._hass = hass

    async def get(self, request: web.Request, path: str) -> web.StreamResponse:  # noqa: ARG002 # the request has it
        """Open the charger's WebSocket."""
        for entry in self._hass.config_entries.async_loaded_entries(DOMAIN):
            coordinator: HomeFlexCoordinator = entry.runtime_data
            # What comes by the cloud seems to come from this machine.
            is_remote = is_cloud_connection(self._hass)
            answer = await coordinator.central_system.handle(request, is_remote=is_remote)
            if answer.status == HTTPStatus.UNAUTHORIZED:
                await process_wrong_login(request)
            return answer
        raise web.HTTPNotFound


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the actions, the chargers' path, and what the panel is made of."""
    await hass.async_add_executor_job(preload_schemas, "1.6")
    async_setup_services(hass)
    hass.http.register_view(OcppView(hass))
    async_register_commands(hass)
    async_register_first_run(hass)
    await async_setup_assist(hass)
    hass.data[_BUNDLE] = await async_serve_panel(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Bring one site to life."""
    coordinator = HomeFlexCoordinator(hass, entry)
    await coordinator.async_start()
    entry.runtime_data = coordinator
    entry.async_on_unload(entry.add_update_listener(_async_changed))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(hass.data[FEED].attach(coordinator))
    watch_news(coordinator)
    await async_show_panel(hass, hass.data[_BUNDLE])


async def async_migrate_entry(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Bring what an older version kept up to date."""
    migrate(hass, entry)


async def async_unload_entry(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Take the entities away, and let the devices go before their links are closed with the entry."""
    await hass.config_entries.async_unload_platforms_or_raise(entry, PLATFORMS)
    await entry.runtime_data.async_stop()


async def async_remove_entry(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Forget what the site remembered."""
    async_remove_panel(hass, hass.data[_BUNDLE])
    paths = (store_path(hass, entry.entry_id), series_path(hass, entry.entry_id))

    def remove() -> None:
        for path in paths:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    await hass.async_add_executor_job(remove)
    await async_forget_measurements(hass, entry.entry_id)


async def _async_changed(hass: HomeAssistant, entry: HomeFlexConfigEntry) -> None:
    """Reload after the site or one of its devices was changed."""
    hass.config_entries.async_schedule_reload(entry.entry_id)
