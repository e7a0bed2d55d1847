"""Adding an EV charger: one that dials in is told our address, and kept once it came with its password."""

import asyncio
import secrets
from typing import Any, override

from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult
from homeassistant.const import CONF_PASSWORD

from ..const import CONF_IDENTITY, DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.model import DeviceIdentity, DeviceKind
from ..devices.driver import DeviceError
from ..devices.ocpp.spec import OCPP
from ..devices.spec import DriverSpec, Form
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
        async with self._coordinator.central_system.expecting(OCPP.parse(self._data)) as expectation:
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
        return f"{DeviceKind.EV_CHARGER}_{self._data[CONF_IDENTITY]}"

    def _keep(self) -> SubentryFlowResult:
        return self._finish(self._data, self._unique_id)

    def _must_dial_in(self) -> bool:
        """Whether the charger has to prove itself: it is new, or has another password than before."""
        return bool(self._kept().get(CONF_PASSWORD) != self._data[CONF_PASSWORD])

    @override
    def _suggested(self, form: Form) -> dict[str, Any]:
        """Suggest a password that nobody else has."""
        suggested = super()._suggested(form)
        if self._reconfiguring:
            return suggested
        return {CONF_PASSWORD: secrets.token_hex(8), **suggested}

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
