"""What a free store shows of its own ways: whether it covers the house, and how far it goes for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.covering import covering
from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Shown
from custom_components.home_flex.core.model import Owner

from .sights import order, reports, steady
from .test_ranging import battery

NOW_S = 100.0
EXPORTS = MeterMemory(samples=reports((NOW_S, -2000.0)))
IMPORTS = MeterMemory(samples=reports((NOW_S, 2000.0)))


def told(known: DeviceMemory, *grid_w: float, now_s: float = NOW_S) -> DeviceMemory:
    """Return what a store shows while the meter tells ``grid_w``."""
    seen = replace(battery([], [0.0], now_s), memory=known)
    return covering(seen, MeterMemory(samples=reports(*((now_s, each) for each in grid_w))))


def shows(power_w: float, grid_w: float, **memory: Any) -> DeviceMemory:
    """Return what a store that does ``power_w`` shows while the meter tells ``grid_w``."""
    return told(DeviceMemory(**{"reports": reports((99.0, power_w)), **memory}), grid_w)


@pytest.mark.parametrize(
    ("power_w", "grid_w", "covers"),
    [
        # It works, and the meter is at zero.
        (151.0, 149.0, True),
        (-151.0, -149.0, True),
        (150.0, 149.0, None),
        (-150.0, 0.0, None),
        (151.0, 150.0, None),
        (151.0, -150.0, None),
        (0.0, 0.0, None),
    ],
)
def test_a_store_that_works_while_the_meter_is_at_zero_covers_the_house(
    power_w: float, grid_w: float, covers: bool | None
) -> None:
    assert shows(power_w, grid_w).covers is covers


def test_once_it_has_shown_it_that_is_counted_as_shown_often() -> None:
    assert shows(1000.0, 0.0).covered == 6
    assert shows(1000.0, 0.0, covers=False, covered=-5).covered == -4


@pytest.mark.parametrize(
    "changes",
    [
        {"taken": Owner.PLAN},
        {"reports": ()},
        {"orders": (order(50.0, 1000.0),)},
    ],
)
def test_one_that_is_held_or_was_never_read_shows_nothing(changes: dict[str, Any]) -> None:
    known = DeviceMemory(**{"reports": reports((99.0, 1000.0)), **changes})
    assert told(known, 0.0) is known


def test_without_a_meter_it_shows_nothing_and_handed_back_it_does() -> None:
    known = DeviceMemory(reports=reports((99.0, 1000.0)))
    assert told(known) is known
    assert shows(1000.0, 0.0, orders=(order(40.0, 1000.0), order(50.0, None))).covers is True


@pytest.mark.parametrize(
    ("power_w", "grid_w", "covered"),
    [
        # For each reading at which it works and the meter is at zero one more, two less where it is not.
        (1000.0, 149.0, 1),
        (1000.0, 150.0, -2),
        (151.0, 0.0, 1),
        (150.0, 0.0, 0),
        (-1000.0, -149.0, 1),
        (-1000.0, -150.0, -2),
        # It rests although the meter shows plenty.
        (49.0, 301.0, -1),
        (-49.0, -301.0, -1),
        (50.0, 301.0, 0),
        (49.0, 300.0, 0),
        (0.0, 0.0, 0),
    ],
)
def test_each_reading_of_the_meter_counts_for_or_against_it(
    power_w: float, grid_w: float, covered: int
) -> None:
    assert shows(power_w, grid_w, covers=False).covered == covered


@pytest.mark.parametrize(
    ("power_w", "grid_w", "before", "covers", "after"),
    [
        (1000.0, 0.0, 3, False, (4, False)),
        (1000.0, 0.0, 4, False, (5, True)),
        (1000.0, 0.0, 10, True, (10, True)),
        (0.0, 900.0, -3, True, (-4, True)),
        (0.0, 900.0, -4, True, (-5, False)),
        (0.0, 900.0, -10, False, (-10, False)),
        (0.0, 900.0, -4, None, (-5, False)),
        (0.0, 900.0, 0, None, (-1, None)),
    ],
)
def test_five_more_readings_for_it_than_against_it_make_it_known_and_five_less_unknow_it(
    power_w: float, grid_w: float, before: int, covers: bool | None, after: tuple[int, bool | None]
) -> None:
    found = shows(power_w, grid_w, covered=before, covers=covers)
    assert (found.covered, found.covers) == after


@pytest.mark.parametrize(
    ("told_w", "grid_w", "is_counted"),
    [
        # It moved against what the meter shows, a twentieth of it at least: it is on its way.
        ((2000.0, 1000.0), 1000.0, False),
        ((1050.0, 1000.0), 1000.0, False),
        ((1049.0, 1000.0), 1000.0, True),
        ((-1050.0, -1000.0), -1000.0, False),
        ((-1049.0, -1000.0), -1000.0, True),
        ((1050.0, 1000.0), 150.0, False),
        # Only the last move counts.
        ((0.0, 1050.0, 1000.0), 1000.0, False),
        ((2000.0, 950.0, 1000.0), 1000.0, True),
        # It moved the other way, or was not heard before.
        ((950.0, 1000.0), 1000.0, True),
        ((1000.0,), 1000.0, True),
    ],
)
def test_a_store_on_its_way_is_given_its_time(
    told_w: tuple[float, ...], grid_w: float, is_counted: bool
) -> None:
    ways = reports(*((90.0 + number, power_w) for number, power_w in enumerate(told_w)))
    found = shows(0.0, grid_w, reports=ways, covers=True, covered=3)
    assert found.covered == (1 if is_counted else 3)


def test_what_moves_while_the_meter_is_at_zero_is_counted_all_the_same() -> None:
    ways = reports((98.0, 0.0), (99.0, -1000.0))
    assert shows(0.0, 149.0, reports=ways, covers=True, covered=3).covered == 4


@pytest.mark.parametrize(
    ("power_w", "grid_w", "high_w", "low_w"),
    [
        # It goes the right way and not far enough: that is as far as it goes, with 6 % to spare.
        (2000.0, -800.0, 2120.0, None),
        (-2000.0, 800.0, None, 2120.0),
        (2000.0, -150.0, 2120.0, None),
        (2000.0, -149.0, None, None),
        (150.0, -800.0, None, None),
        # The wrong way is no end.
        (2000.0, 800.0, None, None),
    ],
)
@pytest.mark.parametrize("covers", [True, None])
def test_a_store_that_rests_although_more_is_needed_has_shown_its_end(
    power_w: float, grid_w: float, high_w: float | None, low_w: float | None, covers: bool | None
) -> None:
    found = shows(power_w, grid_w, reports=steady(power_w), covers=covers)
    assert (found.high.bound_w, found.low.bound_w) == (high_w, low_w)
    if (high_w, low_w) != (None, None):
        assert (found.covers, found.covered) == (covers, 0)


def test_one_that_does_not_cover_the_house_shows_no_end_by_resting() -> None:
    known = {"reports": steady(2000.0), "covers": False, "covered": -5}
    found = shows(2000.0, -800.0, **known)
    assert (found.high.bound_w, found.covered) == (None, -5)


@pytest.mark.parametrize(
    ("ways", "is_end"),
    [
        (((98.0, 2000.0), (99.0, 2000.0)), False),
        (((97.0, 1880.0), (98.0, 2000.0), (99.0, 2000.0)), True),
        (((97.0, 1879.0), (98.0, 2000.0), (99.0, 2000.0)), False),
        (((96.0, 0.0), (97.0, 2000.0), (98.0, 2000.0), (99.0, 2000.0)), True),
    ],
)
def test_three_readings_that_agree_are_a_rest(ways: tuple[tuple[float, float], ...], is_end: bool) -> None:
    found = shows(0.0, -800.0, reports=reports(*ways), covers=True)
    assert (found.high.bound_w is not None) is is_end


@pytest.mark.parametrize(
    ("power_w", "bound_w", "is_kept"),
    [(2000.0, 2000.0, True), (2001.0, 2000.0, False), (1000.0, 2000.0, True)],
)
def test_one_that_goes_beyond_the_end_it_has_shown_has_none_there(
    power_w: float, bound_w: float, is_kept: bool
) -> None:
    ends = {"high": Shown(bound_w=bound_w), "low": Shown(bound_w=bound_w)}
    passed = ends["high"] if is_kept else Shown()
    charging = shows(power_w, 0.0, **ends, covers=True)
    assert (charging.high, charging.low) == (passed, ends["low"])
    giving = shows(-power_w, 0.0, **ends, covers=True)
    assert (giving.high, giving.low) == (ends["high"], passed)


def test_an_end_that_is_shown_is_dated_now() -> None:
    found = shows(2000.0, -800.0, reports=steady(2000.0), covers=True)
    later = told(DeviceMemory(reports=steady(2000.0), covers=True), -800.0, now_s=200.0)
    assert found.high.probe_s is not None
    assert later.high == replace(found.high, probe_s=found.high.probe_s + 100.0)


def rested(
    powers_w: Sequence[float],
    meter: MeterMemory,
    *,
    freed_s: float | None = None,
    state_of_charge: float = 0.5,
) -> DeviceMemory:
    """Return what is remembered of a battery that told ``powers_w``, the last of them at 100 s."""
    orders = [] if freed_s is None else [order(freed_s, None)]
    seen = battery(orders, powers_w, 100.0)
    return covering(replace(seen, reading=replace(seen.reading, state_of_charge=state_of_charge)), meter)


@pytest.mark.parametrize(
    ("freed_s", "bound_w"),
    [(None, 1090.0), (80.0, 1090.0), (92.0, 1090.0), (93.0, None), (99.0, None)],
    ids=["never held", "long free", "all three told since", "one of three is old", "just freed"],
)
def test_only_what_it_tells_since_it_is_free_shows_how_far_it_goes_by_itself(
    freed_s: float | None, bound_w: float | None
) -> None:
    assert rested([1000.0] * 10, EXPORTS, freed_s=freed_s).high.bound_w == bound_w


@pytest.mark.parametrize(
    ("meter", "state_of_charge", "sides"),
    [
        (EXPORTS, 0.97, (None, 60.0)),
        (EXPORTS, 0.5, (None, None)),
        (IMPORTS, 0.05, (60.0, None)),
        (IMPORTS, 0.97, (None, None)),
    ],
    ids=["full", "idle for no reason", "empty", "idle although it is full"],
)
def test_a_battery_that_rests_full_or_empty_is_at_its_end(
    meter: MeterMemory, state_of_charge: float, sides: tuple[float | None, float | None]
) -> None:
    memory = rested([0.0] * 10, meter, state_of_charge=state_of_charge)
    assert (memory.low.bound_w, memory.high.bound_w) == sides


@pytest.mark.parametrize(("state_of_charge", "covered"), [(0.97, 0), (0.5, -1)])
def test_that_it_rests_full_says_nothing_against_a_battery(state_of_charge: float, covered: int) -> None:
    assert rested([0.0] * 10, EXPORTS, state_of_charge=state_of_charge).covered == covered


@pytest.mark.parametrize("covers", [False, None, True])
def test_what_is_known_not_to_cover_the_house_has_no_end_when_it_rests(covers: bool | None) -> None:
    seen = battery([], [0.0] * 10, NOW_S)
    memory = replace(seen.memory, covers=covers)
    full = replace(seen, memory=memory, reading=replace(seen.reading, state_of_charge=0.97))
    assert (covering(full, EXPORTS).high.bound_w is None) is (covers is False)


def test_one_that_rests_for_no_reason_keeps_the_ends_it_has_shown() -> None:
    ends = {"high": Shown(bound_w=2000.0), "low": Shown(bound_w=2000.0)}
    found = shows(0.0, 900.0, **ends)
    assert (found.covered, found.high, found.low) == (-1, ends["high"], ends["low"])


def test_the_last_of_three_readings_says_how_far_it_goes() -> None:
    rising = reports((97.0, 1880.0), (98.0, 1880.0), (99.0, 2000.0))
    falling = reports((97.0, -1880.0), (98.0, -1880.0), (99.0, -2000.0))
    assert shows(0.0, -3000.0, reports=rising).high.bound_w == 2120.0
    assert shows(0.0, 3000.0, reports=falling).low.bound_w == 2120.0
