"""Polling a SunSpec device: rhythm, loss, return, and writes in between."""

import asyncio
import gc
import socket
import time

import pytest
from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
from pymodbus.constants import ExcCodes

from custom_components.home_flex.core.model import BatteryReading, PvReading
from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import (
    Access,
    SunSpecBattery,
    SunSpecInverter,
    discovery,
    requests,
)

from ..fakes import sunspec_images as images
from ..fakes.listener import noon, running
from ..fakes.modbus_server import FakeModbusServer, put, serving, unit_of


async def test_readings_follow_each_other() -> None:
    image = images.classic_pv()
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: len(heard.readings) >= 3)
            put(image, 103, W=99)
            await heard.until(lambda: heard.readings[-1].power_w == -99)
        assert inverter.identity is not None
    assert not heard.losses


async def test_a_write_is_followed_by_a_reading_at_once() -> None:
    async with serving({1: images.der_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon, poll_interval_s=3600)
        async with running(battery) as heard:
            await heard.until(lambda: bool(heard.readings))
            await battery.set_power(1234, expires_in_s=60)
            await heard.until(lambda: len(heard.readings) == 2)
    reading = heard.readings[-1]
    assert isinstance(reading, BatteryReading)
    assert reading.power_setpoint_w == 1234


async def test_a_write_waits_for_one_request_of_a_slow_poll_and_not_for_all() -> None:
    async with serving({1: images.der_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon, poll_interval_s=0.0)
        await battery.read()
        server.delay_s = 0.1
        async with running(battery) as heard:
            await heard.until(lambda: bool(heard.readings))
            seen = len(server.requests)
            await battery.set_power(100, expires_in_s=60)
            before_the_write = [request for request in server.requests[seen:] if not request.writes]
    assert len(before_the_write) <= 2  # the one in flight, and one that was queued already


async def test_a_poll_that_a_write_fell_into_is_not_published_half_old() -> None:
    async with serving({1: images.der_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.read()
        server.delay_s = 0.05
        poll = asyncio.create_task(battery.read())
        await server.until_asked(2)  # the registers of the setpoint are being read
        await battery.set_power(700, expires_in_s=60)
        assert (await poll).power_setpoint_w == 700


async def test_two_setpoints_at_once_do_not_mix_their_requests() -> None:
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await asyncio.gather(
            battery.set_power(1000, expires_in_s=60), battery.set_power(-1000, expires_in_s=60)
        )
        assert [len(request.words or ()) for request in server.writes] == [4, 1, 4, 1]


async def test_a_lost_link_is_told_once_and_readings_return_with_the_device() -> None:
    image = images.classic_pv()
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.readings))
            await server.stop()
            await heard.until(lambda: bool(heard.losses))
            read = len(heard.readings)
            await asyncio.sleep(1.2)  # at least one more attempt fails unheard
            await server.start()
            await heard.until(lambda: len(heard.readings) > read)
    assert [loss.reason for loss in heard.losses] == ["cannot_connect"]


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (ExcCodes.DEVICE_FAILURE, "asleep"),
        (ExcCodes.DEVICE_BUSY, "busy"),
        (ExcCodes.GATEWAY_NO_RESPONSE, "wrong_unit_id"),
    ],
)
async def test_an_inverter_that_is_first_asked_by_night_is_told_as_it_says_and_read_by_day(
    monkeypatch: pytest.MonkeyPatch, says: ExcCodes, told: str
) -> None:
    monkeypatch.setattr(requests, "_WITH_QUEUE_S", 0.5)
    anywhere = dict.fromkeys([*range(10), *range(50000, 50010)], 0)
    async with serving({1: anywhere | images.classic_pv()}) as server, unit_of(server) as unit:
        server.refuse_reads = says
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.losses))
            server.refuse_reads = None
            await heard.until(lambda: bool(heard.readings))
        assert [loss.reason for loss in heard.losses] == [told]


async def test_two_failed_polls_are_not_yet_a_loss() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.2)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.readings))
            server.refuse_reads = ExcCodes.DEVICE_FAILURE
            await server.until_asked(2)
            server.refuse_reads = None
            read = len(heard.readings)
            await heard.until(lambda: len(heard.readings) > read)
    assert not heard.losses


async def test_an_implausible_value_is_never_published_and_lasting_it_is_a_loss() -> None:
    image = images.classic_pv()
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.readings))
            put(image, 103, W_SF=4)
            await heard.until(lambda: bool(heard.losses))
    assert heard.losses[0].reason == "implausible"
    assert {reading.power_w for reading in heard.readings} == {-3210}


async def test_a_unit_that_falls_silent_is_lost_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "REQUEST_TIMEOUT_S", 1.0)
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.readings))
            server.silent.add(1)
            started = time.monotonic()
            await heard.until(lambda: bool(heard.losses))
            assert 2 < time.monotonic() - started < 6  # three polls of 1 s
            server.silent.clear()
            read = len(heard.readings)
            await heard.until(lambda: len(heard.readings) > read)
    assert [loss.reason for loss in heard.losses] == ["timeout"]


async def test_a_device_that_is_not_what_was_set_up_is_told_once() -> None:
    async with serving({1: images.image(images.common())}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.losses))
            await server.until_asked(3)
    assert [loss.reason for loss in heard.losses] == ["missing_model"]


async def test_another_device_at_the_same_address_is_recognised_after_a_loss() -> None:
    image = images.classic_pv()
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as heard:
            await heard.until(lambda: bool(heard.readings))
            await server.stop()
            await heard.until(lambda: bool(heard.losses))
            server.units[1] = images.float_pv(power_w=42.0)
            await server.start()
            await heard.until(lambda: heard.readings[-1].power_w == -42.0)
    reading = heard.readings[-1]
    assert isinstance(reading, PvReading)
    assert reading.energy_produced_wh is not None


async def test_a_setpoint_on_a_lost_link_fails_in_words() -> None:
    server = FakeModbusServer({1: images.der_battery()})
    await server.start()
    async with unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.read()
        await server.stop()
        with pytest.raises(DeviceError) as refusal:
            await battery.set_power(100, expires_in_s=60)
    assert refusal.value.reason == "cannot_connect"


async def test_two_units_on_one_link_do_not_disturb_each_other() -> None:
    images_of_units = {1: images.classic_pv(), 2: images.der_battery()}
    async with serving(images_of_units) as server, unit_of(server) as unit:
        other = unit._conn.for_unit(2)  # type: ignore[attr-defined] # the link behind the unit
        inverter = SunSpecInverter(Access(unit=unit), clock=noon, poll_interval_s=0.01)
        battery = SunSpecBattery(Access(unit=other), clock=noon, poll_interval_s=0.01)
        async with running(inverter) as pv, running(battery) as storage:
            await pv.until(lambda: len(pv.readings) > 5)
            await storage.until(lambda: len(storage.readings) > 5)
    assert not pv.losses
    assert not storage.losses


async def test_a_poll_that_is_cancelled_while_the_link_opens_leaves_no_failure_unheard() -> None:
    unheard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context["message"]))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=silent.getsockname()[1]))
        for _ in range(20):
            poll = asyncio.create_task(
                SunSpecInverter(Access(unit=connection.for_unit(1)), clock=noon).read()
            )
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            poll.cancel()
            await asyncio.gather(poll, return_exceptions=True)
        await connection.close()
    gc.collect()
    assert unheard == []
