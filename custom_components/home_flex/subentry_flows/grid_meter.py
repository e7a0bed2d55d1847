"""Adding the grid meter: a P1 port on the network or on a serial line."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_NAME, CONF_PORT, CONF_TYPE
from homeassistant.helpers.selector import SerialPortSelector

from ..const import TRANSPORT_SERIAL, TRANSPORT_TCP
from ..coordinator import p1_settings
from ..core.model import DeviceKind
from ..devices.driver import DeviceError
from ..devices.p1 import probe_p1
from ..form_fields import PORT, TEXT, without_blanks
from .member_flow import MemberFlow

# What ser2net and most P1 adapters on the network listen on.
_DEFAULT_PORT = 2001
_TRANSPORTS = [TRANSPORT_TCP, TRANSPORT_SERIAL]
_TCP_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_HOST): TEXT,
    probatio.Required(CONF_PORT): PORT,
}
_SERIAL_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_DEVICE): SerialPortSelector(),
}


class GridMeterFlow(MemberFlow):
    """A site has one grid meter; it is kept once a telegram of it was read."""

    default_name = "Grid meter"

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose how the meter is connected."""
        if self._get_entry().get_subentries_of_type(DeviceKind.GRID_METER):
            return self.async_abort(reason="only_one")
        return self.async_show_menu(step_id="user", menu_options=_TRANSPORTS)

    async def async_step_reconfigure(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose how the meter is connected now."""
        return self.async_show_menu(step_id="reconfigure", menu_options=_TRANSPORTS)

    async def async_step_tcp(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the address of a P1 adapter on the network."""
        return await self._port(TRANSPORT_TCP, _TCP_FIELDS, user_input)

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the serial port the P1 cable is plugged in."""
        return await self._port(TRANSPORT_SERIAL, _SERIAL_FIELDS, user_input)

    async def _port(
        self, transport: str, fields: Mapping[Any, Any], user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = {**without_blanks(user_input), CONF_TYPE: transport}
            error, unique_id = await self._probe(data)
            if unique_id is not None:
                return self._finish(data, unique_id)
        return self._form(transport, fields, user_input or {CONF_PORT: _DEFAULT_PORT, **self._kept()}, error)

    async def _probe(self, data: Mapping[str, Any]) -> tuple[str | None, str | None]:
        """Return what is wrong, or the meter's unique id."""
        if CONF_HOST not in data and CONF_DEVICE not in data:
            return "address_missing", None
        try:
            identity, _reading = await probe_p1(p1_settings(data))
        except DeviceError as error:
            return error.reason, None
        unique_id = f"{DeviceKind.GRID_METER}_{identity.serial_number}"
        if self._is_another_device(unique_id):
            return "another_device", None
        return None, unique_id
