"""Switches: take part in the aggregator's events, and charge the car now whatever they ask."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_AGGREGATOR
from .coordinator import HomeFlexConfigEntry
from .core.model import DeviceKind, Quantity
from .entity import DeviceEntity, SiteEntity, device_subentries

PARALLEL_UPDATES = 1

_PARTICIPATION = SwitchEntityDescription(key="participation", translation_key="participation")
_CHARGE_NOW = SwitchEntityDescription(key="charge_now", translation_key="charge_now")


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add what the site has."""
    coordinator = entry.runtime_data
    if entry.get_subentries_of_type(SUBENTRY_AGGREGATOR):
        async_add_entities([ParticipationSwitch(coordinator, _PARTICIPATION)])
    for subentry in device_subentries(entry, DeviceKind.EV_CHARGER, sets=Quantity.CURRENT_LIMIT_A):
        async_add_entities(
            [ChargeNowSwitch(coordinator, subentry, _CHARGE_NOW)], config_subentry_id=subentry.subentry_id
        )


class ParticipationSwitch(SiteEntity, SwitchEntity):
    """On while the home takes part in the aggregator's events."""

    @property
    @override
    def is_on(self) -> bool:
        """Taking part or not."""
        return self.coordinator.data.participating

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Take part, also in events that are open."""
        await self.coordinator.controller.set_participating(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave the open events, and refuse new ones."""
        await self.coordinator.controller.set_participating(False)


class ChargeNowSwitch(DeviceEntity, SwitchEntity):
    """On while the resident wants the car full before anything else; off again when the car leaves."""

    @property
    @override
    def is_on(self) -> bool:
        """Whether events leave this charger alone."""
        return self.device.charge_now

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Keep events away from this charger."""
        await self.coordinator.controller.set_charge_now(self._device_id, True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Let events limit this charger again."""
        await self.coordinator.controller.set_charge_now(self._device_id, False)
