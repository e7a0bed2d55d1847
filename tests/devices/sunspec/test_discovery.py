"""Finding the SunSpec map of a Modbus unit, and saying why there is none."""

import asyncio
import socket

import pytest
from modbus_connection import ModbusTcpParams
from modbus_connection.tmodbus import ModbusConnection
from pymodbus.constants import ExcCodes

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import (
    Access,
    discovery,
    probe_battery,
    probe_inverter,
    requests,
)

from ..fakes import sunspec_images as images
from ..fakes.modbus_server import FakeModbusServer, serving, unit_of
from ..fakes.sunspec_map import discover

# Registers at every address where a map may begin, and no map.
_ANYTHING = dict.fromkeys([*range(10), *range(40000, 40010), *range(50000, 50200)], 42)


@pytest.mark.parametrize("base", [0, 40000, 50000])
async def test_the_map_is_found_at_each_base_address(base: int) -> None:
    async with serving({1: images.classic_pv(base=base)}) as server, unit_of(server) as unit:
        device = await discover(unit)
    assert device.base_address == base
    assert list(device.models) == [1, 103, 120, 123]


async def test_other_registers_at_an_earlier_base_do_not_deceive() -> None:
    image = images.classic_pv(base=50000) | dict.fromkeys(range(40000, 40010), 17)
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert (await discover(unit)).base_address == 50000


async def test_unknown_models_are_skipped_by_their_length() -> None:
    vendor = [64999, 40, *range(40)]
    strings = images.model(160)
    image = images.image(images.common(), vendor, strings, images.model(103, W=1, W_SF=0), vendor)
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert list((await discover(unit)).models) == [1, 64999, 160, 103]


async def test_a_map_that_stops_without_an_end_model_is_read_as_far_as_it_goes() -> None:
    image = images.image(images.common(), images.model(103, W=1, W_SF=0), end=[])
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert list((await discover(unit)).models) == [1, 103]


async def test_a_map_that_never_ends_is_left_after_a_hundred_models() -> None:
    endless = dict.fromkeys(range(40000, 41000), 0) | images.image(images.common(), *([[7, 1, 0]] * 300))
    async with serving({1: endless}) as server, unit_of(server) as unit:
        await discover(unit)
    assert len(server.requests) < 110


async def test_a_model_too_short_for_its_points_is_not_used() -> None:
    image = images.image(images.common(), [103, 4, 0, 0, 0, 0], images.model(120, WRtg=5000, WRtg_SF=0))
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_inverter(Access(unit=unit))
    assert refusal.value.reason == "missing_model"


async def reason_of(server: FakeModbusServer, unit_id: int = 1) -> str:
    async with unit_of(server, unit_id) as unit:
        with pytest.raises(DeviceError) as refusal:
            await discover(unit)
    return refusal.value.reason


async def test_a_device_without_the_mark_is_not_sunspec() -> None:
    async with serving({1: dict.fromkeys([*range(10), *range(40000, 40010)], 42)}) as server:
        assert await reason_of(server) == "not_sunspec"


async def test_a_gateway_that_cannot_reach_the_unit_means_a_wrong_unit_id() -> None:
    async with serving({1: _ANYTHING}) as server:
        server.refuse_reads = ExcCodes.GATEWAY_NO_RESPONSE
        assert await reason_of(server) == "wrong_unit_id"


@pytest.mark.parametrize("registers", [_ANYTHING, images.classic_pv()])
async def test_a_unit_that_fails_where_a_map_may_begin_is_asleep_and_not_of_another_kind(
    registers: dict[int, int],
) -> None:
    async with serving({1: registers}) as server:
        server.refuse_reads = ExcCodes.DEVICE_FAILURE
        assert await reason_of(server) == "asleep"


async def test_a_unit_that_fails_at_one_address_and_tells_other_things_elsewhere_is_not_asleep() -> None:
    async with serving({1: _ANYTHING}) as server:
        server.refuse_reads, server.refuses_read = (
            ExcCodes.DEVICE_FAILURE,
            lambda address, _: address == 40000,
        )
        assert await reason_of(server) == "not_sunspec"


async def test_a_unit_that_says_nothing_on_a_good_link_is_told_from_a_wrong_unit_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "REQUEST_TIMEOUT_S", 0.2)
    async with serving({1: images.classic_pv(), 7: _ANYTHING}, silent=frozenset({7})) as server:
        assert await reason_of(server, unit_id=7) == "no_answer"


@pytest.mark.parametrize(
    "elsewhere", [ExcCodes.GATEWAY_NO_RESPONSE, ExcCodes.ILLEGAL_ADDRESS, ExcCodes.DEVICE_FAILURE, None]
)
async def test_whatever_a_device_says_at_other_addresses_its_map_is_found(
    monkeypatch: pytest.MonkeyPatch, elsewhere: ExcCodes | None
) -> None:
    monkeypatch.setattr(discovery, "REQUEST_TIMEOUT_S", 0.2)
    async with serving({1: {**_ANYTHING, **images.classic_pv(base=50000)}}) as server:
        server.refuses_read = lambda address, _: address < 50000
        server.refuse_reads, server.is_silent_instead = elsewhere, elsewhere is None
        async with unit_of(server) as unit:
            assert (await discover(unit)).base_address == 50000


async def test_a_refused_connection_cannot_connect() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        connection = ModbusConnection(ModbusTcpParams(host="127.0.0.1", port=taken.getsockname()[1]))
        with pytest.raises(DeviceError) as refusal:
            await discover(connection.for_unit(1))
        await connection.close()
    assert refusal.value.reason == "cannot_connect"


async def test_a_server_that_is_busy_for_ever_does_not_hold_us_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving({1: images.classic_pv()}) as server:
        server.refuse_reads = ExcCodes.DEVICE_BUSY
        monkeypatch.setattr(requests, "_WITH_QUEUE_S", 0.5)
        async with asyncio.timeout(10):
            assert await reason_of(server) == "busy"


async def test_the_missing_model_is_named() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError, match="124 or 713 or 802") as refusal:
            await probe_battery(Access(unit=unit))
    assert refusal.value.reason == "missing_model"


async def test_a_collector_of_several_inverters_is_not_taken_for_one() -> None:
    image = images.image(
        images.common(),
        images.model(103, W=3000, W_SF=0, St=4),
        images.model(120, WRtg=5000, WRtg_SF=0),
        images.common("SN-2"),
        images.model(103, W=2000, W_SF=0, St=4),
    )
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_inverter(Access(unit=unit))
    assert refusal.value.reason == "several_inverters"
