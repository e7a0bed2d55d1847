"""A process: the SunSpec Alliance's own device of IEEE 1547, encoded by pysunspec2, behind Modbus TCP."""

import asyncio
import json
import sys
from pathlib import Path

import sunspec2  # type: ignore[import-untyped] # ships no types
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from sunspec2.file.client import FileClientDevice  # type: ignore[import-untyped] # ships no types

DEVICE = Path(sunspec2.__file__).parent / "tests" / "test_data" / "device_1547.json"
BASE, UNIT = 40000, 1


def registers() -> list[int]:
    """Return the whole map, from the mark to the end model."""
    device = FileClientDevice(str(DEVICE))
    device.scan()
    words = [0x5375, 0x6E53]
    for model in device.model_list:
        data = model.get_mb()
        model_words = [int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2)]
        # The file leaves the length to whoever puts the models in a row.
        words += [model_words[0], len(model_words) - 2, *model_words[2:]]
    return [*words, 0xFFFF, 0]


async def main() -> None:
    words = registers()
    simdata = [SimData(BASE, values=words, datatype=DataType.UINT16)]
    server = ModbusTcpServer([SimDevice(id=UNIT, simdata=simdata)], address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    assert isinstance(server.transport, asyncio.Server)
    port = server.transport.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"what": "listening", "detail": port}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
