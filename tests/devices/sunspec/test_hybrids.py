"""PV and battery behind one inverter: what is told of each, and what is refused because it is not told."""

import pytest
from modbus_connection import ModbusUnit

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.sunspec import (
    Access,
    Nameplate,
    SunSpecBattery,
    probe_battery,
    probe_inverter,
)

from ..fakes import sunspec_hybrids as hybrids
from ..fakes import sunspec_images as images
from ..fakes.listener import noon
from ..fakes.modbus_server import address_of, put, serving, unit_of


@pytest.mark.parametrize(
    ("image", "pv_w", "battery_w"),
    [
        (hybrids.gen24(), -5000, 2000),
        (hybrids.gen24(names=("", "", "", "")), -5000, 2000),
        (hybrids.gen24(names=("String 1", "String 2", "StCha 3", "StDisCha 4")), -5000, 2000),
        (hybrids.kostal(), -5000, 2000),
        (hybrids.kostal(battery_w=2000), -5000, 2000),
        (hybrids.kostal(ac_w=3000, battery_w=1000, charge_status=3), -2000, -1000),
        (hybrids.der_hybrid(), -4000, -1000),
    ],
    ids=["160", "160 without names", "strings", "802", "802 without sign", "802 discharging", "714"],
)
async def test_each_is_told_by_its_own_side(image: dict[int, int], pv_w: float, battery_w: float) -> None:
    async with serving({1: image}) as server, unit_of(server) as unit:
        _, sun = await probe_inverter(Access(unit=unit))
        _, store = await probe_battery(Access(unit=unit))
    assert (sun.power_w, store.power_w) == (pv_w, battery_w)


@pytest.mark.parametrize("image", [hybrids.gen24(), hybrids.kostal(), hybrids.der_hybrid()])
async def test_the_ac_side_is_the_sum_of_both_but_for_losses(image: dict[int, int]) -> None:
    ac_w = {103: 3000, 701: 4900}
    async with serving({1: image}) as server, unit_of(server) as unit:
        _, sun = await probe_inverter(Access(unit=unit))
        _, store = await probe_battery(Access(unit=unit))
    told_w = next(w for model_id, w in ac_w.items() if model_id in image.values())
    assert -(sun.power_w + store.power_w) == pytest.approx(told_w, rel=0.03)


@pytest.mark.parametrize(
    ("ac_w", "silent", "pv_w"),
    [(3000, (1,), -5000), (3000, (0, 1), -5000), (-2000, (0, 1), 0)],
    ids=["no second string", "asleep by day", "asleep while the grid charges"],
)
async def test_inputs_of_the_sun_that_tell_nothing_are_reckoned_from_the_other_sides(
    ac_w: int, silent: tuple[int, ...], pv_w: float
) -> None:
    image = hybrids.gen24(ac_w=ac_w)
    for module in silent:
        image[address_of(image, 160, "N") + 13 + 20 * module] = 0xFFFF  # DCW
    async with serving({1: image}) as server, unit_of(server) as unit:
        _, sun = await probe_inverter(Access(unit=unit))
    assert sun.power_w == pv_w


async def test_the_energy_of_a_hybrids_sun_is_that_of_its_inputs() -> None:
    async with serving({1: hybrids.gen24()}) as server, unit_of(server) as unit:
        _, sun = await probe_inverter(Access(unit=unit))
        _, store = await probe_battery(Access(unit=unit))
    assert sun.energy_produced_wh == 2000
    assert (store.energy_charged_wh, store.energy_discharged_wh) == (None, None)


async def test_a_battery_of_model_802_tells_charge_capacity_and_powers() -> None:
    async with serving({1: hybrids.kostal()}) as server, unit_of(server) as unit:
        _, store = await probe_battery(Access(unit=unit))
    assert (store.state_of_charge, store.capacity_wh) == (0.55, 10_000)
    assert (store.max_charge_w, store.max_discharge_w) == (4000, 5000)


async def reason_of(unit: ModbusUnit, *, battery: bool, nameplate: Nameplate | None = None) -> str:
    with pytest.raises(DeviceError) as refusal:
        await (probe_battery if battery else probe_inverter)(Access(unit=unit), nameplate)
    return refusal.value.reason


@pytest.mark.parametrize("battery", [True, False])
async def test_what_nothing_tells_apart_is_refused(battery: bool) -> None:
    async with serving({1: hybrids.nothing_told_apart()}) as server, unit_of(server) as unit:
        assert await reason_of(unit, battery=battery) == "not_told_apart"


async def test_a_battery_beside_inputs_of_the_sun_is_not_the_ac_side() -> None:
    image = images.image(
        images.common(),
        images.model(103, W=3000, W_SF=0, St=4),
        images.model(120, WRtg=6000, WRtg_SF=0, WHRtg=9000, WHRtg_SF=0),
        hybrids.modules(("MPPT 1", 3000), ("MPPT 2", 2000)),
        hybrids.storage(),
    )
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert await reason_of(unit, battery=True) == "not_told_apart"
        assert (await probe_inverter(Access(unit=unit)))[1].power_w == -5000


async def test_an_inverter_without_a_battery_is_read_on_its_ac_side_whatever_its_inputs_tell() -> None:
    image = images.image(
        images.common(),
        images.model(103, W=4700, W_SF=0, St=4),
        images.model(120, DERTyp=4, WRtg=6000, WRtg_SF=0),
        hybrids.modules(("MPPT 1", 3000), ("MPPT 2", 2000)),
    )
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert (await probe_inverter(Access(unit=unit)))[1].power_w == -4700


async def test_an_inverter_without_a_nameplate_is_read_once_its_rating_is_entered() -> None:
    async with serving({1: hybrids.solaredge()}) as server, unit_of(server) as unit:
        assert await reason_of(unit, battery=False) == "missing_rating"
        identity, sun = await probe_inverter(Access(unit=unit), Nameplate(rated_power_w=10_000))
    assert identity.serial_number == "INV-1"
    assert (sun.power_w, sun.rated_power_w) == (-4000, 10_000)


async def test_what_a_person_enters_comes_before_what_the_device_tells() -> None:
    plate = Nameplate(capacity_wh=7700, max_charge_w=2500, max_discharge_w=2600)
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        _, store = await probe_battery(Access(unit=unit), plate)
    assert (store.capacity_wh, store.max_charge_w, store.max_discharge_w) == (7700, 2500, 2600)


async def test_a_capacity_that_is_not_told_can_be_entered() -> None:
    image = hybrids.gen24()
    put(image, 120, WHRtg=0xFFFF)
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert await reason_of(unit, battery=True) == "missing_capacity"
        _, store = await probe_battery(Access(unit=unit), Nameplate(capacity_wh=9600))
    assert store.capacity_wh == 9600


@pytest.mark.parametrize("power_w", [3000, -3000, 1234, -1])
@pytest.mark.parametrize(("rated_w", "charge_w"), [(8000, 8192), (9000, 8192), (5000, 5000)])
async def test_the_two_rates_never_add_up_to_less_than_nothing(
    power_w: float, rated_w: int, charge_w: int
) -> None:
    image = hybrids.gen24(WChaMax=charge_w)
    put(image, 120, MaxDisChaRte=rated_w, MaxDisChaRte_SF=0)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(power_w, expires_in_s=60)
        reading = await battery.read()
    out, into = (int.from_bytes(word.to_bytes(2), signed=True) for word in (server.writes[0].words or ())[:2])
    assert out + into >= 0
    assert reading.power_setpoint_w == pytest.approx(power_w, abs=1)


async def test_charging_from_the_grid_that_is_switched_off_is_said_at_once_and_reckoned_with() -> None:
    async with serving({1: hybrids.gen24(from_grid=False)}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(4000, expires_in_s=60)
        assert (await battery.read()).max_charge_w == 5000  # the sun gives as much
        assert "grid_charging_off" not in battery.troubles
        for module in range(2):
            server.units[1][address_of(server.units[1], 160, "N") + 13 + 20 * module] = 0  # DCW of the sun
        assert (await battery.read()).max_charge_w == 0
        assert "grid_charging_off" in battery.troubles
        await battery.set_power(None, expires_in_s=60)
        assert (await battery.read()).max_charge_w == 5000
        assert "grid_charging_off" not in battery.troubles
