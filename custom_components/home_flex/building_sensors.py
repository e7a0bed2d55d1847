"""A sensor of what the building loses per kelvin, newly reckoned once a day and kept over restarts."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.restore_state import RestoredExtraData, RestoreEntity
from homeassistant.util import dt as dt_util

from .building import Building, async_building_days
from .building_actions import heat_loss_as_dict
from .coordinator import HomeFlexCoordinator
from .core.building.heat_loss import NoHeatLoss
from .core.building.newest import BACK_DAYS, newest_heat_loss
from .entity import site_device_info

HEAT_LOSS: Final = SensorEntityDescription(
    key="heat_loss",
    translation_key="heat_loss",
    native_unit_of_measurement="W/K",
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=0,
)


class HeatLossSensor(RestoreEntity, SensorEntity):
    """The newest figure; without one, its attributes say what is lacking.

    A figure of today and of the same building is kept over a restart: more than a year is read for a new one.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, coordinator: HomeFlexCoordinator, building: Building) -> None:
        """Hang on the site's device."""
        self.entity_description = HEAT_LOSS
        self._coordinator = coordinator
        self._building = building
        self._told: dict[str, Any] = {}
        self._reckoned: date | None = None
        self._attr_unique_id = f"{coordinator.config_entry.entry_id}_{HEAT_LOSS.key}"
        self._attr_device_info = site_device_info(coordinator.config_entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Take what is kept or reckon now, behind what a start has to do; and reckon each night."""
        await super().async_added_to_hass()
        self.async_on_remove(async_track_time_change(self.hass, self._reckon, hour=3, minute=40, second=0))
        kept = await self.async_get_last_extra_data()
        if kept is not None and self._takes(kept.as_dict()):
            return
        self._coordinator.config_entry.async_create_background_task(
            self.hass, self._reckon(dt_util.now()), "Home Flex heat loss"
        )

    @property
    @override
    def native_value(self) -> float | None:
        """The figure in W/K."""
        value: float | None = self._told.get("heat_loss_w_per_k")
        return value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """How sure it is, of which days, or what is lacking."""
        return {key: value for key, value in self._told.items() if key != "heat_loss_w_per_k"}

    @property
    @override
    def extra_restore_state_data(self) -> RestoredExtraData | None:
        """What is told, of which building and when; None before anything was reckoned."""
        if self._reckoned is None:
            return None
        kept = {"told": self._told, "on": self._reckoned.isoformat(), "building": _as_json(self._building)}
        return RestoredExtraData(kept)

    def _takes(self, kept: Mapping[str, Any]) -> bool:
        """Take what was kept, if it is of today and of this building."""
        today = dt_util.now().date()
        told = kept.get("told")
        if (kept.get("on"), kept.get("building")) != (today.isoformat(), _as_json(self._building)):
            return False
        if not isinstance(told, dict):
            return False
        self._told, self._reckoned = told, today
        return True

    async def _reckon(self, now: datetime) -> None:
        today = now.astimezone(dt_util.get_default_time_zone()).date()
        days = await async_building_days(self.hass, self._building, today - timedelta(days=BACK_DAYS), today)
        found = await self.hass.async_add_executor_job(
            lambda: newest_heat_loss(days, today=today, source=self._building.source)
        )
        if isinstance(found, NoHeatLoss):
            self._told = heat_loss_as_dict(found)
        else:
            period, figure = found
            of_days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
            self._told = {**heat_loss_as_dict(figure), **of_days}
        self._reckoned = today
        self.async_write_ha_state()


def _as_json(building: Building) -> dict[str, Any]:
    """Return a building as it is after a way through JSON."""
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in asdict(building).items()
    }
