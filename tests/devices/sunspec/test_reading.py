"""Reading what is hard to read: small requests only, slow links, several units, sleep, and absurd values."""

import pytest
from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
from pymodbus.constants import ExcCodes

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import (
    Access,
    SunSpecBattery,
    SunSpecInverter,
    discovery,
    probe_battery,
    probe_inverter,
)
from custom_components.home_flex.devices.sunspec.line import line_of

from ..fakes import sunspec_hybrids as hybrids
from ..fakes import sunspec_images as images
from ..fakes.listener import noon, running
from ..fakes.modbus_server import models_of, put, serving, unit_of
from ..fakes.sunspec_map import discovery_of


@pytest.mark.parametrize("most", [64, 32])
async def test_a_device_that_gives_few_registers_at_a_time_is_read_in_parts_which_it_then_knows(
    most: int,
) -> None:
    async with serving({1: hybrids.gen24()}) as server, unit_of(server) as unit:
        server.refuse_reads, server.refuses_read = ExcCodes.ILLEGAL_VALUE, lambda _, count: count > most
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        assert (await battery.read()).power_w == 2000
        server.requests.clear()
        await battery.read()
        assert all(request.count <= most for request in server.requests)


async def test_no_read_crosses_from_one_model_into_another() -> None:
    image = hybrids.gen24()
    starts = sorted(models_of(image).values())
    async with serving({1: image}) as server, unit_of(server) as unit:
        await SunSpecBattery(Access(unit=unit), clock=noon).read()
    for request in server.requests:
        inside = [start for start in starts if request.address < start < request.address + request.count]
        assert not inside or request.address in {40000, 0, 50000}


async def test_a_device_that_refuses_every_read_is_left_after_a_few_requests() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        await inverter.read()
        server.requests.clear()
        server.refuse_reads = ExcCodes.ILLEGAL_ADDRESS
        with pytest.raises(DeviceError) as refusal:
            await inverter.read()
        assert refusal.value.reason == "read_refused"
        assert len(server.requests) < 5


async def test_the_walk_through_a_map_goes_on_where_an_answer_was_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "REQUEST_TIMEOUT_S", 0.2)
    image = hybrids.gen24()
    late = models_of(image)[123]
    async with serving({1: image}) as server, unit_of(server) as unit:
        found = discovery_of(unit)
        server.is_silent_instead, server.refuses_read = True, lambda address, _: address == late
        with pytest.raises(DeviceError) as refusal:
            await found.find()
        assert refusal.value.reason == "timeout"
        server.refuses_read = lambda *_: False
        server.requests.clear()
        assert 160 in (await found.find()).models
        assert server.requests[0].address == late


async def test_an_answer_that_was_missed_once_is_asked_for_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "REQUEST_TIMEOUT_S", 0.3)
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        server.is_silent_instead = True
        server.refuses_read = lambda *_: len(server.requests) % 4 == 2
        assert 123 in (await discovery_of(unit).find()).models


async def test_slow_units_of_one_link_take_turns_and_a_setpoint_goes_before_their_reads() -> None:
    units = {number: images.classic_battery() for number in range(1, 5)}
    async with serving(units) as server:
        connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=server.port))
        line = line_of(("tcp", "127.0.0.1", server.port))
        batteries = [
            SunSpecBattery(
                Access(unit=connection.for_unit(number), line=line), clock=noon, poll_interval_s=0.01
            )
            for number in units
        ]
        for battery in batteries:
            await battery.read()
        server.delay_s = 0.1
        async with (
            running(batteries[0]) as first,
            running(batteries[1]) as second,
            running(batteries[2]) as third,
            running(batteries[3]) as fourth,
        ):
            for heard in (first, second, third, fourth):
                await heard.until(lambda heard=heard: len(heard.readings) > 1)  # type: ignore[misc] # bound now
            server.requests.clear()
            await batteries[3].set_power(-1000, expires_in_s=60)
            others = [request for request in server.requests if request.unit != 4]
        assert len(others) <= 2  # the one in flight, and the one that had the line already
        assert not [loss for heard in (first, second, third, fourth) for loss in heard.losses]
        await connection.close()


async def test_two_devices_on_one_link_share_its_line_for_as_long_as_they_live() -> None:
    line = line_of("a link")
    assert line_of("a link") is line
    assert line_of("another") is not line


@pytest.mark.parametrize("state", [1, 2, 3, 6, 7, 8, 0xFFFF])
async def test_an_inverter_that_does_not_run_and_tells_no_power_has_none(state: int) -> None:
    image = images.classic_pv()
    put(image, 103, W=-0x8000, St=state)
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert (await probe_inverter(Access(unit=unit)))[1].power_w == 0.0


@pytest.mark.parametrize("state", [4, 5])
async def test_an_inverter_that_runs_and_tells_no_power_is_refused(state: int) -> None:
    image = images.classic_pv()
    put(image, 103, W=-0x8000, St=state)
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError):
            await probe_inverter(Access(unit=unit))


async def test_a_battery_that_tells_neither_power_nor_state_is_refused() -> None:
    image = images.classic_battery()
    put(image, 103, W=-0x8000, St=0xFFFF)
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_battery(Access(unit=unit))
    assert refusal.value.reason == "missing_value"


async def test_ratings_that_are_left_out_at_night_are_remembered() -> None:
    image = images.classic_pv()
    clock_s = [0.0]
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit, monotonic_s=lambda: clock_s[0]), clock=noon)
        await inverter.read()
        put(image, 120, WRtg=0xFFFF)
        put(image, 103, W=-0x8000, St=2)
        clock_s[0] = 3600.0
        assert (await inverter.read()).rated_power_w == 5000


@pytest.mark.parametrize(("power_w", "is_right"), [(7400, True), (7600, False), (-200, True), (-300, False)])
async def test_a_power_beyond_what_the_inverter_can_do_is_refused(power_w: int, is_right: bool) -> None:
    async with serving({1: images.classic_pv(power_w=power_w)}) as server, unit_of(server) as unit:
        if is_right:
            assert (await probe_inverter(Access(unit=unit)))[1].power_w == -power_w
        else:
            with pytest.raises(DeviceError) as refusal:
                await probe_inverter(Access(unit=unit))
            assert refusal.value.reason == "implausible"
