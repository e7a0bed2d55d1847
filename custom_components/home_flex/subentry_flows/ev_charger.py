"""Adding an EV charger: it is told our address, and kept once it has dialled in with its password."""

import asyncio
import re
import secrets
from collections.abc import Mapping
from typing import Any

import probatio
from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.const import CONF_NAME, CONF_PASSWORD

from ..const import CONF_IDENTITY, CONF_MAX_CURRENT_A, CONF_MIN_CURRENT_A, CONF_WIRED_PHASES, DOMAIN
from ..coordinator import HomeFlexCoordinator, charger_settings
from ..core.model import DeviceIdentity, DeviceKind
from ..devices.driver import DeviceError
from ..form_fields import TEXT, number, wired_phases, without_blanks
from .member_flow import MemberFlow

WAIT_FOR_CHARGER_S = 120.0

# The identity is the last segment of the address the charger dials (OCPP-J 1.6 section 3.1.1).
_IDENTITY = re.compile(r"[A-Za-z0-9._~-]{1,48}")
# OCPP 1.6 security white paper, AuthorizationKey: up to 40 characters; shorter than 8 is no secret.
_PASSWORD = re.compile(r"[!-~]{8,40}")


class EvChargerFlow(MemberFlow):
    """Asks how the charger is wired, then waits until it dials in."""

    default_name = "EV charger"

    def __init__(self) -> None:
        """Nothing is typed yet, and nobody is waited for."""
        self._data: dict[str, Any] = {}
        self._arrival: asyncio.Task[DeviceIdentity] | None = None

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the charger's identity, password, and circuit."""
        return await self._settings("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what has changed; the identity stays."""
        return await self._settings("reconfigure", user_input)

    async def _settings(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        if self._get_entry().state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="site_not_loaded")
        error = None
        if user_input is not None:
            self._data = self._typed(user_input)
            if self._is_known(self._unique_id):
                return self.async_abort(reason="already_configured")
            error = _mistake(self._data) or await self._listen()
            if error is None:
                return await self.async_step_wait() if self._must_dial_in() else self._keep()
        return self._form(step_id, self._fields(), user_input or self._suggested(), error)

    async def async_step_wait(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the address to type into the charger, and wait for it."""
        if self._arrival is None:
            self._arrival = self.hass.async_create_task(self._wait_for_charger(), "home_flex charger set-up")
        if not self._arrival.done():
            return self.async_show_progress(
                step_id="wait",
                progress_action="wait_for_charger",
                description_placeholders=self._addresses(),
                progress_task=self._arrival,
            )
        arrival, self._arrival = self._arrival, None
        try:
            arrival.result()
        except DeviceError as error:
            return self.async_show_progress_done(next_step_id=error.reason)
        return self.async_show_progress_done(next_step_id="seen")

    async def async_step_seen(self, _user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Keep the charger that dialled in."""
        return self._keep()

    async def async_step_charger_timeout(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that nobody dialled in, and offer to wait again or to change the settings."""
        return self._offer_retry("charger_timeout")

    async def async_step_charger_wrong_password(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that the charger dialled in with another password, and offer to try again."""
        return self._offer_retry("charger_wrong_password")

    async def async_step_charger_already_expected(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that another dialog waits for the same charger."""
        return self._offer_retry("charger_already_expected")

    def _offer_retry(self, step_id: str) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["wait", "reconfigure" if self._reconfiguring else "user"],
            description_placeholders=self._addresses(),
        )

    async def _wait_for_charger(self) -> DeviceIdentity:
        async with self._coordinator.central_system.expecting(charger_settings(self._data)) as expectation:
            return await expectation.wait(WAIT_FOR_CHARGER_S)

    async def _listen(self) -> str | None:
        """Open the chargers' port if no charger needed it yet; return what is wrong."""
        try:
            await self._coordinator.async_listen_for_chargers()
        except OSError:
            return "port_in_use"
        return None

    @property
    def _coordinator(self) -> HomeFlexCoordinator:
        coordinator: HomeFlexCoordinator = self._get_entry().runtime_data
        return coordinator

    @property
    def _unique_id(self) -> str:
        return f"{DeviceKind.EV_CHARGER}_{self._data.get(CONF_IDENTITY)}"

    def _keep(self) -> SubentryFlowResult:
        return self._finish(self._data, self._unique_id)

    def _must_dial_in(self) -> bool:
        """Whether the charger has to prove itself: it is new, or has another password than before."""
        return bool(self._kept().get(CONF_PASSWORD) != self._data[CONF_PASSWORD])

    def _typed(self, user_input: Mapping[str, Any]) -> dict[str, Any]:
        typed = {
            **without_blanks(user_input),
            CONF_WIRED_PHASES: sorted(user_input[CONF_WIRED_PHASES]),
        }
        if self._reconfiguring:
            kept = self._kept()
            return {CONF_PASSWORD: kept[CONF_PASSWORD], **typed, CONF_IDENTITY: kept[CONF_IDENTITY]}
        return typed

    def _fields(self) -> dict[Any, Any]:
        fields: dict[Any, Any] = {probatio.Required(CONF_NAME): TEXT}
        if self._reconfiguring:
            fields[probatio.Optional(probatio.Secret(CONF_PASSWORD))] = TEXT
        else:
            fields[probatio.Required(CONF_IDENTITY)] = TEXT
            fields[probatio.Required(probatio.Secret(CONF_PASSWORD))] = TEXT
        fields[probatio.Required(CONF_MIN_CURRENT_A)] = number(6, 32, unit="A")
        fields[probatio.Required(CONF_MAX_CURRENT_A)] = number(6, 80, unit="A")
        fields[probatio.Required(CONF_WIRED_PHASES)] = wired_phases(self._all_phases)
        return fields

    def _suggested(self) -> dict[str, Any]:
        kept = {
            CONF_IDENTITY: "CP001",
            CONF_PASSWORD: secrets.token_hex(8),
            CONF_MIN_CURRENT_A: 6,
            CONF_MAX_CURRENT_A: 16,
            CONF_WIRED_PHASES: self._all_phases,
            **self._kept(),
            **self._data,
        }
        if self._reconfiguring:
            del kept[CONF_PASSWORD]
        return kept

    def _addresses(self) -> dict[str, str]:
        """Return where the charger can reach us: our own port, or Home Assistant's."""
        identity = self._data[CONF_IDENTITY]
        api = self.hass.config.api
        host = api.local_ip if api else "homeassistant.local"
        scheme, port = ("wss", api.port) if api and api.use_ssl else ("ws", api.port if api else 8123)
        return {
            "identity": identity,
            "address": f"ws://{host}:{self._coordinator.ocpp_port}/{identity}",
            "alternative": f"{scheme}://{host}:{port}/api/{DOMAIN}/ocpp/{identity}",
        }


def _mistake(data: Mapping[str, Any]) -> str | None:
    """Return what cannot be right about the settings."""
    if not _IDENTITY.fullmatch(data.get(CONF_IDENTITY, "")):
        return "invalid_identity"
    if not _PASSWORD.fullmatch(data.get(CONF_PASSWORD, "")):
        return "invalid_password"
    if data[CONF_MIN_CURRENT_A] > data[CONF_MAX_CURRENT_A]:
        return "current_range"
    if not data[CONF_WIRED_PHASES]:
        return "no_phase"
    return None
