"""How far a vehicle goes by itself: learned where it draws plainly less than it may, and not for ever."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargerMemory
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.control.memory import DeviceMemory, Order
from custom_components.home_flex.core.control.vehicle_range import learned

from .charging.chargers import charger

NOW_S = 1000.0
DRAWS = Vehicle(
    allowed_since_s=100.0, drew_now=True, risen_s=200.0, phases=PhaseEvidence(used=(0, 1, 2), of=3)
)
KNOWN = DeviceMemory(orders=(Order(sent_s=900.0, value=10.0, power_w=6900.0),), active_phases=3)


def after(
    power_w: float, memory: DeviceMemory = KNOWN, vehicle: Vehicle = DRAWS, **told: Any
) -> DeviceMemory:
    """Return what is known of a vehicle on three phases that may draw 10 A."""
    box = charger(power_w=power_w, current_limit_a=10.0, **told)
    return learned(memory, box, ChargerMemory(vehicle=vehicle), 20.0, NOW_S)


@pytest.mark.parametrize(
    ("power_w", "draws_max_w"),
    [(8.6 * 690.0, None), (8.5 * 690.0, 8.5 * 690.0), (2000.0, 2000.0), (0.0, 0.0)],
)
def test_one_that_draws_an_ampere_and_a_half_less_goes_no_further(
    power_w: float, draws_max_w: float | None
) -> None:
    found = after(power_w)
    assert found.draws_max_w == draws_max_w
    assert found.drew_less_s == (None if draws_max_w is None else NOW_S)


@pytest.mark.parametrize(
    ("ordered_s", "risen_s", "draws_max_w"),
    [
        # An order must have had its time, and a rise ten seconds.
        (980.0, 200.0, 2000.0),
        (980.1, 200.0, 5000.0),
        (900.0, 990.0, 2000.0),
        (900.0, 990.1, None),
        # It rose after the order: nobody knows how far it goes.
        (990.0, 990.0, None),
        (990.0, 989.9, 5000.0),
    ],
)
def test_it_is_judged_when_it_rests(ordered_s: float, risen_s: float, draws_max_w: float | None) -> None:
    memory = replace(KNOWN, orders=(Order(sent_s=ordered_s, value=10.0, power_w=6900.0),), draws_max_w=5000.0)
    assert after(2000.0, memory, replace(DRAWS, risen_s=risen_s)).draws_max_w == draws_max_w


def test_one_that_was_never_told_anything_is_judged_by_what_it_may() -> None:
    assert after(2000.0, DeviceMemory(active_phases=3)).draws_max_w == 2000.0


AT_ITS_LIMIT = replace(KNOWN, draws_max_w=6900.0, drew_less_s=NOW_S - 599.0)


@pytest.mark.parametrize(
    ("memory", "power_w", "draws_max_w"),
    [
        (AT_ITS_LIMIT, 6900.0, 6900.0),
        (AT_ITS_LIMIT, 7000.0, 6900.0),
        # It takes more after all.
        (AT_ITS_LIMIT, 7001.0, None),
        # Nothing holds for ever.
        (replace(AT_ITS_LIMIT, drew_less_s=NOW_S - 600.0), 6900.0, None),
        (replace(AT_ITS_LIMIT, drew_less_s=None), 6900.0, None),
        (replace(AT_ITS_LIMIT, draws_max_w=None), 6900.0, None),
    ],
)
def test_a_limit_at_what_it_took_teaches_nothing_new(
    memory: DeviceMemory, power_w: float, draws_max_w: float | None
) -> None:
    assert after(power_w, memory).draws_max_w == draws_max_w


def test_of_a_vehicle_that_is_gone_nothing_is_known() -> None:
    known = replace(KNOWN, draws_max_w=2000.0, wakes=True)
    found = after(0.0, known, connected=False)
    assert (found.active_phases, found.draws_max_w, found.wakes) == (None, None, False)


@pytest.mark.parametrize(
    ("used", "of", "active"), [((0, 1, 2), 3, 3), ((0, 1), 3, 2), ((1,), 3, 1), (None, 3, None), ((0,), 1, 3)]
)
def test_its_phases_count_once_they_were_seen(
    used: tuple[int, ...] | None, of: int, active: int | None
) -> None:
    vehicle = replace(DRAWS, phases=PhaseEvidence(used=used, of=of))
    found = after(6900.0, replace(KNOWN, active_phases=2 if active != 2 else 1), vehicle)
    assert (found.active_phases, found.phases_shown_s) == (active, NOW_S)


@pytest.mark.parametrize(
    ("vehicle", "order", "wakes"),
    [
        (Vehicle(allowed_since_s=950.0), 10.0, True),
        (Vehicle(allowed_since_s=950.0, drew_now=True), 10.0, False),
        (Vehicle(allowed_since_s=950.0, full=True), 10.0, False),
        (Vehicle(allowed_since_s=950.0, asleep=True), 10.0, False),
        (Vehicle(), 10.0, False),
        (Vehicle(allowed_since_s=950.0), None, False),
    ],
)
def test_one_that_an_order_let_in_may_wake_at_any_moment(
    vehicle: Vehicle, order: float | None, *, wakes: bool
) -> None:
    known = DeviceMemory(
        orders=(Order(sent_s=900.0, value=order, power_w=6900.0),), draws_max_w=3000.0, drew_less_s=990.0
    )
    found = after(6900.0, known, vehicle)
    assert found.wakes is wakes
    assert not after(6900.0, DeviceMemory(), vehicle).wakes
