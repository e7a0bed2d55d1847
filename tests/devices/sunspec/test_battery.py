"""The SunSpec battery, over Modbus TCP against an independent server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from modbus_connection.model.sunspec import SunSpecModel, SunSpecModels
from pymodbus.constants import ExcCodes

from custom_components.home_flex.core.model import DeviceIdentity
from custom_components.home_flex.devices.driver import DeviceError, Driver, SetsPower
from custom_components.home_flex.devices.sunspec import Access, SunSpecBattery, probe_battery
from custom_components.home_flex.devices.sunspec.controls import POWER_SETPOINTS, Control
from custom_components.home_flex.devices.sunspec.discovery import SunSpecDevice
from custom_components.home_flex.devices.sunspec.snapshot import Snapshot

from ..fakes import sunspec_images as images
from ..fakes.listener import noon
from ..fakes.modbus_server import address_of, models_of, put, serving, unit_of


async def test_a_battery_of_the_7xx_models_is_read() -> None:
    async with serving({2: images.der_battery()}) as server, unit_of(server, 2) as unit:
        identity, reading = await probe_battery(Access(unit=unit))
    assert identity.serial_number == "SN-1"
    assert reading.power_w == -1500  # SunSpec 1500 W injected: it discharges
    assert reading.state_of_charge == pytest.approx(0.55)
    assert (reading.capacity_wh, reading.max_charge_w, reading.max_discharge_w) == (10000, 4000, 5000)
    assert (reading.energy_charged_wh, reading.energy_discharged_wh) == (9000, 7000)
    assert reading.power_setpoint_w is None


async def test_a_battery_of_the_storage_model_is_read() -> None:
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        _, reading = await probe_battery(Access(unit=unit))
    assert reading.power_w == 800  # SunSpec -800 W: it charges
    assert reading.state_of_charge == pytest.approx(0.715)
    assert (reading.capacity_wh, reading.max_charge_w, reading.max_discharge_w) == (9600, 3200, 3200)
    assert (reading.energy_charged_wh, reading.energy_discharged_wh) == (None, 4000)


@pytest.mark.parametrize(
    ("power_w", "wset"),
    [(-1500, [0, 1500]), (2000, [0xFFFF, 0x10000 - 2000]), (0, [0, 0]), (-1500.9, [0, 1500])],
)
async def test_charging_is_a_negative_wset_and_what_is_not_implemented_is_left_alone(
    power_w: float, wset: list[int]
) -> None:
    image = images.der_battery()
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(power_w, expires_in_s=0.2)
        timer, setpoint = server.writes
        # WSetEnaRvrt and WSetRvrtTms; then WSetEna, WSetMod (watts) and WSet
        assert (timer.address, timer.words) == (address_of(image, 704, "WSetEnaRvrt"), (0, 0, 1))
        assert (setpoint.address, setpoint.words) == (address_of(image, 704, "WSetEna"), (1, 1, *wset))
        assert (await battery.read()).power_setpoint_w == int(power_w)


@pytest.mark.parametrize(
    ("power_w", "out_in"),
    [(1600, [0x10000 - 5000, 5000]), (-800, [2500, 0x10000 - 2500]), (0, [0, 0]), (9999, [0xD8F0, 10000])],
)
async def test_the_storage_model_gets_its_rates_before_it_is_told_to_obey_them(
    power_w: float, out_in: list[int]
) -> None:
    async with serving({1: images.classic_battery()}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(power_w, expires_in_s=60)
        rates, mode = server.writes
        assert list(rates.words or ()) == [*out_in, 0, 60]
        assert (mode.address, mode.words) == (address_of(server.units[1], 124, "StorCtl_Mod"), (3,))
        assert (await battery.read()).power_setpoint_w == min(power_w, 3200)


@pytest.mark.parametrize("image", [images.der_battery(), images.classic_battery()], ids=["704", "124"])
async def test_handing_back_leaves_every_register_as_it_was(image: dict[int, int]) -> None:
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(500, expires_in_s=60)
        assert (await battery.read()).power_setpoint_w is not None
        await battery.set_power(None, expires_in_s=60)
        assert image == before
        assert (await battery.read()).power_setpoint_w is None


async def test_a_setpoint_in_percent_is_not_taken_for_watts() -> None:
    image = images.der_battery()
    put(image, 704, WSetEna=1, WSetMod=0, WSet=700)
    async with serving({1: image}) as server, unit_of(server) as unit:
        assert (await probe_battery(Access(unit=unit)))[1].power_setpoint_w is None


async def test_a_discharge_rate_is_a_share_of_the_discharge_rating_where_that_is_told() -> None:
    image = images.classic_battery()
    put(image, 120, MaxDisChaRte=1600, MaxDisChaRte_SF=0)
    async with serving({1: image}) as server, unit_of(server) as unit:
        battery = SunSpecBattery(Access(unit=unit), clock=noon)
        await battery.set_power(-800, expires_in_s=60)
        assert (server.writes[0].words or ())[0] == 5000
        reading = await battery.read()
    assert (reading.power_setpoint_w, reading.max_discharge_w) == (-800, 1600)


async def test_a_lower_setting_of_the_installer_lowers_the_rating() -> None:
    image = images.der_battery()
    put(image, 702, WChaRteMax=2500, WDisChaRteMax=0)
    async with serving({1: image}) as server, unit_of(server) as unit:
        _, reading = await probe_battery(Access(unit=unit))
    assert (reading.max_charge_w, reading.max_discharge_w) == (2500, 5000)


@pytest.mark.parametrize(
    ("model_id", "values", "reason"),
    [
        (701, {"W": -0x8000}, "missing_value"),
        (701, {"W_SF": 2}, "implausible"),
        (713, {"SoC": 0xFFFF}, "missing_value"),
        (713, {"SoC": 1011}, "implausible"),
        (713, {"Pct_SF": -0x8000}, "missing_value"),
        (713, {"WHRtg": 0}, "missing_capacity"),
        (702, {"W_SF": -0x8000}, "missing_rating"),
    ],
)
async def test_values_that_are_not_told_or_not_credible_are_refused(
    model_id: int, values: dict[str, float], reason: str
) -> None:
    image = images.der_battery()
    put(image, model_id, **values)
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_battery(Access(unit=unit))
    assert refusal.value.reason == reason


@pytest.mark.parametrize("power_w", [float("nan"), float("inf"), 1e13])
async def test_a_power_that_does_not_fit_is_refused_and_nothing_is_written(power_w: float) -> None:
    async with serving({1: images.der_battery()}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await SunSpecBattery(Access(unit=unit), clock=noon).set_power(power_w, expires_in_s=60)
        assert not server.writes
    assert refusal.value.reason == "invalid_setpoint"


async def test_a_control_whose_scale_is_not_told_is_as_good_as_none() -> None:
    image = images.der_battery()
    put(image, 704, WSet_SF=-0x8000)
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError, match="704 or 124") as refusal:
            await SunSpecBattery(Access(unit=unit), clock=noon).set_power(100, expires_in_s=60)
        assert not server.writes
    assert refusal.value.reason == "missing_model"


async def test_an_exception_to_a_write_is_a_refusal() -> None:
    async with serving({1: images.der_battery()}) as server, unit_of(server) as unit:
        server.refuse_writes = ExcCodes.DEVICE_FAILURE
        with pytest.raises(DeviceError) as refusal:
            await SunSpecBattery(Access(unit=unit), clock=noon).set_power(100, expires_in_s=60)
    assert refusal.value.reason == "write_refused"


def snapshot_of(image: dict[int, int]) -> Snapshot:
    models = SunSpecModels()
    for model_id, address in models_of(image).items():
        models[model_id] = [SunSpecModel(model_id=model_id, address=address, length=image[address + 1])]
    identity = DeviceIdentity(manufacturer="", model="", serial_number="")
    return Snapshot(SunSpecDevice(40000, models, {40002: identity}), image)


@pytest.mark.parametrize(
    ("image", "control", "step_w"),
    [
        (images.der_battery(), POWER_SETPOINTS[0], 1.0),
        (images.classic_battery(), POWER_SETPOINTS[1], 0.32),  # a hundredth of a percent of 3.2 kW
    ],
    ids=["704", "124"],
)
@given(power_w=st.floats(-3200, 3200))
def test_what_is_written_is_what_is_read_back_within_one_step_and_never_more(
    image: dict[int, int], control: Control, step_w: float, power_w: float
) -> None:
    image = dict(image)
    order = control.order(snapshot_of(image), power_w, 60)
    put(image, order.model, **order.values, **dict([order.enable]))
    read_back_w = control.value_w(snapshot_of(image))
    assert read_back_w is not None
    assert abs(read_back_w) <= abs(power_w) + 0.01
    assert abs(read_back_w - power_w) <= step_w + 0.01


def test_a_battery_is_a_driver_whose_power_can_be_set() -> None:
    driver: type[Driver] = SunSpecBattery
    assert issubclass(driver, SetsPower)
