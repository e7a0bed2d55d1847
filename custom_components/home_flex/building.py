"""What Home Assistant's recorder knows of a building, and what it loses per kelvin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfEnergy, UnitOfIrradiance, UnitOfTemperature, UnitOfVolume
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import (
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
from .core.building.days import BuildingDay, HeatSource
from .core.building.hours import BuildingHours, Hourly, building_days
from .entity_readings import temperature_c_of
from .optional_parts import part

_RECORDER: Final = "recorder"
_UNITS: Final = {
    "temperature": UnitOfTemperature.CELSIUS,
    "energy": UnitOfEnergy.WATT_HOUR,
    "volume": UnitOfVolume.CUBIC_METERS,
    "irradiance": UnitOfIrradiance.WATTS_PER_SQUARE_METER,
}
# A cubic metre of gas holds 9.77 kWh (35.17 MJ, higher value); counters of it are read as watt-hours.
GAS_WH_PER_M3: Final = 9770.0
# What becomes heat of what is counted, unless the resident says so.
USUAL_FACTOR: Final[Mapping[HeatSource, float]] = {
    HeatSource.BOILER: 0.9,
    HeatSource.HEAT_PUMP: 3.5,
    HeatSource.HEAT_METER: 1.0,
    HeatSource.ELECTRIC: 1.0,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Building:
    """Which entities tell of a building, by the settings of its form."""

    source: HeatSource
    indoor: tuple[str, ...]
    outdoor: str
    heat: tuple[str, ...]
    heat_factor: float
    hot_water_wh_a_day: float | None
    electricity: tuple[str, ...]
    people: float
    sun: tuple[str, ...]

    @property
    def entities(self) -> set[str]:
        """All of them."""
        return {*self.indoor, self.outdoor, *self.heat, *self.electricity, *self.sun}


def outdoor_c_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Callable[[], float | None]:
    """Return what tells how warm it is outdoors at the site now; None where nobody does."""
    building = building_of(entry)
    if building is None:
        return lambda: None
    return lambda: temperature_c_of(hass.states.get(building.outdoor))


def building_of(entry: ConfigEntry[Any]) -> Building | None:
    """Return the site's building, where one was told of."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_BUILDING):
        data = subentry.data
        source = HeatSource(data[CONF_HEAT_SOURCE])
        hot_water_kwh = data.get(CONF_HOT_WATER_KWH)
        return Building(
            source=source,
            indoor=tuple(data[CONF_INDOOR]),
            outdoor=data[CONF_OUTDOOR],
            heat=tuple(data[CONF_HEAT]),
            heat_factor=float(data.get(CONF_HEAT_FACTOR) or USUAL_FACTOR[source]),
            hot_water_wh_a_day=None if hot_water_kwh is None else float(hot_water_kwh) * 1000.0,
            electricity=tuple(data[CONF_ELECTRICITY]),
            people=float(data[CONF_PEOPLE]),
            sun=tuple(data[CONF_SUN]),
        )
    return None


async def async_building_days(
    hass: HomeAssistant, building: Building, start: date, end: date
) -> list[BuildingDay]:
    """Return the days from ``start`` to the one before ``end`` from the recorder's long-term statistics.

    None without a recorder, or of entities it keeps no statistics of.
    """
    recorder, statistics = part(hass, _RECORDER), part(hass, _RECORDER, "statistics")
    if recorder is None or statistics is None:
        return []
    zone = dt_util.get_default_time_zone()
    since = datetime(start.year, start.month, start.day, tzinfo=zone).astimezone(UTC) - timedelta(hours=1)
    until = datetime(end.year, end.month, end.day, tzinfo=zone).astimezone(UTC)
    days: list[BuildingDay] = await recorder.get_instance(hass).async_add_executor_job(
        lambda: building_days(
            _hours(hass, statistics, building, since, until), start=start, end=end, zone=zone
        )
    )
    return days


def _hours(
    hass: HomeAssistant, statistics: ModuleType, building: Building, since: datetime, until: datetime
) -> BuildingHours:
    rows = statistics.statistics_during_period(
        hass,
        since,
        until,
        building.entities,
        "hour",
        {str(key): value for key, value in _UNITS.items()},
        {"mean", "sum"},
    )
    gas = {
        entity_id
        for entity_id, (_, metadata) in statistics.get_metadata(hass, statistic_ids=building.entities).items()
        if metadata.get("unit_class") == "volume"
    }

    def means(entity_id: str) -> Hourly:
        return _column(rows.get(entity_id, ()), "mean")

    def counters(entity_ids: Sequence[str]) -> list[Hourly]:
        return [
            {
                hour: value * (GAS_WH_PER_M3 if entity_id in gas else 1.0)
                for hour, value in _column(rows.get(entity_id, ()), "sum").items()
            }
            for entity_id in entity_ids
        ]

    suns = [means(entity_id) for entity_id in building.sun]
    return BuildingHours(
        indoor=[means(entity_id) for entity_id in building.indoor],
        outdoor=means(building.outdoor),
        heating=counters(building.heat),
        heat_factor=building.heat_factor,
        hot_water_wh_a_day=building.hot_water_wh_a_day,
        electricity=counters(building.electricity),
        people=building.people,
        sun=suns[0] if len(suns) == 1 and suns[0] else None,
        sun_counters=counters(building.sun),
    )


def _column(rows: Sequence[Any], name: str) -> dict[datetime, float]:
    return {
        datetime.fromtimestamp(row["start"], UTC): float(row[name])
        for row in rows
        if row.get(name) is not None
    }
