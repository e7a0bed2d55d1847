"""The actions on a home's past: fill it in from statistics or a file, and tell that a meter was replaced."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.model import DeviceKind
from .core.statistics import MeterSwap
from .core.statistics.meter_file import UNITS, FileLayout, MeterFileError
from .energy_history import told_by_dashboard
from .energy_prefill import async_energy_sources
from .history_files import MOST_BYTES, async_import, lines_of, series_key
from .recorder_statistics import async_ask, has_recorder
from .runtime.meter_swap import swap_meter
from .runtime.view import RequestError

_SITE: Final = {probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
_SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv"})

_REGISTER: Final = probatio.All(
    cv.string,
    probatio.Match(r"^((import|export)(\.[1-9])?|production|charge|discharge|consumption|gas|water|heat)$"),
)
# Readings are entered in kWh and m³, as meters show them, and kept in Wh and litres.
_THOUSAND: Final = 1_000
_READING: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=100_000_000))
_STATISTICS: Final = [
    probatio.Schema(
        {
            probatio.Required("statistic_id"): cv.string,
            probatio.Required("register"): _REGISTER,
            probatio.Optional(ATTR_DEVICE_ID): cv.string,
        }
    )
]
_BACKFILL_SCHEMA: Final = probatio.Schema(
    {**_SITE, probatio.Optional("statistics"): probatio.All(cv.ensure_list, _STATISTICS)}
)
_IMPORT_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Required("path"): cv.string,
        probatio.Required("time_column"): cv.string,
        probatio.Required("columns"): probatio.All({_REGISTER: cv.string}, probatio.Length(min=1)),
        probatio.Required("unit"): probatio.In(UNITS),
        probatio.Optional("time_zone"): cv.string,
        probatio.Optional("counter", default=False): cv.boolean,
        probatio.Optional("time_is_end", default=False): cv.boolean,
        probatio.Optional(ATTR_DEVICE_ID): cv.string,
    }
)
_REPLACED_SCHEMA: Final = probatio.Schema(
    {
        **_SITE,
        probatio.Required("register"): _REGISTER,
        probatio.Required("time"): cv.datetime,
        probatio.Required("end_value"): _READING,
        probatio.Required("start_value"): _READING,
        probatio.Optional(ATTR_DEVICE_ID): cv.string,
    }
)


async def _backfill(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    hass = coordinator.hass
    if not has_recorder(hass):
        raise RequestError("no_recorder", "There is no recorder to read")
    wanted = call.data.get("statistics")
    if wanted is None:
        columns = told_by_dashboard(await async_energy_sources(hass), _devices(coordinator))
    else:
        columns = {
            series_key(coordinator, each["register"], each.get(ATTR_DEVICE_ID)): each["statistic_id"]
            for each in wanted
        }
    if not columns:
        raise RequestError("no_statistics", "Nobody said which statistics tell the past")
    backfill = coordinator.series.opened().backfill
    return {"columns": await backfill.from_statistics(columns, partial(async_ask, hass), dt_util.utcnow())}


async def _import(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    data = call.data
    layout = FileLayout(
        time=data["time_column"],
        columns=data["columns"],
        unit=data["unit"],
        zone=await _zone(data.get("time_zone")),
        is_register=data["counter"],
        tells_end=data["time_is_end"],
    )
    path = await coordinator.hass.async_add_executor_job(_readable, coordinator.hass, data["path"])
    lines = await coordinator.hass.async_add_executor_job(lines_of, path)
    try:
        return {"columns": await async_import(coordinator, lines, layout, data.get(ATTR_DEVICE_ID))}
    except MeterFileError as error:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=f"meter_file_{error.reason}",
            translation_placeholders={"detail": error.detail, "file": path.name},
        ) from error


async def _replaced(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    data = call.data
    key = series_key(coordinator, data["register"], data.get(ATTR_DEVICE_ID))
    swap = MeterSwap(
        time_s=int(dt_util.as_utc(data["time"]).timestamp()),
        end_value=round(data["end_value"] * _THOUSAND),
        start_value=round(data["start_value"] * _THOUSAND),
    )
    series = coordinator.series.opened()
    batch, told = await swap_meter(series.keeper.store, coordinator.site, key, swap)
    series.feed.swap(key, swap)
    series.keeper.put(batch)
    return told


def _devices(coordinator: HomeFlexCoordinator) -> dict[DeviceKind, list[str]]:
    found: defaultdict[DeviceKind, list[str]] = defaultdict(list)
    for device in coordinator.data.devices.values():
        found[device.kind].append(device.device_id)
    return found


async def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    zone = await dt_util.async_get_time_zone(name)
    if zone is None:
        raise RequestError("unknown_zone", f"{name} is no time zone")
    return zone


def _readable(hass: HomeAssistant, given: str) -> Path:
    """Return a file of the configuration's folder, or of one that Home Assistant may read from.

    Raises RequestError for others: whoever may call actions may not read all files.
    """
    own, path = Path(hass.config.config_dir).resolve(), Path(hass.config.path(given)).resolve()
    is_own = path.is_relative_to(own) and not any(
        part.startswith(".") for part in path.relative_to(own).parts
    )
    if path.suffix.lower() not in _SUFFIXES or not (is_own or hass.config.is_allowed_path(str(path))):
        raise RequestError("file_not_allowed", f"{path} may not be read")
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise RequestError("file_missing", f"{path} is no file of at most {MOST_BYTES} bytes")
    return path


HISTORY_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {
    "backfill_history": (_backfill, _BACKFILL_SCHEMA, SupportsResponse.OPTIONAL),
    "import_history": (_import, _IMPORT_SCHEMA, SupportsResponse.OPTIONAL),
    "meter_replaced": (_replaced, _REPLACED_SCHEMA, SupportsResponse.OPTIONAL),
}
