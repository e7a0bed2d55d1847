"""The SunSpec PV inverter, over Modbus TCP against an independent server."""

import pytest
from pymodbus.constants import ExcCodes

from custom_components.home_flex.devices.driver import DeviceError, Driver, LimitsProduction
from custom_components.home_flex.devices.sunspec import Access, SunSpecInverter, probe_inverter

from ..fakes import sunspec_images as images
from ..fakes.listener import NOON, noon
from ..fakes.modbus_server import put, serving, unit_of


@pytest.mark.parametrize(
    ("image", "power_w", "energy_wh"),
    [
        (images.classic_pv(), -3210, 123450),
        (images.float_pv(), -1234.5, 987654),
        (images.der_pv(), -2500, 5_000_000_000),
        (images.classic_pv(power_w=-12), 12, 123450),
    ],
    ids=["integers", "floats", "701", "night consumption"],
)
async def test_production_is_negative_in_every_model_family(
    image: dict[int, int], power_w: float, energy_wh: float
) -> None:
    async with serving({1: image}) as server, unit_of(server) as unit:
        identity, reading = await probe_inverter(Access(unit=unit))
    assert (identity.manufacturer, identity.model) == ("Sunny Works", "Roof 5000")
    assert (identity.serial_number, identity.firmware) == ("SN-1", "1.2.3")
    assert (reading.power_w, reading.rated_power_w) == (power_w, 5000)
    assert reading.energy_produced_wh == energy_wh
    assert reading.production_limit_w is None


@pytest.mark.parametrize(
    ("image", "registers", "read_back_w"),
    [
        (images.classic_pv(), [[4000, 0, 90, 7, 1]], 2000),
        (images.float_pv(), [[4000, 0, 90, 7, 1]], 2000),
        (images.der_pv(WMaxLimPctRvrt=1000), [[1, 500, 1000, 0, 0, 90]], 2000),
        (images.der_pv(), [[0, 0, 90], [1, 500]], 2000),
    ],
    ids=["123", "123 beside floats", "704, percent of WMax", "704 without what it reverts to"],
)
async def test_a_limit_its_expiry_and_its_enable_are_written_together_where_that_is_possible_and_read_back(
    image: dict[int, int], registers: list[list[int]], read_back_w: float
) -> None:
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        await inverter.set_production_limit(2000, expires_in_s=89.2)
        assert [list(request.words or ()) for request in server.writes] == registers
        reading = await inverter.read()
    assert reading.production_limit_w == read_back_w
    assert reading.time == NOON


@pytest.mark.parametrize("image", [images.classic_pv(), images.der_pv()], ids=["123", "704"])
async def test_lifting_the_limit_leaves_every_register_as_it_was(image: dict[int, int]) -> None:
    before = dict(image)
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        await inverter.set_production_limit(1000, expires_in_s=60)
        await inverter.set_production_limit(None, expires_in_s=60)
        assert image == before
        assert (await inverter.read()).production_limit_w is None


@pytest.mark.parametrize(
    ("limit_w", "hundredths"), [(0, 0), (1234.56, 2469), (4999.99, 9999), (5000, 10000), (9e9, 10000)]
)
async def test_a_limit_is_never_rounded_up_nor_beyond_the_rating(limit_w: float, hundredths: int) -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        await SunSpecInverter(Access(unit=unit), clock=noon).set_production_limit(limit_w, expires_in_s=0)
        assert server.writes[0].words is not None
        assert server.writes[0].words[0] == hundredths
        assert server.writes[0].words[2] == 1  # never 0: that would never expire


@pytest.mark.parametrize(
    ("limit_w", "expires_in_s"),
    [(-1, 60), (float("nan"), 60), (float("inf"), 60), (100, float("nan")), (100, float("inf"))],
)
async def test_a_limit_that_makes_no_sense_is_refused_and_nothing_is_written(
    limit_w: float, expires_in_s: float
) -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await SunSpecInverter(Access(unit=unit), clock=noon).set_production_limit(
                limit_w, expires_in_s=expires_in_s
            )
        assert not server.writes
    assert refusal.value.reason == "invalid_setpoint"


async def test_an_exception_to_a_write_is_a_refusal() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        server.refuse_writes = ExcCodes.ILLEGAL_VALUE
        with pytest.raises(DeviceError) as refusal:
            await SunSpecInverter(Access(unit=unit), clock=noon).set_production_limit(100, expires_in_s=60)
    assert refusal.value.reason == "write_refused"


async def test_an_inverter_without_limit_registers_is_read_but_not_limited() -> None:
    image = images.image(
        images.common(), images.model(101, W=7, W_SF=2), images.model(120, WRtg=5000, WRtg_SF=0)
    )
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        assert (await inverter.read()).power_w == -700
        with pytest.raises(DeviceError, match="704 or 123") as refusal:
            await inverter.set_production_limit(100, expires_in_s=60)
    assert refusal.value.reason == "missing_model"


async def test_zero_watts_have_no_minus_sign() -> None:
    for image in (images.float_pv(power_w=0.0), images.float_pv(power_w=-0.0)):
        async with serving({1: image}) as server, unit_of(server) as unit:
            _, reading = await probe_inverter(Access(unit=unit))
        assert str(reading.power_w) == "0.0"


@pytest.mark.parametrize(
    ("image", "values", "reason"),
    [
        (images.classic_pv(), {"W": -0x8000}, "missing_value"),
        (images.classic_pv(), {"W_SF": -0x8000}, "missing_value"),
        (images.classic_pv(), {"W_SF": 11}, "missing_value"),
        (images.classic_pv(), {"W_SF": 2}, "implausible"),
        (images.classic_pv(), {"W": -5001, "W_SF": 1}, "implausible"),
    ],
)
async def test_a_power_that_is_not_told_or_not_credible_is_refused(
    image: dict[int, int], values: dict[str, float], reason: str
) -> None:
    image = dict(image)
    put(image, 103, **values)
    async with serving({1: image}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_inverter(Access(unit=unit))
    assert refusal.value.reason == reason


@pytest.mark.parametrize("nothing", [float("nan"), float("inf")])
async def test_a_float_that_is_no_number_is_refused(nothing: float) -> None:
    async with serving({1: images.float_pv(power_w=nothing)}) as server, unit_of(server) as unit:
        with pytest.raises(DeviceError) as refusal:
            await probe_inverter(Access(unit=unit))
    assert refusal.value.reason == "missing_value"


async def test_an_inverter_asleep_that_tells_no_power_has_none() -> None:
    image = images.classic_pv()
    put(image, 103, W=-0x8000, St=2)
    async with serving({1: image}) as server, unit_of(server) as unit:
        _, reading = await probe_inverter(Access(unit=unit))
    assert reading.power_w == 0


async def test_a_device_is_polled_model_by_model_and_its_nameplate_only_now_and_then() -> None:
    async with serving({1: images.classic_pv()}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        await inverter.read()
        server.requests.clear()
        await inverter.read()
        image = server.units[1]
        assert [image[request.address] for request in server.requests] == [103, 123]


async def test_the_energy_goes_on_when_the_accumulator_rolls_over() -> None:
    image = images.classic_pv()
    put(image, 103, WH=2**32 - 10)
    async with serving({1: image}) as server, unit_of(server) as unit:
        inverter = SunSpecInverter(Access(unit=unit), clock=noon)
        before = (await inverter.read()).energy_produced_wh
        put(image, 103, WH=5)
        after = (await inverter.read()).energy_produced_wh
    assert before == (2**32 - 10) * 10
    assert after == (2**32 + 5) * 10


def test_an_inverter_is_a_driver_that_limits_production() -> None:
    driver: type[Driver] = SunSpecInverter
    assert issubclass(driver, LimitsProduction)
