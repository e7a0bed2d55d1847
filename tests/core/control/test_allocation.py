"""Who asks, and what gives way: lines from the lowest to the highest."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.allocation import Allocation, _score, allocate
from custom_components.home_flex.core.control.asked import Cause, Lines, Wish, cause_of, intervals
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory, Shown
from custom_components.home_flex.core.control.policy import CoverHouse, Follow, LeaveAlone
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.stores import SharingMemory
from custom_components.home_flex.core.model import Owner

from .parts import ON_L1, ON_L2, battery, car, held, joint, lines, order, sun


def wish(power_w: float, owner: Owner = Owner.AGGREGATOR, device_id: str = "battery") -> Wish:
    return Wish(
        device_id=device_id,
        power_w=power_w,
        cause=Cause(owner=owner, reason="charge", source_id="event"),
    )


def owners(allocation: Allocation) -> dict[str, Owner]:
    return {device_id: cause.owner for device_id, cause in allocation.causes.items()}


def allocated(devices: tuple[Flexibility, ...], asked: Lines, rest_w: float = 0.0) -> Allocation:
    found = allocate(devices, asked, rest_w)
    assert allocate(devices[::-1], asked, rest_w) == found
    return found


def test_who_is_asked_nothing_does_what_it_wishes() -> None:
    devices = (battery(power_w=-700.0), car(), sun())
    found = allocated(devices, lines(devices))
    assert found == Allocation(powers={"battery": -700, "car": 11040, "sun": -4000}, causes={})


@pytest.mark.parametrize(
    ("low_w", "high_w", "power_w"), [(0, math.inf, 0), (-math.inf, -900, -900), (-800, -600, -700)]
)
def test_a_restriction_clips_the_wish_and_is_the_cause_where_it_does(
    low_w: float, high_w: float, power_w: float
) -> None:
    devices = (battery(power_w=-700.0),)
    found = allocated(devices, lines(devices, restrictions=(held("battery", low_w, high_w),)))
    assert found.powers == {"battery": power_w}
    assert owners(found) == ({} if power_w == -700 else {"battery": Owner.AGGREGATOR})


def test_of_two_restrictions_the_higher_holds_and_is_told() -> None:
    devices = (car(),)
    asked = (
        held("car", high_w=5000.0, owner=Owner.RESIDENT, reason="limit"),
        held("car", high_w=8000.0, owner=Owner.AGGREGATOR),
        held("car", low_w=7000.0, owner=Owner.AGGREGATOR),
    )
    found = allocated(devices, lines(devices, restrictions=asked))
    assert found.powers == {"car": 5000}
    assert owners(found) == {"car": Owner.AGGREGATOR}
    alone = allocated(devices, lines(devices, restrictions=asked[:1]))
    assert alone.causes == {"car": cause_of(asked[0])}


def test_a_change_of_a_watt_is_none() -> None:
    devices = (car(),)
    found = allocated(devices, lines(devices, restrictions=(held("car", high_w=11039.0),)))
    assert found.powers == {"car": 11039}
    assert found.causes == {}
    assert owners(allocated(devices, lines(devices, restrictions=(held("car", high_w=11038.9),)))) == {
        "car": Owner.AGGREGATOR
    }


def test_a_cause_tells_who_why_and_for_what_event() -> None:
    devices = (battery(),)
    limit = joint(high_w=-1000.0)
    assert allocated(devices, lines(devices, limit)).causes == {
        "battery": Cause(owner=Owner.AGGREGATOR, reason="limit", source_id="limit", is_standing=False)
    }


WISHES = {
    "it is met": ((wish(3000),), (), 3000, Owner.AGGREGATOR),
    "within what the resident leaves": (
        (wish(-3000),),
        (held("battery", low_w=-500.0, owner=Owner.RESIDENT),),
        -500,
        Owner.AGGREGATOR,
    ),
    "whatever lower lines want": (
        (wish(-3000),),
        (held("battery", low_w=-500.0, owner=Owner.PLAN),),
        -3000,
        Owner.AGGREGATOR,
    ),
    "of two the higher one's": ((wish(2000, Owner.RESIDENT), wish(3000)), (), 2000, Owner.RESIDENT),
    "in any order": ((wish(3000), wish(2000, Owner.RESIDENT)), (), 2000, Owner.RESIDENT),
    "of one owner the last": ((wish(3000), wish(1000)), (), 1000, Owner.AGGREGATOR),
}


@pytest.mark.parametrize(("wishes", "restrictions", "power_w", "owner"), WISHES.values(), ids=WISHES)
def test_a_wish_of_a_device(
    wishes: tuple[Wish, ...], restrictions: tuple[object, ...], power_w: float, owner: Owner
) -> None:
    devices = (battery(),)
    found = allocated(devices, lines(devices, wishes=wishes, restrictions=restrictions))  # type: ignore[arg-type] # a table
    assert found.powers == {"battery": power_w}
    assert owners(found) == {"battery": owner}


def test_a_wish_of_a_device_that_is_not_there_is_nothing() -> None:
    devices = (battery(),)
    found = allocated(devices, lines(devices, wishes=(wish(1000, device_id="gone"),)))
    assert found == Allocation(powers={"battery": 0}, causes={})


def test_a_limit_gives_up_a_lower_lines_wish_and_not_a_higher_ones() -> None:
    devices = (battery(),)
    limit = joint(high_w=0.0)
    assert allocated(devices, lines(devices, limit, wishes=(wish(3000, Owner.PLAN),))).powers["battery"] == 0
    assert allocated(devices, lines(devices, limit, wishes=(wish(3000),))).powers["battery"] == 0
    found = allocated(devices, lines(devices, limit, wishes=(wish(3000, Owner.RESIDENT),)))
    assert found.powers["battery"] == 3000


GIVES_WAY = {
    # Whose restriction keeps the battery from discharging, whose limit asks for it, and what it does.
    "resident over aggregator": (Owner.RESIDENT, Owner.AGGREGATOR, 0),
    "grid operator over resident": (Owner.RESIDENT, Owner.GRID_OPERATOR, -3000),
    "fuse over all": (Owner.GRID_OPERATOR, Owner.FUSE, -3000),
    "aggregator over plan": (Owner.PLAN, Owner.AGGREGATOR, -3000),
    "plan under all": (Owner.AGGREGATOR, Owner.PLAN, 0),
    "one owner's own": (Owner.AGGREGATOR, Owner.AGGREGATOR, 0),
}


@pytest.mark.parametrize(("holds", "asks", "power_w"), GIVES_WAY.values(), ids=GIVES_WAY)
def test_a_lower_line_gives_way(holds: Owner, asks: Owner, power_w: float) -> None:
    devices = (battery(),)
    restrictions = (held("battery", low_w=0.0, owner=holds),)
    found = allocated(devices, lines(devices, joint(high_w=-3000.0, owner=asks), restrictions=restrictions))
    assert found.powers == {"battery": power_w}


def test_only_as_much_of_a_lower_line_is_given_up_as_is_needed() -> None:
    devices = (battery("a"), battery("b"))
    restrictions = (held("a", low_w=0.0, owner=Owner.PLAN), held("b", low_w=0.0, owner=Owner.AGGREGATOR))
    limit = joint(high_w=-3000.0, owner=Owner.GRID_OPERATOR)
    assert allocated(devices, lines(devices, limit, restrictions=restrictions)).powers == {"a": -3000, "b": 0}


def test_a_limit_that_is_nearly_kept_gives_up_nothing() -> None:
    devices = (battery(),)
    for low_w, power_w in [(-2999.95, -2999.95), (-2999.5, -3000)]:
        restrictions = (held("battery", low_w=low_w, owner=Owner.PLAN),)
        limit = joint(high_w=-3000.0, owner=Owner.GRID_OPERATOR)
        found = allocated(devices, lines(devices, limit, restrictions=restrictions))
        assert found.powers == pytest.approx({"battery": power_w}, abs=0.01)


def test_limits_of_two_phases_are_kept_in_whatever_order_they_are_told() -> None:
    devices = (battery(share=(1.0, 0.5, 0.5, 0.0)), sun(share=ON_L2))
    pair = (
        joint(high_w=-1000.0, owner=Owner.FUSE, node=1, reason="main_fuse"),
        joint(low_w=-4500.0, owner=Owner.FUSE, node=2, reason="main_fuse"),
    )
    for asked in (pair, pair[::-1]):
        found = allocated(devices, lines(devices, *asked))
        assert found.powers == pytest.approx({"battery": -2000, "sun": -3500}, abs=2)


def test_no_car_is_paused_for_what_batteries_can_bring_together() -> None:
    one, other = battery("a", share=ON_L2), battery("b", low_w=-2000.0)
    devices = (
        one,
        other,
        sun(given_w=-8700.0, power_w=-8700.0, share=ON_L2),
        car(power_w=4140.0, share=ON_L1),
    )
    over = joint(high_w=3660.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    spare = joint(low_w=-10370.0, owner=Owner.FUSE, node=2, reason="main_fuse")
    # A circuit below the connection asks the same of the first phase once more.
    joints = (joint(high_w=-20000.0), over, spare, replace(over, reason="circuit"))
    insisted = (held("car", low_w=4140.0, owner=Owner.RESIDENT),)
    found = allocated(devices, lines(devices, *joints, restrictions=insisted))
    assert (found.powers["sun"], found.powers["car"]) == (-8700, 4140)
    assert found.powers["a"] + found.powers["b"] / 3 == pytest.approx(-1670, abs=2)
    assert found.powers["b"] <= -1438


def test_a_battery_that_one_phase_makes_charge_goes_on_when_another_one_is_full() -> None:
    devices = (battery(share=(1.0, 0.5, 0.5, 0.0)), car(power_w=4140.0, share=ON_L2))
    pair = (
        joint(low_w=1000.0, owner=Owner.FUSE, node=1, reason="main_fuse"),
        joint(high_w=4500.0, owner=Owner.FUSE, node=2, reason="main_fuse"),
    )
    for asked in (pair, pair[::-1]):
        assert allocated(devices, lines(devices, *asked)).powers == {"battery": 2000, "car": 0}


def test_of_two_limits_the_higher_is_kept() -> None:
    devices = (battery(),)
    for pair in (
        (joint(low_w=1000.0), joint(high_w=-1000.0, owner=Owner.RESIDENT)),
        (joint(high_w=-1000.0, owner=Owner.RESIDENT), joint(low_w=1000.0)),
    ):
        found = allocated(devices, lines(devices, *pair))
        assert found.powers == {"battery": -1000}
        assert owners(found) == {"battery": Owner.RESIDENT}


def test_when_a_phase_takes_a_device_away_another_makes_up_for_it() -> None:
    devices = (battery(share=ON_L2), car())
    fuse = joint(high_w=3000.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    found = allocated(devices, lines(devices, joint(12000.0, 12000.0), fuse))
    assert found.powers == pytest.approx({"battery": 3030, "car": 8970})
    assert owners(found) == {"battery": Owner.AGGREGATOR, "car": Owner.FUSE}
    assert found.causes["car"] == cause_of(fuse)


def test_when_a_phase_makes_a_device_charge_another_gives_what_that_costs() -> None:
    devices = (battery("a", share=ON_L1), battery("b", share=ON_L2))
    fuse = joint(low_w=1000.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    found = allocated(devices, lines(devices, joint(0.0, 0.0), fuse))
    assert found.powers == pytest.approx({"a": 1000, "b": -1000})


def test_what_a_phase_keeps_from_one_battery_another_on_other_phases_gives() -> None:
    devices = (battery("a", share=ON_L1), battery("b", share=ON_L2))
    fuse = joint(low_w=-1000.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    found = allocated(devices, lines(devices, joint(-5000.0, -5000.0), fuse))
    assert found.powers == pytest.approx({"a": -1000, "b": -4000})


def test_no_sun_is_curtailed_for_a_battery_that_could_cease_to_give() -> None:
    devices = (battery("a", share=ON_L2), battery("b", low_w=-2000.0), sun(share=ON_L2))
    fuse = (
        joint(high_w=-500.0, owner=Owner.FUSE, node=1, reason="main_fuse"),
        joint(low_w=-6000.0, owner=Owner.FUSE, node=2, reason="main_fuse"),
    )
    found = allocated(devices, lines(devices, joint(high_w=-9000.0), *fuse))
    assert found.powers["sun"] == -4000
    assert found.powers["a"] == pytest.approx(-1500, abs=2)
    assert found.powers["b"] == pytest.approx(-1500, abs=2)


def test_a_second_try_that_is_no_better_is_not_taken() -> None:
    """Nothing can meet the target; the first answer stands, with the fuse as the cause."""
    devices = (battery("a", share=ON_L1),)
    fuse = joint(high_w=1200.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    found = allocated(devices, lines(devices, joint(4000.0, 4000.0), fuse))
    assert found.powers == {"a": 1200}
    assert owners(found) == {"a": Owner.FUSE}


def test_a_second_try_that_is_worse_is_not_taken() -> None:
    """What the fuse keeps the one battery from, the other cannot make up for on the same phase."""
    devices = (battery("a", share=ON_L1), battery("b", 2000.0))
    fuse = joint(high_w=1000.0, owner=Owner.FUSE, node=1, reason="main_fuse")
    found = allocated(devices, lines(devices, joint(6000.0, 6000.0, owner=Owner.RESIDENT), fuse))
    assert found.powers == pytest.approx({"a": 750, "b": 750})


def test_allocations_are_compared_line_by_line_the_highest_first() -> None:
    devices = (battery(power_w=3000.0),)
    asked = (
        joint(high_w=2000.0, owner=Owner.FUSE),
        joint(high_w=2900.0, owner=Owner.FUSE),
        joint(low_w=3500.4, owner=Owner.AGGREGATOR),
        joint(high_w=3000.0, owner=Owner.RESIDENT),
    )
    found = Allocation(powers={"battery": 3000.0}, causes={})
    assert _score(devices, lines(devices, *asked), found) == (1100, 0, 0, 0, 500, 0)


def reached(device: Flexibility, reach: Owner | None) -> Flexibility:
    """Return a device that lines below ``reach`` may not steer."""
    return replace(device, device=replace(device.device, reach=reach))


@pytest.mark.parametrize(
    ("reach", "owner", "powers"),
    [
        (Owner.RESIDENT, Owner.AGGREGATOR, {"a": -700, "b": -4300}),
        (Owner.RESIDENT, Owner.RESIDENT, {"a": -2500, "b": -2500}),
        (Owner.AGGREGATOR, Owner.AGGREGATOR, {"a": -2500, "b": -2500}),
        (None, Owner.FUSE, {"a": -700, "b": -4300}),
    ],
)
def test_a_limit_leaves_those_alone_that_its_line_may_not_steer(
    reach: Owner | None, owner: Owner, powers: dict[str, float]
) -> None:
    devices = (reached(battery("a", power_w=-700.0), reach), battery("b"))
    found = allocated(devices, lines(devices, joint(high_w=-5000.0, owner=owner)))
    assert found.powers == pytest.approx(powers)


def test_a_lasting_limit_is_told_as_such() -> None:
    devices = (battery(),)
    limit = replace(joint(high_w=-1000.0), standing=True)
    assert allocated(devices, lines(devices, limit)).causes["battery"].is_standing


def test_a_wish_of_a_higher_line_binds_a_lower_one_and_no_other() -> None:
    devices = (battery(), battery("other"))
    asked = lines(devices, wishes=(wish(3000, Owner.RESIDENT),))
    for owner, interval in [
        (Owner.AGGREGATOR, (3000, 3000)),
        (Owner.RESIDENT, (-5000, 5000)),
        (Owner.FUSE, (-5000, 5000)),
    ]:
        bound = asked.binding(owner)
        assert intervals(devices, bound, Owner.PLAN) == {"battery": interval, "other": (-5000, 5000)}
    taken = asked.binding(Owner.AGGREGATOR).restrictions[0]
    assert (taken.owner, taken.reason, taken.source_id) == (Owner.RESIDENT, "charge", "event")


def test_a_restriction_below_the_last_line_is_not_counted() -> None:
    devices = (battery(),)
    asked = lines(devices, restrictions=(held("battery", low_w=0.0, owner=Owner.PLAN),))
    assert intervals(devices, asked, Owner.AGGREGATOR) == {"battery": (-5000, 5000)}
    assert intervals(devices, asked, Owner.PLAN) == {"battery": (0, 5000)}


@pytest.mark.parametrize(
    ("low_w", "owner", "insists"),
    [
        (math.inf, Owner.RESIDENT, True),
        (0.5, Owner.RESIDENT, True),
        (0.0, Owner.RESIDENT, False),
        (math.inf, Owner.AGGREGATOR, False),
    ],
)
def test_the_resident_insists_with_an_envelope_without_end(
    low_w: float, owner: Owner, *, insists: bool
) -> None:
    devices = (car(), car("other"))
    asked = lines(devices, restrictions=(held("car", low_w=low_w, owner=owner),))
    assert asked.insists("car") is insists
    assert not asked.insists("other")


COVERING = {
    # Policy or what is known of the battery, what it did before, what the rest shows, and what it would do.
    "it gives what the house lacks": (CoverHouse(), DeviceMemory(), 2000, -2000),
    "it takes what is left over": (CoverHouse(), DeviceMemory(), -2000, 2000),
    "within its bounds down": (CoverHouse(low_w=-500.0), DeviceMemory(), 2000, -500),
    "within its bounds up": (CoverHouse(high_w=500.0), DeviceMemory(), -2000, 500),
    "not beyond its range": (CoverHouse(), DeviceMemory(), 9000, -5000),
    "by itself when it is known to": (LeaveAlone(), DeviceMemory(covers=True), 2000, -2000),
    "not when nothing is known": (LeaveAlone(), DeviceMemory(), 2000, -800),
    "held, as much as it gave before": (
        LeaveAlone(),
        DeviceMemory(taken=Owner.AGGREGATOR, own_w=-500.0),
        2000,
        -500,
    ),
    "held, as much as it took before": (
        LeaveAlone(),
        DeviceMemory(taken=Owner.AGGREGATOR, own_w=500.0),
        -2000,
        500,
    ),
    "held, and nothing that it did not do before": (
        LeaveAlone(),
        DeviceMemory(taken=Owner.AGGREGATOR, own_w=500.0),
        2000,
        0,
    ),
    "held, and not charging where it gave before": (
        LeaveAlone(),
        DeviceMemory(taken=Owner.AGGREGATOR, own_w=-500.0),
        -2000,
        0,
    ),
    "free and at its end, on to where that was seen": (
        LeaveAlone(),
        DeviceMemory(low=Shown(bound_w=850.0)),
        2000,
        -850,
    ),
    "free and at its end, never less than it does": (
        LeaveAlone(),
        DeviceMemory(low=Shown(bound_w=850.0)),
        100,
        -800,
    ),
    "free, whatever end the other side has": (
        LeaveAlone(),
        DeviceMemory(high=Shown(bound_w=850.0)),
        2000,
        -800,
    ),
    "known not to, whatever its end": (
        LeaveAlone(),
        DeviceMemory(covers=False, low=Shown(bound_w=850.0)),
        2000,
        -800,
    ),
    "not under another policy": (Follow(power_w=1.0), DeviceMemory(covers=True), 2000, -800),
}


@pytest.mark.parametrize(("policy", "memory", "rest_w", "power_w"), COVERING.values(), ids=COVERING)
def test_a_battery_covers_the_house(
    policy: CoverHouse | LeaveAlone | Follow, memory: DeviceMemory, rest_w: float, power_w: float
) -> None:
    low_w = -5000.0 if memory.low.bound_w is None else -memory.low.bound_w
    devices = (battery(power_w=-800.0, low_w=low_w, policy=policy, memory=memory),)
    assert allocate(devices, lines(devices), rest_w).powers == {"battery": power_w}


COMES_BY_ITSELF = {
    # What is known of a free battery that charges 2 kW, and whether "never export" leaves it alone.
    "it covers": (DeviceMemory(covers=True), LeaveAlone(), True),
    "it is at work, nothing more is known": (DeviceMemory(), LeaveAlone(), True),
    "it does not cover": (DeviceMemory(covers=False), LeaveAlone(), False),
    "it is held": (DeviceMemory(covers=True, taken=Owner.RESIDENT), LeaveAlone(), False),
    "it follows something else": (DeviceMemory(covers=True), Follow(power_w=2000.0), False),
}


@pytest.mark.parametrize(("memory", "policy", "alone"), COMES_BY_ITSELF.values(), ids=COMES_BY_ITSELF)
def test_a_wish_kept_at_zero_leaves_a_free_battery_to_itself(
    memory: DeviceMemory, policy: LeaveAlone | Follow, *, alone: bool
) -> None:
    devices = (battery(power_w=2000.0, memory=memory, policy=policy), sun())
    never_export = replace(joint(low_w=-1000.0, owner=Owner.RESIDENT), is_kept_at_zero=True)
    found = allocate(devices, lines(devices, never_export), 1200.0)
    assert ("battery" not in found.causes) is alone


@pytest.mark.parametrize(("power_w", "alone"), [(150.0, False), (151.0, True), (-151.0, False)])
def test_only_a_battery_at_work_the_right_way_is_waited_for(power_w: float, *, alone: bool) -> None:
    devices = (battery(power_w=power_w), sun())
    never_export = replace(joint(low_w=-1000.0, owner=Owner.RESIDENT), is_kept_at_zero=True)
    found = allocate(devices, lines(devices, never_export), 1200.0)
    assert ("battery" not in found.causes) is alone


def test_a_passing_export_limit_takes_the_battery_that_covers() -> None:
    devices = (battery(power_w=2000.0, memory=DeviceMemory(covers=True)), sun())
    found = allocate(devices, lines(devices, joint(low_w=-1000.0)), 1200.0)
    assert "battery" in found.causes


def test_a_covering_battery_at_its_end_leaves_the_rest_to_the_sun() -> None:
    devices = (battery(power_w=1000.0, high_w=1000.0, memory=DeviceMemory(covers=True)), sun())
    never_export = replace(joint(low_w=-800.0, owner=Owner.RESIDENT), is_kept_at_zero=True)
    found = allocate(devices, lines(devices, never_export), 800.0)
    assert found.powers == {"battery": 1000, "sun": -1800}
    assert "battery" not in found.causes


def test_a_battery_that_does_not_follow_covers_nothing() -> None:
    devices = (battery(power_w=-800.0, policy=CoverHouse(), stuck=True),)
    assert allocate(devices, lines(devices), 2000.0).powers == {"battery": -800}


def test_only_batteries_cover_and_they_count_what_the_others_do() -> None:
    devices = (battery(policy=CoverHouse()), car(), sun())
    found = allocate(devices, lines(devices), -3000.0)
    assert found.powers == {"battery": -4040, "car": 11040, "sun": -4000}


def test_batteries_cover_together_by_what_they_hold_and_never_against_each_other() -> None:
    devices = (
        battery("a", 208.0, soc=0.9, policy=CoverHouse()),
        battery("b", -1708.0, soc=0.3, policy=CoverHouse()),
    )
    found = allocated(devices, lines(devices), 2000.0)
    assert found.powers == pytest.approx({"a": -1500, "b": -500})


def test_who_covers_alone_is_relieved_in_time() -> None:
    devices = (battery("a", policy=CoverHouse()), battery("b", soc=0.6, policy=CoverHouse()))
    alone = SharingMemory(sign=-1, alone="a", alone_since_s=0.0)
    for now_s, powers in [(1799.0, {"a": -500, "b": 0}), (1800.0, {"a": 0, "b": -500})]:
        asked = lines(devices)
        asked = replace(asked, order=replace(asked.order, sharing=alone, now_s=now_s))
        assert allocate(devices, asked, 500.0).powers == powers


def test_without_an_order_nobody_moves() -> None:
    devices = (battery(),)
    asked = Lines(restrictions=(), joints=(joint(high_w=-1000.0),), wishes=(), order=order())
    assert allocate(devices, asked, 0.0).powers == {"battery": 0}


def test_a_battery_that_takes_the_sun_off_a_phase_goes_on_when_a_car_beside_it_is_paused() -> None:
    # By itself it would rest: less than it was told before is still more than its own.
    store = battery(power_w=4500.0, memory=DeviceMemory(taken=Owner.FUSE), high_w=4500.0)
    vehicle = replace(car(power_w=0.0, share=ON_L2), wish_w=4140.0)
    inverter = replace(sun(power_w=-7000.0), low_w=-7000.0, wish_w=-7000.0, share=ON_L1)
    devices = (store, vehicle, inverter)
    asked = lines(
        devices,
        joint(low_w=-5500.0, owner=Owner.FUSE, node=1),
        joint(high_w=4500.0, owner=Owner.FUSE, node=2),
        replace(joint(high_w=4300.0, owner=Owner.FUSE, node=2), is_headroom=True),
    )
    assert allocated(devices, asked).powers == {"battery": 4500.0, "car": 0.0, "sun": -7000.0}


NOT_EXPORTED = replace(joint(low_w=0.0), is_kept_at_zero=True)
NOT_IMPORTED = replace(joint(high_w=0.0), is_kept_at_zero=True)
AT_ITS_END = {
    "a full one rests": (battery(soc=0.96), 0),
    "one with room charges": (battery(soc=0.94), 4000),
    "a held one does as it is told": (battery(soc=0.96, memory=DeviceMemory(taken=Owner.AGGREGATOR)), 4000),
    "one that does nothing by itself, too": (battery(soc=0.96, memory=DeviceMemory(covers=False)), 4000),
    "one that follows, too": (battery(soc=0.96, policy=Follow(power_w=0.0)), 4000),
}


@pytest.mark.parametrize(("store", "power_w"), AT_ITS_END.values(), ids=AT_ITS_END)
def test_a_free_battery_that_is_full_is_not_taken_for_what_it_could_still_charge(
    store: Flexibility, power_w: float
) -> None:
    devices = (store, sun())
    found = allocated(devices, lines(devices, NOT_EXPORTED))
    assert found.powers == {"battery": power_w, "sun": -power_w}


def test_a_free_battery_that_is_empty_is_not_taken_and_the_car_is_paused() -> None:
    devices = (battery(soc=0.05), car())
    assert allocated(devices, lines(devices, NOT_IMPORTED)).powers == {"battery": 0, "car": 0}


BY_ITSELF = {
    "one that gives goes on": ((battery(power_w=-1000.0), car()), NOT_IMPORTED, (-1000, 11040)),
    "one that charges goes on": ((battery(power_w=1000.0), sun()), NOT_EXPORTED, (1000, -4000)),
    "one that charges does not help to give": ((battery(power_w=1000.0), car()), NOT_IMPORTED, (-4968, 4968)),
    "one that gives its most is helped": (
        (battery(memory=DeviceMemory(covers=True)), car()),
        NOT_IMPORTED,
        (-5000, 4968),
    ),
    "one that does as it likes is no help": (
        (battery(power_w=1000.0, low_w=1000.0, high_w=1000.0, stuck=True), sun()),
        NOT_EXPORTED,
        (1000, -1000),
    ),
}


@pytest.mark.parametrize(("devices", "limit", "powers"), BY_ITSELF.values(), ids=BY_ITSELF)
def test_a_free_battery_at_work_brings_the_meter_to_zero_by_itself(
    devices: tuple[Flexibility, ...], limit: Joint, powers: tuple[float, float]
) -> None:
    found = allocated(devices, lines(devices, limit))
    assert tuple(found.powers.values()) == pytest.approx(powers)


def test_the_sun_brings_nothing_to_zero_by_itself() -> None:
    devices = (sun(), car())
    assert allocated(devices, lines(devices, NOT_IMPORTED)).powers == {"sun": -4000, "car": 0}
