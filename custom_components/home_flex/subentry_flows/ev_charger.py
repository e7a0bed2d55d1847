"""Adding an EV charger: one that dials in is told our address, and kept once it came with its password."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.const import CONF_PASSWORD
from homeassistant.exceptions import ConfigEntryError

from ..const import CONF_CONNECTOR_ID, CONF_IDENTITY, DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.model import DeviceIdentity, DeviceKind
from ..devices.driver import DeviceError
from ..devices.ocpp import Refusal
from ..devices.ocpp.spec import OCPP
from ..devices.spec import DriverSpec, Form
from ..plain_text import plain
from .device_flow import DeviceFlow

WAIT_FOR_CHARGER_S = 120.0


class EvChargerFlow(DeviceFlow):
    """Asks how the charger is wired, then waits until it dials in."""

    kind = DeviceKind.EV_CHARGER

    def __init__(self) -> None:
        """Nobody is waited for yet."""
        super().__init__()
        self._arrival: asyncio.Task[DeviceIdentity] | None = None

    @override
    def _refusal(self, spec: DriverSpec[Any]) -> str | None:
        is_running = self._get_entry().state is ConfigEntryState.LOADED
        return "site_not_loaded" if spec.dials_in and not is_running else None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Hear already now who dials in; a port that cannot be opened is told when the form is entered."""
        if self._get_entry().state is ConfigEntryState.LOADED:
            await self._listen()
        return await super().async_step_user(user_input)

    @override
    def _entered(self, spec: DriverSpec[Any], form: Form, user_input: Mapping[str, Any]) -> dict[str, Any]:
        """Take the password with which the charger dials in already, where none is entered."""
        entered = super()._entered(spec, form, user_input)
        if not spec.dials_in:
            return entered
        if entered.get("without_password"):
            entered.pop(CONF_PASSWORD, None)
        elif CONF_PASSWORD not in entered:
            its_own = self._coordinator.central_system.callers.password_of(entered.get(CONF_IDENTITY, ""))
            entered |= {} if its_own is None else {CONF_PASSWORD: its_own}
        return entered

    @override
    async def _prove(self, spec: DriverSpec[Any]) -> SubentryFlowResult | str:
        if not spec.dials_in:
            return await super()._prove(spec)
        if self._is_known(self._unique_id):
            return self.async_abort(reason="already_configured")
        if error := await self._listen():
            return error
        return await self.async_step_wait() if self._must_dial_in() else self._keep()

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

    async def async_step_charger_wrong_protocol(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that the charger speaks another version of OCPP, and offer to try again."""
        return self._offer_retry("charger_wrong_protocol")

    async def async_step_charger_already_expected(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that another dialog waits for the same charger."""
        return self._offer_retry("charger_already_expected")

    def _offer_retry(self, step_id: str) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["wait", "reconfigure" if self._reconfiguring else "user"],
            description_placeholders={**self._addresses(), "attempts": self._attempts()},
        )

    def _attempts(self) -> str:
        """Return who else dialled in: what may be the charger, with a slip in its address."""
        attempts = [each.attempt for each in self._coordinator.central_system.callers.newest()[:3]]
        told = (f"{each.path[:80]} ({each.protocols[:40]}, {each.user}, {each.remote})" for each in attempts)
        return plain("; ".join(told)) or "-"

    async def _wait_for_charger(self) -> DeviceIdentity:
        async with self._coordinator.central_system.expecting(OCPP.parse(self._data)) as expectation:
            return await expectation.wait(WAIT_FOR_CHARGER_S)

    async def _listen(self) -> str | None:
        """Open the chargers' port if no charger needed it yet; return what is wrong."""
        try:
            await self._coordinator.charger_listener.async_listen()
        except OSError:
            return "port_in_use"
        except ConfigEntryError:
            return "certificate_unusable"
        return None

    @property
    def _coordinator(self) -> HomeFlexCoordinator:
        coordinator: HomeFlexCoordinator = self._get_entry().runtime_data
        return coordinator

    @property
    def _unique_id(self) -> str:
        further = self._data.get(CONF_CONNECTOR_ID, 1)
        return f"{DeviceKind.EV_CHARGER}_{self._data[CONF_IDENTITY]}" + (
            "" if further == 1 else f"_{further}"
        )

    def _keep(self) -> SubentryFlowResult:
        return self._finish(self._data, self._unique_id)

    def _must_dial_in(self) -> bool:
        """Whether the charger has to prove itself: it is new, or comes by another password than before.

        A further socket of a charger that is there needs no proof.
        """
        others = (each.data for each in self._get_entry().subentries.values())
        known = [each for each in others if each.get(CONF_IDENTITY) == self._data[CONF_IDENTITY]]
        password = self._data.get(CONF_PASSWORD)
        return not any(each.get(CONF_PASSWORD) == password for each in known)

    @override
    def _suggested(self, form: Form) -> dict[str, Any]:
        """Suggest who waits at the door, else a password that nobody else has.

        OCPP has the key hexadecimal, of 16 to 20 bytes (AuthorizationKey in the security white paper).
        """
        suggested = super()._suggested(form)
        if self._reconfiguring or CONF_IDENTITY in self._data:
            return suggested
        callers = self._coordinator.central_system.callers.newest()
        waiting = [each.attempt for each in callers if each.reason is Refusal.UNKNOWN]
        if not waiting:
            return {**suggested, CONF_PASSWORD: secrets.token_hex(16)}
        has_password = waiting[0].password is not None
        return {**suggested, CONF_IDENTITY: waiting[0].identity, "without_password": not has_password}

    def _addresses(self) -> dict[str, str]:
        """Return where the charger can reach us: our own port, or Home Assistant's."""
        identity = self._data[CONF_IDENTITY]
        api = self.hass.config.api
        host = api.local_ip if api else "homeassistant.local"
        scheme, port = ("wss", api.port) if api and api.use_ssl else ("ws", api.port if api else 8123)
        own = "wss" if self._coordinator.charger_listener.is_encrypted else "ws"
        return {
            "identity": identity,
            "address": f"{own}://{host}:{self._coordinator.charger_listener.port}/{identity}",
            "alternative": f"{scheme}://{host}:{port}/api/{DOMAIN}/ocpp/{identity}",
        }
