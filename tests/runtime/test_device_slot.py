"""A charger that can switch its phases is told them with its limit; one that cannot is not."""

import asyncio
from typing import Any

import pytest

from custom_components.home_flex.core.model import DeviceIdentity, DeviceKind, Owner, Quantity, Setpoint
from custom_components.home_flex.devices.backoff import Backoff
from custom_components.home_flex.devices.driver import DeviceError, LinkDown, Publish
from custom_components.home_flex.history.store import LedgerEntry
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from tests.core.control.house import SITE

from .planning.plans import charger_reading
from .service_home import Clock


class Charger:
    """A charger that notes in which order it is told what."""

    identity: DeviceIdentity | None = None

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.refuses = False

    async def run(self, publish: Publish) -> None:  # noqa: ARG002 # a driver's
        await asyncio.Event().wait()

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:  # noqa: ARG002 # a driver's
        if self.refuses:
            raise DeviceError("write_refused", "no")
        self.told.append(current_a)


class Switching(Charger):
    """A charger that switches between ``phase_counts``."""

    phase_counts: tuple[int, ...] = (1, 3)

    def use_phases(self, phases: int) -> None:
        self.told.append(f"{phases} phases")


class Slot:
    """The slot of a charger, running."""

    def __init__(self, driver: Charger) -> None:
        clock = Clock()
        self.driver = driver
        self.rows: list[LedgerEntry] = []
        self.slot = DeviceSlot(
            device_id="car",
            name="Garage",
            kind=DeviceKind.EV_CHARGER,
            wired_phases=(1, 2, 3),
            site=SITE,
            driver=driver,
            clock=clock,
            monotonic_s=clock.monotonic_s,
            on_reading=lambda _: None,
            on_ledger=self.rows.append,
        )

    async def want(self, current_a: float | None, phases: int | None) -> list[Any]:
        """Return what the charger is told."""
        running = asyncio.create_task(self.slot.run())
        self.slot.want(
            Setpoint(
                device_id="car",
                quantity=Quantity.CURRENT_LIMIT_A,
                value=current_a,
                owner=Owner.PLAN,
                reason="surplus",
                life_s=60.0,
                phases=phases,
            )
        )
        for _ in range(5):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        return self.driver.told


class Broken(Charger):
    """A driver that meets what it was not written for, at first when it reads and at each write."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    async def run(self, publish: Publish) -> None:
        self.runs += 1
        if self.runs == 1:
            raise TypeError("unhashable")
        await super().run(publish)

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:  # noqa: ARG002 # a driver's
        raise OverflowError("too large")


async def test_a_driver_that_fails_is_lost_begins_anew_and_goes_on_taking_setpoints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Backoff, "next_s", lambda _: 0.0)
    driver = Broken()
    home = Slot(driver)
    await home.want(6.0, None)
    assert (driver.runs, home.slot.link_reason) == (2, "driver_failed")
    assert [row.outcome for row in home.rows] == ["driver_failed"]
    assert home.slot.state().refusals == 1


class Leaving(Charger):
    """A charger that says one thing and is gone."""

    async def run(self, publish: Publish) -> None:
        publish(charger_reading())
        publish(LinkDown("connection_lost", "gone"))
        await asyncio.Event().wait()


async def test_of_a_device_that_is_lost_it_is_known_when_it_was_heard_last() -> None:
    home = Slot(Leaving())
    assert home.slot.heard_at is None
    await home.want(6.0, None)
    assert (home.slot.reading, home.slot.link_reason) == (None, "connection_lost")
    assert home.slot.heard_at == charger_reading().time


@pytest.mark.parametrize("phases", [1, 3])
async def test_the_phases_are_told_before_the_limit(phases: int) -> None:
    assert await Slot(Switching()).want(6.0, phases) == [f"{phases} phases", 6.0]


async def test_phases_that_nobody_wants_are_left_as_they_are() -> None:
    assert await Slot(Switching()).want(6.0, None) == [6.0]


async def test_a_charger_that_cannot_switch_is_told_the_limit_only() -> None:
    assert await Slot(Charger()).want(6.0, 1) == [6.0]


async def test_what_is_refused_is_written_into_the_ledger_once_and_counted() -> None:
    home = Slot(Switching())
    home.driver.refuses = True
    for _ in range(3):
        await home.want(6.0, 1)
    assert [row.outcome for row in home.rows] == ["write_refused"]
    assert home.slot.state().refusals == 3


@pytest.mark.parametrize(
    ("driver", "counts"), [(Switching(), (1, 3)), (Charger(), ())], ids=["switches", "does not"]
)
def test_control_knows_between_which_phases_it_can_choose(driver: Charger, counts: tuple[int, ...]) -> None:
    assert Slot(driver).slot.state().phase_counts == counts


def test_one_number_of_phases_is_no_choice() -> None:
    driver = Switching()
    driver.phase_counts = (3,)
    assert Slot(driver).slot.state().phase_counts == ()
