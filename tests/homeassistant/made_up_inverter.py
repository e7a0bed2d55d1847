"""An integration that is made up: real sensors and a number of Home Assistant, and a house behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from homeassistant.components.number import NumberDeviceClass, NumberEntity
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (  # type: ignore[import-untyped] # has no types
    setup_test_component_platform,
)

POLL_S = 0.2
GRID, BATTERY, CHARGE, SETPOINT = (
    "sensor.grid",
    "sensor.battery",
    "sensor.charge",
    "number.setpoint",
)


class _Sensor(SensorEntity):
    """One value; each poll reports it, changed or not."""

    _attr_should_poll = False

    def __init__(self, name: str, unit: str, device_class: SensorDeviceClass) -> None:
        self._attr_name = name
        self._attr_unique_id = f"made_up_{name}"
        self._attr_native_unit_of_measurement = unit
        self._attr_device_class = device_class

    def tell(self, value: float) -> None:
        self._attr_native_value = value
        self.async_write_ha_state()


class _Setpoint(NumberEntity):
    """The battery's power in W, positive = discharging, as many integrations have it."""

    _attr_should_poll = False
    _attr_name = "setpoint"
    _attr_unique_id = "made_up_setpoint"
    _attr_device_class = NumberDeviceClass.POWER
    _attr_native_unit_of_measurement = "W"
    _attr_native_min_value = -5000.0
    _attr_native_max_value = 5000.0
    _attr_native_step = 10.0
    _attr_native_value = 0.0

    def __init__(self, inverter: MadeUpInverter) -> None:
        self._inverter = inverter

    async def async_set_native_value(self, value: float) -> None:
        if self._inverter.refuses:
            raise HomeAssistantError("the inverter refuses")
        if not self._inverter.ignores:
            self._attr_native_value = value
            self.async_write_ha_state()


@dataclass
class MadeUpInverter:
    """A house of 3 kW with a battery of 10 kWh, which does what its setpoint says."""

    house_w: float = 3000.0
    refuses: bool = False
    ignores: bool = False
    sensors: dict[str, _Sensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.setpoint = _Setpoint(self)
        self.sensors = {
            "grid": _Sensor("grid", "W", SensorDeviceClass.POWER),
            "battery": _Sensor("battery", "kW", SensorDeviceClass.POWER),
            "charge": _Sensor("charge", "%", SensorDeviceClass.BATTERY),
        }

    def poll(self) -> None:
        """Report all values."""
        discharge_w = self.setpoint.native_value or 0.0
        self.sensors["battery"].tell(discharge_w / 1000.0)
        self.sensors["charge"].tell(50.0)
        self.sensors["grid"].tell(self.house_w - discharge_w)


@asynccontextmanager
async def running(hass: HomeAssistant) -> AsyncIterator[MadeUpInverter]:
    """Have the inverter in Home Assistant, polled five times a second."""
    inverter = MadeUpInverter()
    setup_test_component_platform(hass, "sensor", list(inverter.sensors.values()))
    setup_test_component_platform(hass, "number", [inverter.setpoint])
    for domain in ("sensor", "number"):
        assert await async_setup_component(hass, domain, {domain: {"platform": "test"}})
    await hass.async_block_till_done()

    async def poll_forever() -> None:
        while True:
            inverter.poll()
            await asyncio.sleep(POLL_S)

    polling = asyncio.create_task(poll_forever())
    try:
        yield inverter
    finally:
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling
