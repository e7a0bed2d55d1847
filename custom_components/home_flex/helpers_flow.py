"""The options of a site: what helps a device (quiet times, what its car tells), and a file of its past."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import ConfigFlowResult, ConfigSubentry
from homeassistant.const import CONF_DEVICES

from .const import CONF_CAR_CAPACITY_KWH, CONF_CAR_SOC, CONF_HELPERS, CONF_QUIET
from .core.model import DeviceKind
from .form_fields import device_choice, entity, number, without_blanks
from .history_file_flow import HistoryFileFlow
from .network_settings import flexible_kinds

_QUIET = {
    probatio.Optional(CONF_QUIET): entity(["schedule", "calendar", "binary_sensor", "input_boolean"]),
}
_CAR = {
    probatio.Optional(CONF_CAR_SOC): entity(["sensor", "input_number"]),
    probatio.Optional(CONF_CAR_CAPACITY_KWH): number(1, 300, unit="kWh"),
}


class HelpersFlow(HistoryFileFlow):
    """Asks what for; for helpers which device is meant, and the entry's update listener reloads the site."""

    def __init__(self) -> None:
        """No device is chosen yet."""
        super().__init__()
        self._device_id = ""

    async def async_step_init(self, _: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose what for."""
        return self.async_show_menu(step_id="init", menu_options=["device", "history_file"])

    async def async_step_device(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose the device."""
        devices = self._devices()
        if not devices:
            return self.async_abort(reason="no_devices")
        if user_input is not None:
            self._device_id = user_input[CONF_DEVICES]
            return await self.async_step_helpers()
        names = {each.subentry_id: each.title for each in devices.values()}
        fields = {probatio.Required(CONF_DEVICES): device_choice(names, multiple=False)}
        return self.async_show_form(step_id="device", data_schema=probatio.Schema(fields))

    async def async_step_helpers(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the helpers of the device."""
        device = self._devices()[self._device_id]
        errors: dict[str, str] = {}
        if user_input is not None:
            helper = without_blanks(user_input)
            if (CONF_CAR_SOC in helper) is (CONF_CAR_CAPACITY_KWH in helper):
                return self.async_create_entry(data=self._with(helper))
            errors = {"base": "car_half_known"}
        is_charger = device.subentry_type == DeviceKind.EV_CHARGER
        schema = probatio.Schema({**_QUIET, **(_CAR if is_charger else {})})
        suggested = user_input or self._kept().get(self._device_id, {})
        return self.async_show_form(
            step_id="helpers",
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
            description_placeholders={"device": device.title},
        )

    def _devices(self) -> dict[str, ConfigSubentry]:
        kinds = flexible_kinds()
        return {
            each.subentry_id: each
            for each in self.config_entry.subentries.values()
            if each.subentry_type in kinds
        }

    def _kept(self) -> Mapping[str, Any]:
        kept: Mapping[str, Any] = self.config_entry.options.get(CONF_HELPERS, {})
        return kept

    def _with(self, helper: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options with those of the device; of devices that were removed nothing is kept."""
        known = self._devices()
        helpers = {**self._kept(), self._device_id: dict(helper)}
        kept = {key: each for key, each in helpers.items() if key in known and each}
        return {**self.config_entry.options, CONF_HELPERS: kept}
