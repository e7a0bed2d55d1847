"""What becomes of a limit of a charger with habits of its own, which is the simulator's.

It shares nothing with the driver, and each fault is one line of a scenario. What holds of every actuator is
in ``test_contract``.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from home_simulator.faults import parse_faults
from home_simulator.ocpp_link import CentralSystem as Address
from home_simulator.settings import Settings
from home_simulator.simulator import Simulator

from custom_components.home_flex.core.model import ChargerReading, ChargerStatus, Reading
from custom_components.home_flex.devices.driver import DeviceError, LinkDown
from custom_components.home_flex.devices.ocpp import CentralSystem, ChargerSettings, OcppCharger, Patience
from tests.devices.ocpp_clients import SETTINGS

PER_AMPERE_W = 3 * 230.0
FULL_W = 16 * PER_AMPERE_W
# A second here is some twenty of a home: nobody waits longer than the simulator's car takes.
PATIENCE = Patience(boot_s=1.0, silence_s=2.4, obeys_s=1.0, poll_s=1.0, start_s=0.3, limit_s=1.0, write_s=3.0)


@dataclass
class Home:
    """A driver, the simulated house it steers, and what it published."""

    driver: OcppCharger
    house: Simulator
    published: list[Reading | LinkDown] = field(default_factory=list)

    @property
    def reading(self) -> ChargerReading:
        assert isinstance(self.published[-1], ChargerReading)
        return self.published[-1]

    @property
    def drawn_w(self) -> float:
        """The truth."""
        return self.house.house.car.power_w

    def fault(self, **faults: Any) -> None:
        self.house.faults.now = parse_faults(faults)


async def eventually(condition: Callable[[], object], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 # the house goes on in tasks of its own
            await asyncio.sleep(0.02)


@asynccontextmanager
async def charging(settings: ChargerSettings = SETTINGS, **faults: Any) -> AsyncIterator[Home]:
    """Run a house whose car charges as fast as it can, and a driver that knows."""
    central = CentralSystem(clock=lambda: datetime.now(UTC), monotonic_s=time.monotonic, patience=PATIENCE)
    port = await central.start("127.0.0.1", 0)
    assert settings.password is not None
    address = Address(url=f"ws://127.0.0.1:{port}", identity="CP1", password=settings.password)
    async with Simulator(Settings(base_load_w=600.0, cloud=0.0, car_plugged=True)) as house:
        home = Home(central.add(settings), house)
        home.fault(**faults)
        running = asyncio.create_task(home.driver.run(home.published.append))
        house.charge_point.dial(address)
        try:
            await eventually(
                lambda: bool(home.published) and home.reading.power_w == pytest.approx(FULL_W, rel=0.01)
            )
            yield home
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            house.charge_point.dial(None)
            await central.stop()


async def limit(home: Home, current_a: float | None) -> None:
    """Ask as control does: again after a refusal, and so that the limit outlasts the test."""
    for _ in range(15):
        try:
            await home.driver.set_current_limit(current_a, expires_in_s=120)
        except DeviceError as error:
            if error.reason != "write_refused":
                raise
        else:
            return
    raise AssertionError("the charger took no shape")


def is_measured(home: Home, power_w: float) -> bool:
    """Whether the car draws this, and the driver says so."""
    close = pytest.approx(power_w, rel=0.01, abs=20)
    return bool(home.drawn_w == close and home.reading.power_w == close)


OBEYS = [
    {},
    {"charger_takes_only": "watts"},
    {"charger_takes_only": "no_end"},
    {"charger_takes_only": "relative"},
    {"charger_takes_only": "watts,connector_1,no_phases,tx_default"},
    {"charger_clock_ahead_s": -120},
    {"charger_clock_ahead_s": 3600},
    {"charger_clock_ahead_s": -1_700_000_000},
    {"charger_meter_by_phase": True},
    {"charger_meter_of_begin": True},
    {"charger_samples_slowly": True},
    {"charger_never_pauses": True},
]


@pytest.mark.parametrize("faults", OBEYS, ids=str)
async def test_a_limit_is_obeyed_and_measured(faults: dict[str, Any]) -> None:
    async with charging(**faults) as home:
        await limit(home, 8.0)
        assert home.reading.current_limit_a == 8.0
        await eventually(lambda: is_measured(home, 8 * PER_AMPERE_W))
        await limit(home, None)
        await eventually(lambda: is_measured(home, FULL_W))
        assert home.reading.current_limit_a is None


async def test_a_pause_pauses() -> None:
    async with charging() as home:
        await limit(home, 0.0)
        await eventually(lambda: is_measured(home, 0.0))
        await eventually(lambda: home.reading.status is ChargerStatus.SUSPENDED_EVSE)


async def test_a_pause_that_is_clipped_is_seen_for_what_it_is() -> None:
    async with charging(charger_never_pauses=True) as home:
        await limit(home, 0.0)
        await eventually(lambda: is_measured(home, 6 * PER_AMPERE_W))
        assert home.reading.current_limit_a == 0.0


async def test_an_ignored_limit_is_seen_in_what_is_measured(caplog: pytest.LogCaptureFixture) -> None:
    async with charging(charger_ignores_profiles=True) as home:
        await limit(home, 8.0)
        await eventually(lambda: "obeys none" in caplog.text, within_s=60.0)
        assert home.reading.current_limit_a == 8.0
        assert is_measured(home, FULL_W)


async def test_a_silent_charger_is_a_timeout() -> None:
    async with charging() as home:
        home.fault(charger_silent=True)
        with pytest.raises(DeviceError) as error:
            await home.driver.set_current_limit(8.0, expires_in_s=120)
        assert error.value.reason == "timeout"
        assert home.reading.current_limit_a is None


async def test_a_forgotten_limit_is_told_again() -> None:
    async with charging() as home:
        await limit(home, 8.0)
        await eventually(lambda: is_measured(home, 8 * PER_AMPERE_W))
        home.fault(charger_forgets_after_s=1.0)
        await eventually(lambda: is_measured(home, FULL_W))
        home.fault()
        await eventually(lambda: is_measured(home, 8 * PER_AMPERE_W))


async def test_a_charger_that_started_anew_has_its_limit_without_being_asked() -> None:
    async with charging() as home:
        await limit(home, 8.0)
        home.house.charge_point.requests.reset = True
        home.house.connector.profiles.profiles.clear()
        await eventually(lambda: isinstance(home.published[-1], LinkDown))
        await eventually(
            lambda: isinstance(home.published[-1], ChargerReading) and is_measured(home, 8 * PER_AMPERE_W)
        )


async def test_a_session_whose_end_is_never_told_ends_with_the_vehicle() -> None:
    async with charging(charger_loses_stop=True) as home:
        home.house.house.car.plugged = False
        await eventually(lambda: home.reading.status is ChargerStatus.AVAILABLE)
        assert (home.reading.transaction_id, home.reading.power_w) == (None, 0.0)


async def test_a_charger_that_waits_is_started() -> None:
    async with charging(replace(SETTINGS, starts_itself=True), charger_waits_for_start=True) as home:
        assert home.reading.transaction_id is not None
