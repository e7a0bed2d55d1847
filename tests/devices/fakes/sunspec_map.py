"""Finding the map of a unit that nothing else is read of."""

from functools import partial

from modbus_connection import ModbusUnit

from custom_components.home_flex.devices.sunspec.discovery import Discovery, SunSpecDevice
from custom_components.home_flex.devices.sunspec.requests import read


def discovery_of(unit: ModbusUnit) -> Discovery:
    return Discovery(unit, partial(read, unit))


async def discover(unit: ModbusUnit) -> SunSpecDevice:
    """Find the map in one go. Raises DeviceError as ``Discovery.find``."""
    return await discovery_of(unit).find()
