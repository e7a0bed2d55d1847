"""The SunSpec grid meter: models 201 to 204 and 211 to 214, and which way its power counts."""

import pytest

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import Access, PositivePower, SunSpecMeter, probe_meter

from ..fakes import sunspec_hybrids as hybrids
from ..fakes import sunspec_images as images
from ..fakes.listener import noon, running
from ..fakes.modbus_server import serving, unit_of


@pytest.mark.parametrize(
    ("words", "phases_w", "currents_a", "voltages_v"),
    [
        (hybrids.meter(201, 900, 1), (900,), (5,), (230.1,)),
        (hybrids.meter(202, 900, 2), (450, 450), (5, 5), (230.1, 230.1)),
        (hybrids.meter(203, 900), (300, 300, 300), (5, 5, 5), (230.1, 230.1, 230.1)),
        (hybrids.meter(204, 900), (), (5, 5, 5), ()),
        (hybrids.float_meter(211, 900), (900,), (4.5,), (229.5,)),
        (hybrids.float_meter(213, 900), (900,), (4.5,), (229.5,)),
        (hybrids.float_meter(214, 900), (), (4.5,), ()),
    ],
    ids=["201", "202", "203", "204 without neutral", "211", "213", "214 without neutral"],
)
async def test_a_meter_is_read_as_far_as_it_tells_its_phases(
    words: list[int],
    phases_w: tuple[float, ...],
    currents_a: tuple[float, ...],
    voltages_v: tuple[float, ...],
) -> None:
    async with serving({1: images.image(images.common(), words)}) as server, unit_of(server) as unit:
        identity, reading = await probe_meter(Access(unit=unit))
    assert identity.serial_number == "SN-1"
    assert reading.power_w == 900
    assert (reading.phase_power_w, reading.phase_current_a) == (phases_w, currents_a)
    assert reading.phase_voltage_v == voltages_v
    assert (reading.energy_import_wh, reading.energy_export_wh) == (100_000, 40_000)


@pytest.mark.parametrize(
    ("image", "positive", "power_w"),
    [
        (images.image(hybrids.named("Fronius"), hybrids.meter(203, 2500)), PositivePower.BY_MAKER, 2500),
        (hybrids.solaredge(meter_w=2500), PositivePower.BY_MAKER, -2500),
        (hybrids.solaredge(meter_w=2500), PositivePower.IMPORT, 2500),
        (images.image(images.common(), hybrids.meter(203, 2500)), PositivePower.FEED_IN, -2500),
    ],
    ids=["most", "SolarEdge", "as entered", "as entered the other way"],
)
async def test_which_way_power_counts_is_the_makers_choice_or_entered(
    image: dict[int, int], positive: PositivePower, power_w: float
) -> None:
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert (await probe_meter(Access(unit=unit), positive))[1].power_w == power_w


async def test_a_meter_behind_an_inverter_has_a_name_of_its_own() -> None:
    async with serving({1: hybrids.solaredge()}) as server, unit_of(server) as unit:
        identity, _ = await probe_meter(Access(unit=unit))
    assert identity.serial_number == "MTR-1"


async def test_a_device_without_a_meter_is_refused() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_meter(Access(unit=unit))
    assert refusal.value.reason == "missing_model"


async def test_a_meter_is_polled_like_any_device() -> None:
    image = images.image(images.common(), hybrids.meter(203, 900))
    async with serving({1: image}) as server, unit_of(server) as unit:
        async with running(SunSpecMeter(Access(unit=unit), clock=noon, poll_interval_s=0.01)) as heard:
            await heard.until(lambda: len(heard.readings) > 2)
        assert not server.writes
