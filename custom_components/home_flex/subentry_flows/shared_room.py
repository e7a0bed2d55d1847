"""A room that the resident shares with the community: by a name of their own, its sensors, until a day."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import probatio
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import AreaSelector, DateSelector, EntitySelector, EntitySelectorConfig
from homeassistant.util import dt as dt_util

from ..const import CONF_AREA, CONF_SHARED_UNTIL
from ..core.events.room_report import RoomFigure
from ..form_fields import TEXT, without_blanks
from .consent_flow import ConsentFlow, mistaken_day

# What a community is told a room by, as the hub keeps it.
_LONGEST_NAME: Final = 128
_ROOM: Final[Mapping[Any, Any]] = {
    probatio.Required(CONF_NAME): TEXT,
    probatio.Required(CONF_AREA): AreaSelector(),
    probatio.Required(CONF_SHARED_UNTIL): DateSelector(),
}


class SharedRoomFlow(ConsentFlow):
    """Asks which room is shared, and then which of its sensors; each of them the resident names."""

    default_name = "Room"

    def _asked(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        error = None
        if user_input is not None:
            self._room = without_blanks(user_input)
            self._sensors = sensors_in(self.hass, self._room[CONF_AREA])
            error = self._mistake()
            if error is None:
                return self._ask_sensors()
        return self._form(step_id, _ROOM, user_input or self._kept(), error)

    def _mistake(self) -> str | None:
        name = str(self._room.get(CONF_NAME, ""))
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            return "wrong_name"
        if not self._sensors:
            return "no_sensors"
        return mistaken_day(self._room[CONF_SHARED_UNTIL], dt_util.now().date())

    async def async_step_sensors(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which sensors of the room are shared."""
        chosen = without_blanks(user_input or {})
        if not chosen:
            return self._ask_sensors("nothing_shared")
        data = {**self._room, **chosen}
        return self._finish(data, str(data.get(CONF_NAME) or self.default_name))

    def _ask_sensors(self, error: str | None = None) -> SubentryFlowResult:
        fields = {
            probatio.Optional(str(figure)): EntitySelector(EntitySelectorConfig(include_entities=list(found)))
            for figure, found in self._sensors.items()
        }
        kept = self._kept()
        suggested = {
            str(each): kept[each] for each, found in self._sensors.items() if kept.get(each) in found
        }
        return self._form("sensors", fields, suggested, error)


def sensors_in(hass: HomeAssistant, area_id: str) -> dict[RoomFigure, tuple[str, ...]]:
    """Return the sensors of an area by what they measure, as far as that can be shared."""
    entities = er.async_get(hass)
    devices = dr.async_entries_for_area(dr.async_get(hass), area_id)
    of_devices = (
        each
        for device in devices
        for each in er.async_entries_for_device(entities, device.id)
        if each.area_id is None
    )
    found = [*er.async_entries_for_area(entities, area_id), *of_devices]
    by_figure = {figure: tuple(_of_class(found, figure)) for figure in RoomFigure}
    return {figure: sensors for figure, sensors in by_figure.items() if sensors}


def _of_class(entries: Iterable[er.RegistryEntry], figure: RoomFigure) -> list[str]:
    device_class = SensorDeviceClass(figure.value)
    return sorted(
        each.entity_id
        for each in entries
        if each.domain == Platform.SENSOR
        and (each.device_class or each.original_device_class) == device_class
    )
