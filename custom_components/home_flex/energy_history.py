"""Which statistics of the Energy dashboard tell the past of which device of a site."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .core.model import DeviceKind
from .core.statistics.registers import (
    CHARGE,
    DISCHARGE,
    EXPORT,
    IMPORT,
    LITRE,
    PRODUCTION,
    WH,
)
from .history.series_rows import SeriesKey

# By the dashboard's type of source: the kind of device, and what its statistics count.
_TOLD: Final[Mapping[str, tuple[DeviceKind, Mapping[str, str]]]] = {
    "grid": (DeviceKind.GRID_METER, {"stat_energy_from": IMPORT, "stat_energy_to": EXPORT}),
    "solar": (DeviceKind.PV, {"stat_energy_from": PRODUCTION}),
    "battery": (DeviceKind.BATTERY, {"stat_energy_from": DISCHARGE, "stat_energy_to": CHARGE}),
    "gas": (DeviceKind.GRID_METER, {"stat_energy_from": "gas"}),
    "water": (DeviceKind.GRID_METER, {"stat_energy_from": "water"}),
}
_LITRES: Final = frozenset({"gas", "water"})


def told_by_dashboard(
    sources: Iterable[Mapping[str, Any]], devices: Mapping[DeviceKind, list[str]]
) -> dict[SeriesKey, str]:
    """Return the statistic of each series of a site's ``devices``.

    Several sources of a grid are the registers of one meter's tariffs. Of other kinds each source is a
    device, in their order; where there are more or fewer devices, nobody knows which is whose.
    """
    listed: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for source in sources:
        listed[str(source.get("type"))].append(source)
    found: dict[SeriesKey, str] = {}
    for kind_of_source, (kind, roles) in _TOLD.items():
        told, its_devices = listed[kind_of_source], devices.get(kind, [])
        for role, register in roles.items():
            statistics = [source.get(role) for source in told]
            keys = _keys(register, kind, its_devices, statistics)
            pairs = zip(keys, statistics, strict=False)
            found |= {key: statistic for key, statistic in pairs if isinstance(statistic, str)}
    return found


def _keys(register: str, kind: DeviceKind, devices: list[str], statistics: list[Any]) -> list[SeriesKey]:
    """Return the series of a register, one for each of the statistics, or none."""
    unit = LITRE if register in _LITRES else WH
    if kind is DeviceKind.GRID_METER and unit == WH and len(devices) == 1:
        count = len(statistics)
        names = [register] if count == 1 else [f"{register}.{number + 1}" for number in range(count)]
        return [SeriesKey(device_id=devices[0], name=name, unit=unit) for name in names]
    if len(devices) != len(statistics):
        return []
    return [SeriesKey(device_id=device_id, name=register, unit=unit) for device_id in devices]
