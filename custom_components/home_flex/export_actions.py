"""The action that writes the home's own series into a file of the media or the share folder."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util import slugify

from .const import DOMAIN
from .coordinator import HomeFlexCoordinator
from .core.statistics import slot_at
from .history.series_rows import SeriesKey
from .history.series_store import KEEP, Stretch
from .runtime.export import Export, FileFormat, write_out
from .runtime.view import RequestError

# How long the rows of a file are.
_STEPS_S: Final = {"5min": 300, "15min": 900, "hour": 3600}
# Where apps of Home Assistant OS share files; elsewhere nobody has it.
SHARE: Final = Path("/share")

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string,
        probatio.Required("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
        probatio.Optional("format", default=FileFormat.CSV): probatio.Coerce(FileFormat),
        probatio.Optional("interval", default="15min"): probatio.In(tuple(_STEPS_S)),
        probatio.Optional("folder", default="media"): probatio.In(("media", "share")),
    }
)


async def _export(coordinator: HomeFlexCoordinator, call: ServiceCall) -> dict[str, Any]:
    series = coordinator.series.opened()
    now = dt_util.utcnow()
    start = max(dt_util.as_utc(call.data["start"]), now - KEEP)
    end = min(dt_util.as_utc(call.data.get("end") or now), now)
    if end <= start:
        raise RequestError("invalid_range", "A range ends after it starts")
    columns = _columns(coordinator, series.keeper.store.keys)
    if not columns:
        raise RequestError("nothing_kept", "Nothing is kept yet")
    folder = await coordinator.hass.async_add_executor_job(folder_of, coordinator.hass, call.data["folder"])
    path = folder / _file_name(coordinator, start, end, call.data["interval"], call.data["format"])
    export = Export(
        columns=columns,
        stretch=Stretch(first_slot=slot_at(start), end_slot=slot_at(end)),
        step_s=_STEPS_S[call.data["interval"]],
        format=call.data["format"],
    )
    try:
        rows = await write_out(series.keeper.store, export, path, series.task)
    except OSError as error:
        raise RequestError("not_written", str(error)) from error
    return {"path": str(path), "rows": rows, "columns": list(columns)}


def _columns(coordinator: HomeFlexCoordinator, keys: tuple[SeriesKey, ...]) -> dict[str, SeriesKey]:
    """Return the series by what their columns are called: device, what, unit; of two alike with their ids."""
    names = {device.device_id: device.name for device in coordinator.data.devices.values()}
    found: dict[str, SeriesKey] = {}
    for key in sorted(keys):
        device = names.get(key.device_id, key.device_id) if key.device_id else coordinator.site.name
        name = f"{device} {key.name} ({key.unit})"
        found[name if name not in found else f"{name} {key.device_id}"] = key
    return found


def folder_of(hass: HomeAssistant, wanted: str) -> Path:
    """Return where the file goes. Raises RequestError without such a folder."""
    media = next(iter(hass.config.media_dirs.values()), None)
    root = SHARE if wanted == "share" else Path(media) if media else None
    if root is None or not root.is_dir():
        raise RequestError("no_folder", f"There is no {wanted} folder")
    return root / DOMAIN


def _file_name(
    coordinator: HomeFlexCoordinator, start: datetime, end: datetime, interval: str, file_format: FileFormat
) -> str:
    days = "_".join(dt_util.as_local(each).strftime("%Y%m%dT%H%M") for each in (start, end))
    return f"{slugify(coordinator.site.name)}_{days}_{interval}.{file_format}"


EXPORT_ACTIONS: Final[
    Mapping[str, tuple[Callable[[HomeFlexCoordinator, ServiceCall], Any], probatio.Schema, SupportsResponse]]
] = {"export": (_export, _SCHEMA, SupportsResponse.OPTIONAL)}
