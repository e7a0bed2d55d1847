"""Numbers a resident sets: reserve, limits, targets, priority and currents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricCurrent,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CAR_SOC
from .coordinator import HomeFlexConfigEntry
from .core.model import ChargerReading, DeviceKind, Owner
from .core.wishes import (
    Wishes,
    set_comfort,
    set_currents,
    set_reserve,
    with_battery,
    with_charger,
    with_device,
    with_site,
)
from .core.wishes.model import COLDEST_C, HOTTEST_C
from .core.wishes.ready_by_changes import set_target
from .wish_entity import SITE, Place, Table, WishDescription, WishEntity, async_add_wishes

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class WishNumberDescription(WishDescription[float | None], NumberEntityDescription):
    """A wish that is a number; ``most`` reads its largest value from the device, None while nobody knows."""

    most: Callable[[Place], float | None] | None = None


def _row(
    key: str,
    value: Callable[[Wishes, Place], float | None],
    change: Callable[[Wishes, Any, Place], Wishes],  # a number: None is shown, and never set
    **more: Any,
) -> WishNumberDescription:
    """Return a row of the table: a typed setting, from 0 to 100 in steps of 1 unless told otherwise."""
    usual = {"native_min_value": 0, "native_max_value": 100, "native_step": 1, "line": Owner.RESIDENT}
    return WishNumberDescription(
        key=key,
        translation_key=key,
        entity_category=EntityCategory.CONFIG,
        mode=NumberMode.BOX,
        value=value,
        change=change,
        **{**usual, **more},
    )


def _least_a(place: Place) -> float | None:
    """Return the charger's least current: what was entered, else what its entities tell."""
    if (entered := place.settings.get("min_current_a")) is not None:
        return float(entered)
    return place.reading.min_current_a if isinstance(place.reading, ChargerReading) else None


def _most_a(place: Place) -> float | None:
    """Return the charger's largest current: what was entered, else what its entities tell."""
    if (entered := place.settings.get("max_current_a")) is not None:
        return float(entered)
    return place.reading.max_current_a if isinstance(place.reading, ChargerReading) else None


_PERCENT: Mapping[str, Any] = {"native_unit_of_measurement": PERCENTAGE}
_ENERGY: Mapping[str, Any] = {
    "device_class": NumberDeviceClass.ENERGY,
    "native_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
    "native_max_value": 200,
    "native_step": 0.5,
}
_CURRENT: Mapping[str, Any] = {
    "device_class": NumberDeviceClass.CURRENT,
    "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
    "native_min_value": 6,
    "native_max_value": 125,
    "most": _most_a,
}
_TEMPERATURE: Mapping[str, Any] = {
    "device_class": NumberDeviceClass.TEMPERATURE,
    "native_unit_of_measurement": UnitOfTemperature.CELSIUS,
    "native_min_value": COLDEST_C,
    "native_max_value": HOTTEST_C,
    "native_step": 0.5,
}
# As it is kept: what is wished, else as the device has it.
_COMFORT = (
    _row(
        "comfort_min",
        lambda _, place: getattr(place.reading, "min_c", None),
        lambda wishes, value, place: set_comfort(wishes, place.device_id, min_c=value),
        **_TEMPERATURE,
    ),
    _row(
        "comfort_max",
        lambda _, place: getattr(place.reading, "max_c", None),
        lambda wishes, value, place: set_comfort(wishes, place.device_id, max_c=value),
        **_TEMPERATURE,
    ),
)
_NUMBERS: Table[WishNumberDescription] = {
    SITE: (
        _row(
            "export_limit",
            lambda wishes, _: wishes.site.export_limit_w,
            lambda wishes, value, _: with_site(wishes, export_limit_w=value),
            device_class=NumberDeviceClass.POWER,
            native_unit_of_measurement=UnitOfPower.WATT,
            native_max_value=100_000,
        ),
    ),
    DeviceKind.BATTERY: (
        _row(
            "reserve",
            lambda wishes, place: round(wishes.battery(place.device_id).reserve * 100, 1),
            lambda wishes, value, place: set_reserve(wishes, place.device_id, value / 100),
            **_PERCENT,
        ),
        _row(
            "battery_for_car_floor",
            lambda wishes, place: round(wishes.battery(place.device_id).car_floor * 100, 1),
            lambda wishes, value, place: with_battery(wishes, place.device_id, car_floor=value / 100),
            **_PERCENT,
        ),
    ),
    DeviceKind.HEAT_PUMP: _COMFORT,
    DeviceKind.WATER_HEATER: _COMFORT,
    DeviceKind.SWITCHED_LOAD: (
        _row(
            "hours_a_day",
            lambda wishes, place: wishes.device(place.device_id).hours_a_day,
            lambda wishes, value, place: with_device(wishes, place.device_id, hours_a_day=value),
            device_class=NumberDeviceClass.DURATION,
            native_unit_of_measurement=UnitOfTime.HOURS,
            native_max_value=24,
            native_step=0.25,
        ),
    ),
    DeviceKind.EV_CHARGER: (
        _row(
            "target_energy",
            lambda wishes, place: wishes.charger(place.device_id).target_energy_wh / 1000,
            lambda wishes, value, place: set_target(
                wishes, place.device_id, place.now, target_energy_wh=value * 1000
            ),
            **_ENERGY,
            native_min_value=1,
        ),
        _row(
            "session_limit",
            lambda wishes, place: (wishes.charger(place.device_id).session_limit_wh or 0) / 1000,
            lambda wishes, value, place: with_charger(
                wishes, place.device_id, session_limit_wh=value * 1000 or None
            ),
            **_ENERGY,
        ),
        _row(
            "priority",
            lambda wishes, place: wishes.charger(place.device_id).priority,
            lambda wishes, value, place: with_charger(wishes, place.device_id, priority=int(value)),
            native_min_value=1,
            native_max_value=9,
            line=None,
        ),
        _row(
            "target_soc",
            lambda wishes, place: round(wishes.charger(place.device_id).target_soc * 100, 1),
            lambda wishes, value, place: set_target(
                wishes, place.device_id, place.now, target_soc=value / 100
            ),
            **_PERCENT,
            needs=CONF_CAR_SOC,
        ),
        _row(
            "minimum_soc",
            lambda wishes, place: round((wishes.charger(place.device_id).minimum_soc or 0) * 100, 1),
            lambda wishes, value, place: with_charger(
                wishes, place.device_id, minimum_soc=value / 100 or None
            ),
            **_PERCENT,
            needs=CONF_CAR_SOC,
        ),
        _row(
            "minimum_current",
            lambda wishes, place: wishes.charger(place.device_id).min_current_a or _least_a(place),
            lambda wishes, value, place: set_currents(wishes, place.device_id, min_a=value),
            **_CURRENT,
            line=None,
        ),
        _row(
            "maximum_current",
            lambda wishes, place: wishes.charger(place.device_id).max_current_a or _most_a(place),
            lambda wishes, value, place: set_currents(wishes, place.device_id, max_a=value),
            **_CURRENT,
        ),
    ),
}


async def async_setup_entry(
    _hass: HomeAssistant, entry: HomeFlexConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the numbers of the site and of its devices."""
    async_add_wishes(entry, async_add_entities, _NUMBERS, WishNumber)


class WishNumber(WishEntity[float | None], NumberEntity):
    """A wish that is a number."""

    entity_description: WishNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        """What is wanted; None while nothing is, and the device has not told what it can."""
        return self.wished

    @property
    @override
    def native_max_value(self) -> float:
        """The largest value that can be wanted."""
        read = self.entity_description.most
        most = read(self.place) if read is not None else None
        return super().native_max_value if most is None else most

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Want another number."""
        await self.async_wish(value)
