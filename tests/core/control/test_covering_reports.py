"""What a free battery shows of its own ways, and of what time."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.covering import covering
from custom_components.home_flex.core.control.memory import DeviceMemory, MeterMemory, Order, Sample

from .test_ranging import battery

EXPORTS = MeterMemory(samples=(Sample(heard_s=100.0, power_w=-2000.0),))
IMPORTS = MeterMemory(samples=(Sample(heard_s=100.0, power_w=2000.0),))


def shown(
    powers_w: Sequence[float],
    meter: MeterMemory,
    *,
    freed_s: float | None = None,
    state_of_charge: float = 0.5,
) -> DeviceMemory:
    """Return what is remembered of a battery that told ``powers_w``, the last of them at 100 s."""
    orders = [] if freed_s is None else [Order(sent_s=freed_s, value=None, power_w=0.0)]
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
    assert shown([1000.0] * 10, EXPORTS, freed_s=freed_s).high.bound_w == bound_w


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
    memory = shown([0.0] * 10, meter, state_of_charge=state_of_charge)
    assert (memory.low.bound_w, memory.high.bound_w) == sides


@pytest.mark.parametrize(("state_of_charge", "covered"), [(0.97, 0), (0.5, -1)])
def test_that_it_rests_full_says_nothing_against_a_battery(state_of_charge: float, covered: int) -> None:
    assert shown([0.0] * 10, EXPORTS, state_of_charge=state_of_charge).covered == covered
