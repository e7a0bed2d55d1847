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
from .form_fields import PORT, TEXT, choice, decimal_text, number
from .helpers_flow import HelpersFlow
from .home_parts import preference_of
from .network_settings import grid_of, network_of, wiring_of
from .subentry_flows import SUBENTRY_FLOWS, is_reachable

# Three lines of 230 V between each two, as in parts of Belgium and Norway.
_WITHOUT_NEUTRAL = "3_without_neutral"
_GRID_OF_PHASES = {"1": GridKind.ONE_PHASE, "3": GridKind.TN_3P, _WITHOUT_NEUTRAL: GridKind.IT_3P}
_PRICES = (CONF_IMPORT_PRICE, CONF_EXPORT_PRICE)
_SITE_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_NAME): TEXT,
        probatio.Required(CONF_PHASES): choice(["1", "3", _WITHOUT_NEUTRAL], "phases"),
        probatio.Required(CONF_MAIN_FUSE_A): number(6, 250, unit="A"),
        probatio.Required(CONF_CURRENCY): choice(sorted(ACTIVE_CURRENCIES)),
        probatio.Required(CONF_IMPORT_PRICE): number(-100, 1000),
        probatio.Required(CONF_EXPORT_PRICE): number(-100, 1000),
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

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Create the site."""
        await self.async_set_unique_id(DOMAIN)
        self._abort_if_unique_id_configured()
        if user_input is not None and not (errors := _errors(user_input)):
            return self.async_create_entry(title=user_input[CONF_NAME].strip(), data=_site_data(user_input))
        suggested = user_input or {
            CONF_NAME: self.hass.config.location_name,
            CONF_CURRENCY: self.hass.config.currency,
            CONF_PHASES: "3",
            CONF_MAIN_FUSE_A: 25,
            CONF_OCPP_PORT: DEFAULT_OCPP_PORT,
            CONF_PREFERENCE: Preference.CAR_FIRST,
        }
        return self._site_form("user", suggested, errors if user_input else {})

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

    def _site_form(
        self, step_id: str, suggested: Mapping[str, Any], errors: dict[str, str]
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_SITE_SCHEMA, suggested),
            errors=errors,
        )


def _errors(user_input: Mapping[str, Any]) -> dict[str, str]:
    return {} if user_input[CONF_NAME].strip() else {CONF_NAME: "name_missing"}


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
        **{price: decimal_text(user_input[price]) for price in _PRICES},
    }


def _form_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept in the shape of the form."""
    grid = grid_of(data)
    return {
        **data,
        CONF_PHASES: next(phases for phases, kind in _GRID_OF_PHASES.items() if kind is grid),
        CONF_PREFERENCE: preference_of(data),
        **{price: float(data[price]) for price in _PRICES},
    }
