"""A file of a meter, taken into the home's history: which series its columns are, and what became of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from .coordinator import HomeFlexCoordinator
from .core.model import DeviceKind
from .core.statistics.meter_file import FileLayout, unit_of
from .core.statistics.registers import (
    CHARGE,
    CONSUMPTION,
    DISCHARGE,
    EXPORT,
    IMPORT,
    LITRE,
    PRODUCTION,
    WH,
    directions,
    family_of,
)
from .entity import identified
from .history.series_rows import SeriesKey
from .runtime.view import RequestError

MOST_BYTES: Final = 64_000_000
# What may be filled in, with the unit it is kept in.
_UNITS: Final = {
    **dict.fromkeys((IMPORT, EXPORT, PRODUCTION, CHARGE, DISCHARGE, CONSUMPTION, "heat"), WH),
    **dict.fromkeys(("gas", "water"), LITRE),
}
_OF_METER: Final = frozenset({IMPORT, EXPORT, "gas", "water", "heat"})
REGISTERS: Final = tuple(_UNITS)


async def async_import(
    coordinator: HomeFlexCoordinator, lines: Iterable[str], layout: FileLayout, registry_id: str | None
) -> list[dict[str, Any]]:
    """Keep what the lines of a file tell where nothing was measured; return what became of each column.

    ``registry_id`` names the device where several have a register. Raises RequestError, HistoryError, and
    MeterFileError for a file that is none.
    """
    keys = {register: series_key(coordinator, register, registry_id) for register in layout.columns}
    if any(key.unit != unit_of(layout.unit) for key in keys.values()):
        raise RequestError("wrong_unit", f"{', '.join(keys)} are not counted in {layout.unit}")
    return await coordinator.series.opened().backfill.from_file(lines, layout, keys)


def devices_with(coordinator: HomeFlexCoordinator, register: str) -> list[str]:
    """Return the devices that count a register."""
    name = family_of(register)
    return [
        device.device_id
        for device in coordinator.data.devices.values()
        if name in (_OF_METER if device.kind is DeviceKind.GRID_METER else directions(device.kind))
    ]


def series_key(coordinator: HomeFlexCoordinator, register: str, registry_id: str | None) -> SeriesKey:
    """Return the series of a register: of the device that was named, else of the only one that has it."""
    fitting = devices_with(coordinator, register)
    if registry_id is not None:
        named = identified(coordinator, registry_id, fitting)
        if named is None:
            raise RequestError("unknown_device", f"{registry_id} has no {register}")
        fitting = [named]
    if len(fitting) != 1:
        raise RequestError("which_device", f"{len(fitting)} devices have {register}")
    return SeriesKey(device_id=fitting[0], name=register, unit=_UNITS[family_of(register)])


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file, in UTF-8 or as spreadsheets in western Europe. Raises RequestError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RequestError("file_missing", str(error)) from error
    try:
        return raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").splitlines()
