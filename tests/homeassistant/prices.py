"""Entities that tell prices, as other integrations have them."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

ENTITY = "sensor.exchange"
HOURS = 48


def this_hour() -> datetime:
    return dt_util.utcnow().replace(minute=0, second=0, microsecond=0)


def price_at(hour: datetime) -> float:
    """Return a price that no other hour of two days has."""
    return round(0.1 + 0.001 * (hour.timestamp() // 3600 % HOURS), 4)


def rows(
    start: datetime, hours: int, scale: float = 1.0, late: timedelta = timedelta()
) -> list[dict[str, Any]]:
    """Return rows as the Nord Pool integration of HACS has them, which tell all ``late``."""
    return [
        {
            "start": (hour + late).isoformat(),
            "end": (hour + late + timedelta(hours=1)).isoformat(),
            "value": round(scale * price_at(hour), 4),
        }
        for hour in (start + timedelta(hours=index) for index in range(hours))
    ]


def publish(
    hass: HomeAssistant,
    *,
    hours: int = 24,
    unit: str | None = "EUR/kWh",
    scale: float = 1.0,
    start: datetime | None = None,
    late: timedelta = timedelta(),
) -> None:
    """Let an entity tell the prices of some hours from the one that runs on."""
    begin = start or this_hour()
    attributes = {"raw_today": rows(begin, hours, scale, late), "unit_of_measurement": unit}
    hass.states.async_set(ENTITY, str(round(scale * price_at(this_hour()), 4)), attributes)
