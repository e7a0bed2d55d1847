"""What each device would do if nobody asked anything."""

import math
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory, Shown
from custom_components.home_flex.core.control.own_powers import own_powers
from custom_components.home_flex.core.control.policy import CoverHouse, Follow, Policy
from custom_components.home_flex.core.model import Owner

from .parts import battery, car, order, sun

COVERS = DeviceMemory(covers=True)


def own(rest_w: float, *devices: Flexibility) -> dict[str, Any]:
    found = own_powers(devices, order(*devices), rest_w)
    return {key: pytest.approx(power_w, abs=1e-6) for key, power_w in found.items()}


def held(own_w: float, *, covers: bool | None = None) -> DeviceMemory:
    return DeviceMemory(taken=Owner.AGGREGATOR, own_w=own_w, covers=covers)


def ends(*, low_w: float | None = None, high_w: float | None = None) -> DeviceMemory:
    """Return a free battery that was seen to go no further than these."""
    return DeviceMemory(low=Shown(bound_w=low_w), high=Shown(bound_w=high_w))


ALONE: dict[str, tuple[DeviceMemory | None, Policy | None, float, list[tuple[float, float]]]] = {
    "told to cover the house": (None, CoverHouse(), 0.0, [(1000.0, -1000.0), (-1000.0, 1000.0)]),
    "no further than it can": (None, CoverHouse(), 0.0, [(9000.0, -5000.0), (-9000.0, 5000.0)]),
    "within bounds": (
        None,
        CoverHouse(low_w=-400.0, high_w=300.0),
        0.0,
        [(1000.0, -400.0), (-1000.0, 300.0)],
    ),
    "known to cover the house": (COVERS, None, 0.0, [(1000.0, -1000.0), (-1000.0, 1000.0)]),
    "known not to": (DeviceMemory(covers=False), None, -700.0, [(1000.0, -700.0), (-1000.0, -700.0)]),
    "held, and gave before": (held(-600.0), None, -50.0, [(1000.0, -600.0), (300.0, -300.0), (-1000.0, 0.0)]),
    "held, and took before": (held(600.0), None, 50.0, [(1000.0, 0.0), (-300.0, 300.0), (-1000.0, 600.0)]),
    "held, known not to": (held(-600.0, covers=False), None, 9.0, [(1000.0, -600.0), (-1000.0, 0.0)]),
    "not known": (DeviceMemory(), None, -700.0, [(1000.0, -700.0), (-1000.0, -700.0)]),
    "at its upper end": (ends(high_w=3000.0), None, 0.0, [(1000.0, 0.0), (-1000.0, 1000.0)]),
    "charging at its end": (ends(high_w=3000.0), None, 500.0, [(1000.0, 500.0), (-1000.0, 1000.0)]),
    "giving, its upper end known": (ends(high_w=3000.0), None, -500.0, [(1000.0, -500.0)]),
    "at its lower end": (ends(low_w=3000.0), None, 0.0, [(1000.0, -1000.0), (-1000.0, 0.0)]),
    "giving at its end": (ends(low_w=3000.0), None, -300.0, [(1000.0, -1000.0), (-1000.0, -300.0)]),
    "charging, its lower end known": (ends(low_w=3000.0), None, 500.0, [(1000.0, 500.0)]),
    "told something else": (COVERS, Follow(power_w=100.0), 200.0, [(1000.0, 200.0)]),
}


@pytest.mark.parametrize(("memory", "policy", "power_w", "expected"), ALONE.values(), ids=ALONE)
def test_a_battery_covers_the_house_as_far_as_it_is_told_or_known_to(
    memory: DeviceMemory | None, policy: Policy | None, power_w: float, expected: list[tuple[float, float]]
) -> None:
    for rest_w, own_w in expected:
        assert own(rest_w, battery(power_w=power_w, memory=memory, policy=policy)) == {"battery": own_w}


def test_one_that_does_not_follow_goes_on_as_it_does() -> None:
    assert own(1000.0, battery(power_w=-200.0, memory=COVERS, stuck=True)) == {"battery": -200.0}


def test_what_others_do_is_covered_too() -> None:
    devices = (battery(memory=COVERS), car(power_w=2000.0), sun(given_w=-500.0))
    assert own(1000.0, *devices) == {"battery": -2500.0, "car": 2000.0, "sun": -500.0}


def test_batteries_that_cover_do_so_together() -> None:
    one, other = battery("one", memory=COVERS), battery("other", memory=COVERS)
    found = own_powers((one, other), order(one, other), 4000.0)
    assert found == {"one": pytest.approx(-2000.0), "other": pytest.approx(-2000.0)}


@pytest.mark.parametrize(
    ("one_w", "other_w", "are_opposed"),
    [(151.0, -151.0, True), (150.0, -151.0, False), (151.0, -150.0, False), (500.0, 500.0, False)],
)
def test_free_ones_that_work_against_each_other_go_on(
    one_w: float, other_w: float, *, are_opposed: bool
) -> None:
    devices = tuple(
        battery(name, power_w, memory=COVERS)
        for name, power_w in (("one", one_w), ("other", other_w), ("third", 0.0))
    )
    found = own_powers(devices, order(*devices), 0.0)
    assert math.fsum(found.values()) == pytest.approx(0.0, abs=1e-6)
    assert (found["one"] == one_w and found["other"] == other_w) is are_opposed


@pytest.mark.parametrize(
    "other",
    [
        replace(battery("other", -500.0), memory=held(-500.0, covers=True)),
        battery("other", -500.0, memory=COVERS, policy=CoverHouse()),
        sun("other", -500.0),
    ],
    ids=["one that is held", "one that is told to cover", "the sun"],
)
def test_only_free_batteries_work_against_each_other(other: Flexibility) -> None:
    one = battery("one", 500.0, memory=COVERS)
    assert own_powers((one, other), order(one, other), 0.0)["one"] != 500.0
