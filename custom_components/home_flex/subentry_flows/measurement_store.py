"""Adding the store that the site's measurements are written to: an InfluxDB 2 bucket and its token."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import probatio
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import BooleanSelector

from ..const import (
    CONF_BUCKET,
    CONF_HEALTH_URL,
    CONF_HOME_ID,
    CONF_ORG,
    CONF_TOKEN_FILE,
    CONF_VEN_ID,
    SUBENTRY_AGGREGATOR,
    SUBENTRY_MEASUREMENT_STORE,
)
from ..form_fields import PASSWORD, TEXT, without_blanks
from ..history.telemetry_store import StoreError
from ..measurement_store import async_probe_store, credentials_folder, store_settings
from .member_flow import MemberFlow

_FIELDS = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_URL): TEXT,
    probatio.Required(CONF_ORG): TEXT,
    probatio.Required(CONF_BUCKET): TEXT,
    probatio.Required(CONF_HOME_ID): TEXT,
    probatio.Optional(probatio.Secret(CONF_TOKEN)): PASSWORD,
    probatio.Optional(CONF_TOKEN_FILE): TEXT,
    probatio.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
    probatio.Optional(CONF_HEALTH_URL): TEXT,
}
_DEFAULTS = {
    CONF_URL: "http://influxdb:8086",
    CONF_ORG: "home",
    CONF_BUCKET: "measurements",
    CONF_VERIFY_SSL: True,
}
_HOME_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class MeasurementStoreFlow(MemberFlow):
    """A site writes to one store; it is kept once it has taken a point."""

    default_name = "Measurement store"

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the bucket."""
        if self._get_entry().get_subentries_of_type(SUBENTRY_MEASUREMENT_STORE):
            return self.async_abort(reason="only_one")
        return await self._store("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what has changed."""
        return await self._store("reconfigure", user_input)

    async def _store(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            data = self._with_kept_token(without_blanks(user_input))
            error = _mistake(data) or await self._probe(data)
            if error is None:
                return self._finish(data, SUBENTRY_MEASUREMENT_STORE)
        suggested = user_input or {**_DEFAULTS, CONF_HOME_ID: self._ven_id(), **self._kept()}
        shown = {key: value for key, value in suggested.items() if key != CONF_TOKEN and value is not None}
        folder = {"folder": str(credentials_folder())}
        return self._form(step_id, _FIELDS, shown, error, placeholders=folder)

    def _ven_id(self) -> str | None:
        """Return the home's identity at its aggregator."""
        aggregators = self._get_entry().get_subentries_of_type(SUBENTRY_AGGREGATOR)
        return next((str(subentry.data[CONF_VEN_ID]) for subentry in aggregators), None)

    def _with_kept_token(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Add the token that was left empty: it is never sent to the browser, nor to another address."""
        kept = self._kept()
        needs_it = CONF_TOKEN not in data and CONF_TOKEN_FILE not in data
        if needs_it and CONF_TOKEN in kept and data.get(CONF_URL) == kept.get(CONF_URL):
            return {**data, CONF_TOKEN: kept[CONF_TOKEN]}
        return dict(data)

    async def _probe(self, data: Mapping[str, Any]) -> str | None:
        """Return what is wrong, or None when the store took a point."""
        try:
            await async_probe_store(self.hass, store_settings(data))
        except StoreError as error:
            return error.reason
        return None


def _mistake(data: Mapping[str, Any]) -> str | None:
    """Return what can be seen to be wrong without asking the store."""
    if any(field not in data for field in (CONF_URL, CONF_ORG, CONF_BUCKET)):
        return "address_missing"
    if not all(_is_plain_url(data[field]) for field in (CONF_URL, CONF_HEALTH_URL) if field in data):
        return "invalid_url"
    if not _HOME_ID.fullmatch(data.get(CONF_HOME_ID, "")):
        return "invalid_home_id"
    if CONF_TOKEN in data and CONF_TOKEN_FILE in data:
        return "two_tokens"
    if CONF_TOKEN in data:
        return None
    if CONF_TOKEN_FILE not in data:
        return "no_token"
    file = Path(data[CONF_TOKEN_FILE])
    return None if file.parent == credentials_folder() and file.name != ".." else "token_file_elsewhere"


def _is_plain_url(url: str) -> bool:
    """Whether this is an address over HTTP without user, query or fragment, where no secret could hide."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare
