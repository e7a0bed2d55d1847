"""What a dimmed home is left, as the ruling's formula has it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.section_14a import (
    RULES,
    GroupLimit,
    Registered,
    allowance_w,
    device_floor_w,
    group_floor_w,
    group_limit,
    rule_on,
)

DAY = date(2026, 6, 1)

FLOORS = [
    (Registered(count=1), 4200),
    (Registered(count=2), 7560),
    (Registered(count=3), 10500),
    (Registered(count=4), 13020),
    (Registered(count=5), 15120),
    (Registered(count=6), 16800),
    (Registered(count=7), 18060),
    (Registered(count=8), 18900),
    (Registered(count=9), 19320),
    (Registered(count=10), 21210),
    (Registered(count=1, heat_pumps_w=15000), 6000),
    (Registered(count=2, heat_pumps_w=15000), 9360),
    (Registered(count=3, heat_pumps_w=15000), 12300),
    (Registered(count=4, heat_pumps_w=15000), 14820),
    (Registered(count=9, heat_pumps_w=15000), 21120),
    (Registered(count=2, heat_pumps_w=9000), 7560),
    (Registered(count=2, heat_pumps_w=11000), 7560),
    (Registered(count=5, heat_pumps_w=14000), 16520),
    (Registered(count=2, heat_pumps_w=12000, cooling_w=30000), 15360),
]


@pytest.mark.parametrize(("registered", "floor_w"), FLOORS)
def test_the_floor_of_a_group_follows_number_and_large_heat_pumps(
    registered: Registered, floor_w: float
) -> None:
    assert group_floor_w(registered, DAY) == pytest.approx(floor_w)


def test_nothing_registered_has_no_floor() -> None:
    with pytest.raises(ValueError, match="no device"):
        group_floor_w(Registered(count=0), DAY)


@pytest.mark.parametrize(("thermal_w", "floor_w"), [(0, 4200), (11000, 4200), (11001, 4400.4), (15000, 6000)])
def test_a_device_controlled_directly_keeps_its_own_floor(thermal_w: float, floor_w: float) -> None:
    assert device_floor_w(thermal_w, DAY) == pytest.approx(floor_w)


@pytest.mark.parametrize("day", [date(2020, 1, 1), RULES[0].valid_from, DAY])
def test_a_rule_holds_from_its_day_and_the_first_before_it(day: date) -> None:
    assert rule_on(day) is RULES[0]


@pytest.mark.parametrize(
    ("told_w", "limit"),
    [
        (None, GroupLimit(limit_w=7560, below_floor=False)),
        (9000.0, GroupLimit(limit_w=9000, below_floor=False)),
        (7560.0, GroupLimit(limit_w=7560, below_floor=False)),
        (4200.0, GroupLimit(limit_w=4200, below_floor=True)),
        (0.0, GroupLimit(limit_w=0, below_floor=True)),
    ],
)
def test_what_is_told_is_obeyed_and_marked_when_it_is_less_than_guaranteed(
    told_w: float | None, limit: GroupLimit
) -> None:
    assert group_limit(7560.0, told_w) == limit


@pytest.mark.parametrize("told_w", [-1.0, float("nan")])
def test_what_is_no_limit_is_refused(told_w: float) -> None:
    with pytest.raises(ValueError, match="not a limit"):
        group_limit(4200.0, told_w)


ALLOWANCES = [
    # limit, produced, house -> together
    (4200, 0, 3000, 4200),
    (4200, 6000, 2000, 8200),
    (7560, 6000, 2000, 11560),
    (10500, 6000, 2000, 14500),
    (13020, 6000, 2000, 17020),
    (19320, 6000, 2000, 23320),
    (4200, 1500, 2000, 4200),
    (4200, 2500, 2000, 4700),
]


@pytest.mark.parametrize(("limit", "produced", "house", "together"), ALLOWANCES)
def test_own_production_that_the_house_leaves_comes_on_top_and_the_house_is_exempt(
    limit: float, produced: float, house: float, together: float
) -> None:
    assert allowance_w(limit, produced_w=produced, house_w=house) == together


@given(st.integers(1, 12), st.floats(0, 30000), st.floats(0, 30000))
def test_one_more_device_never_leaves_less_and_the_group_never_more_than_the_devices_alone(
    count: int, heat_w: float, cooling_w: float
) -> None:
    floor_w = group_floor_w(Registered(count=count, heat_pumps_w=heat_w, cooling_w=cooling_w), DAY)
    alone_w = device_floor_w(max(heat_w, cooling_w), DAY) + (count - 1) * device_floor_w(0, DAY)
    assert floor_w <= alone_w + 1e-6
    more = Registered(count=count + 1, heat_pumps_w=heat_w, cooling_w=cooling_w)
    assert floor_w <= group_floor_w(more, DAY) + 1e-6
