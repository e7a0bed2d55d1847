"""What pysunspec2 encodes the driver reads, and mbpoll (libmodbus) reads the same registers."""

import re
import shutil
import sys

import pytest
from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection

from custom_components.home_flex.devices.sunspec import Access, probe_inverter
from tests.counterparts.programs import output, running

DEVICE = "sunspec_device.py"


async def test_the_alliances_own_device_is_read_as_it_was_encoded() -> None:
    async with running(sys.executable, DEVICE) as device:
        await device.until(lambda: bool(device.all("listening")))
        (port,) = device.all("listening")
        connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=port))
        try:
            identity, reading = await probe_inverter(Access(unit=connection.for_unit(1)))
        finally:
            await connection.close()
    assert (identity.manufacturer, identity.model, identity.firmware) == (
        "SunSpecTest",
        "Test-1547-1",
        "1.2.3",
    )
    assert identity.serial_number == "sn-123456789"
    assert reading.power_w == -9800  # 9800 W injected
    assert reading.rated_power_w == 10000


@pytest.mark.skipif(
    shutil.which("mbpoll") is None, reason="mbpoll is not installed: run scripts/setup as root"
)
async def test_mbpoll_reads_the_same_power() -> None:
    async with running(sys.executable, DEVICE) as device:
        await device.until(lambda: bool(device.all("listening")))
        (port,) = device.all("listening")
        # Model 701 stands after the mark and model 1 with its 68 registers.
        code, text = await output(
            "mbpoll", *f"-m tcp -p {port} -a 1 -r 40071 -c 12 -t 4:hex -1 127.0.0.1".split()
        )
    assert code == 0, text
    words = [int(word, 16) for word in re.findall(r"0x([0-9A-F]{4})", text)]
    assert words[:2] == [701, 153]
    assert 9800 in words
