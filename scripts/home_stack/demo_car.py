"""The demo's car: what its own integration tells of it, as those of real cars do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from .flows import change_options
from .home_flex import DOMAIN
from .stack import HomeStack

# How many kWh the simulated car holds.
_CAPACITY_KWH: Final = 60.0
_SOC: Final = "sensor.car_battery"
_EACH_S: Final = 5.0


@asynccontextmanager
async def car_that_tells(stack: HomeStack, speed: float = 1.0) -> AsyncIterator[None]:
    """Let an entity tell how full the car is, and Home Flex go by it, until the context ends.

    In a house whose time runs so many times as fast the car holds as much less.
    """
    await _tell(stack)
    await _known(stack, _CAPACITY_KWH / speed)
    telling = asyncio.create_task(_go_on(stack))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _known(stack: HomeStack, capacity_kwh: float) -> None:
    api, home = stack.home_assistant.api, stack.home_flex
    devices = (await home.status())["devices"]
    charger = next(key for key, each in devices.items() if each["kind"] == "ev_charger")
    car = {"car_soc": _SOC, "car_capacity_kwh": capacity_kwh}
    await change_options(api, DOMAIN, home.entry_id, {"menu": "device", "devices": charger, **car})
    await home.loaded()
    await home.ready()


async def _go_on(stack: HomeStack) -> None:
    while True:
        await asyncio.sleep(_EACH_S)
        await _tell(stack)


async def _tell(stack: HomeStack) -> None:
    car = (await stack.house.raw_state())["car"]
    state: dict[str, Any] = {
        "state": f"{100 * car['state_of_charge']:.1f}",
        "attributes": {
            "unit_of_measurement": "%",
            "device_class": "battery",
            "friendly_name": "Car battery",
        },
    }
    await stack.home_assistant.api.post(f"/api/states/{_SOC}", state)
