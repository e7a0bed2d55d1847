"""The driver of a device of entities: when it speaks, when it is lost, and that it leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from custom_components.home_flex.core.control.pace import PaceClass
from custom_components.home_flex.core.model import DeviceKind, Quantity, Reading
from custom_components.home_flex.devices.driver import (
    DeviceError,
    LinkDown,
    Paced,
    TakesLong,
    TakesValues,
    settable,
)
from custom_components.home_flex.devices.entities import device as devices
from custom_components.home_flex.devices.entities.binding import encode_fresh
from custom_components.home_flex.devices.entities.device import EntityDevice
from custom_components.home_flex.devices.entities.profile import Fresh, FreshBy, Profile
from custom_components.home_flex.devices.entities.spec import ENTITIES
from tests.devices.fakes.entities import FakeHome

POWER, CHARGE = "sensor.power", "sensor.charge"


@dataclass
class Home(FakeHome):
    """A home with a battery of entities; what its driver published."""

    published: list[Reading | LinkDown] = field(default_factory=list)
    profile: Profile | None = None

    def entity_profile(self, _profile_id: str) -> Profile | None:
        return self.profile

    def __post_init__(self) -> None:
        self.power = self.entities.add(POWER, "-500", "W")
        self.charge = self.entities.add(CHARGE, "50", "%")
        self.setpoint = self.entities.add("number.setpoint", "40", "W", min=-5000, max=5000, step=10)

    def kept_data(self, by: FreshBy, **more: Any) -> dict[str, Any]:
        entity = {"type": "entity"}
        return {
            "roles": {
                "power": {**entity, "value": [self.power]},
                "state_of_charge": {**entity, "value": [self.charge]},
                "capacity": {"type": "constant", "value": 10000.0},
                "max_charge_power": {"type": "constant", "value": 5000.0},
                "max_discharge_power": {"type": "constant", "value": 5000.0},
                "setpoint": {**entity, "value": [self.setpoint]},
            },
            "fresh": encode_fresh(Fresh(by=by, interval_s=1.0)),
            "device": {"manufacturer": "Maker", "model": "Cell", "id": self.power},
            "wired_phases": ["1", "2", "3"],
            **more,
        }

    def driver(self, by: FreshBy = FreshBy.CHANGES, **more: Any) -> Any:
        settings = ENTITIES.parse(self.kept_data(by, **more))
        return ENTITIES.build(DeviceKind.BATTERY, settings, self)  # type: ignore[arg-type] # without wires

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5.0):
            while len(self.published) < count:  # noqa: ASYNC110 # a list tells nobody
                await asyncio.sleep(0.005)


CONTROLLED: dict[str, Any] = {
    "controlled": True,
    "domains": {"setpoint": "number"},
    "least_seconds": 5,
    "writes_per_day": 300,
    "setpoint_sign": -1,
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "TICK_S", 0.02)


@asynccontextmanager
async def running(home: Home, driver: EntityDevice) -> AsyncIterator[None]:
    """Have a driver run, and see that nothing of it is left after that."""
    task = asyncio.create_task(driver.run(home.published.append))
    await asyncio.sleep(0.01)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert home.entities.watching == []


def powers(home: Home) -> list[float | str]:
    return [each.reason if isinstance(each, LinkDown) else each.power_w for each in home.published]


async def test_a_polled_device_speaks_with_each_report_and_not_in_between() -> None:
    home = Home()
    async with running(home, home.driver(FreshBy.REPORTED)):
        await asyncio.sleep(0.1)
        assert home.published == []
        home.entities.report(POWER)
        await home.until(1)
        home.entities.report(POWER)
        await home.until(2)
        await asyncio.sleep(0.1)
    assert powers(home) == [-500.0, -500.0]


async def test_what_is_written_in_one_go_is_one_reading() -> None:
    home = Home()
    async with running(home, home.driver(FreshBy.REPORTED)):
        home.entities.show(POWER, "-900")
        home.entities.show(CHARGE, "49")
        home.entities.report(POWER)
        await home.until(1)
        await asyncio.sleep(0.05)
    (reading,) = home.published
    assert not isinstance(reading, LinkDown)
    assert (reading.power_w, getattr(reading, "state_of_charge", None)) == (-900.0, pytest.approx(0.49))


async def test_a_device_that_tells_changes_only_holds_its_value_and_beats() -> None:
    home = Home()
    async with running(home, home.driver(FreshBy.CHANGES)):
        await home.until(1)
        home.monotonic_s.pass_s(devices.HEARTBEAT_S + 0.1)
        await home.until(2)
    assert powers(home) == [-500.0, -500.0]


async def test_a_device_that_is_lost_says_so_once_and_comes_back() -> None:
    home = Home()
    async with running(home, home.driver(FreshBy.CHANGES)):
        await home.until(1)
        home.entities.lose(POWER)
        await home.until(2)
        await asyncio.sleep(0.1)
        home.entities.show(POWER, "-100")
        await home.until(3)
    assert powers(home) == [-500.0, "entity_unavailable", -100.0]


async def test_a_new_word_is_said_once_and_its_charger_read_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    home = Home()
    status = home.entities.add("sensor.status", "unknown 7", None)
    roles = {
        "power": {"type": "entity", "value": [home.power], "sign": -1},
        "status": {"type": "entity", "value": [status], "words": {"charging": "charging"}},
        "max_current": {"type": "constant", "value": 16.0},
    }
    settings = ENTITIES.parse(home.kept_data(FreshBy.CHANGES, roles=roles))
    driver: Any = ENTITIES.build(DeviceKind.EV_CHARGER, settings, home)  # type: ignore[arg-type] # without wires
    async with running(home, driver):
        await home.until(1)
        home.entities.show(POWER, "-600")
        await home.until(2)
    assert powers(home) == [500.0, 600.0]
    assert caplog.text.count("'unknown 7'") == 1


async def test_a_poll_that_stays_away_is_a_loss() -> None:
    home = Home()
    async with running(home, home.driver(FreshBy.REPORTED)):
        home.entities.report(POWER)
        await home.until(1)
        home.monotonic_s.pass_s(2.6)
        await home.until(2)
    assert powers(home) == [-500.0, "entity_silent"]


async def test_integrations_that_are_late_at_the_start_are_given_time() -> None:
    home = Home()
    home.entities.lose(POWER)
    async with running(home, home.driver(FreshBy.CHANGES)):
        home.monotonic_s.pass_s(devices.GRACE_S - 5.0)
        await asyncio.sleep(0.1)
        assert home.published == []
        home.monotonic_s.pass_s(6.0)
        await home.until(1)
    assert powers(home) == ["entity_unavailable"]


async def test_a_device_that_nobody_agreed_to_takes_nothing() -> None:
    assert settable(Home().driver(**CONTROLLED | {"controlled": False})) == frozenset()
    assert settable(Home().driver(controlled=True)) == frozenset()


async def test_a_device_whose_profile_is_gone_is_read_only() -> None:
    assert settable(Home().driver(controlled=True, profile="gone")) == frozenset()


async def test_a_steered_device_says_what_it_takes_how_fast_and_for_how_long_it_is_waited() -> None:
    driver = Home().driver(**CONTROLLED)
    assert settable(driver) == frozenset({Quantity.POWER_W})
    assert isinstance(driver, TakesValues)
    assert isinstance(driver, Paced)
    assert driver.pace.pace_class is PaceClass.STEP
    assert isinstance(driver, TakesLong)
    assert driver.write_timeout_s > 20.0


async def test_a_setpoint_is_written_in_the_entity_s_sign_and_told_by_the_next_reading() -> None:
    home = Home()
    driver = home.driver(FreshBy.REPORTED, **CONTROLLED)
    async with running(home, driver):
        await driver.set_value(Quantity.POWER_W, 700.0, expires_in_s=60.0)
        assert home.entities.text("number.setpoint") == "-700.0"
        home.entities.report(POWER)
        await home.until(1)
    assert getattr(home.published[0], "power_setpoint_w", None) == 700.0


async def test_a_device_is_given_back_when_its_driver_ends() -> None:
    home = Home()
    driver = home.driver(**CONTROLLED)
    async with running(home, driver):
        await driver.set_value(Quantity.POWER_W, 700.0, expires_in_s=60.0)
    assert home.entities.text("number.setpoint") == "40.0"


async def test_what_is_not_its_quantity_is_refused() -> None:
    home = Home()
    driver = home.driver(**CONTROLLED)
    with pytest.raises(DeviceError) as caught:
        await driver.set_value(Quantity.SWITCH, 1.0, expires_in_s=60.0)
    assert caught.value.reason == "not_supported"
