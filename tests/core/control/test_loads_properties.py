"""What holds for every load, whatever the sun gives and whoever asks: heat, minimum times, programmes."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.home_flex.core.control.demand import Demand
from custom_components.home_flex.core.control.lines import SAFETY
from custom_components.home_flex.core.control.policy import Comfort, LeaveAlone, Policy, StartWithin, Surplus
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import DeviceKind, Owner

from .load_house import LoadHouse, SimulatedLoad, limit

TICK_S = 5.0
COMFORT_LINES = st.sampled_from([Owner.RESIDENT, Owner.AGGREGATOR, Owner.PLAN])
ANY_LINE = st.sampled_from([Owner.FUSE, Owner.GRID_OPERATOR, Owner.RESIDENT, Owner.AGGREGATOR, Owner.PLAN])
BASE_W = st.floats(-6000, 4000)
WARM = Comfort(min_c=46.0, max_c=60.0)
HEATING = [WARM, replace(WARM, surplus=False), Surplus(), LeaveAlone()]

type Spell = tuple[float, float, tuple[Demand, ...]]


def demands_of(owner: st.SearchStrategy[Owner]) -> st.SearchStrategy[tuple[Demand, ...]]:
    """Return nothing, a limit of import, or one of export that wants power taken."""
    return st.one_of(
        st.just(()),
        st.builds(lambda who, high_w: (limit(who, high_w=high_w),), owner, st.floats(0, 4000)),
        st.builds(lambda who, low_w: (limit(who, low_w=-low_w),), owner, st.floats(0, 2000)),
    )


def spells(
    owner: st.SearchStrategy[Owner],
) -> st.SearchStrategy[list[Spell]]:
    """Return spells of so many seconds, a base load, and what is asked."""
    return st.lists(st.tuples(st.sampled_from([45.0, 200.0, 900.0]), BASE_W, demands_of(owner)), max_size=6)


def changes(load: SimulatedLoad) -> Sequence[tuple[float, bool]]:
    """Return when the load's being on changed, as it was told."""
    states = [(at_s, load.own if value is None else value > 0) for at_s, value in load.switches]
    return [after for before, after in pairwise([(0.0, load.own), *states]) if after[1] is not before[1]]


@pytest.mark.parametrize("policy", HEATING, ids=repr)
@given(
    spells=spells(ANY_LINE),
    own=st.booleans(),
    step_w=st.sampled_from([0.0, 150.0]),
    start_c=st.floats(40, 59),
)
@settings(max_examples=8, deadline=None)
def test_water_is_never_warmer_than_it_may_be(
    policy: Policy,
    spells: list[Spell],
    own: bool,
    step_w: float,
    start_c: float,
) -> None:
    boiler = SimulatedLoad(
        kind=DeviceKind.WATER_HEATER,
        policy=policy,
        own=own,
        step_w=step_w,
        temperature_c=start_c,
        wh_per_k=40.0,
    )
    house = LoadHouse(loads={"boiler": boiler}, tick_s=TICK_S)
    most_c = policy.max_c if isinstance(policy, Comfort) else 65.0
    # It is read once a tick, and what is told shows in the next.
    overshoot_k = 2 * TICK_S * boiler.rated_w / 3600 / boiler.wh_per_k

    def look() -> None:
        assert boiler.temperature_c is not None
        assert boiler.temperature_c <= most_c + overshoot_k

    for seconds, base_w, demands in spells:
        house.base_w = base_w
        house.run(seconds, *demands, look=look)


@pytest.mark.parametrize("policy", [Comfort(min_c=46.0, max_c=60.0), Surplus()], ids=repr)
@given(spells=spells(COMFORT_LINES), start_c=st.floats(48, 59))
@settings(max_examples=12, deadline=None)
def test_no_line_of_comfort_lets_water_fall_below_its_floor(
    policy: Policy, spells: list[Spell], start_c: float
) -> None:
    boiler = SimulatedLoad(
        kind=DeviceKind.WATER_HEATER, policy=policy, temperature_c=start_c, wh_per_k=40.0, losses_w=300.0
    )
    house = LoadHouse(loads={"boiler": boiler}, tick_s=TICK_S)
    floor_c = policy.min_c if isinstance(policy, Comfort) else 45.0

    def look() -> None:
        assert boiler.temperature_c is not None
        assert boiler.temperature_c >= floor_c

    for seconds, base_w, demands in spells:
        house.base_w = base_w
        house.run(seconds, *demands, look=look)


@pytest.mark.parametrize("policy", [Surplus(), LeaveAlone()], ids=repr)
@given(spells=spells(ANY_LINE), own=st.booleans())
@settings(max_examples=12, deadline=None)
def test_minimum_times_hold_but_for_safety_which_never_switches_on(
    policy: Policy, spells: list[Spell], own: bool
) -> None:
    pump = SimulatedLoad(kind=DeviceKind.SWITCHED_LOAD, policy=policy, own=own, temperature_c=None)
    house = LoadHouse(loads={"pump": pump}, tick_s=TICK_S)
    actuation = control_of(DeviceKind.SWITCHED_LOAD).actuation
    asked: list[tuple[float, bool]] = []
    for seconds, base_w, demands in spells:
        house.base_w = base_w
        asked.append((house.time_s, any(one.owner in SAFETY for one in demands)))
        house.run(seconds, *demands)
    for (before_s, was_on), (at_s, _) in pairwise(changes(pump)):
        lasted_s = at_s - before_s
        in_force = next(safety for since_s, safety in reversed(asked) if since_s < at_s)
        if not was_on:
            assert lasted_s >= actuation.min_off_s
        elif not in_force:
            assert lasted_s >= actuation.min_on_s


@given(
    spells=spells(ANY_LINE),
    earliest_s=st.floats(1100, 1600),
    window_s=st.floats(0, 900),
)
@settings(max_examples=15, deadline=None)
def test_a_programme_starts_once_within_its_window_and_runs_to_its_end(
    spells: list[Spell], earliest_s: float, window_s: float
) -> None:
    latest_s = earliest_s + window_s
    washer = SimulatedLoad(
        kind=DeviceKind.APPLIANCE,
        policy=StartWithin(earliest_s=earliest_s, latest_s=latest_s),
        temperature_c=None,
    )
    house = LoadHouse(loads={"washer": washer}, tick_s=TICK_S)
    for seconds, base_w, demands in spells:
        house.base_w = base_w
        house.run(seconds, *(one for one in demands if one.owner not in SAFETY))
    if washer.started_s is None:
        assert house.time_s <= latest_s + TICK_S
        return
    assert earliest_s <= washer.started_s <= latest_s + TICK_S
    ends_s = washer.started_s + washer.programme_s
    told = [
        value for at_s, value in washer.switches if washer.started_s < at_s < ends_s and value is not None
    ]
    assert told == []
