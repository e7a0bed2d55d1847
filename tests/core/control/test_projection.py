"""Who moves, and how far, until a power lies within its bounds."""

import math
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.merit import Preference
from custom_components.home_flex.core.control.projection import Joint, project
from custom_components.home_flex.core.control.stores import SharingMemory
from custom_components.home_flex.core.model import Owner

from .parts import ALL, ON_L1, battery, car, joint, order, sun

HOUSE, CAR, EARN = Preference.HOUSE_FIRST, Preference.CAR_FIRST, Preference.EARN


def projected(
    asked: Joint,
    *devices: Flexibility,
    preference: Preference = Preference.CAR_FIRST,
    **bounds: tuple[float, float],
) -> dict[str, float]:
    powers = {one.device_id: one.power_w for one in devices}
    within = {one.device_id: (one.low_w, one.high_w) for one in devices} | bounds
    return project(asked, devices, powers, within, order(*devices, preference=preference))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A line at a node, devices by their power now, and the powers that obey it."""

    asked: Joint
    devices: tuple[Flexibility, ...]
    powers: dict[str, float]
    preference: Preference = CAR
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)


WHO_GIVES = {
    "nobody within the bounds": Case(
        asked=joint(-11040, 11040), devices=(battery(), car()), powers={"battery": 0, "car": 11040}
    ),
    "nobody at the lower bound": Case(
        asked=joint(low_w=-1000), devices=(battery(power_w=-1000),), powers={"battery": -1000}
    ),
    "car first: the battery until it can do no more": Case(
        asked=joint(high_w=7000), devices=(battery(), car()), powers={"battery": -4040, "car": 11040}
    ),
    "car first: the car the rest, in steps of 0.1 A, less what the step does too much": Case(
        asked=joint(high_w=5000),
        devices=(battery(), car()),
        powers={"battery": -4936, "car": 9936},
    ),
    "house first: the car down to its smallest current": Case(
        asked=joint(high_w=7000),
        devices=(battery(), car()),
        powers={"battery": 0, "car": 6969},
        preference=HOUSE,
    ),
    "house first: the battery when the car is at its smallest": Case(
        asked=joint(high_w=3000),
        devices=(battery(), car()),
        powers={"battery": -1140, "car": 4140},
        preference=HOUSE,
    ),
    "house first: the car pauses when the battery gives all, which then gives less": Case(
        asked=joint(high_w=-1500),
        devices=(battery(), car()),
        powers={"battery": -1500, "car": 0},
        preference=HOUSE,
    ),
    "to earn: the battery, as what it stores is worth less than what the car does": Case(
        asked=joint(high_w=7000),
        devices=(battery(), car()),
        powers={"battery": -4040, "car": 11040},
        preference=EARN,
    ),
    "the car that comes last": Case(
        asked=joint(high_w=11040 + 6900),
        devices=(car("a", priority=2), car("b", priority=1)),
        powers={"a": 6900, "b": 11040},
    ),
    "of equals the later by id": Case(
        asked=joint(high_w=11040 + 6900), devices=(car("a"), car("b")), powers={"a": 11040, "b": 6900}
    ),
    "all cars are slowed before one is paused": Case(
        asked=joint(high_w=9000), devices=(car("a"), car("b")), powers={"a": 4830, "b": 4140}
    ),
    "the last is paused, the other goes on as it was slowed": Case(
        asked=joint(high_w=5000), devices=(car("a"), car("b")), powers={"a": 4140, "b": 0}
    ),
    "a car that a higher line holds does not": Case(
        asked=joint(high_w=7000), devices=(car(),), powers={"car": 8000}, bounds={"car": (8000, 11040)}
    ),
    "a car that draws less than its smallest is only paused": Case(
        asked=joint(high_w=0), devices=(car(power_w=2000.0),), powers={"car": 0}
    ),
    "the inverter first gives back what was curtailed": Case(
        asked=joint(high_w=-2000),
        devices=(sun(power_w=-1000), battery()),
        powers={"sun": -2000, "battery": 0},
    ),
    "the battery what the sun cannot": Case(
        asked=joint(high_w=-5000),
        devices=(sun(power_w=-1000), battery()),
        powers={"sun": -4000, "battery": -1000},
    ),
    "fuse: the car down to its smallest before the battery, whatever the resident chose": Case(
        asked=joint(high_w=1000, owner=Owner.FUSE, node=1),
        devices=(battery(), car()),
        powers={"battery": -1140, "car": 4140},
    ),
    "fuse: the car pauses only when the battery cannot": Case(
        asked=joint(high_w=-1000, owner=Owner.FUSE, node=1),
        devices=(battery(), car()),
        powers={"battery": -3000, "car": 0},
    ),
    "fuse: what was curtailed comes after the car": Case(
        asked=joint(high_w=2000, owner=Owner.FUSE, node=1),
        devices=(sun(power_w=-1000), car()),
        powers={"sun": -1000, "car": 6969},
    ),
    "only who is on the phase": Case(
        asked=joint(high_w=-1000, node=2),
        devices=(battery("a", share=ON_L1), battery("b")),
        powers={"a": 0, "b": -3000},
    ),
    "on a phase by the room that each has there": Case(
        asked=joint(high_w=-1000, node=1),
        devices=(battery("a", share=ON_L1, low_w=-3000), battery("b", low_w=-3000)),
        powers={"a": -750, "b": -750},
    ),
    "a target exactly, the battery taking up what a car's step did too much": Case(
        asked=joint(7000, 7000),
        devices=(battery(), car()),
        powers={"battery": 31, "car": 6969},
        preference=HOUSE,
    ),
    "a target on a phase exactly, too": Case(
        asked=joint(2333, 2333, owner=Owner.FUSE, node=1),
        devices=(battery(), car()),
        powers={"battery": 30, "car": 6969},
    ),
    "on a phase one car after the other, by what each draws there": Case(
        asked=joint(high_w=6000, node=1), devices=(car("a"), car("b")), powers={"a": 11040, "b": 6900}
    ),
    "two cars on a phase when one is not enough": Case(
        asked=joint(high_w=4500, node=1), devices=(car("a"), car("b")), powers={"a": 9315, "b": 4140}
    ),
    "the next when the last is at its smallest already": Case(
        asked=joint(high_w=4140 + 6900),
        devices=(car("a"), car("b", power_w=4140.0)),
        powers={"a": 6900, "b": 4140},
    ),
    "half a watt, too": Case(asked=joint(high_w=-0.5), devices=(battery("a", soc=0.5),), powers={"a": -0.5}),
    "half a watt of room, too": Case(
        asked=joint(high_w=-3000), devices=(battery(low_w=-0.5),), powers={"battery": -0.5}
    ),
    "a battery takes back no more than it moved": Case(
        asked=joint(high_w=-1500),
        devices=(battery(power_w=-3000.0), car(power_w=4140.0)),
        powers={"battery": -3000, "car": 0},
    ),
    "house first: the car is slowed before a charging battery and paused after a giving one": Case(
        asked=joint(high_w=4140 + 1000),
        devices=(battery(power_w=3000.0), car()),
        powers={"battery": 1000, "car": 4140},
        preference=HOUSE,
    ),
    "as far as all can when that is not enough": Case(
        asked=joint(high_w=-9000), devices=(battery(), car()), powers={"battery": -5000, "car": 0}
    ),
}

WHO_TAKES = {
    "a battery ceases to give before another takes": Case(
        asked=joint(low_w=-1000),
        devices=(battery("a", soc=0.5), battery("b", -3000, soc=0.9)),
        powers={"a": -5000 / 14, "b": -9000 / 14},
        preference=HOUSE,
    ),
    "house first: the battery up to 80 %, then the car, then the full battery": Case(
        asked=joint(low_w=7000),
        devices=(battery("half"), battery("full", soc=0.9), car(power_w=0)),
        powers={"half": 2860, "full": 0, "car": 4140},
        preference=HOUSE,
    ),
    "car first: the car before all batteries": Case(
        asked=joint(low_w=7000),
        devices=(battery(), car(power_w=0)),
        powers={"battery": 0, "car": 7038},
    ),
    "half a watt, too": Case(asked=joint(low_w=0.5), devices=(battery(),), powers={"battery": 0.5}),
    "a battery ceases to give, and no more": Case(
        asked=joint(low_w=-1000),
        devices=(battery("a", -3000, soc=0.5), car(power_w=0.0)),
        powers={"a": -1000, "car": 0},
    ),
    "car first: the car once no battery gives": Case(
        asked=joint(low_w=7000),
        devices=(battery(power_w=-3000.0), car(power_w=0)),
        powers={"battery": 0, "car": 7038},
    ),
    "the inverter last": Case(
        asked=joint(low_w=2000),
        devices=(sun(), battery()),
        powers={"sun": -3000, "battery": 5000},
    ),
    "a car not beyond what it may, in whole steps": Case(
        asked=joint(low_w=9000), devices=(car(power_w=0),), powers={"car": 6969}, bounds={"car": (0, 7000)}
    ),
    "a car with less than its smallest current not at all": Case(
        asked=joint(low_w=9000), devices=(car(power_w=0),), powers={"car": 0}, bounds={"car": (0, 4000)}
    ),
    "inverters share by what they give": Case(
        asked=joint(low_w=-3000),
        devices=(sun("a", given_w=-4000), sun("b", -2000, given_w=-2000)),
        powers={"a": -2000, "b": -1000},
    ),
    "on a phase, too": Case(
        asked=joint(low_w=-1000, node=1),
        devices=(sun("a", share=ON_L1), battery("b", high_w=3000)),
        powers={"a": -2000, "b": 3000},
    ),
}


@pytest.mark.parametrize("case", WHO_GIVES.values(), ids=WHO_GIVES)
def test_who_gives(case: Case) -> None:
    found = projected(case.asked, *case.devices, preference=case.preference, **case.bounds)
    assert found == pytest.approx(case.powers)


@pytest.mark.parametrize("case", WHO_TAKES.values(), ids=WHO_TAKES)
def test_who_takes(case: Case) -> None:
    found = projected(case.asked, *case.devices, preference=case.preference, **case.bounds)
    assert found == pytest.approx(case.powers)


def test_batteries_give_by_what_they_hold() -> None:
    found = projected(joint(high_w=-4500), battery("a", soc=0.9), battery("b", soc=0.3, low_w=-2000.0))
    assert found == pytest.approx({"a": -3375, "b": -1125})


def test_who_gave_little_alone_is_relieved_by_the_fuller_one_in_time() -> None:
    devices = (battery("a", soc=0.5), battery("b", soc=0.6))
    within = {one.device_id: (one.low_w, one.high_w) for one in devices}
    alone = SharingMemory(sign=-1, alone="a", alone_since_s=0.0)
    for now_s, powers in [(1799.0, {"a": -500, "b": 0}), (1800.0, {"a": 0, "b": -500})]:
        asked = replace(order(*devices), sharing=alone, now_s=now_s)
        assert project(joint(high_w=-500.0), devices, {"a": 0.0, "b": 0.0}, within, asked) == powers


def test_one_battery_is_not_charged_from_the_other() -> None:
    found = projected(joint(-1500, -1500), battery("a", -1708), battery("b", 0.0))
    assert found == pytest.approx({"a": -750, "b": -750}, abs=400)
    assert math.fsum(found.values()) == pytest.approx(-1500)
    assert max(found.values()) <= 0


@pytest.mark.parametrize(
    ("low_w", "high_w", "violation_w"),
    [(-5000, 5000, 0), (-5000, 1000, 1000), (3000, 5000, 1000), (2000, 2000, 0), (-math.inf, 1999.5, 0.5)],
)
def test_a_violation_is_how_far_the_bounds_are_passed(
    low_w: float, high_w: float, violation_w: float
) -> None:
    devices = (battery("a"), battery("b", share=ON_L1))
    assert joint(low_w, high_w).violation_w(devices, {"a": 3000.0, "b": -1000.0}) == violation_w


def test_a_node_carries_each_devices_share() -> None:
    devices = (battery("a"), battery("b", share=ON_L1))
    powers = {"a": 3000.0, "b": -1500.0}
    assert [joint(node=node).power_w(devices, powers) for node in range(4)] == [1500, -500, 1000, 1000]


@pytest.mark.parametrize(
    ("devices", "power_w"),
    [
        ((battery(power_w=-3000.0), car(power_w=4140.0)), 4140),
        ((battery(power_w=0.5), car(power_w=0.0)), 0.5),
        ((battery(power_w=900.0, share=ON_L1), car(power_w=6900.0)), 7800),
    ],
    ids=["not what one gives", "half a watt", "what all draw"],
)
def test_of_those_whose_draw_alone_is_limited_only_the_draw_counts(
    devices: tuple[Flexibility, ...], power_w: float
) -> None:
    asked = replace(joint(high_w=4000), only_draw=True)
    powers = {one.device_id: one.power_w for one in devices}
    assert asked.power_w(devices, powers) == power_w
    assert replace(asked, node=2).power_w(devices, powers) == pytest.approx(
        sum(one.share[2] * max(0.0, one.power_w) for one in devices)
    )


DRAW = replace(joint(high_w=5000), only_draw=True)
WHO_DRAWS_LESS = {
    "a battery goes to nothing, and gives nothing": Case(
        asked=DRAW,
        devices=(battery(power_w=3000.0), car()),
        powers={"battery": 0, "car": 4830},
    ),
    "one that gives goes on giving": Case(
        asked=DRAW, devices=(battery(power_w=-3000.0), car()), powers={"battery": -3000, "car": 4830}
    ),
    "one that may only give is asked for nothing": Case(
        asked=DRAW,
        devices=(battery(power_w=-3000.0, high_w=-1000.0), car()),
        powers={"battery": -3000, "car": 4830},
    ),
    "a car is left whole amperes": Case(
        asked=replace(DRAW, high_w=4140 + 690 - 1), devices=(car(),), powers={"car": 4140}
    ),
    "as many as fit exactly": Case(
        asked=replace(DRAW, high_w=4140 + 690), devices=(car(),), powers={"car": 4830}
    ),
    "and not its smallest current where that is too much": Case(
        asked=replace(DRAW, high_w=4139), devices=(car(),), powers={"car": 0}
    ),
}


@pytest.mark.parametrize("case", WHO_DRAWS_LESS.values(), ids=WHO_DRAWS_LESS)
def test_who_draws_less(case: Case) -> None:
    assert projected(case.asked, *case.devices) == pytest.approx(case.powers)


HEADROOM = replace(joint(high_w=2000, owner=Owner.FUSE, node=1), is_headroom=True)


@pytest.mark.parametrize(
    ("power_w", "rest_w", "violation_w"),
    [(11040.0, 0.0, 1680), (6000.0, 0.0, 0), (1500.0, 3000.0, 500), (0.0, 3000.0, 0)],
    ids=["by what is too much", "not", "by no more than they draw", "not by others"],
)
def test_consumers_break_the_headroom_by_no_more_than_they_draw(
    power_w: float, rest_w: float, violation_w: float
) -> None:
    devices = (car(power_w=power_w), battery(power_w=rest_w, share=ON_L1))
    powers = {one.device_id: one.power_w for one in devices}
    assert HEADROOM.violation_w(devices, powers) == pytest.approx(violation_w)


def test_for_headroom_only_consumers_move() -> None:
    devices = (sun(power_w=-1000.0), battery(power_w=3000.0), car(power_w=11040.0))
    found = projected(replace(HEADROOM, high_w=3000), *devices)
    assert found == pytest.approx({"sun": -1000, "battery": 3000, "car": 6969})


POWER = st.floats(-5000, 5000)


@st.composite
def homes(draw: st.DrawFn) -> tuple[Flexibility, ...]:
    stores = [
        battery(
            f"battery {key}",
            draw(POWER),
            soc=draw(st.floats(0.05, 0.95)),
            share=draw(st.sampled_from([ALL, ON_L1])),
        )
        for key in range(draw(st.integers(0, 3)))
    ]
    cars = [
        car(f"car {key}", power_w=draw(st.sampled_from([0.0, 4140.0, 11040.0])))
        for key in range(draw(st.integers(0, 2)))
    ]
    suns = [sun(f"sun {key}", power_w=draw(st.floats(-4000, 0))) for key in range(draw(st.integers(0, 2)))]
    return (*stores, *cars, *suns)


BOUNDS = st.tuples(st.floats(-15000, 15000), st.floats(0, 5000))


@given(homes(), BOUNDS, st.sampled_from(Preference), st.integers(0, 1), st.randoms())
def test_the_order_of_the_list_changes_nothing(
    home: tuple[Flexibility, ...],
    bounds: tuple[float, float],
    preference: Preference,
    node: int,
    chance: st.DataObject,
) -> None:
    asked = joint(bounds[0], bounds[0] + bounds[1], node=node)
    mixed = list(home)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # a random.Random
    found = projected(asked, *home, preference=preference)
    assert projected(asked, *mixed, preference=preference) == pytest.approx(found, abs=1e-6)


@given(homes(), BOUNDS, st.sampled_from(Preference))
def test_what_stores_are_moved_to_has_one_sign(
    home: tuple[Flexibility, ...], bounds: tuple[float, float], preference: Preference
) -> None:
    found = projected(joint(bounds[0], bounds[0] + bounds[1]), *home, preference=preference)
    before = {one.device_id: one.power_w for one in home}
    stores = [key for key in found if key.startswith("battery")]
    if any(abs(found[key] - before[key]) > 1e-6 for key in stores):
        assert min(found[key] for key in stores) >= -1e-6 or max(found[key] for key in stores) <= 1e-6


@given(homes(), BOUNDS, st.sampled_from(Preference), st.integers(0, 3))
def test_no_bound_is_broken_more_than_before_and_none_that_can_be_kept_within_a_step(
    home: tuple[Flexibility, ...], bounds: tuple[float, float], preference: Preference, node: int
) -> None:
    asked = joint(bounds[0], bounds[0] + bounds[1], node=node)
    found = projected(asked, *home, preference=preference)
    for one in home:
        assert one.low_w - 1e-6 <= found[one.device_id] <= one.high_w + 1e-6
    least = sum(one.share[node] * min(one.low_w, 0.0) for one in home)
    if least <= asked.high_w:
        assert asked.power_w(home, found) <= max(asked.high_w, least) + 4140 + 1e-6
    if not any(one.device_id.startswith("car") for one in home):
        most = sum(one.share[node] * one.high_w for one in home)
        assert asked.violation_w(home, found) <= max(0.0, least - asked.high_w, asked.low_w - most) + 1e-6
