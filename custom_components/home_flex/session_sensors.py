"""Sensors of a charger's newest session: what was bought for it, and how much of it came from the sun."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .coordinator import HomeFlexCoordinator
from .core.statistics import Period
from .entity import member_device_info
from .history.database import HistoryError
from .runtime.sessions import LONGEST, OfCharger, session_document, sessions

# As often something new is counted.
_EVERY: Final = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class SessionSensorDescription(SensorEntityDescription):
    """A sensor of a session, as ``session_document`` tells it."""

    value: Callable[[Mapping[str, Any]], float | None]


SESSION_SENSORS: Final = (
    SessionSensorDescription(
        key="session_cost",
        translation_key="session_cost",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        value=lambda told: None if told["known"]["cost"] == 0 else float(told["cost"]),
    ),
    SessionSensorDescription(
        key="session_sun",
        translation_key="session_sun",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value=lambda told: None if told["sun_share"] is None else 100 * told["sun_share"],
    ),
)


class NewestSession:
    """The newest session of a charger, read again every five minutes while a car is there."""

    def __init__(self, coordinator: HomeFlexCoordinator, device_id: str) -> None:
        """Know none yet."""
        self.told: Mapping[str, Any] | None = None
        self._coordinator = coordinator
        self._device_id = device_id
        self._newest: OfCharger | None = None
        self._is_read = False
        self._listeners: list[Callable[[], None]] = []

    def start(self) -> None:
        """Read from now on, until the site ends."""
        entry = self._coordinator.config_entry
        entry.async_on_unload(async_track_time_interval(self._coordinator.hass, self.read, _EVERY))

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each reading."""
        self._listeners.append(listener)

    async def read(self, now: datetime) -> None:
        """Read the newest session; one that is over is not read again until a car is there."""
        series = self._coordinator.series.open
        reading = self._coordinator.data.devices[self._device_id].reading
        is_there = getattr(reading, "vehicle_connected", False) or (
            self._newest is not None and self._newest.session.is_open
        )
        if series is None or (self._is_read and not is_there):
            return
        period = Period(start=dt_util.as_utc(now) - LONGEST, end=dt_util.as_utc(now))
        try:
            found = await sessions(
                series.keeper.store, self._coordinator.site.currency, period, self._device_id
            )
        except HistoryError as error:
            LOGGER.debug("The sessions of a charger cannot be read: %s", error)
            return
        self._is_read = True
        self._newest = found[-1] if found else None
        zone = dt_util.get_default_time_zone()
        self.told = None if self._newest is None else session_document(self._newest, zone)
        for listener in self._listeners:
            listener()


class SessionSensor(SensorEntity):
    """A figure of a charger's newest session; unknown before there was one."""

    entity_description: SessionSensorDescription
    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        coordinator: HomeFlexCoordinator,
        subentry: ConfigSubentry,
        description: SessionSensorDescription,
        newest: NewestSession,
    ) -> None:
        """Hang on the charger's device."""
        self.entity_description = description
        self._newest = newest
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = member_device_info(coordinator, subentry)
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = coordinator.site.currency

    @override
    async def async_added_to_hass(self) -> None:
        """Be written after each reading."""
        self._newest.add_listener(self._written)

    @callback
    def _written(self) -> None:
        self.async_write_ha_state()

    @property
    @override
    def native_value(self) -> float | None:
        """The figure, None where nothing of it is known."""
        return None if self._newest.told is None else self.entity_description.value(self._newest.told)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """When the session began and ended."""
        told = self._newest.told or {}
        return {name: told.get(name) for name in ("start", "end")}
