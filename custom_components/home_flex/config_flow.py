"""Set-up of a site; its devices and its aggregator are added to it as subentries."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, override

import probatio
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_CURRENCY, CONF_NAME
from homeassistant.core import callback
from homeassistant.generated.currencies import ACTIVE_CURRENCIES
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import (
    CONF_EXPORT_PRICE,
    CONF_GRID,
    CONF_IMPORT_PRICE,
    CONF_MAIN_FUSE_A,
    CONF_OCPP_PORT,
    CONF_PHASES,
    CONF_PREFERENCE,
    DEFAULT_OCPP_PORT,
    DOMAIN,
)
from .core.control.merit import Preference
from .core.model import GridKind, NetworkError
from .devices.spec import WIRED_PHASES
from .discovery import BY_MAKER, BY_SERVICE, Found, Offer, asks_for_phases, async_found
from .entity_fields import by_hand_suggested, entered_field
from .first_devices import (
    FirstDevice,
    async_consent,
    async_first_devices,
    async_subentries,
    why_not,
    wrong_roles,
)
from .first_devices import suggested as suggested_devices
from .form_fields import PORT, TEXT, choice, decimal_text, device_choice, number, wired_phases
from .helpers_flow import HelpersFlow
from .home_parts import preference_of
from .network_settings import grid_of, network_of, wiring_of
from .plain_text import plain
from .subentry_flows import SUBENTRY_FLOWS, is_reachable

# Three lines of 230 V between each two, as in parts of Belgium and Norway.
_WITHOUT_NEUTRAL = "3_without_neutral"
_GRID_OF_PHASES = {"1": GridKind.ONE_PHASE, "3": GridKind.TN_3P, _WITHOUT_NEUTRAL: GridKind.IT_3P}
_DEVICES, _CONTROLLED = "devices", "controlled"
_PRICES = (CONF_IMPORT_PRICE, CONF_EXPORT_PRICE)
_SITE_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_PHASES): choice(["1", "3", _WITHOUT_NEUTRAL], "phases"),
        probatio.Required(CONF_MAIN_FUSE_A): number(6, 250, unit="A"),
        probatio.Required(CONF_CURRENCY): choice(sorted(ACTIVE_CURRENCIES)),
        # Not required: a browser sends 0 for a required number that nobody typed.
        probatio.Optional(CONF_IMPORT_PRICE): number(-100, 1000),
        probatio.Optional(CONF_EXPORT_PRICE): number(-100, 1000),
        probatio.Required(CONF_OCPP_PORT): PORT,
        probatio.Optional(CONF_PREFERENCE): choice(list(Preference), "preference"),
    }
)


class HomeFlexConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks for the site's connection to the grid and its prices."""

    VERSION = 1
    MINOR_VERSION = 2

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to a site."""
        return {kind: flow for kind, flow in SUBENTRY_FLOWS.items() if is_reachable(kind)}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:  # the flow asks for it itself
        """Return the dialog of what helps a device."""
        return HelpersFlow()

    def __init__(self) -> None:
        """Nothing is entered or looked for yet."""
        self._site: dict[str, Any] = {}
        self._offered: dict[str, FirstDevice] = {}
        self._chosen: list[FirstDevice] = []
        self._found: Found

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Create the site."""
        # A dialog that was left by closing the browser stays open for ever, and cannot be found again.
        await self.async_set_unique_id(DOMAIN, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        if user_input is not None and not (errors := _errors(user_input)):
            self._site = _site_data(user_input)
            return await self.async_step_devices()
        suggested = user_input or {
            CONF_NAME: self.hass.config.location_name,
            CONF_CURRENCY: self.hass.config.currency,
            CONF_PHASES: "3",
            CONF_MAIN_FUSE_A: 25,
            CONF_OCPP_PORT: DEFAULT_OCPP_PORT,
            CONF_PREFERENCE: Preference.CAR_FIRST,
        }
        return self._site_form("user", suggested, errors if user_input else {})

    async def async_step_devices(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the devices that other integrations of this home have."""
        error = None
        if user_input is None:
            self._offered = await async_first_devices(self.hass, self._site)
        else:
            self._chosen = [self._offered[key] for key in user_input.get(_DEVICES, [])]
            error = why_not(self._chosen)
        if not self._offered or (user_input is not None and error is None):
            return await self.async_step_nameplate()
        labels = {key: device.label for key, device in self._offered.items()}
        fields = {probatio.Optional(_DEVICES): device_choice(labels, as_list=True)}
        beforehand = user_input or {_DEVICES: suggested_devices(self._offered)}
        return self._ask("devices", fields, beforehand, error)

    async def async_step_nameplate(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the numbers that no entity tells, one device after the other."""
        at = next((index for index, device in enumerate(self._chosen) if device.asked), None)
        error = None
        if at is not None and user_input is not None:
            device = self._chosen[at].with_numbers(self.hass, user_input)
            # The browser puts a 0 into each empty field: nobody has said that.
            if not all(user_input.values()):
                error = "number_missing"
            elif wrong_roles(self.hass, device, self._site):
                error = "power_implausible"
            else:
                self._chosen[at] = device
                return await self.async_step_nameplate()
        if at is None:
            return await self.async_step_control()
        device = self._chosen[at]
        fields = {probatio.Required(role): entered_field(self.hass, role) for role in device.asked}
        placeholders = {"device": plain(device.label)}
        beforehand = user_input or by_hand_suggested(self.hass, device.kind)
        return self._ask("nameplate", fields, beforehand, error, placeholders)

    async def async_step_control(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say how orders to each device would end, and ask which may be told anything at all."""
        if user_input is None:
            consents = [
                (device, consent)
                for device in self._chosen
                if (consent := await async_consent(self.hass, device, self._site)) is not None
            ]
            if consents:
                labels = {device.unique_id: device.label for device, _ in consents}
                fields = {probatio.Optional(_CONTROLLED): device_choice(labels, as_list=True)}
                lines = [f"- **{plain(device.label)}**: {consent}" for device, consent in consents]
                return self._ask("control", fields, {}, None, {"devices": "\n".join(lines)})
        controlled = (user_input or {}).get(_CONTROLLED, [])
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=self._site[CONF_NAME],
            data=self._site,
            subentries=await async_subentries(self.hass, self._site, self._chosen, controlled),
        )

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Offer a device that announces itself."""
        return await self._heard(BY_SERVICE[discovery_info.type], discovery_info.host, discovery_info.port)

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Offer a device that is known by its maker's addresses."""
        return await self._heard(BY_MAKER[discovery_info.macaddress[:6].upper()], discovery_info.ip, None)

    async def _heard(self, offer: Offer, host: str, port: int | None) -> ConfigFlowResult:
        entries = self._async_current_entries(include_ignore=False)
        if not entries:
            # A device belongs to a site: that is asked for first, and offers what is there on its way.
            await self.async_set_unique_id(DOMAIN)
            self._abort_if_unique_id_configured()
            self.context["title_placeholders"] = {"name": self.hass.config.location_name}
            return await self.async_step_user()
        found = await async_found(self.hass, entries[0], offer, host, port)
        if isinstance(found, str):
            return self.async_abort(reason=found)
        await self.async_set_unique_id(found.unique_id)
        self._abort_if_unique_id_configured()
        self._found = found
        self.context["title_placeholders"] = {"name": found.name}
        return await self.async_step_found()

    async def async_step_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Add a device that was heard and has answered, once somebody agrees."""
        found = self._found
        entry = next(iter(self._async_current_entries(include_ignore=False)), None)
        if entry is None or any(each.unique_id == found.unique_id for each in entry.subentries.values()):
            return self.async_abort(reason="device_known" if entry else "no_site")
        phases = [str(phase) for phase in range(1, int(entry.data[CONF_PHASES]) + 1)]
        fields: dict[Any, Any] = {probatio.Required(CONF_NAME): TEXT}
        if asks_for_phases(found.offer):
            fields[probatio.Required(WIRED_PHASES)] = wired_phases(phases)
        error = "no_phase" if user_input and user_input.get(WIRED_PHASES) == [] else None
        if user_input is None or error:
            beforehand = user_input or {CONF_NAME: found.name, WIRED_PHASES: phases}
            return self._ask("found", fields, beforehand, error, {"device": plain(found.name)})
        entered = {key: sorted(value) for key, value in user_input.items() if key == WIRED_PHASES}
        self.hass.config_entries.async_add_subentry(entry, found.subentry(user_input[CONF_NAME], entered))
        return self.async_abort(reason="device_added")

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change the site; the entry's update listener reloads it."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = _errors(user_input) or _wiring_errors(entry, _site_data(user_input))
            if not errors:
                return self.async_update_and_abort(
                    entry, title=user_input[CONF_NAME].strip(), data=_site_data(user_input)
                )
        return self._site_form("reconfigure", user_input or _form_data(entry.data), errors)

    def _ask(
        self,
        step_id: str,
        fields: Mapping[Any, Any],
        suggested: Mapping[str, Any],
        error: str | None,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(dict(fields)), suggested),
            errors={"base": error} if error else {},
            description_placeholders=placeholders,
        )

    def _site_form(
        self, step_id: str, suggested: Mapping[str, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_SITE_SCHEMA, suggested),
            errors=errors,
        )


def _errors(user_input: Mapping[str, Any]) -> dict[str, str]:
    if not user_input[CONF_NAME].strip():
        return {CONF_NAME: "name_missing"}
    if preference_of(user_input) is Preference.EARN:
        return {price: "price_missing" for price in _PRICES if user_input.get(price) is None}
    return {}


def _wiring_errors(entry: ConfigEntry, site: Mapping[str, Any]) -> dict[str, str]:
    """Return what would contradict the circuits that are there."""
    try:
        network_of(replace(wiring_of(entry), site=site))
    except NetworkError:
        return {CONF_PHASES: "circuits_do_not_fit"}
    return {}


def _site_data(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept: prices as decimal texts, so that money never passes through a float."""
    phases = user_input[CONF_PHASES]
    return {
        **user_input,
        CONF_NAME: user_input[CONF_NAME].strip(),
        CONF_PHASES: int(phases[0]),
        CONF_GRID: _GRID_OF_PHASES[phases].value,
        CONF_PREFERENCE: preference_of(user_input).value,
        **{price: decimal_text(user_input[price]) for price in _PRICES if price in user_input},
    }


def _form_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept in the shape of the form."""
    grid = grid_of(data)
    return {
        **data,
        CONF_PHASES: next(phases for phases, kind in _GRID_OF_PHASES.items() if kind is grid),
        CONF_PREFERENCE: preference_of(data),
        **{price: float(data[price]) for price in _PRICES if price in data},
    }
