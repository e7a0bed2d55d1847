"""Adding a PV inverter or a battery that speaks SunSpec, through Home Assistant's shared Modbus link."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import probatio
from homeassistant.components import modbus
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PORT
from homeassistant.exceptions import HomeAssistantError
from modbus_connection import ModbusTcpParams, ModbusUnit

from ..const import CONF_UNIT_ID, CONF_WIRED_PHASES
from ..core.model import DeviceIdentity, DeviceKind, Reading
from ..devices.driver import DeviceError
from ..devices.sunspec import probe_battery, probe_inverter
from ..form_fields import PORT, TEXT, whole_number, wired_phases, without_blanks
from .member_flow import MemberFlow

type Probe = Callable[[ModbusUnit], Awaitable[tuple[DeviceIdentity, Reading]]]

_PROBES: dict[DeviceKind, Probe] = {
    DeviceKind.PV: probe_inverter,
    DeviceKind.BATTERY: probe_battery,
}


class SunSpecFlow(MemberFlow):
    """A device is kept once its SunSpec models were read."""

    kind: DeviceKind

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask where the device is."""
        return await self._address("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask where the device is now."""
        return await self._address("reconfigure", user_input)

    async def _address(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = {
                **without_blanks(user_input),
                CONF_WIRED_PHASES: sorted(user_input[CONF_WIRED_PHASES]),
            }
            error, unique_id = await self._probe(data)
            if unique_id is not None:
                return self._finish(data, unique_id)
        fields = {
            probatio.Required(CONF_NAME): TEXT,
            probatio.Required(CONF_HOST): TEXT,
            probatio.Required(CONF_PORT): PORT,
            probatio.Required(CONF_UNIT_ID): whole_number(0, 247),
            probatio.Required(CONF_WIRED_PHASES): wired_phases(self._all_phases),
        }
        return self._form(step_id, fields, user_input or self._suggested(), error)

    def _suggested(self) -> Mapping[str, Any]:
        return {
            CONF_PORT: 502,
            CONF_UNIT_ID: 1,
            CONF_WIRED_PHASES: self._all_phases,
            **self._kept(),
        }

    async def _probe(self, data: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """Return what is wrong, or the device's unique id."""
        if CONF_HOST not in data:
            return "address_missing", None
        if not data[CONF_WIRED_PHASES]:
            return "no_phase", None
        params = ModbusTcpParams(host=data[CONF_HOST], port=data[CONF_PORT])
        try:
            async with modbus.async_get_temporary_unit(self.hass, params, data[CONF_UNIT_ID]) as unit:
                identity, _reading = await _PROBES[self.kind](unit)
        except DeviceError as error:
            return error.reason, None
        except HomeAssistantError:
            return "in_use_differently", None
        unique_id = f"{self.kind}_{identity.serial_number}"
        if self._is_another_device(unique_id):
            return "another_device", None
        return None, unique_id


class PvFlow(SunSpecFlow):
    """Adds a PV inverter."""

    kind = DeviceKind.PV
    default_name = "PV"


class BatteryFlow(SunSpecFlow):
    """Adds a battery."""

    kind = DeviceKind.BATTERY
    default_name = "Battery"
