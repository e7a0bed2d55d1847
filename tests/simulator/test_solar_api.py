"""The simulated house as a Fronius site, read by Home Flex' own driver."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from aiohttp import ClientSession
from home_simulator.battery import BatteryMode
from home_simulator.faults import Faults
from home_simulator.simulator import Simulator

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.fronius.devices import FroniusBattery, FroniusMeter, FroniusPv
from custom_components.home_flex.devices.fronius.solar_api import SolarApi
from tests.devices.fakes.listener import noon

from .conftest import eventually, house_on_the_wire

MIDNIGHT = datetime.fromisoformat("2026-06-21T00:30:00")


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def api(session: ClientSession, home: Simulator) -> SolarApi:
    return SolarApi(session, f"127.0.0.1:{home.solar_api.port}")


async def test_the_driver_reads_the_house_as_it_is(session: ClientSession) -> None:
    async with house_on_the_wire(battery_mode=BatteryMode.SELF_CONSUMPTION, base_load_w=1600.0) as home:
        await eventually(lambda: abs(home.house.read_grid().power_w) < 1.0)
        asked = api(session, home)
        meter = await FroniusMeter(asked, clock=noon).read()
        sun = await FroniusPv(asked, clock=noon).read()
        battery = await FroniusBattery(asked, clock=noon).read()
        assert meter.power_w == pytest.approx(home.house.read_grid().power_w, abs=20)
        assert sum(meter.phase_power_w) == pytest.approx(meter.power_w, abs=1)
        assert sun.power_w == pytest.approx(home.house.pv.power_w, rel=0.01)
        assert sun.power_w < -3000.0
        assert sun.rated_power_w == 6000.0
        assert battery.power_w == pytest.approx(home.house.battery.power_w, abs=20)
        assert battery.power_w > 1000.0
        assert battery.state_of_charge == pytest.approx(0.5, abs=0.01)
        assert battery.capacity_wh == 10_000.0
        assert meter.power_w == pytest.approx(1600.0 + sun.power_w + battery.power_w, abs=30)


@pytest.mark.parametrize(
    ("mode", "battery_w"), [(BatteryMode.IDLE, 0.0), (BatteryMode.SELF_CONSUMPTION, -600.0)]
)
async def test_by_night_the_sun_gives_nothing_whatever_the_battery_does(
    session: ClientSession, mode: BatteryMode, battery_w: float
) -> None:
    async with house_on_the_wire(start=MIDNIGHT, battery_mode=mode) as home:
        await eventually(lambda: abs(home.house.battery.power_w - battery_w) < 1.0)
        assert (await FroniusPv(api(session, home), clock=noon).read()).power_w == 0.0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Faults(solar_api_disabled=True), "solar_api_disabled"),
        (Faults(solar_api_forgets_sun=True), "missing_value"),
    ],
)
async def test_what_the_inverter_keeps_to_itself_is_never_no_sun(
    session: ClientSession, fault: Faults, reason: str
) -> None:
    async with house_on_the_wire() as home:
        home.faults.now = fault
        with pytest.raises(DeviceError) as error:
            await FroniusPv(api(session, home), clock=noon).read()
        assert error.value.reason == reason
