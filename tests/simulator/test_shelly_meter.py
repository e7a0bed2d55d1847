"""The simulated house's meter as a Shelly, read by Home Flex' own driver."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from home_simulator.faults import Faults

from custom_components.home_flex.devices.driver import DeviceError
from custom_components.home_flex.devices.shelly.api import ShellyApi
from custom_components.home_flex.devices.shelly.http import ShellyHttp
from custom_components.home_flex.devices.shelly.meter import ShellyMeter
from tests.devices.fakes.listener import noon

from .conftest import eventually, house_on_the_wire


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def test_the_driver_reads_the_meter_as_it_is_and_nothing_while_a_clamp_is_lost(
    session: ClientSession,
) -> None:
    async with house_on_the_wire() as home:
        http = ShellyHttp(session, f"127.0.0.1:{home.shelly.port}", None)
        meter = ShellyMeter(ShellyApi(http), clock=noon)
        await eventually(lambda: home.house.pv.power_w < -3000.0)
        grid, reading = home.house.read_grid(), await meter.read()
        assert reading.power_w == pytest.approx(grid.power_w, abs=30)
        assert reading.power_w < -2000.0
        assert sum(reading.phase_power_w) == pytest.approx(reading.power_w, abs=1)
        assert reading.phase_current_a == pytest.approx(grid.phase_currents_a, abs=0.2)
        assert reading.energy_import_wh == pytest.approx(sum(grid.energy_import_wh.values()), abs=10)
        home.faults.now = Faults(shelly_loses_clamp=True)
        with pytest.raises(DeviceError) as error:
            await meter.read()
        assert error.value.reason == "missing_value"
