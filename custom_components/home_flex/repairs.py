"""Repairs that one click brings about."""

from typing import Any, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant


class AdoptDevice(ConfirmRepairFlow):
    """Keeps a device under the identity of the one that has taken its place; the site is reloaded."""

    def __init__(self, *, entry_id: str, subentry_id: str, unique_id: str) -> None:
        """Remember what the issue says."""
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._unique_id = unique_id

    @override
    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Adopt it once it is confirmed; a device that was removed meanwhile needs nothing."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if user_input is not None and entry and (kept := entry.subentries.get(self._subentry_id)):
            self.hass.config_entries.async_update_subentry(entry, kept, unique_id=self._unique_id)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    _hass: HomeAssistant, _issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the flow that settles an issue: the only one that can be is a replaced device."""
    return AdoptDevice(**(data or {}))
