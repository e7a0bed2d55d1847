"""What fuses, circuits and groups leave to the devices, as joints; and chargers that no meter guards."""

import math
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.answering import Answering
from custom_components.home_flex.core.control.demand import SITE as AT_THE_METER
from custom_components.home_flex.core.control.demand import Demand, Envelope, Scope, ScopeKind, Target
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.guarding import (
    demanded_joints,
    fuse_joints,
    unguarded_a,
)
from custom_components.home_flex.core.control.headroom import Answer, usable_among_a
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.nodes import Layout, layout
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.state import DeviceState, MeterState, SiteState
from custom_components.home_flex.core.model import Circuit, Group, GroupKind, MeterReading, Network, Owner

from . import parts
from .guarded_home import FUSES, NOW, car, full_battery, garage, sun
from .house import SITE


def watched(*devices: DeviceState, network: Network | None = None) -> Layout:
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=devices, network=network)
    return layout(state, {})


def rest(high_w: tuple[float, ...], low_w: tuple[float, ...] | None = None) -> RestLoad:
    """Return what the house draws at each node: the circuits first, then each fuse's phases."""
    return RestLoad(high_w=high_w, low_w=low_w or high_w, latest_w=high_w[0])


def speaks(*volts: float) -> dict[str, MeterState]:
    reading = MeterReading(time=NOW, power_w=0.0, phase_voltage_v=volts)
    return {"main": MeterState(reading=reading, heard_s=0.0)}


ONE_CAR = watched(car())
HOUSE = rest((900.0, 300.0, 400.0, 500.0), (600.0, 100.0, 200.0, 300.0))


def near(value: float) -> Any:
    return pytest.approx(value)


def fuse_joint(node: int, low_w: float, high_w: float) -> Joint:
    return Joint(
        owner=Owner.FUSE,
        reason="main_fuse",
        source_id=None,
        node=node,
        low_w=near(low_w),
        high_w=near(high_w),
        standing=True,
    )


def test_a_fuse_holds_in_both_directions_at_the_voltage_of_its_phase_and_less_its_margin() -> None:
    # 25 A less 2 %, and less what the house draws at most, or feeds at most.
    assert fuse_joints(ONE_CAR, speaks(240.0, 230.0, 220.0), HOUSE, 0.0, {}) == (
        fuse_joint(1, -5880 - 100, 5880 - 300),
        fuse_joint(2, -5635 - 200, 5635 - 400),
        fuse_joint(3, -5390 - 300, 5390 - 500),
    )


def test_without_a_meter_the_voltage_is_nominal_and_a_noisy_one_widens_the_margin() -> None:
    small = Circuit(circuit_id="main", fuse_a=(10.0,) * 3, meter_id="meter", device_ids=("car",))
    layed = watched(car(), network=Network(circuits=(small,), device_ids=frozenset({"car"})))
    assert fuse_joints(layed, {}, HOUSE, 0.0, {})[0] == fuse_joint(1, -2250 - 100, 2250 - 300)
    assert fuse_joints(layed, {}, HOUSE, 24.0, {})[0] == fuse_joint(1, -2200 - 100, 2200 - 300)


def test_a_fuse_smaller_than_its_margin_leaves_nothing() -> None:
    tiny = Circuit(circuit_id="main", fuse_a=(0.1,) * 3, meter_id="meter", device_ids=("car",))
    network = Network(circuits=(tiny,), device_ids=frozenset({"car"}))
    found = fuse_joints(watched(car(), network=network), {}, HOUSE, 0.0, {})
    assert found[0] == fuse_joint(1, -100, -300)


def draws(delay_s: float, *, is_known: bool = True) -> Answering:
    return Answering(delay_s, 3 * 16.0 * 230.0, is_known=is_known)


@pytest.mark.parametrize("delay_s", [2.0, 15.0, 60.0])
def test_consumers_leave_each_fuse_room_for_a_step_of_load_until_they_have_answered_it(
    delay_s: float,
) -> None:
    found = fuse_joints(ONE_CAR, speaks(240.0, 230.0, 220.0), HOUSE, 0.0, {"car": draws(delay_s)})
    houses = [(1, 240.0, 300.0), (2, 230.0, 400.0), (3, 220.0, 500.0)]
    usable = {
        node: usable_among_a(25.0, house_w / volts, [Answer(delay_s, 16.0)], 16.0)
        for node, volts, house_w in houses
    }
    assert [
        (joint.reason, joint.node, joint.low_w, joint.high_w, joint.is_headroom, joint.standing)
        for joint in found[3:]
    ] == [
        ("fuse_headroom", node, -math.inf, near(usable[node] * volts - house_w), True, True)
        for node, volts, house_w in houses
        if usable[node] < 0.98 * 25.0
    ]
    assert len(found) == (3 if delay_s == 2.0 else 6)


@pytest.mark.parametrize(("rest_a", "is_counted"), [(3.0, True), (9.0, False)])
def test_a_car_that_has_not_shown_its_answer_is_counted_where_that_leaves_it_its_least(
    rest_a: float, is_counted: bool
) -> None:
    house = rest((0.0, *(rest_a * 230.0,) * 3))
    known = fuse_joints(ONE_CAR, {}, house, 0.0, {"car": draws(60.0)})
    unknown = fuse_joints(ONE_CAR, {}, house, 0.0, {"car": draws(60.0, is_known=False)})
    assert len(known) == 6
    assert unknown == (known if is_counted else known[:3])


def test_who_draws_behind_a_fuse_answers_after_its_own_delay_and_nobody_else_counts() -> None:
    two = watched(car(), replace(car(), device_id="other"))
    slow = fuse_joints(
        two, {}, HOUSE, 0.0, {"car": draws(5.0), "other": draws(30.0), "elsewhere": draws(90.0)}
    )
    assert slow[3].high_w == pytest.approx(
        usable_among_a(25.0, 300.0 / 230.0, [Answer(5.0, 16.0), Answer(30.0, 16.0)], 16.0) * 230.0 - 300.0,
        abs=5.0,
    )


def test_no_room_is_left_twice_where_the_most_of_the_rest_was_stated() -> None:
    metered_above = watched(car(), network=garage(10.0, other_load_a=3.0))
    found = fuse_joints(metered_above, {}, rest((0.0,) * 12), 0.0, {"car": draws(60.0)})
    assert {joint.node for joint in found if joint.is_headroom} == {
        place for guard, place in metered_above.guards if guard.scope.id == "main"
    }
    behind = [joint for (guard, _), joint in zip(metered_above.guards, found, strict=False) if guard.rest]
    assert len(behind) == 3
    for joint in behind:
        assert (joint.low_w, joint.high_w) == pytest.approx((-(2300 - 50), 2300 - 50 - 690))


def limited(kind: ScopeKind, scope_id: str, low_w: float = -math.inf, high_w: float = math.inf) -> Demand:
    return Demand(
        owner=Owner.GRID_OPERATOR,
        scope=Scope(kind, scope_id),
        asks=Envelope(low_w=low_w, high_w=high_w),
        reason="dimmed",
        source_id="event",
        standing=True,
    )


def grouped(kind: GroupKind, *members: str) -> Network:
    ids = ("car", "battery", "sun")
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter", device_ids=ids)
    group = Group(group_id="group", kind=kind, device_ids=members)
    return Network(circuits=(main,), device_ids=frozenset(ids), groups=(group,))


MEMBERS = (parts.car(power_w=4000.0), parts.battery(power_w=700.0), parts.sun(power_w=-2500.0))
STATES = (car(), full_battery(), replace(sun(0.0), device_id="sun"))


def asked_joint(
    node: int, low_w: float = -math.inf, high_w: float = math.inf, *, only_draw: bool = False
) -> Joint:
    return Joint(
        owner=Owner.GRID_OPERATOR,
        reason="dimmed",
        source_id="event",
        node=node,
        low_w=near(low_w),
        high_w=near(high_w),
        standing=True,
        only_draw=only_draw,
    )


CIRCUITS = {
    "import": ({"high_w": 4000.0}, asked_joint(0, high_w=4000 - 80 - 900)),
    "export": ({"low_w": -3000.0}, asked_joint(0, low_w=-3000 + 60 - 600)),
    "both, at least 50 W within": (
        {"low_w": -1000.0, "high_w": 1000.0},
        asked_joint(0, low_w=-950 - 600, high_w=950 - 900),
    ),
}


@pytest.mark.parametrize(("bounds", "expected"), CIRCUITS.values(), ids=CIRCUITS)
def test_a_limit_of_a_circuit_leaves_what_the_rest_behind_it_leaves(
    bounds: dict[str, float], expected: Joint
) -> None:
    asked = limited(ScopeKind.CIRCUIT, "main", **bounds)
    assert demanded_joints(ONE_CAR, [asked], (), HOUSE) == (expected,)


def test_a_limit_of_a_group_is_about_its_members_alone() -> None:
    layed = watched(*STATES, network=grouped(GroupKind.PEAK, "car"))
    asked = limited(ScopeKind.GROUP, "group", -3000.0, 4000.0)
    assert demanded_joints(layed, [asked], MEMBERS, HOUSE) == (
        asked_joint(len(layed.nodes), low_w=-2940, high_w=3920),
    )


ALLOWED = {
    # What the sun gives beyond the house and beyond who is no member comes on top.
    "less sun than load": (("car", "battery"), 3000.0, 4200),
    "more sun than the house": (("car", "battery"), 900.0, 4200 + 1600),
    "a device that is no member is load": (("car",), 900.0, 4200 + 900),
    "a car that is no member, too": (("battery",), 900.0, 4200),
}


@pytest.mark.parametrize(("members", "house_w", "high_w"), ALLOWED.values(), ids=ALLOWED)
def test_section_14a_takes_no_margin_and_counts_only_what_is_drawn(
    members: tuple[str, ...], house_w: float, high_w: float
) -> None:
    layed = watched(*STATES, network=grouped(GroupKind.SECTION_14A, *members))
    asked = limited(ScopeKind.GROUP, "group", high_w=4200.0)
    assert demanded_joints(layed, [asked], MEMBERS, rest((house_w, 0.0, 0.0, 0.0))) == (
        asked_joint(len(layed.nodes), high_w=high_w, only_draw=True),
    )


def test_under_section_14a_what_may_be_given_is_bounded_as_in_any_group() -> None:
    layed = watched(*STATES, network=grouped(GroupKind.SECTION_14A, "car"))
    asked = limited(ScopeKind.GROUP, "group", -3000.0)
    expected = asked_joint(len(layed.nodes), low_w=-2940)
    assert demanded_joints(layed, [asked], MEMBERS, HOUSE) == (expected,)


@pytest.mark.parametrize("kind", GroupKind)
def test_of_a_group_s_targets_the_strongest_of_each_owner_counts_and_comes_before_limits(
    kind: GroupKind,
) -> None:
    layed = watched(*STATES, network=grouped(kind, "car"))
    limit = limited(ScopeKind.GROUP, "group", -3000.0, 4000.0)
    weaker, stronger = (replace(limit, asks=Target(power_w=power_w)) for power_w in (1500.0, 2500.0))
    of_another = replace(weaker, owner=Owner.AGGREGATOR)
    found = demanded_joints(layed, [limit, weaker, of_another, stronger], MEMBERS, HOUSE)
    place = len(layed.nodes)
    assert found[:2] == (
        asked_joint(place, low_w=2500.0, high_w=2500.0),
        replace(asked_joint(place, low_w=1500.0, high_w=1500.0), owner=Owner.AGGREGATOR),
    )
    assert all(joint.low_w < joint.high_w for joint in found[2:])
    assert len(found) > 2


def test_demands_about_something_else_are_not_circuits_nor_groups() -> None:
    layed = watched(*STATES, network=grouped(GroupKind.PEAK, "car"))
    others = [
        limited(ScopeKind.CIRCUIT, "nowhere", high_w=1.0),
        limited(ScopeKind.GROUP, "nobody", high_w=1.0),
        limited(ScopeKind.DEVICE, "car", high_w=1.0),
        replace(limited(ScopeKind.CIRCUIT, "main"), scope=AT_THE_METER),
        replace(limited(ScopeKind.CIRCUIT, "main"), asks=Target(power_w=1.0)),
        replace(limited(ScopeKind.GROUP, "nobody"), asks=Target(power_w=1.0)),
        replace(limited(ScopeKind.DEVICE, "group"), asks=Target(power_w=1.0)),
    ]
    assert demanded_joints(layed, others, MEMBERS, HOUSE) == ()
    both = [*others, limited(ScopeKind.CIRCUIT, "main", high_w=4000.0)]
    assert len(demanded_joints(layed, both, MEMBERS, HOUSE)) == 1


def cars(layed: Layout, *ids: str, priorities: tuple[int, ...] = (5, 5)) -> tuple[Flexibility, ...]:
    return tuple(
        replace(parts.car(device_id, priority=priority), share=layed.shares[device_id])
        for device_id, priority in zip(ids, priorities, strict=False)
    )


def phases_w(house_w: float) -> RestLoad:
    return rest((3 * house_w, *(house_w,) * 3))


TWO = watched(car(), replace(car(), device_id="other"))


@pytest.mark.parametrize(
    ("house_w", "one_a", "two_a"),
    # 25 A leave 12.25 A for ever, so that a step of 16 A may come at any time.
    [(0.0, 12, 6), (230.0, 11, 6), (230.0 * 1.3, 10, 6), (230.0 * 6, 6, 6), (230.0 * 20, 6, 6)],
)
def test_without_its_meter_a_fuse_leaves_chargers_room_for_a_step_but_their_smallest_current(
    house_w: float, one_a: int, two_a: int
) -> None:
    assert unguarded_a(ONE_CAR, {}, phases_w(house_w), cars(ONE_CAR, "car")) == {"car": one_a}
    both = cars(TWO, "car", "other")
    assert unguarded_a(TWO, {}, phases_w(house_w), both) == {"car": two_a, "other": two_a}


def test_never_more_than_the_lasting_default_and_by_priority_where_not_all_fit() -> None:
    small = Circuit(circuit_id="main", fuse_a=(10.0,) * 3, meter_id="meter", device_ids=("car", "other"))
    network = Network(circuits=(small,), device_ids=frozenset({"car", "other"}))
    layed = watched(car(), replace(car(), device_id="other"), network=network)
    found = unguarded_a(layed, {}, phases_w(0.0), cars(layed, "car", "other", priorities=(2, 1)))
    assert found == {"car": 0, "other": 6}
    large = replace(small, fuse_a=(100.0,) * 3, device_ids=("car",))
    layed = watched(car(), network=Network(circuits=(large,), device_ids=frozenset({"car"})))
    assert unguarded_a(layed, {}, phases_w(0.0), cars(layed, "car")) == {"car": 16}


def test_as_long_as_its_meter_speaks_nobody_falls_back() -> None:
    assert unguarded_a(ONE_CAR, speaks(230.0, 230.0, 230.0), HOUSE, cars(ONE_CAR, "car")) == {}
    batteries = (replace(parts.battery("car"), share=ONE_CAR.shares["car"]),)
    assert unguarded_a(ONE_CAR, {}, HOUSE, batteries) == {}


def test_only_those_behind_the_silent_meter_fall_back() -> None:
    """The car hangs in the garage, which has a meter of its own; the other at the main fuse."""
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter", device_ids=("other",))
    sub = replace(garage(16.0, meter_id="sub").circuit("garage"))
    network = Network(circuits=(main, sub), device_ids=frozenset({"car", "other"}))
    layed = watched(car(), replace(car(), device_id="other"), network=network)
    both, quiet = cars(layed, "car", "other"), rest((0.0,) * len(layed.nodes))
    assert unguarded_a(layed, speaks(230.0, 230.0, 230.0), quiet, both) == {"car": 6}
    unmetered = Network(circuits=(main, replace(sub, meter_id=None)), device_ids=frozenset({"car", "other"}))
    layed = watched(car(), replace(car(), device_id="other"), network=unmetered)
    assert unguarded_a(layed, speaks(230.0, 230.0, 230.0), quiet, cars(layed, "car", "other")) == {}


def behind(**device_ids: tuple[str, ...]) -> Network:
    """Return a home of devices at the main fuse, and behind fuses of 16 A with meters of their own."""
    main = Circuit(circuit_id="main", fuse_a=FUSES, meter_id="meter", device_ids=device_ids.pop("main", ()))
    subs = [
        replace(garage(16.0, meter_id=name).circuit("garage"), circuit_id=name, device_ids=ids)
        for name, ids in device_ids.items()
    ]
    every = frozenset(key for circuit in (main, *subs) for key in circuit.device_ids)
    return Network(circuits=(main, *subs), device_ids=every)


def limited_to(network: Network, circuit_id: str, power_w: float) -> Network:
    circuits = tuple(
        replace(one, power_limit_w=power_w) if one.circuit_id == circuit_id else one
        for one in network.circuits
    )
    return replace(network, circuits=circuits)


def test_a_power_limit_is_about_import_in_watts_and_needs_no_room_for_a_step() -> None:
    layed = watched(car(), network=limited_to(behind(left=("car",)), "main", 5000.0))
    found = fuse_joints(layed, {}, rest((900.0,) * len(layed.nodes)), 0.0, {"car": draws(60.0)})
    (limit,) = (joint for joint in found if joint.node == 0)
    assert (limit.low_w, limit.high_w) == (-math.inf, 5000 - 100 - 900)
    assert not limit.is_headroom
    fuses = {place for guard, place in layed.guards if place != 0}
    assert {joint.node for joint in found if joint.is_headroom} == fuses
    assert len(fuses) == 6


def test_only_who_tells_a_delay_is_waited_for_and_a_circuit_without_devices_needs_no_room() -> None:
    layed = watched(car(), full_battery(), network=behind(main=("car", "battery"), left=()))
    quiet = rest((0.0,) * len(layed.nodes))
    with_car = fuse_joints(layed, {}, quiet, 0.0, {"car": draws(30.0)})
    assert [joint.high_w for joint in with_car if joint.is_headroom] == pytest.approx(
        [usable_among_a(25.0, 0.0, [Answer(30.0, 16.0)], 16.0) * 230.0] * 3
    )
    small = Circuit(circuit_id="main", fuse_a=(10.0,) * 3, meter_id="meter", device_ids=("battery",))
    alone = watched(full_battery(), network=Network(circuits=(small,), device_ids=frozenset({"battery"})))
    quiet = rest((0.0,) * len(alone.nodes))
    assert not any(joint.is_headroom for joint in fuse_joints(alone, {}, quiet, 0.0, {}))


def test_each_silent_meter_is_about_its_own_circuit_and_its_own_chargers() -> None:
    two = (replace(car(), device_id="other"), car())
    layed = watched(*two, network=behind(left=("car",), right=("other",)))
    at_main = {place for guard, place in layed.guards if guard.scope.id == "main"}
    busy = rest(tuple(20 * 230.0 if place in at_main else 0.0 for place in range(len(layed.nodes))))
    talking, devices = speaks(230.0, 230.0, 230.0), cars(layed, "other", "car")
    # 16 A leave 2.08 A and a step of 16 A: the smallest current, whatever the main fuse carries.
    assert unguarded_a(layed, talking, busy, devices) == {"car": 6, "other": 6}
    metered = {**talking, "right": talking["main"]}
    assert unguarded_a(layed, metered, busy, devices) == {"car": 6}


def test_what_the_main_fuse_carries_is_watched_by_its_own_meter() -> None:
    network = behind(left=("car",))
    main, sub = network.circuits
    large = replace(network, circuits=(main, replace(sub, fuse_a=(25.0,) * 3)))
    for wired in (large, limited_to(large, "left", 9000.0)):
        layed = watched(car(), network=wired)
        at_main = {place for guard, place in layed.guards if guard.scope.id == "main"}
        busy = rest(tuple(20 * 230.0 if place in at_main else 0.0 for place in range(len(layed.nodes))))
        found = unguarded_a(layed, speaks(230.0, 230.0, 230.0), busy, cars(layed, "car"))
        assert found == {"car": 12}


def test_a_consumer_that_is_not_set_in_amperes_falls_back_to_no_current() -> None:
    heater = replace(cars(ONE_CAR, "car")[0], watts_per_a=0.0)
    assert unguarded_a(ONE_CAR, {}, HOUSE, (heater,)) == {}


@pytest.mark.parametrize(("told", "volts"), [(("main", "left"), 220.0), (("main",), 240.0), ((), 230.0)])
def test_a_fuse_goes_by_the_voltage_of_its_own_meter_else_by_that_of_the_main_one(
    told: tuple[str, ...], volts: float
) -> None:
    layed = watched(car(), network=behind(left=("car",)))
    meters = {"main": speaks(240.0, 240.0, 240.0)["main"], "left": speaks(220.0, 220.0, 220.0)["main"]}
    quiet = rest((0.0,) * len(layed.nodes))
    found = fuse_joints(layed, {key: meters[key] for key in told}, quiet, 0.0, {})
    left = [joint for (guard, _), joint in zip(layed.guards, found, strict=True) if guard.high == 16.0]
    assert [joint.high_w for joint in left] == pytest.approx([0.98 * 16.0 * volts] * 3)


def test_a_charger_that_loads_a_phase_twice_gets_half() -> None:
    twice = replace(cars(ONE_CAR, "car")[0], watts_per_a=2 * parts.PER_A)
    # Its lasting default is 8 A; 12.25 A are left for it.
    assert unguarded_a(ONE_CAR, {}, phases_w(0.0), (twice,)) == {"car": 6}
