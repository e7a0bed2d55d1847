"""SunSpec over Modbus TCP, read and written by clients that share no code with the simulator."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sunspec2  # type: ignore[import-untyped] # ships no types
from home_simulator.faults import Faults
from home_simulator.simulator import Simulator
from home_simulator.sunspec_models import MODELS, MODULES
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from sunspec2.mdef import from_json_file  # type: ignore[import-untyped] # ships no types
from sunspec2.modbus.client import (  # type: ignore[import-untyped] # ships no types
    SunSpecModbusClientDeviceTCP,
)

from .conftest import eventually

PV, BATTERY = 1, 2
MODEL_FILES = Path(sunspec2.__file__).parent / "models" / "json"
PV_LIMIT = 40002 + 68 + 52 + 28 + 5  # WMaxLimPct: after models 1, 103 and 120
BATTERY_CONTROL = 40002 + 68 + 155 + 52  # model 704: after models 1, 701 and 702
WSET_ENA = BATTERY_CONTROL + 22


async def in_thread(work: Callable[[], Any]) -> Any:
    return await asyncio.to_thread(work)


async def scanned(simulator: Simulator, unit_id: int) -> SunSpecModbusClientDeviceTCP:
    """Open a pysunspec2 device; every later call on it goes through ``in_thread``."""
    device = SunSpecModbusClientDeviceTCP(
        slave_id=unit_id, ipaddr="127.0.0.1", ipport=simulator.modbus.port, timeout=2
    )
    await in_thread(device.scan)
    return device


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[AsyncModbusTcpClient]:
    connected = AsyncModbusTcpClient("127.0.0.1", port=simulator.modbus.port, timeout=1, retries=0)
    await connected.connect()
    yield connected
    connected.close()


@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_model_is_laid_out_as_the_sunspec_alliance_defines_it(model: int) -> None:
    def flat(group: dict[str, Any], prefix: str = "") -> list[tuple[str, str, int]]:
        points = [(prefix + point["name"], point["type"], point["size"]) for point in group["points"]]
        return points + [
            point
            for inner in group.get("groups", [])
            for name in (range(1, MODULES + 1) if inner["name"] == "module" else [inner["name"]])
            for point in flat(inner, f"{name}.")
        ]

    defined = flat(from_json_file(str(MODEL_FILES / f"model_{model}.json"))["group"])[2:]
    assert [(point.name, point.kind, point.size) for point in MODELS[model]] == defined


async def test_a_sunspec_client_finds_and_reads_the_pv_inverter(simulator: Simulator) -> None:
    await eventually(lambda: simulator.house.pv.power_w == -simulator.house.pv.available_w)
    await asyncio.sleep(0.15)
    device = await scanned(simulator, PV)
    assert [model for model in device.models if isinstance(model, int)] == [1, 103, 120, 123]
    inverter = device.inverter_three_phase[0]
    assert inverter.W.cvalue == pytest.approx(-simulator.house.pv.power_w, abs=5)
    assert inverter.AphA.cvalue * inverter.PhVphA.cvalue * 3 == pytest.approx(inverter.W.cvalue, rel=0.01)
    assert device.nameplate[0].WRtg.cvalue == 6000
    assert device.common[0].SN.cvalue == "SIM-PV-0001"
    await in_thread(device.close)


async def test_a_sunspec_client_sets_the_batterys_power(simulator: Simulator) -> None:
    device = await scanned(simulator, BATTERY)
    assert [model for model in device.models if isinstance(model, int)] == [1, 701, 702, 704, 713]
    assert device.DERCapacity[0].WChaRteMaxRtg.cvalue == 5000
    assert device.DERStorageCapacity[0].WHRtg.cvalue == 10_000
    assert device.DERStorageCapacity[0].SoC.cvalue == pytest.approx(50, abs=0.1)
    control = device.DERCtlAC[0]
    control.WSet.cvalue, control.WSetEna.cvalue = 3000.0, 1
    await in_thread(control.write)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(-3000, abs=60), 0.6)
    await eventually(lambda: simulator.house.battery.power_w == -3000)
    await asyncio.sleep(0.15)
    await in_thread(device.DERMeasureAC[0].read)
    assert device.DERMeasureAC[0].W.cvalue == 3000
    assert simulator.house.battery.state_of_charge < 0.5
    await in_thread(device.close)


@pytest.mark.skipif(shutil.which("mbpoll") is None, reason="mbpoll is not installed")
async def test_mbpoll_reads_the_sunspec_marker(simulator: Simulator) -> None:
    command = f"mbpoll -m tcp -p {simulator.modbus.port} -a 1 -r 40001 -c 2 -t 4:hex -1 127.0.0.1"
    process = await asyncio.create_subprocess_exec(*command.split(), stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 5)
    assert re.findall(r"0x([0-9A-F]{4})", output.decode()) == ["5375", "6E53"]


async def test_a_pv_limit_holds_and_reverts_when_its_time_is_up(
    simulator: Simulator, client: AsyncModbusTcpClient
) -> None:
    await client.write_registers(PV_LIMIT, [2500, 0, 1, 0, 1], device_id=PV)
    began = time.monotonic()
    await eventually(lambda: simulator.house.pv.power_w == pytest.approx(-1500, abs=50), 0.9)
    await eventually(lambda: simulator.house.pv.power_w < -4000)
    assert time.monotonic() - began == pytest.approx(1.1, abs=0.4)
    assert (await client.read_holding_registers(PV_LIMIT + 4, device_id=PV)).registers == [0]


async def test_a_renewed_battery_setpoint_does_not_revert(
    simulator: Simulator, client: AsyncModbusTcpClient
) -> None:
    setpoint = [1, 1, 0xFFFF, 0x10000 - 20_000, 0, 0, 0, 0, 0, 0, 1]  # enable, watts, -2000.0 W … for 1 s
    for _ in range(4):
        answer = await client.write_registers(WSET_ENA, setpoint, device_id=BATTERY)
        assert not answer.isError()
        await asyncio.sleep(0.5)
        assert simulator.house.battery.power_w == pytest.approx(2000, rel=0.02)
    remaining = await client.read_holding_registers(WSET_ENA + 11, count=2, device_id=BATTERY)
    assert remaining.registers[1] <= 1
    await eventually(lambda: simulator.house.battery.power_w == 0)
    assert (await client.read_holding_registers(WSET_ENA, device_id=BATTERY)).registers == [0]


async def test_the_battery_can_be_limited_and_set_in_percent(
    simulator: Simulator, client: AsyncModbusTcpClient
) -> None:
    await client.write_registers(WSET_ENA, [1, 0, 0, 0, 0, 0, 5000], device_id=BATTERY)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(-2500))
    await client.write_registers(BATTERY_CONTROL + 14, [1, 2000], device_id=BATTERY)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(-1000))


@pytest.mark.parametrize(
    ("unit_id", "address", "values", "exception"),
    [
        (PV, 40000, [1], 2),
        (PV, PV_LIMIT, [10_001], 3),
        (PV, PV_LIMIT + 4, [2], 3),
        (PV, PV_LIMIT + 5, [1], 2),
        (PV, PV_LIMIT + 4, [0, 1], 2),
        (BATTERY, WSET_ENA + 2, [0], 2),
        (BATTERY, WSET_ENA + 11, [0, 0], 2),
        (BATTERY, 50_000, [1], 2),
    ],
)
async def test_what_cannot_be_written_gets_an_exception_and_changes_nothing(
    client: AsyncModbusTcpClient, unit_id: int, address: int, values: list[int], exception: int
) -> None:
    start, count = (PV_LIMIT, 5) if unit_id == PV else (WSET_ENA, 11)
    before = (await client.read_holding_registers(start, count=count, device_id=unit_id)).registers
    answer = await client.write_registers(address, values, device_id=unit_id)
    assert answer.exception_code == exception
    after = (await client.read_holding_registers(start, count=count, device_id=unit_id)).registers
    assert after == before


async def test_nobody_lives_at_another_unit_id(client: AsyncModbusTcpClient) -> None:
    answer = await client.read_holding_registers(40000, count=2, device_id=3)
    assert answer.exception_code == 11


async def test_reading_past_the_end_gets_an_exception(client: AsyncModbusTcpClient) -> None:
    assert (await client.read_holding_registers(40200, count=100, device_id=PV)).exception_code == 2
    assert (await client.read_coils(40000, count=1, device_id=PV)).isError()


class TestFaults:
    async def test_an_exception_can_be_given_to_every_request(
        self, simulator: Simulator, client: AsyncModbusTcpClient
    ) -> None:
        simulator.faults.now = Faults(modbus_exception=6)
        assert (await client.read_holding_registers(40000, count=2, device_id=PV)).exception_code == 6

    async def test_an_ignored_command_is_written_but_not_followed(
        self, simulator: Simulator, client: AsyncModbusTcpClient
    ) -> None:
        simulator.faults.now = Faults(battery_ignores_commands=True, pv_ignores_commands=True)
        written = [1, 1, 0, 20_000]
        assert not (await client.write_registers(WSET_ENA, written, device_id=BATTERY)).isError()
        assert not (await client.write_registers(PV_LIMIT, [0, 0, 0, 0, 1], device_id=PV)).isError()
        await asyncio.sleep(0.5)
        assert simulator.house.battery.power_w == 0
        assert simulator.house.pv.power_w < -4000
        shown = await client.read_holding_registers(WSET_ENA, count=4, device_id=BATTERY)
        assert shown.registers == written

    async def test_a_frozen_register_keeps_its_value(
        self, simulator: Simulator, client: AsyncModbusTcpClient
    ) -> None:
        simulator.faults.now = Faults(battery_frozen=True)
        await client.write_registers(WSET_ENA, [1, 1, 0, 20_000], device_id=BATTERY)
        await eventually(lambda: simulator.house.battery.power_w == -2000)
        await asyncio.sleep(0.2)
        power = await client.read_holding_registers(40000 + 70 + 10, device_id=BATTERY)
        assert power.registers == [0]

    async def test_answers_can_be_late(self, simulator: Simulator, client: AsyncModbusTcpClient) -> None:
        simulator.faults.now = Faults(modbus_delay_s=0.4)
        began = time.monotonic()
        await client.read_holding_registers(40000, count=2, device_id=PV)
        assert time.monotonic() - began >= 0.4

    async def test_the_link_can_be_cut_and_comes_back_on_its_port(
        self, simulator: Simulator, client: AsyncModbusTcpClient
    ) -> None:
        port = simulator.modbus.port
        simulator.faults.now = Faults(modbus_link_down=True)
        await eventually(lambda: not simulator.modbus.listening)
        with pytest.raises(ModbusException):
            await client.read_holding_registers(40000, count=2, device_id=PV)
        simulator.faults.now = Faults()
        await eventually(lambda: simulator.modbus.listening)
        assert simulator.modbus.port == port
        device = await scanned(simulator, PV)
        await in_thread(device.close)
