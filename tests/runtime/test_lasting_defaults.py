"""What chargers fall back to without us: told once for each change, together within every fuse."""

from dataclasses import dataclass, field
from typing import Any

from custom_components.home_flex.core.model import Circuit, DeviceIdentity, DeviceKind, Network
from custom_components.home_flex.core.wishes import Wishes, with_charger, with_device
from custom_components.home_flex.devices.driver import Publish
from custom_components.home_flex.runtime.device_slot import DeviceSlot
from custom_components.home_flex.runtime.lasting_defaults import LastingDefaults, default_kept
from tests.core.control.house import SITE

from .slots import quiet_slot


class Plain:
    """A charger that keeps nothing."""

    identity: DeviceIdentity | None = None

    async def run(self, publish: Publish) -> None:
        """Say nothing."""


@dataclass
class Charger(Plain):
    """A charger that notes what it is to keep."""

    told: list[float] = field(default_factory=list)
    current_range_a: tuple[float, float] = (6.0, 16.0)
    default_kept: bool | None = True

    def keep_default(self, current_a: float) -> None:
        self.told.append(current_a)


def slot(name: str, driver: Any, kind: DeviceKind = DeviceKind.EV_CHARGER) -> DeviceSlot:
    return quiet_slot(kind, driver, device_id=name, wired_phases=(1, 2, 3))


def told(network: Network | None, wishes: Wishes, **drivers: Any) -> dict[str, list[float]]:
    """Return what each charger was told, by name."""
    slots = [slot(name, driver) for name, driver in drivers.items()]
    LastingDefaults(SITE, network).tell(slots, wishes)
    return {name: driver.told for name, driver in drivers.items() if isinstance(driver, Charger)}


def test_one_charger_may_keep_all_it_can() -> None:
    assert told(None, Wishes(), a=Charger()) == {"a": [16.0]}


def test_two_share_what_the_house_leaves_of_the_main_fuse() -> None:
    assert told(None, Wishes(), a=Charger(), b=Charger()) == {"a": [11.0], "b": [11.0]}


def test_a_charger_that_keeps_none_counts() -> None:
    assert told(None, Wishes(), a=Charger(), b=Plain()) == {"a": [11.0]}


def test_the_fuse_of_a_circuit_counts() -> None:
    network = Network(
        circuits=(
            Circuit(circuit_id="main", fuse_a=(25.0,) * 3),
            Circuit(circuit_id="garage", fuse_a=(10.0,) * 3, parent_id="main", device_ids=("a",)),
        ),
        device_ids=frozenset({"a"}),
    )
    assert told(network, Wishes(), a=Charger()) == {"a": [9.0]}


def test_one_that_may_not_be_managed_counts_but_is_not_told() -> None:
    wishes = with_device(Wishes(), "b", managed=False)
    assert told(None, wishes, a=Charger(), b=Charger()) == {"a": [11.0], "b": []}


def test_they_are_told_again_only_when_something_changed() -> None:
    chargers = {name: Charger() for name in ("a", "b", "c")}
    slots = [slot(name, driver) for name, driver in chargers.items()]
    defaults = LastingDefaults(SITE, None)
    for _ in range(3):
        defaults.tell(slots, Wishes())
    assert {name: driver.told for name, driver in chargers.items()} == {"a": [7.0], "b": [7.0], "c": [7.0]}
    defaults.tell(slots, with_charger(Wishes(), "a", priority=1))
    assert [len(driver.told) for driver in chargers.values()] == [2, 2, 2]


def test_a_meter_and_a_battery_are_no_chargers() -> None:
    battery, charger = Charger(), Charger()
    slots = [slot("battery", battery, DeviceKind.BATTERY), slot("meter", Plain(), DeviceKind.GRID_METER)]
    LastingDefaults(SITE, None).tell([*slots, slot("a", charger)], Wishes())
    assert (charger.told, battery.told) == ([16.0], [])


def test_what_is_kept_is_known_of_those_that_keep_it() -> None:
    assert default_kept(slot("a", Charger(default_kept=False))) is False
    assert default_kept(slot("a", Plain())) is None
