"""SunSpec devices behind one TCP port, in the frames of Modbus TCP or, as behind a gateway, of Modbus RTU."""

import asyncio
import time
from collections.abc import Mapping

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from .faults import FaultSwitch
from .sunspec_map import SunSpecDevice
from .sunspec_unit import BASE_ADDRESS, IllegalAddressError, IllegalValueError

REFRESH_PERIOD_S = 0.1
_READ, _WRITE_ONE, _WRITE_MANY = 3, 6, 16
_ANY_UNIT = 0


class ModbusServer:
    """Function 3 reads, 6 and 16 write; every other function and unit gets an exception."""

    def __init__(
        self,
        devices: Mapping[int, SunSpecDevice],
        faults: FaultSwitch,
        *,
        host: str,
        port: int,
        framer: FramerType = FramerType.SOCKET,
    ) -> None:
        """Build a server that does not listen yet; ``port`` 0 takes a free one."""
        self._framer = framer
        self.port = port
        self._host = host
        self._devices = devices
        self._faults = faults
        self._server: ModbusTcpServer | None = None

    @property
    def listening(self) -> bool:
        """Whether the port is open."""
        return self._server is not None

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        units = [self._simulated(unit_id, device) for unit_id, device in self._devices.items()]
        server = ModbusTcpServer(
            [*units, _absent_unit()], address=(self._host, self.port), framer=self._framer
        )
        if not await server.listen():
            raise OSError(f"cannot listen on {self._host} port {self.port}")
        self._server = server
        if isinstance(server.transport, asyncio.Server):
            self.port = server.transport.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
            self._server = None

    async def run(self) -> None:
        """Keep the registers fresh until cancelled; take the link down and up as the faults say."""
        while True:
            if self._faults.now.modbus_link_down:
                await self.stop()
            elif self._server is None:
                await self.start()
            for device in self._devices.values():
                device.refresh(time.monotonic())
            await asyncio.sleep(REFRESH_PERIOD_S)

    def _simulated(self, unit_id: int, device: SunSpecDevice) -> SimDevice:
        async def access(
            function: int,
            _start: int,
            address: int,
            _count: int,
            registers: list[int],
            written: list[int] | list[bool] | None,
        ) -> ExcCodes | None:
            if refusal := await self._refusal():
                return refusal
            if function not in {_READ, _WRITE_ONE, _WRITE_MANY}:
                return ExcCodes.ILLEGAL_FUNCTION
            result = self._write(device, address, written) if written else None
            registers[: device.unit.size] = device.unit.registers()
            return result

        return SimDevice(
            unit_id,
            [SimData(BASE_ADDRESS, count=device.unit.size, values=0, datatype=DataType.REGISTERS)],
            action=access,
        )

    def _write(
        self, device: SunSpecDevice, address: int, registers: list[int] | list[bool]
    ) -> ExcCodes | None:
        if self._faults.now.sunspec_refuses_writes:
            return ExcCodes.ILLEGAL_VALUE
        if self._faults.now.sunspec_drops_writes:
            return None
        try:
            points = device.unit.write(address, [int(register) for register in registers])
        except IllegalAddressError:
            return ExcCodes.ILLEGAL_ADDRESS
        except IllegalValueError:
            return ExcCodes.ILLEGAL_VALUE
        device.written(points, time.monotonic())
        return None

    async def _refusal(self) -> ExcCodes | None:
        faults = self._faults.now
        if faults.modbus_delay_s:
            await asyncio.sleep(faults.modbus_delay_s)
        return ExcCodes(faults.modbus_exception) if faults.modbus_exception else None


def _absent_unit() -> SimDevice:
    """Answer for unit ids where nobody lives, as a gateway does (Modbus exception 11)."""

    async def access(*_request: object) -> ExcCodes:
        return ExcCodes.GATEWAY_NO_RESPONSE

    return SimDevice(
        _ANY_UNIT, [SimData(0, count=65_535, values=0, datatype=DataType.REGISTERS)], action=access
    )
