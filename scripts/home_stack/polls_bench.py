"""How often a SunSpec inverter can be polled, beside what its requests alone take."""

import time
from datetime import UTC, datetime

from modbus_connection import ModbusTcpParams, ModbusUnit
from modbus_connection.tmodbus import ModbusConnection

from custom_components.home_flex.devices.sunspec import Access, SunSpecInverter

_FOR_S = 5.0


class _Counting:
    """A unit that counts what is read of it, and remembers the last read."""

    def __init__(self, unit: ModbusUnit) -> None:
        self._unit = unit
        self.reads = 0
        self.last = (0, 1)

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        self.reads += 1
        self.last = (address, count)
        return await self._unit.read_holding_registers(address, count)

    def __getattr__(self, name: str) -> object:
        return getattr(self._unit, name)


async def polls_per_s(port: int, unit_id: int) -> tuple[float, float]:
    """Return polls a second of the inverter on 127.0.0.1, and how many its requests alone would allow."""
    connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=port))
    try:
        unit = _Counting(connection.for_unit(unit_id))
        inverter = SunSpecInverter(Access(unit=unit), clock=lambda: datetime.now(UTC))  # type: ignore[arg-type] # it stands in for a unit
        await inverter.read()
        unit.reads, polls, begun = 0, 0, time.monotonic()
        while time.monotonic() - begun < _FOR_S:
            await inverter.read()
            polls += 1
        polled = polls / (time.monotonic() - begun)
        requests, begun, bare = unit.reads / polls, time.monotonic(), 0
        while time.monotonic() - begun < _FOR_S:
            await connection.for_unit(unit_id).read_holding_registers(*unit.last)
            bare += 1
        return polled, bare / (time.monotonic() - begun) / requests
    finally:
        await connection.close()
