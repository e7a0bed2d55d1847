"""The websocket commands of the guided first run: what there is to add, and adding it."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from .answering import answer
from .first_run import Accepted, async_accept, async_first_run

_MOST_AT_ONCE: Final = 50
_NUMBER = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100_000))
_ACCEPTED = probatio.Schema(
    {
        probatio.Required("key"): probatio.All(str, probatio.Length(min=1, max=512)),
        probatio.Optional("numbers", default=dict): {str: _NUMBER},
        probatio.Optional("controlled", default=False): bool,
    }
)


@callback
def async_register_first_run(hass: HomeAssistant) -> None:
    """Register the commands, once."""
    for command in (_first_run, _accept):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command({probatio.Required("type"): f"{DOMAIN}/first_run"})
@websocket_api.require_admin
@websocket_api.async_response
async def _first_run(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell which devices were found, and what may be wished of those there are."""

    async def tell(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
        return await async_first_run(hass, coordinator)

    await answer(hass, connection, msg, tell)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{DOMAIN}/accept",
        probatio.Required("devices"): probatio.All([_ACCEPTED], probatio.Length(min=1, max=_MOST_AT_ONCE)),
    }
)
@websocket_api.require_admin
@websocket_api.async_response
async def _accept(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Add devices that were found."""
    accepted = [Accepted(**each) for each in msg["devices"]]

    async def accept(coordinator: HomeFlexCoordinator) -> None:
        await async_accept(hass, coordinator, accepted)

    await answer(hass, connection, msg, accept)
