"""Telling which entities show how a building keeps its heat."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import (
    CONF_ELECTRICITY,
    CONF_HEAT,
    CONF_HEAT_FACTOR,
    CONF_HEAT_SOURCE,
    CONF_HOT_WATER_KWH,
    CONF_INDOOR,
    CONF_OUTDOOR,
    CONF_PEOPLE,
    CONF_SUN,
    SUBENTRY_BUILDING,
)
from ..core.building.days import HeatSource
from ..form_fields import TEXT, choice, entity, number, without_blanks
from .member_flow import MemberFlow

_COUNTERS: Final = [SensorDeviceClass.ENERGY, SensorDeviceClass.GAS]
_SUNS: Final = [SensorDeviceClass.IRRADIANCE, SensorDeviceClass.ENERGY]


def _sensors(classes: list[SensorDeviceClass]) -> EntitySelector:
    shown = EntityWithDeviceFilterSelectorConfig(
        domain="sensor", device_class=[str(each) for each in classes]
    )
    return EntitySelector(EntitySelectorConfig(filter=shown, multiple=True))


_FIELDS: Final[Mapping[Any, Any]] = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_INDOOR): entity(
        ["sensor"], device_class=SensorDeviceClass.TEMPERATURE, multiple=True
    ),
    probatio.Required(CONF_OUTDOOR): entity(["sensor"], device_class=SensorDeviceClass.TEMPERATURE),
    probatio.Required(CONF_HEAT_SOURCE): choice(list(HeatSource), "heat_source"),
    probatio.Required(CONF_HEAT): _sensors(_COUNTERS),
    probatio.Optional(CONF_HEAT_FACTOR): number(0.1, 10),
    probatio.Optional(CONF_HOT_WATER_KWH): number(0, 100, unit="kWh"),
    probatio.Required(CONF_ELECTRICITY): _sensors([SensorDeviceClass.ENERGY]),
    probatio.Required(CONF_PEOPLE): number(0, 50),
    probatio.Required(CONF_SUN): _sensors(_SUNS),
}
_NEEDED: Final = (CONF_INDOOR, CONF_HEAT, CONF_ELECTRICITY, CONF_SUN)


class BuildingFlow(MemberFlow):
    """A site has one building."""

    default_name = "Building"

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for its entities."""
        if self._get_entry().get_subentries_of_type(SUBENTRY_BUILDING):
            return self.async_abort(reason="only_one")
        return self._asked("user", user_input)

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what has changed."""
        return self._asked("reconfigure", user_input)

    def _asked(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error: str | None = None
        if user_input is not None:
            data = without_blanks(user_input)
            if all(data.get(name) for name in _NEEDED):
                return self._finish(data, SUBENTRY_BUILDING)
            error = "entities_missing"
        return self._form(step_id, _FIELDS, user_input or self._kept(), error)
