"""The reserve of a battery: the state of charge that Home Flex never goes below."""

from typing import override

from homeassistant.components.number import NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind, Quantity
from .entity import DeviceEntity, device_subentries

PARALLEL_UPDATES = 1

_RESERVE = NumberEntityDescription(
    key="reserve",
    translation_key="reserve",
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=PERCENTAGE,
    native_min_value=0,
    native_max_value=100,
    native_step=1,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a reserve for each battery that can be told to stop."""
    for subentry in device_subentries(entry, DeviceKind.BATTERY, sets=Quantity.POWER_W):
        async_add_entities(
            [ReserveNumber(entry.runtime_data, subentry, _RESERVE)], config_subentry_id=subentry.subentry_id
        )


class ReserveNumber(DeviceEntity, NumberEntity):
    """The reserve in percent; kept by Home Flex, so it can be set while the battery cannot be read."""

    @property
    @override
    def available(self) -> bool:
        """Always: the setting is the site's own."""
        return self.coordinator.last_update_success

    @property
    @override
    def native_value(self) -> float:
        """The reserve in percent."""
        return round(self.device.reserve * 100, 1)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Keep at least this much in the battery."""
        await self.coordinator.controller.set_reserve(self._device_id, value / 100)
