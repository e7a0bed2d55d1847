"""Home Assistant's backups take files as they are: a whole copy of the history lies beside the live one."""

import logging

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .coordinator import store_path
from .history.database import HistoryError, forget_copy, take_copy
from .home_series import series_path

_LOGGER = logging.getLogger(__name__)


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Write the copies, without holding anything up."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        try:
            await hass.async_add_executor_job(take_copy, store_path(hass, entry.entry_id))
            await hass.async_add_executor_job(take_copy, series_path(hass, entry.entry_id))
        except HistoryError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="history_not_copied",
                translation_placeholders={"reason": str(error)},
            ) from error


async def async_post_backup(hass: HomeAssistant) -> None:
    """Remove the copies. One that stays is replaced by the next backup."""
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        for path in (store_path(hass, entry.entry_id), series_path(hass, entry.entry_id)):
            try:
                await hass.async_add_executor_job(forget_copy, path)
            except OSError as error:
                _LOGGER.warning("The copy made for the backup stays: %s", error)
