"""Sensors of what a kWh costs and brings now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription, SensorStateClass

from .coordinator import HomeFlexCoordinator
from .core.signals import SignalKind
from .entity import site_device_info


@dataclass(frozen=True, kw_only=True)
class PriceSensorDescription(SensorEntityDescription):
    """A sensor of one kind of price; its key is the kind's."""

    kind: SignalKind


PRICE_SENSORS = tuple(
    PriceSensorDescription(
        key=kind.value,
        translation_key=kind.value,
        kind=kind,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=4,
    )
    for kind in (SignalKind.IMPORT_PRICE, SignalKind.EXPORT_PRICE)
)


class PriceSensor(SensorEntity):
    """A price of now; unknown where nobody tells it."""

    entity_description: PriceSensorDescription
    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, coordinator: HomeFlexCoordinator, description: PriceSensorDescription) -> None:
        """Hang on the site's device."""
        self.entity_description = description
        self._prices = coordinator.prices
        self._attr_unique_id = f"{coordinator.config_entry.entry_id}_{description.key}"
        self._attr_device_info = site_device_info(coordinator.config_entry)
        self._attr_native_unit_of_measurement = f"{coordinator.site.currency}/kWh"

    @override
    async def async_added_to_hass(self) -> None:
        """Be written after each reading of prices."""
        self.async_on_remove(self._prices.add_listener(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> float | None:
        """The price of now; one that is only guessed is none."""
        slot = self._prices.current(self.entity_description.kind)
        return float(slot.value) if slot is not None and not slot.guessed else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Until when prices are published."""
        known_until = self._prices.known_until(self.entity_description.kind)
        return {"known_until": known_until.isoformat() if known_until is not None else None}
