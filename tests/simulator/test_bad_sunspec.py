"""The simulator's other personality: a hybrid, RTU frames, and devices that do not do as they are told."""

from collections.abc import AsyncIterator

import pytest
from home_simulator.faults import Faults, parse_faults
from home_simulator.simulator import Simulator
from modbus_connection import ModbusSerialParams, ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, probe_battery, probe_inverter

from ..devices.fakes.listener import noon
from .conftest import eventually, house_on_the_wire
from .test_modbus import in_thread, scanned


@pytest.fixture
async def hybrid() -> AsyncIterator[Simulator]:
    async with house_on_the_wire(hybrid=True) as running:
        yield running


def link_to(simulator: Simulator) -> ModbusConnection:
    return ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=simulator.modbus.port))


async def test_a_sunspec_client_finds_four_inputs_of_the_hybrid(hybrid: Simulator) -> None:
    await eventually(lambda: hybrid.house.pv.power_w == -hybrid.house.pv.available_w)
    device = await scanned(hybrid, 1)
    assert [model for model in device.models if isinstance(model, int)] == [1, 103, 120, 123, 160, 124]
    modules = device.mppt[0].module
    assert [module.IDStr.cvalue for module in modules] == ["MPPT 1", "MPPT 2", "StCha 3", "StDisCha 4"]
    assert sum(module.DCW.cvalue for module in modules) == pytest.approx(-hybrid.house.pv.power_w, rel=0.03)
    await in_thread(device.close)


async def test_the_driver_tells_sun_and_battery_of_the_hybrid_apart_and_sets_the_battery(
    hybrid: Simulator,
) -> None:
    house, link = hybrid.house, link_to(hybrid)
    access = Access(unit=link.for_unit(1))
    battery = SunSpecBattery(access, clock=noon)
    for power_w in (2000, -1500):
        await battery.set_power(power_w, expires_in_s=60)
        await eventually(lambda power_w=power_w: house.battery.power_w == pytest.approx(power_w, rel=0.02))  # type: ignore[misc] # bound now
        assert (await probe_inverter(access))[1].power_w == pytest.approx(house.pv.power_w, rel=0.03)
    assert not battery.troubles
    await battery.set_power(None, expires_in_s=60)
    await eventually(lambda: house.battery.power_w == 0)
    await link.close()


async def test_the_same_units_are_reached_in_rtu_frames(simulator: Simulator) -> None:
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=simulator.rtu.port, framer=FramerType.RTU, timeout=2, retries=0
    )
    await client.connect()
    answer = await client.read_holding_registers(40000, count=2, device_id=2)
    client.close()
    assert answer.registers == [0x5375, 0x6E53]


async def test_the_driver_reads_and_sets_a_battery_over_rtu(simulator: Simulator) -> None:
    link = ModbusConnection(
        ModbusSerialParams(device=f"socket://127.0.0.1:{simulator.rtu.port}", baudrate=115200)
    )
    access = Access(unit=link.for_unit(2))
    identity, reading = await probe_battery(access)
    assert (identity.serial_number, reading.capacity_wh) == ("SIM-BAT-0001", 10_000)
    await SunSpecBattery(access, clock=noon).set_power(-2000, expires_in_s=60)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(-2000, abs=40))
    await link.close()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Faults(sunspec_refuses_writes=True), "write_refused"),
        (Faults(sunspec_drops_writes=True), "write_ignored"),
    ],
)
async def test_an_order_that_is_not_taken_fails(simulator: Simulator, fault: Faults, reason: str) -> None:
    link = link_to(simulator)
    battery = SunSpecBattery(Access(unit=link.for_unit(2)), clock=noon)
    simulator.faults.now = fault
    with pytest.raises(DeviceError) as refusal:
        await battery.set_power(2000, expires_in_s=60)
    assert refusal.value.reason == reason
    simulator.faults.now = Faults()
    await battery.set_power(2000, expires_in_s=60)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(2000, abs=40))
    await link.close()


async def test_an_order_without_a_timer_is_said_and_one_that_is_forgotten_is_seen(
    simulator: Simulator,
) -> None:
    link = link_to(simulator)
    battery = SunSpecBattery(Access(unit=link.for_unit(2)), clock=noon)
    simulator.faults.now = Faults(sunspec_no_timer=True)
    await battery.set_power(2000, expires_in_s=60)
    assert battery.troubles == {"no_timer"}
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(2000, abs=40))
    simulator.faults.now = Faults(sunspec_forgets_orders=True)
    await eventually(lambda: simulator.house.battery.power_w == 0)
    assert (await battery.read()).power_setpoint_w is None
    assert "overridden" in battery.troubles
    await link.close()


async def test_an_order_that_is_kept_beyond_its_end_is_not_handed_back(simulator: Simulator) -> None:
    link = link_to(simulator)
    battery = SunSpecBattery(Access(unit=link.for_unit(2)), clock=noon)
    await battery.set_power(2000, expires_in_s=60)
    simulator.faults.now = Faults(sunspec_keeps_orders=True)
    with pytest.raises(DeviceError) as refusal:
        await battery.set_power(None, expires_in_s=60)
    assert refusal.value.reason == "not_released"
    simulator.faults.now = Faults()
    await battery.set_power(None, expires_in_s=60)
    await eventually(lambda: simulator.house.battery.power_w == 0)
    await link.close()


async def test_a_battery_that_clips_gives_what_it_can(simulator: Simulator) -> None:
    simulator.faults.now = Faults(battery_clips_w=1500)
    link = link_to(simulator)
    battery = SunSpecBattery(Access(unit=link.for_unit(2)), clock=noon)
    await battery.set_power(-4000, expires_in_s=60)
    await eventually(lambda: simulator.house.battery.power_w == pytest.approx(-1500, abs=30))
    assert (await battery.read()).power_setpoint_w == -4000
    await link.close()


@pytest.mark.parametrize("value", [-1, True, "much", 1e9])
def test_a_power_to_clip_at_that_makes_no_sense_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="battery_clips_w"):
        parse_faults({"battery_clips_w": value})
