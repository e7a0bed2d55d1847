"""A Modbus TCP server (pymodbus) whose registers and faults a test holds in its hands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from modbus_connection import ModbusTcpParams, ModbusUnit
from modbus_connection.tmodbus import ModbusConnection
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from .sunspec_images import definition_points, model

_WRITE_ONE, _WRITE = 6, 16


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    unit: int
    address: int
    count: int
    words: tuple[int, ...] | None

    @property
    def writes(self) -> bool:
        return self.words is not None


class FakeModbusServer:
    """Serves register images by unit id on 127.0.0.1; a gateway exception answers for other units.

    Faults: ``refuse_reads`` and ``refuse_writes`` answer with an exception code, to the requests for which
    ``refuses_read`` (address, count) and ``refuses_write`` (address, words, function code) hold, or not at
    all (``is_silent_instead``); ``delay_s`` holds back each answer, ``silent`` units never answer.
    ``take`` does something else with what is written than to keep it.
    """

    def __init__(self, units: dict[int, dict[int, int]], *, silent: frozenset[int] = frozenset()) -> None:
        self.units = units
        self.silent = set(silent)
        self.requests: list[Request] = []
        self.refuse_reads: ExcCodes | None = None
        self.refuse_writes: ExcCodes | None = None
        self.refuses_read: Callable[[int, int], bool] = lambda _address, _count: True
        self.refuses_write: Callable[[int, tuple[int, ...], int], bool] = lambda *_: True
        self.is_silent_instead = False
        self.take: Callable[[dict[int, int], int, tuple[int, ...]], None] = keep
        self.delay_s = 0.0
        self._asked = asyncio.Event()
        self.port = 0
        self._server: ModbusTcpServer | None = None

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.writes]

    @property
    def reads(self) -> list[Request]:
        return [request for request in self.requests if not request.writes]

    async def start(self) -> None:
        """Listen; a second start listens on the same port."""
        devices = [
            SimDevice(
                id=unit,
                simdata=[
                    SimData(start, values=[0] * length, datatype=DataType.REGISTERS)
                    for start, length in _runs(registers)
                ],
                action=partial(self._act, unit),
            )
            for unit, registers in self.units.items()
        ]
        server = ModbusTcpServer(devices, address=("127.0.0.1", self.port), ignore_missing_devices=False)
        await server.serve_forever(background=True)
        assert isinstance(server.transport, asyncio.Server)
        self.port = server.transport.sockets[0].getsockname()[1]
        self._server = server

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call] # pymodbus does not say
            self._server = None

    async def until_asked(self, times: int) -> None:
        """Wait until so many more requests have arrived."""
        total = len(self.requests) + times
        async with asyncio.timeout(20):
            while len(self.requests) < total:
                self._asked.clear()
                await self._asked.wait()

    async def _act(
        self,
        unit: int,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        words = tuple(map(int, values)) if values and function_code in {_WRITE, _WRITE_ONE} else None
        self.requests.append(Request(unit, address, count, words))
        self._asked.set()
        if unit in self.silent:
            await asyncio.Event().wait()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        is_refused = (
            self.refuses_read(address, count)
            if words is None
            else self.refuses_write(address, words, function_code)
        )
        if is_refused and self.is_silent_instead:
            await asyncio.Event().wait()
        refusal = self.refuse_reads if words is None else self.refuse_writes
        if is_refused and refusal is not None:
            return refusal
        image = self.units[unit]
        if words is not None:
            self.take(image, address, words)
        for register in range(address, address + count):
            if register in image:
                registers[register - start_address] = image[register]
        return None


def keep(image: dict[int, int], address: int, words: tuple[int, ...]) -> None:
    """Keep what is written, as an honest device does."""
    image.update(enumerate(words, start=address))


def _runs(registers: dict[int, int]) -> list[tuple[int, int]]:
    """Return consecutive registers as (start, length)."""
    runs: list[tuple[int, int]] = []
    for address in sorted(registers):
        if runs and address == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((address, 1))
    return runs


@contextlib.asynccontextmanager
async def serving(
    units: dict[int, dict[int, int]], **faults: frozenset[int]
) -> AsyncIterator[FakeModbusServer]:
    server = FakeModbusServer(units, **faults)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def unit_of(server: FakeModbusServer, unit_id: int = 1) -> AsyncIterator[ModbusUnit]:
    """Hold a unit on a link of its own, such as Home Assistant's shared link hands out."""
    connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=server.port))
    try:
        yield connection.for_unit(unit_id)
    finally:
        await connection.close()


def models_of(image: dict[int, int]) -> dict[int, int]:
    """Return where each model (the first of its id) stands, by walking the image as a client would."""
    addresses: dict[int, int] = {}
    address = min(image) + 2
    while address in image:
        addresses.setdefault(image[address], address)
        address += 2 + image.get(address + 1, 0)
    return addresses


def address_of(image: dict[int, int], model_id: int, point: str) -> int:
    """Return where a point of the first model with this id stands."""
    offsets = {name: offset for name, offset, _ in definition_points(model_id)}
    return models_of(image)[model_id] + offsets[point]


def put(image: dict[int, int], model_id: int, **values: float) -> None:
    """Change points of a model in a running image."""
    changed = model(model_id, **values)
    for name, offset, point in definition_points(model_id):
        if name in values:
            start = address_of(image, model_id, name)
            image.update(enumerate(changed[offset : offset + point["size"]], start=start))
