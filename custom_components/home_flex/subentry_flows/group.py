"""Adding and changing a group of devices that share a limit: the grid operator's, or the resident's."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICES, CONF_NAME

from ..const import (
    CONF_COOLING_W,
    CONF_DIMMING_MODE,
    CONF_HEAT_PUMPS_W,
    CONF_KIND,
    CONF_POWER_LIMIT_W,
    CONF_REGISTERED,
    CONF_SIGNAL,
)
from ..core.control.dimming import DimmingMode
from ..core.model import GroupKind
from ..form_fields import TEXT, choice, device_choice, entity, number, whole_number, without_blanks
from .wiring_flow import WiringFlow

_LARGEST_W = 1_000_000


class GroupFlow(WiringFlow):
    """Asks why the devices share a limit, then for the devices and what the limit needs."""

    default_name = "Group"

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose why."""
        if not self._devices():
            return self.async_abort(reason="no_devices")
        return self.async_show_menu(step_id="user", menu_options=[GroupKind.SECTION_14A, GroupKind.PEAK])

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change what is kept; why the devices share a limit stays."""
        if self._kept()[CONF_KIND] == GroupKind.SECTION_14A:
            return await self.async_step_section_14a()
        return await self.async_step_peak()

    async def async_step_section_14a(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the devices that the grid operator may dim."""
        fields = {
            probatio.Required(CONF_DIMMING_MODE): choice(list(DimmingMode), CONF_DIMMING_MODE),
            probatio.Optional(CONF_REGISTERED): whole_number(1, 99),
            probatio.Optional(CONF_HEAT_PUMPS_W): number(0, _LARGEST_W, unit="W"),
            probatio.Optional(CONF_COOLING_W): number(0, _LARGEST_W, unit="W"),
            probatio.Optional(CONF_SIGNAL): entity(["binary_sensor", "switch", "input_boolean"]),
        }
        usual = {CONF_DIMMING_MODE: DimmingMode.TOGETHER}
        return self._group(GroupKind.SECTION_14A, fields, usual, user_input)

    async def async_step_peak(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the devices that the resident limits together."""
        fields = {probatio.Required(CONF_POWER_LIMIT_W): number(1, _LARGEST_W, unit="W")}
        return self._group(GroupKind.PEAK, fields, {}, user_input)

    def _group(
        self,
        kind: GroupKind,
        fields: Mapping[Any, Any],
        usual: Mapping[str, Any],
        user_input: dict[str, Any] | None,
    ) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = {CONF_KIND: kind.value, **without_blanks(user_input)}
            error = _mistake(data)
            if error is None:
                return self._keep(data)
        asked = {
            probatio.Required(CONF_NAME): TEXT,
            probatio.Required(CONF_DEVICES): device_choice(self._devices()),
            **fields,
        }
        return self._form(kind, asked, user_input or {**usual, **self._kept()}, error)


def _mistake(data: Mapping[str, Any]) -> str | None:
    members = data.get(CONF_DEVICES, [])
    if not members:
        return "no_members"
    return "fewer_registered" if data.get(CONF_REGISTERED, len(members)) < len(members) else None
