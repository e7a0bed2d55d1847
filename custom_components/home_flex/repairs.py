"""Repairs that one click brings about: each changes one device, and the site is reloaded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from .devices.entities import binding
from .devices.entities.binding import EntitySource
from .devices.entities.reader import POWER
from .devices.entities.spec import ROLES

type IssueData = Mapping[str, Any]

ADOPT: Final = "adopt"
TURN: Final = "turn"


def _adopted(_subentry: ConfigSubentry, data: IssueData) -> dict[str, Any]:
    """Keep a device under the identity of the one that has taken its place."""
    return {"unique_id": data["unique_id"]}


def _turned(subentry: ConfigSubentry, _data: IssueData) -> dict[str, Any]:
    """Read the power of a device of entities, and that of its phases, with the opposite sign."""
    roles = binding.decode(subentry.data[ROLES])
    turned = {
        role: replace(source, sign=-source.sign)
        for role, source in roles.items()
        if isinstance(source, EntitySource) and (role == POWER or role.startswith(f"{POWER}_l"))
    }
    return {"data": {**subentry.data, ROLES: binding.encode({**roles, **turned})}}


_FIXES: Final[Mapping[str, Callable[[ConfigSubentry, IssueData], dict[str, Any]]]] = {
    ADOPT: _adopted,
    TURN: _turned,
}


class ChangeDevice(ConfirmRepairFlow):
    """Changes a device once that is confirmed; one that was removed meanwhile needs nothing."""

    def __init__(self, data: IssueData) -> None:
        """Remember what the issue says: ``fix``, ``entry_id`` and ``subentry_id``."""
        self._data = data

    @override
    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Change it."""
        entry = self.hass.config_entries.async_get_entry(self._data["entry_id"])
        if user_input is not None and entry and (kept := entry.subentries.get(self._data["subentry_id"])):
            change = _FIXES[self._data["fix"]](kept, self._data)
            self.hass.config_entries.async_update_subentry(entry, kept, **change)
        return await super().async_step_confirm(user_input)


async def async_create_fix_flow(
    _hass: HomeAssistant, _issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the flow that settles an issue."""
    return ChangeDevice(data or {})
