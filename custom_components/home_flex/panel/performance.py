"""How well the home does: its building, its forecasts, its devices and its batteries over the last weeks.

Energies in Wh, powers in W, shares 0 to 1, times as ISO 8601; None is not known.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..building import building_of
from ..building_sensors import HEAT_LOSS
from ..const import DOMAIN
from ..coordinator import HomeFlexCoordinator
from ..core.forecast.quality import Quality
from ..core.model import BatteryReading
from ..core.statistics import Grouping, Period, civil_period, periods, slot_at, slot_start
from ..core.statistics.registers import POWER, W
from ..history.series_rows import SeriesKey
from ..history.series_store import SeriesStore, Stretch
from ..runtime.accounts import accounts, together
from ..runtime.battery_statistics import battery_statistics
from ..runtime.planning.showing import ForecastView
from .money import account_document
from .shown import share, told

KEEP_S: Final = 300.0
_DAYS: Final = 30
_LEDGER_READ: Final = 2_000
_LEAST_LOOKED: Final = timedelta(hours=1)
_JUDGED: Final = ("followed", "not_followed")
_OF_BUILDING: Final = (
    "half_width_w_per_k",
    "is_unsure",
    "lacking",
    "half_width_share",
    "days",
    "asked_days",
    "mean_difference_k",
    "heating_share",
    "start",
    "end",
)


async def performance_document(coordinator: HomeFlexCoordinator) -> Mapping[str, Any]:
    """Return how the home did in the last thirty days. Raises RequestError, HistoryError."""
    store = coordinator.series.opened().keeper.store
    zone, now = dt_util.get_default_time_zone(), dt_util.utcnow()
    start = civil_period(now - timedelta(days=_DAYS), Grouping.DAY, zone).start
    found = together(
        await accounts(store, coordinator.site.currency, periods(start, now, Grouping.DAY, zone))
    )
    return {
        "start": told(start),
        "heat_loss": _heat_loss(coordinator),
        "home": account_document(found),
        "forecasts": _forecasts(coordinator),
        "devices": await _devices(coordinator, store, Period(start=start, end=now)),
        "batteries": await _batteries(coordinator, store, Period(start=start, end=now)),
    }


def _heat_loss(coordinator: HomeFlexCoordinator) -> Mapping[str, Any] | None:
    """Return what the sensor shows of the building, None without one; empty before it has been reckoned."""
    entry = coordinator.config_entry
    if building_of(entry) is None:
        return None
    entity_id = er.async_get(coordinator.hass).async_get_entity_id(
        "sensor", DOMAIN, f"{entry.entry_id}_{HEAT_LOSS.key}"
    )
    state = None if entity_id is None else coordinator.hass.states.get(entity_id)
    if state is None or state.state == STATE_UNAVAILABLE:
        return {}
    attributes = state.attributes
    return {
        "w_per_k": None if state.state == STATE_UNKNOWN else float(state.state),
        **{name: attributes.get(name) for name in _OF_BUILDING},
    }


def _forecasts(coordinator: HomeFlexCoordinator) -> list[Mapping[str, Any]]:
    """Return the forecasts in use: of the house (without a device), and of what devices give or draw."""
    view = coordinator.data
    found: list[tuple[str | None, str, ForecastView | None]] = []
    if view.plan is not None:
        found.append((None, "", view.plan.load_forecast))
    found += [
        (key, device.name, device.planned.forecast)
        for key, device in view.devices.items()
        if device.planned is not None
    ]
    return [
        {"device_id": key, "name": name, **_forecast(forecast)}
        for key, name, forecast in found
        if forecast is not None
    ]


def _forecast(forecast: ForecastView) -> Mapping[str, Any]:
    quality: Quality | None = forecast.quality
    if quality is None:
        return {"source": forecast.source, "quality": None}
    return {
        "source": forecast.source,
        "quality": {
            "misses_w": round(quality.rmse_w),
            "naive_misses_w": round(quality.naive_rmse_w),
            "is_worse_than_naive": quality.is_worse_than_naive,
            "bias_w": round(quality.bias_w),
            "inside_band": share(quality.coverage),
        },
    }


async def _devices(
    coordinator: HomeFlexCoordinator, store: SeriesStore, period: Period
) -> list[Mapping[str, Any]]:
    """Return for how much of the time each device was heard, and how often it did what it was told."""
    rows = await coordinator.controller.ledger.rows(_LEDGER_READ)
    judged = Counter((row.device_id, row.outcome) for row in rows if row.time >= period.start)
    since = max(period.start, rows[-1].time) if len(rows) == _LEDGER_READ else period.start
    return [
        {
            "device_id": key,
            "kind": device.kind.value,
            "name": device.name,
            **await _heard(store, key, period),
            **{outcome: judged[key, outcome] for outcome in _JUDGED},
            "judged_since": told(since),
        }
        for key, device in coordinator.data.devices.items()
    ]


async def _heard(store: SeriesStore, device_id: str, period: Period) -> Mapping[str, Any]:
    """Return for which share of the time a device was heard since it is known; None while that is short."""
    key = SeriesKey(device_id=device_id, name=POWER, unit=W)
    extent = await store.extent(key)
    first = slot_at(period.start) if extent is None else max(slot_at(period.start), extent.first_slot)
    # The last slot may not be written yet.
    stretch = Stretch(first_slot=first, end_slot=slot_at(period.end) - 1)
    since = slot_start(first)
    if extent is None or period.end - since < _LEAST_LOOKED:
        return {"heard": None, "heard_since": None}
    (sums,) = await store.sums([key], [stretch])
    return {"heard": share(sums[key].coverage.measured_share), "heard_since": told(since)}


async def _batteries(
    coordinator: HomeFlexCoordinator, store: SeriesStore, period: Period
) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for key, device in coordinator.data.devices.items():
        if isinstance(device.reading, BatteryReading):
            figures = await battery_statistics(store, key, round(device.reading.capacity_wh), period)
            found.append({"device_id": key, "name": device.name, **figures})
    return found
