"""Adding the link to the aggregator: the broker, and who the home is to it."""

from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import (
    CONF_CODE,
    CONF_HOST,
    CONF_NAME,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PREFIX,
    CONF_USERNAME,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import BooleanSelector

from ..aggregator.enrolment import redeem
from ..aggregator.errors import AggregatorError
from ..aggregator.probe import probe
from ..const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_ENROLMENT_URL,
    CONF_GRID_OPERATOR_PROGRAMS,
    CONF_TLS,
    CONF_VEN_ID,
    SUBENTRY_AGGREGATOR,
)
from ..form_fields import MULTILINE, PASSWORD, PORT, TEXT, TEXTS, without_blanks
from ..settings import aggregator_settings
from .member_flow import MemberFlow

_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_HOST): TEXT,
    probatio.Required(CONF_PORT): PORT,
    probatio.Required(CONF_VEN_ID): TEXT,
    probatio.Optional(CONF_PREFIX): TEXT,
    probatio.Required(CONF_TLS, default=True): BooleanSelector(),
    probatio.Optional(CONF_CA_CERTIFICATE): MULTILINE,
    probatio.Optional(CONF_USERNAME): TEXT,
    probatio.Optional(probatio.Secret(CONF_PASSWORD)): PASSWORD,
    probatio.Optional(CONF_CLIENT_CERTIFICATE): MULTILINE,
    probatio.Optional(probatio.Secret(CONF_CLIENT_KEY)): MULTILINE,
    probatio.Optional(CONF_GRID_OPERATOR_PROGRAMS): TEXTS,
}
_CODE_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_ENROLMENT_URL): TEXT,
    probatio.Required(CONF_VEN_ID): TEXT,
    probatio.Required(CONF_CODE): TEXT,
}
_ENROLMENT = (CONF_ENROLMENT_URL, CONF_VEN_ID, CONF_CODE)
_MENU = ["code", "broker"]
# A secret is never sent back to the browser: left empty, the one that is kept stays with its owner.
_SECRET_OF = {CONF_USERNAME: CONF_PASSWORD, CONF_CLIENT_CERTIFICATE: CONF_CLIENT_KEY}
_DEFAULTS = {CONF_PORT: 8883, CONF_PREFIX: "home_flex", CONF_TLS: True}


class AggregatorFlow(MemberFlow):
    """A site answers one aggregator; it is kept once its broker has let the home in."""

    default_name = "Aggregator"
    # A code works once: what it brought is kept while the dialog is open, should the broker be away.
    _enrolled: dict[str, Any] | None = None

    async def async_step_user(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Choose between a one-time code and the broker's address."""
        if self._get_entry().get_subentries_of_type(SUBENTRY_AGGREGATOR):
            return self.async_abort(reason="only_one")
        return self.async_show_menu(step_id="user", menu_options=_MENU)

    async def async_step_code(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Exchange the code on a job sheet for a certificate, and connect with it."""
        error = None
        if user_input is not None:
            typed = without_blanks(user_input)
            error = await self._redeem(typed)
            if error is None and self._enrolled is not None:
                data = {CONF_NAME: typed.get(CONF_NAME, ""), **self._enrolled}
                error = await self._probe(data)
                if error is None:
                    return self._finish(data, f"{SUBENTRY_AGGREGATOR}_{data[CONF_VEN_ID]}")
        shown = {key: value for key, value in (user_input or self._kept()).items() if key != CONF_CODE}
        return self._form("code", _CODE_FIELDS, shown, error)

    async def async_step_broker(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the broker and the home's identity there."""
        return await self._broker("broker", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what has changed."""
        return await self._broker("reconfigure", user_input)

    async def _broker(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = self._with_kept_secrets(without_blanks(user_input))
            error = await self._probe(data)
            if error is None:
                return self._finish(data, f"{SUBENTRY_AGGREGATOR}_{data[CONF_VEN_ID]}")
        suggested = user_input or {**_DEFAULTS, **self._kept()}
        secrets = _SECRET_OF.values()
        shown = {key: value for key, value in suggested.items() if key not in secrets}
        return self._form(step_id, _FIELDS, shown, error)

    async def _redeem(self, typed: Mapping[str, Any]) -> str | None:
        """Return what is wrong, or None when the home has a certificate for this venID."""
        if any(field not in typed for field in _ENROLMENT):
            return "code_missing"
        if self._enrolled is not None and self._enrolled[CONF_VEN_ID] == typed[CONF_VEN_ID]:
            return None
        session = async_get_clientsession(self.hass)
        try:
            given = await redeem(session, *(typed[field] for field in _ENROLMENT))
        except AggregatorError as error:
            return error.reason
        self._enrolled = {
            CONF_HOST: given.host,
            CONF_PORT: given.port,
            CONF_PREFIX: given.prefix,
            CONF_VEN_ID: typed[CONF_VEN_ID],
            CONF_TLS: True,
            CONF_CLIENT_CERTIFICATE: given.certificate,
            CONF_CLIENT_KEY: given.private_key,
            **({CONF_CA_CERTIFICATE: given.ca_certificate} if given.ca_certificate else {}),
        }
        return None

    def _with_kept_secrets(self, data: Mapping[str, Any]) -> dict[str, Any]:
        kept = self._kept()
        secrets = {
            secret: kept[secret]
            for owner, secret in _SECRET_OF.items()
            if secret in kept and secret not in data and data.get(owner) == kept.get(owner)
        }
        return {CONF_PREFIX: "", **data, **secrets}

    async def _probe(self, data: Mapping[str, Any]) -> str | None:
        """Return what is wrong, or None when the broker lets the home in."""
        if CONF_HOST not in data or CONF_VEN_ID not in data:
            return "address_missing"
        if CONF_USERNAME not in data and CONF_CLIENT_CERTIFICATE not in data:
            return "no_credentials"
        if CONF_CLIENT_CERTIFICATE in data and not data[CONF_TLS]:
            return "certificate_needs_tls"
        try:
            await probe(aggregator_settings(data, self._get_entry().title))
        except AggregatorError as error:
            return error.told
        return None
