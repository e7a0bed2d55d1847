"""What is written to a SunSpec device, in which order, and what is put back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pymodbus.constants import ExcCodes

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, SunSpecInverter, requests
from custom_components.home_flex.devices.sunspec.held import decode_held

from ..fakes import sunspec_hybrids as hybrids
from ..fakes import sunspec_images as images
from ..fakes.listener import noon, running
from ..fakes.modbus_server import FakeModbusServer, address_of, keep, put, serving, unit_of


@dataclass
class Kept:
    """What is remembered of a device, as a JSON object."""

    document: dict[str, Any] = field(default_factory=dict)

    async def load(self) -> Mapping[str, Any] | None:
        return self.document or None

    def put(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)


def installers_limit(percent: int) -> dict[int, int]:
    """Return an inverter of 5 kW that may never feed in more than ``percent`` of it."""
    image = images.classic_pv()
    put(image, 123, WMaxLim_Ena=1, WMaxLimPct=percent * 100)
    return image


@pytest.mark.parametrize("percent", [0, 60, 70])
async def test_a_limit_that_somebody_else_set_is_neither_ours_nor_taken_away(percent: int) -> None:
    image = installers_limit(percent)
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        assert (await inverter.read()).production_limit_w is None
        await inverter.set_production_limit(None, expires_in_s=60)
        assert not server.writes
        await inverter.set_production_limit(1000, expires_in_s=60)
        await inverter.set_production_limit(None, expires_in_s=60)
    assert image == before


async def test_a_tighter_limit_that_was_there_before_is_not_raised() -> None:
    image = installers_limit(60)
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        await inverter.set_production_limit(4000, expires_in_s=60)
        assert (await inverter.read()).production_limit_w == 3000
        await inverter.set_production_limit(2000, expires_in_s=60)
        await inverter.set_production_limit(4000, expires_in_s=60)
        assert (await inverter.read()).production_limit_w == 3000


@pytest.mark.parametrize(
    "theirs",
    [
        {"StorCtl_Mod": 2, "OutWRte": 0, "InWRte": 10000},
        {"StorCtl_Mod": 3, "OutWRte": 0, "InWRte": 0},
        {"StorCtl_Mod": 0, "OutWRte": 5000, "InWRte": 4000},
    ],
    ids=["holds", "stands still", "free, with limits"],
)
async def test_what_another_energy_manager_set_is_there_again_after_an_event(theirs: dict[str, int]) -> None:
    image = images.classic_battery()
    put(image, 124, **theirs)
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(None, expires_in_s=60)
        assert not server.writes
        await battery.set_power(-1500, expires_in_s=60)
        await battery.set_power(1500, expires_in_s=60)
        await battery.set_power(None, expires_in_s=60)
    assert image == before


async def test_only_what_still_stands_as_it_was_written_is_put_back() -> None:
    image = images.classic_battery()
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=60)
        put(image, 124, StorCtl_Mod=1, InWRte=7000)
        await battery.set_power(None, expires_in_s=60)
    mode, out, into = (image[address_of(image, 124, point)] for point in ("StorCtl_Mod", "OutWRte", "InWRte"))
    assert (mode, out, into) == (1, 10000, 7000)


async def test_a_former_life_s_order_is_known_and_put_back() -> None:
    image, kept = images.classic_battery(), Kept()
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        await SunSpecBattery(Access(unit=unit, kept=kept), clock=noon).set_power(-1600, expires_in_s=60)
        assert image != before
        battery = SunSpecBattery(Access(unit=unit, kept=kept), clock=noon)
        assert (await battery.read()).power_setpoint_w == -1600
        await battery.set_power(None, expires_in_s=60)
    assert image == before
    assert decode_held(kept.document) is None


async def test_what_was_told_another_device_is_not_put_back_into_this_one() -> None:
    kept = Kept()
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        await SunSpecBattery(Access(unit=unit, kept=kept), clock=noon).set_power(-1600, expires_in_s=60)
        told = dict(server.units[1])
        other = told | dict(enumerate(images.common("SN-2"), start=40002))
        server.units[1] = dict(other)
        battery = SunSpecBattery(Access(unit=unit, kept=kept), clock=noon)
        assert (await battery.read()).power_setpoint_w is None
        await battery.set_power(None, expires_in_s=60)
        assert server.units[1] == other


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1},
        {"version": 1, "model": 124},
        {"version": 1, "model": "x", "told": {}, "before": {}, "enable": "StorCtl_Mod", "device": ""},
        {"version": 1, "model": 124, "told": [], "before": {}, "earlier": {}, "enable": "E", "device": ""},
        {
            "version": 1,
            "model": 9,
            "told": {"a": 1},
            "before": {},
            "earlier": {},
            "enable": "a",
            "device": "",
        },
    ],
)
async def test_what_was_kept_and_makes_no_sense_is_nothing(document: dict[str, Any]) -> None:
    assert decode_held(document) is None


async def test_registers_that_are_not_implemented_are_not_written() -> None:
    image = images.classic_pv()
    put(image, 123, WMaxLimPct_WinTms=0xFFFF, WMaxLimPct_RmpTms=0xFFFF)
    absent = {address_of(image, 123, point) for point in ("WMaxLimPct_WinTms", "WMaxLimPct_RmpTms")}
    async with serving({1: image}) as server, unit_of(server) as unit:
        await SunSpecInverter(Access(unit=unit), clock=noon).set_production_limit(2000, expires_in_s=60)
    written = [
        range(request.address, request.address + len(request.words or ())) for request in server.writes
    ]
    assert not any(address in registers for registers in written for address in absent)
    assert written[-1][-1] == address_of(image, 123, "WMaxLim_Ena")  # the last that is written


def one_register_each(_address: int, words: tuple[int, ...], _function: int) -> bool:
    return len(words) > 1


def function_six_only(_address: int, _words: tuple[int, ...], function: int) -> bool:
    return function != 6


@pytest.mark.parametrize("refuses", [one_register_each, function_six_only])
async def test_a_device_that_takes_one_register_at_a_time_gets_timer_value_and_enable_in_this_order(
    refuses: Any,
) -> None:
    image = images.classic_battery()
    async with serving({1: image}) as server, unit_of(server) as unit:
        server.refuse_writes, server.refuses_write = ExcCodes.ILLEGAL_VALUE, refuses
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=60)
        assert (await battery.read()).power_setpoint_w == -1600
        server.requests.clear()
        await battery.set_power(-800, expires_in_s=60)
        points = ("InOutWRte_WinTms", "InOutWRte_RvrtTms", "OutWRte", "InWRte", "StorCtl_Mod")
        assert [request.address for request in server.writes] == [
            address_of(image, 124, point) for point in points
        ]


async def test_a_refusal_in_the_middle_leaves_nothing_of_the_order_behind() -> None:
    image = images.classic_battery()
    before, mode = dict(image), address_of(image, 124, "StorCtl_Mod")
    async with serving({1: image}) as server, unit_of(server) as unit:
        server.refuse_writes = ExcCodes.ILLEGAL_VALUE
        server.refuses_write = lambda address, _words, _function: address == mode
        with pytest.raises(DeviceError) as refusal:
            await SunSpecBattery(Access(unit=unit), clock=noon).set_power(-1600, expires_in_s=60)
    assert refusal.value.reason == "write_refused"
    assert image == before


@pytest.mark.parametrize("absent", ["WSet", "WSetEna"])
async def test_the_first_control_that_is_implemented_is_used(absent: str) -> None:
    der = images.model(704, WSetEna=0, WSetMod=0, WSet=0, WSet_SF=0)
    classic = images.classic_battery()
    words = [classic[address] for address in sorted(classic)]
    image = dict(enumerate([*words[:-2], *der, *images.END], start=40000))
    put(image, 704, **{absent: 0xFFFF if absent == "WSetEna" else -0x80000000})
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=60)
        assert (await battery.read()).power_setpoint_w == -1600
        assert image[address_of(image, 124, "StorCtl_Mod")] == 3


@pytest.mark.parametrize("model_id", [715, 802])
async def test_a_device_under_local_control_is_not_written_to(model_id: int) -> None:
    classic = images.classic_battery()
    words = [classic[address] for address in sorted(classic)]
    local = images.model(model_id, LocRemCtl=1)
    image = dict(enumerate([*words[:-2], *local, *images.END], start=40000))
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        with pytest.raises(DeviceError) as refusal:
            await battery.set_power(-1600, expires_in_s=60)
        assert refusal.value.reason == "local_control"
        assert battery.troubles == {"local_control"}
        assert not server.writes
        put(image, model_id, LocRemCtl=0)
        await battery.read()
        await battery.set_power(-1600, expires_in_s=60)
        assert not battery.troubles


async def test_a_map_that_shifted_is_never_written_to_and_found_again() -> None:
    image = hybrids.gen24()
    image |= dict.fromkeys(range(max(image) + 1, max(image) + 60), 0)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.read()
        shift(server)
        with pytest.raises(DeviceError) as refusal:
            await battery.set_power(-1600, expires_in_s=60)
        assert refusal.value.reason == "map_shifted"
        assert not server.writes
        await battery.set_power(-1600, expires_in_s=60)
        assert (await battery.read()).power_setpoint_w == -1600


def shift(server: FakeModbusServer) -> None:
    """Put a vendor's model in front of all but the first."""
    image = server.units[1]
    vendor = [64999, 4, 1, 2, 3, 4]
    first = 40002 + 68
    words = [image[address] for address in range(first, max(image) + 1 - len(vendor))]
    image.update(enumerate([*vendor, *words], start=first))


async def test_an_order_whose_timer_has_run_out_is_no_other_master() -> None:
    image = images.classic_battery()
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=1)
        put(image, 124, StorCtl_Mod=0)
        assert (await battery.read()).power_setpoint_w is None
        assert not battery.troubles
        await battery.set_power(-1600, expires_in_s=60)
        assert not battery.troubles


async def test_an_end_while_the_device_cannot_be_reached_does_not_wait() -> None:
    image = images.classic_battery()
    put(image, 124, InOutWRte_RvrtTms=0xFFFF)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon, poll_interval_s=0.05)
        async with asyncio.timeout(15), running(battery) as heard:
            await heard.until(lambda: bool(heard.readings))
            await battery.set_power(-1600, expires_in_s=60)
            await server.stop()


async def test_a_timer_that_counts_down_where_it_was_set_is_no_other_master() -> None:
    image = images.classic_battery()
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=60)
        put(image, 124, InOutWRte_RvrtTms=41)
        assert (await battery.read()).power_setpoint_w == -1600
        assert not battery.troubles


async def test_an_order_is_changed_and_ended_where_it_was_given() -> None:
    der = images.model(704, WSetEna=0, WSetMod=0, WSet=0, WSet_SF=0)
    classic = images.classic_battery()
    words = [classic[address] for address in sorted(classic)]
    image = dict(enumerate([*words[:-2], *der, *images.END], start=40000))
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-1600, expires_in_s=60)
        put(image, 704, WSetMod=0xFFFF)  # as if it could not be set by this any more
        await battery.read()
        await battery.set_power(None, expires_in_s=60)
        assert image[address_of(image, 704, "WSetEna")] == 0
        assert image[address_of(image, 124, "StorCtl_Mod")] == 0


async def refused(battery: SunSpecBattery, power_w: float) -> str:
    with pytest.raises(DeviceError) as error:
        await battery.set_power(power_w, expires_in_s=60)
    return error.value.reason


async def test_what_is_refused_three_times_in_a_row_is_a_trouble_until_it_is_taken() -> None:
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        server.refuse_writes = ExcCodes.DEVICE_FAILURE
        for time in (1, 2, 3):
            assert await refused(battery, -1000) == "write_refused"
            assert battery.troubles == ({"write_refused"} if time == 3 else frozenset())
        server.refuse_writes = None
        await battery.set_power(-1000, expires_in_s=60)
        assert not battery.troubles


async def test_an_order_whose_answer_is_lost_is_a_trouble_and_is_taken_back_where_it_arrived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = images.classic_battery()
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.read()
        monkeypatch.setattr(requests, "_WITH_QUEUE_S", 0.3)
        server.refuses_write = lambda _, words, __: words == (3,)
        server.is_silent_instead = True
        server.refuse_writes = ExcCodes.DEVICE_FAILURE
        assert [await refused(battery, -1000) for _ in range(3)] == ["busy"] * 3
        assert battery.troubles == {"write_lost"}
        server.refuses_write = lambda *_: False
        await battery.set_power(None, expires_in_s=60)
    assert image == before


async def test_a_device_that_goes_on_to_take_less_follows_each_order_as_far_as_it_does() -> None:
    image = images.classic_battery()
    half = address_of(image, 124, "OutWRte")

    def clip(registers: dict[int, int], address: int, words: tuple[int, ...]) -> None:
        keep(registers, address, words)
        if address <= half < address + len(words) and registers[half] < 0x8000:
            registers[half] = min(registers[half], 2500)

    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        server.take = clip
        for asked_w, told_w, troubles in (
            (-1600, -800, {"clipped"}),
            (-1700, -800, {"clipped"}),
            (-480, -480, frozenset[str]()),
        ):
            await battery.set_power(asked_w, expires_in_s=60)
            assert (await battery.read()).power_setpoint_w == told_w
            assert battery.troubles == troubles
