"""What a kWh costs and emits in the hours of two days, made up, and told as an exchange tells it."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .flows import create_subentry
from .home_flex import DOMAIN
from .stack import HomeStack

_HOUR: Final = timedelta(hours=1)
_HOURS_A_DAY: Final = 24
_PRICES: Final = "sensor.exchange_price"
_CARBON: Final = "sensor.grid_carbon"


async def tell_hours_ahead(stack: HomeStack) -> None:
    """Let two entities tell price and carbon of today and tomorrow, and Home Flex go by them."""
    api, entry_id = stack.home_assistant.api, stack.home_flex.entry_id
    for entity, unit, value_at in ((_PRICES, "EUR/kWh", price_at), (_CARBON, "g/kWh", carbon_at)):
        await api.post(f"/api/states/{entity}", _state(unit, value_at))
    price = {"menu": "entity", "name": "Exchange", "kind": "import_price", "entity": _PRICES}
    taxes = {"factor": 1, "addition_per_kwh": 0.12, "vat_percent": 21}
    await create_subentry(api, DOMAIN, entry_id, "tariff", {**price, **taxes})
    carbon = {"menu": "carbon", "name": "Carbon of the grid", "entity": _CARBON}
    await create_subentry(api, DOMAIN, entry_id, "tariff", carbon)
    await stack.home_flex.loaded()
    await stack.home_flex.ready()


def price_at(hour: float) -> float:
    """Return the price of an hour of the day: two peaks, and little at noon."""
    return round(
        0.06 + 0.16 * _bump(hour, 19.0, 3.0) + 0.09 * _bump(hour, 8.0, 2.0) - 0.05 * _bump(hour, 13.0, 3.0), 4
    )


def carbon_at(hour: float) -> float:
    """Return what a kWh emits at an hour of the day, g: least when the sun is high."""
    return round(310 + 150 * _bump(hour, 19.5, 3.5) - 170 * _bump(hour, 13.0, 3.5))


def _bump(hour: float, at: float, width_h: float) -> float:
    return math.exp(-(((hour - at) / width_h) ** 2))


def _state(unit: str, value_at: Callable[[float], float]) -> dict[str, Any]:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    today = now.replace(hour=0)
    return {
        "state": str(value_at(now.hour)),
        "attributes": {
            "unit_of_measurement": unit,
            "raw_today": list(_rows(today, value_at)),
            "raw_tomorrow": list(_rows(today + timedelta(days=1), value_at)),
        },
    }


def _rows(day: datetime, value_at: Callable[[float], float]) -> Iterator[dict[str, Any]]:
    for hour in range(_HOURS_A_DAY):
        start = day + hour * _HOUR
        yield {"start": start.isoformat(), "end": (start + _HOUR).isoformat(), "value": value_at(hour)}
