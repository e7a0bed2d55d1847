"""Conditions for automations: whether an event runs or is to come, and whether a limit is in force."""

from abc import abstractmethod
from typing import Final, Unpack, override

import probatio
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import Condition, ConditionCheckParams
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .runtime.view import SiteView

_SCHEMA: Final = probatio.Schema({probatio.Optional(CONF_OPTIONS): {}})


class SiteCondition(Condition):
    """Holds of the site as it is now; not while there is none that runs."""

    @staticmethod
    @abstractmethod
    def holds(view: SiteView) -> bool:
        """Whether it holds of the site."""

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Validate the options: there are none."""
        validated: ConfigType = _SCHEMA(config)
        return validated

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        for entry in self._hass.config_entries.async_loaded_entries(DOMAIN):
            coordinator: HomeFlexCoordinator = entry.runtime_data
            return self.holds(coordinator.data)
        return False


class EventIsRunning(SiteCondition):
    """An event runs that moves something."""

    @staticmethod
    @override
    def holds(view: SiteView) -> bool:
        """Whether it holds of the site."""
        return view.active is not None and not view.active.opted_out


class EventIsToCome(SiteCondition):
    """An event was announced and is not skipped."""

    @staticmethod
    @override
    def holds(view: SiteView) -> bool:
        """Whether it holds of the site."""
        return view.next is not None and not view.next.opted_out


class LimitIsInForce(SiteCondition):
    """Somebody limits what is drawn from the grid or fed into it."""

    @staticmethod
    @override
    def holds(view: SiteView) -> bool:
        """Whether it holds of the site."""
        return view.import_limit_w is not None or view.export_limit_w is not None


_CONDITIONS: Final[dict[str, type[Condition]]] = {
    "event_is_running": EventIsRunning,
    "event_is_to_come": EventIsToCome,
    "limit_is_in_force": LimitIsInForce,
}


async def async_get_conditions(_hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their names."""
    return _CONDITIONS
