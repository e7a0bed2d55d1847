"""A reserve holds: the battery stops there, is free again above, and is charged back if that is wished."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.demand import Demand, Envelope, device
from custom_components.home_flex.core.control.reserve import (
    ReserveInput,
    ReserveMemory,
    ReserveState,
    ReserveWish,
    reserve_demand,
)
from custom_components.home_flex.core.model import Owner

KEEP = ReserveWish(reserve=0.30)
RESTORE = ReserveWish(reserve=0.30, restore=True)
IDLE = ReserveInput(state_of_charge=0.5, power_w=0.0, rated_w=5000.0, capacity_wh=10000.0)


def at(soc: float | None, power_w: float = 0.0, step: float = 0.0) -> ReserveInput:
    return replace(IDLE, state_of_charge=soc, power_w=power_w, step=step)


def steps(
    wish: ReserveWish, *battery: ReserveInput, every_s: float = 600.0, memory: ReserveMemory | None = None
) -> tuple[Demand | None, ReserveMemory]:
    """Return the outcome of the last of several readings, ten minutes apart."""
    memory = memory or ReserveMemory()
    demand = None
    for index, now in enumerate(battery):
        demand, memory = reserve_demand("battery", wish, now, memory, index * every_s)
    return demand, memory


def low_w(demand: Demand | None) -> float | None:
    return demand.asks.low_w if demand is not None and isinstance(demand.asks, Envelope) else None


def test_the_reserve_is_the_residents_bound_on_discharge_and_leaves_charging_free() -> None:
    demand, _ = steps(KEEP, at(0.31, -500.0))
    assert demand == Demand(
        owner=Owner.RESIDENT,
        scope=device("battery"),
        asks=Envelope(low_w=0.0),
        reason="reserve",
        source_id="reserve",
        standing=False,
    )


STATES = [
    # state of charge one after the other -> where the battery is
    ((0.50,), ReserveState.ABOVE),
    ((0.315,), ReserveState.ABOVE),
    ((0.31,), ReserveState.AT),
    ((0.30,), ReserveState.AT),
    ((0.299,), ReserveState.BELOW),
    ((0.31, 0.319), ReserveState.AT),
    ((0.31, 0.32), ReserveState.ABOVE),
    ((0.29, 0.315), ReserveState.AT),
    ((0.29, 0.32), ReserveState.ABOVE),
]


@pytest.mark.parametrize(("socs", "state"), STATES)
def test_a_battery_stops_a_percent_above_and_is_free_two_percent_above(
    socs: tuple[float, ...], state: ReserveState
) -> None:
    demand, memory = steps(KEEP, *map(at, socs))
    assert memory.state is state
    assert low_w(demand) == (None if state is ReserveState.ABOVE else 0.0)


def test_a_battery_that_does_not_discharge_is_not_taken_and_one_that_was_stopped_is_held() -> None:
    demand, memory = steps(KEEP, at(0.305, -40.0))
    assert demand is not None
    assert demand.standing
    demand, memory = reserve_demand("battery", KEEP, at(0.305, -60.0), memory, 1.0)
    assert demand is not None
    assert not demand.standing
    demand, memory = reserve_demand("battery", KEEP, at(0.315, 200.0), memory, 2.0)
    assert demand is not None
    assert not demand.standing
    demand, memory = reserve_demand("battery", KEEP, at(0.33, 200.0), memory, 3.0)
    assert demand is None
    assert not memory.holding


def test_a_coarse_state_of_charge_widens_the_way_back() -> None:
    coarse = at(0.32, step=0.01)
    assert steps(KEEP, at(0.31, step=0.01), coarse)[1].state is ReserveState.AT
    assert steps(KEEP, at(0.31, step=0.01), replace(coarse, state_of_charge=0.33))[0] is None


def test_no_reserve_asks_nothing() -> None:
    assert steps(ReserveWish(reserve=0.0), at(0.0, -500.0)) == (None, ReserveMemory())


RESTORING = [
    # state of charge one after the other -> least power
    ((0.281,), 0.0),
    ((0.28,), 500.0),
    ((0.251,), 500.0),
    ((0.25,), 2500.0),
    ((0.25, 0.259), 2500.0),
    ((0.25, 0.26), 500.0),
    ((0.28, 0.309), 500.0),
    ((0.28, 0.31), 0.0),
    ((0.28, 0.31, 0.30), 0.0),
    ((0.28, 0.32), None),
]


@pytest.mark.parametrize(("socs", "power_w"), RESTORING)
def test_it_is_charged_back_slowly_and_faster_when_far_below(
    socs: tuple[float, ...], power_w: float | None
) -> None:
    assert low_w(steps(RESTORE, *map(at, socs))[0]) == power_w


@pytest.mark.parametrize("reserve", [0.995, 1.0])
def test_charging_back_ends_with_a_full_battery_where_nothing_is_above_the_reserve(reserve: float) -> None:
    wish = ReserveWish(reserve=reserve, restore=True)
    assert steps(wish, at(0.95), at(0.97), at(0.99))[1].state is ReserveState.RESTORING
    demand, memory = steps(wish, at(0.95), at(0.97), at(0.99), at(1.0))
    assert (low_w(demand), memory.state) == (0.0, ReserveState.AT)
    assert demand is not None
    assert demand.reason == "reserve"


def test_it_is_not_charged_back_unless_the_resident_says_so() -> None:
    assert low_w(steps(KEEP, at(0.1))[0]) == 0.0


def test_it_waits_with_charging_back_while_nothing_may_be_bought() -> None:
    demand, memory = steps(RESTORE, replace(at(0.2), may_buy=False))
    assert (low_w(demand), memory.state) == (0.0, ReserveState.RESTORING)
    demand, _ = reserve_demand("battery", RESTORE, at(0.2), memory, 1.0)
    assert low_w(demand) == 2500.0
    assert demand is not None
    assert demand.reason == "reserve_restored"


@pytest.mark.parametrize(
    ("second_s", "reason"), [(80000.0, "reserve_restored_often"), (87000.0, "reserve_restored")]
)
def test_charging_back_more_than_once_a_day_is_told(second_s: float, reason: str) -> None:
    demand, memory = steps(RESTORE, at(0.28), at(0.31))
    for after_s, soc in ((0.0, 0.28), (60.0, 0.28)):
        demand, memory = reserve_demand("battery", RESTORE, at(soc), memory, second_s + after_s)
    assert demand is not None
    assert demand.reason == reason


def jumped(to: float, seconds: int, wish: ReserveWish = KEEP) -> tuple[Demand | None, ReserveMemory]:
    """Return the outcome after a battery at 50 % has said ``to`` every second for so long."""
    memory = steps(wish, at(0.5))[1]
    demand = None
    for second in range(1, seconds + 1):
        demand, memory = reserve_demand("battery", wish, at(to, -500.0), memory, float(second))
    return demand, memory


def test_a_jump_of_the_state_of_charge_changes_nothing_for_ten_minutes() -> None:
    demand, memory = jumped(0.2, 600)
    assert (demand, memory.doubtful) == (None, True)
    demand, memory = jumped(0.2, 601)
    assert (low_w(demand), memory.doubtful) == (0.0, False)


def test_a_jump_that_goes_back_was_none() -> None:
    _, memory = jumped(0.2, 30)
    demand, memory = reserve_demand("battery", KEEP, at(0.49), memory, 31.0)
    assert (demand, memory.doubtful, memory.believed) == (None, False, 0.49)


def test_another_jump_waits_anew() -> None:
    _, memory = jumped(0.2, 590)
    for second in range(591, 1190):
        demand, memory = reserve_demand("battery", KEEP, at(0.1, -500.0), memory, float(second))
        assert demand is None


def test_a_battery_that_goes_on_after_a_jump_is_believed_all_the_same() -> None:
    memory = steps(KEEP, at(0.6))[1]
    soc, demand = 0.45, None
    for second in range(1, 700):
        soc -= 0.5 / 3600
        demand, memory = reserve_demand("battery", KEEP, at(soc, -5000.0), memory, float(second))
    assert (demand, memory.doubtful, memory.believed) == (None, False, soc)


def test_what_the_rating_explains_is_no_jump() -> None:
    _, memory = steps(KEEP, at(0.5), at(0.4), every_s=1200.0)
    assert memory.believed == 0.4


def test_without_a_known_capacity_any_change_can_be() -> None:
    _, memory = steps(KEEP, at(0.5), replace(at(0.2), capacity_wh=0.0), every_s=1.0)
    assert memory.believed == 0.2


@pytest.mark.parametrize("absurd", [None, -0.1, 1.5, float("nan")])
def test_an_unknown_state_of_charge_changes_nothing_for_ten_minutes_and_then_counts_as_the_reserve(
    absurd: float | None,
) -> None:
    for known in ((at(0.5),), ()):
        memory = steps(KEEP, *known)[1]
        demand, memory = reserve_demand("battery", KEEP, at(absurd, -500.0), memory, 1.0)
        demand, memory = reserve_demand("battery", KEEP, at(absurd, -500.0), memory, 600.0)
        assert demand is None
        demand, memory = reserve_demand("battery", KEEP, at(absurd, -500.0), memory, 602.0)
        assert demand is not None
        assert (low_w(demand), demand.reason, demand.standing) == (0.0, "reserve_unknown", False)
        assert reserve_demand("battery", KEEP, at(0.5), memory, 603.0)[0] is None


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-5000, 5000), st.floats(0, 3600)), max_size=20),
    st.booleans(),
)
def test_below_the_reserve_it_never_may_discharge_and_never_must_charge_beyond_half_its_rating(
    readings: list[tuple[float, float, float]], restore: bool
) -> None:
    wish, memory, now_s = ReserveWish(reserve=0.3, restore=restore), ReserveMemory(), 0.0
    for soc, power_w, later_s in readings:
        now_s += later_s
        demand, memory = reserve_demand("battery", wish, at(soc, power_w), memory, now_s)
        low = low_w(demand)
        assert low is None or 0.0 <= low <= 2500.0
        if memory.believed is not None and memory.believed <= 0.31:
            assert low is not None
        if low:
            assert restore


@pytest.mark.parametrize(
    ("wish", "battery", "reason", "low_w", "standing"),
    [
        (RESTORE, (at(0.27),), "reserve_restored", 500.0, False),
        (RESTORE, (at(0.20),), "reserve_restored", 2500.0, False),
        (KEEP, (at(None), at(None), at(None)), "reserve_unknown", 0.0, True),
        (KEEP, (at(None), at(None), at(None, -500.0)), "reserve_unknown", 0.0, False),
    ],
)
def test_what_is_asked_names_the_battery_and_lasts_only_while_it_is_not_moved(
    wish: ReserveWish, battery: tuple[ReserveInput, ...], reason: str, low_w: float, *, standing: bool
) -> None:
    demand, _ = steps(wish, *battery)
    assert demand == Demand(
        owner=Owner.RESIDENT,
        scope=device("battery"),
        asks=Envelope(low_w=low_w),
        reason=reason,
        source_id="reserve",
        standing=standing,
    )


@pytest.mark.parametrize(("power_w", "holding"), [(-50.0, False), (-51.0, True)])
def test_a_trace_of_power_is_no_discharge(power_w: float, *, holding: bool) -> None:
    assert steps(KEEP, at(0.30, power_w))[1].holding is holding
    assert steps(KEEP, at(0.30, -500.0), at(0.31, 0.0), at(0.33))[1].holding is False


@pytest.mark.parametrize("soc", [0.0, 1.0])
def test_empty_and_full_are_believed(soc: float) -> None:
    assert steps(KEEP, at(soc))[1].believed == soc


def told(*readings: tuple[float, float], rated_w: float = 5000.0) -> ReserveMemory:
    """Return the memory after states of charge told at these moments, in seconds."""
    memory = ReserveMemory()
    for now_s, soc in readings:
        now = replace(at(soc), rated_w=rated_w)
        _, memory = reserve_demand("battery", KEEP, now, memory, now_s)
    return memory


JUMPS = {
    # In 72 s its rating explains 1 %, and 4 % are no jump.
    "as much as can be": (((10_000, 0.5), (10_072, 0.451)), False),
    "more than can be": (((10_000, 0.5), (10_072, 0.449)), True),
    "the same while one is doubted counts until then": (((0, 0.5), (72, 0.3), (1440, 0.6)), True),
    "told again, with what its rating explains": (((0, 0.5), (72, 0.3), (144, 0.285), (700, 0.285)), False),
    "told again, but not for long enough": (((0, 0.5), (72, 0.3), (144, 0.285), (671, 0.285)), True),
}


@pytest.mark.parametrize(("readings", "doubtful"), JUMPS.values(), ids=JUMPS)
def test_what_the_rating_cannot_explain_is_doubted(
    readings: tuple[tuple[float, float], ...], *, doubtful: bool
) -> None:
    memory = told(*readings)
    assert memory.doubtful is doubtful
    if not doubtful:
        assert (memory.believed_at_s, memory.believed) == readings[-1]


def test_four_percent_are_no_jump_even_when_its_rating_explains_nothing() -> None:
    assert not told((0, 0.04), (10, 0.0), rated_w=0.0).doubtful
    assert told((0, 0.0401), (10, 0.0), rated_w=0.0).doubtful
