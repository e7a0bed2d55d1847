"""One phase or three: slow while the contactor is closed, free while it is open, at once for a fuse."""

import math
from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.charging import ChargeMode
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.phases import PhaseMemory, averaged, chosen
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence

from .chargers import charger

NOW_S = 10_000.0
CLOSED = Contactor(on=True, since_s=0.0)
OPEN = Contactor(on=False, since_s=0.0)


def choose(
    memory: PhaseMemory,
    contactor: Contactor = CLOSED,
    *,
    all_it_can: bool = False,
    three_fit: bool = True,
    vehicle: Vehicle | None = None,
    **told: Any,
) -> PhaseMemory:
    box = charger(**{"offered_phases": (1, 3), "phases_in_force": memory.count or None, **told})
    return chosen(
        memory, box, vehicle or Vehicle(), contactor, NOW_S, all_it_can=all_it_can, three_fit=three_fit
    )


@pytest.mark.parametrize(
    ("present", "mean_w", "count"),
    [(1, 4300.0, 1), (1, 4400.0, 3), (3, 3400.0, 3), (3, 3250.0, 1)],
)
def test_the_slow_mean_decides_with_a_wide_band(present: int, mean_w: float, count: int) -> None:
    memory = choose(PhaseMemory(count=present, mean_w=mean_w, surplus_w=mean_w))

    assert memory.count == count
    assert (memory.switching_since_s is not None) is (count != present)


@pytest.mark.parametrize("present", [1, 3])
@pytest.mark.parametrize("contactor", [OPEN, CLOSED])
def test_before_the_sun_was_seen_once_the_phases_stay_as_they_are(present: int, contactor: Contactor) -> None:
    memory = choose(PhaseMemory(), contactor, phases_in_force=present)

    assert (memory.count, memory.switching_since_s) == (present, None)
    assert choose(PhaseMemory(), contactor, phases_in_force=present, three_fit=False).count == 1


def test_a_large_one_phase_car_stays_on_one_while_that_carries_the_sun() -> None:
    assert choose(PhaseMemory(count=1, mean_w=7000.0), max_current_a=32.0).count == 1
    assert choose(PhaseMemory(count=1, mean_w=7800.0), max_current_a=32.0).count == 3


@pytest.mark.parametrize(("shown_a", "count"), [(None, 1), (16.0, 3), (27.0, 1)])
def test_one_phase_carries_no_more_than_the_vehicle_takes_of_it(shown_a: float | None, count: int) -> None:
    memory = PhaseMemory(count=1, mean_w=6200.0)

    assert choose(memory, vehicle=Vehicle(shown_a=shown_a), max_current_a=32.0).count == count


@pytest.mark.parametrize("present", [1, 3])
@pytest.mark.parametrize(("mean_w", "count"), [(3400.0, 1), (4400.0, 1), (4700.0, 1), (4800.0, 3)])
def test_before_a_start_three_phases_are_chosen_only_where_they_could_start(
    present: int, mean_w: float, count: int
) -> None:
    waiting = PhaseMemory(count=present, mean_w=mean_w, surplus_w=mean_w)

    assert choose(waiting, OPEN, mode=ChargeMode.SURPLUS).count == count


@pytest.mark.parametrize(
    ("told", "contactor", "surplus_w"),
    [
        pytest.param({"mode": ChargeMode.OFF}, OPEN, 4400.0, id="off"),
        pytest.param({"connected": False}, OPEN, 4400.0, id="no car"),
        pytest.param({}, replace(OPEN, since_s=NOW_S - 59), 4400.0, id="rests"),
        pytest.param({}, replace(OPEN, closings=(NOW_S - 60,) * 4), 4400.0, id="no closing left"),
        pytest.param({}, OPEN, 3300.0, id="under a cloud"),
    ],
)
def test_who_does_not_start_now_keeps_three_phases(
    told: dict[str, Any], contactor: Contactor, surplus_w: float
) -> None:
    memory = PhaseMemory(count=3, mean_w=4400.0, surplus_w=surplus_w)

    assert choose(memory, contactor, **{"mode": ChargeMode.SURPLUS, **told}).count == 3


@pytest.mark.parametrize(
    ("memory", "contactor"),
    [
        pytest.param(PhaseMemory(switched_s=NOW_S - 899), CLOSED, id="changed lately"),
        pytest.param(PhaseMemory(), replace(CLOSED, since_s=NOW_S - 299), id="closed lately"),
        pytest.param(
            PhaseMemory(), replace(CLOSED, closings=(NOW_S - 60,) * 3), id="the last closing is kept"
        ),
        pytest.param(PhaseMemory(failures=2), CLOSED, id="failed twice"),
    ],
)
def test_what_keeps_the_phases(memory: PhaseMemory, contactor: Contactor) -> None:
    assert choose(replace(memory, count=1, mean_w=9000.0), contactor).count == 1


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ({"three_fit": False}, 1),
        ({"all_it_can": True}, 3),
        ({"phases_wish": 1}, 1),
        ({"phases_wish": 3}, 3),
        ({"phases_wish": 3, "three_fit": False}, 1),
        ({"all_it_can": True, "phases_wish": 1}, 1),
        ({"offered_phases": (1,)}, 1),
    ],
)
def test_fuse_then_wish_then_mode_decide(told: dict[str, Any], count: int) -> None:
    for present in (1, 3):
        assert (
            choose(PhaseMemory(count=present, mean_w=4200.0, surplus_w=4200.0), OPEN, **told).count == count
        )


def test_a_fuse_that_carries_one_phase_only_takes_the_others_at_once() -> None:
    lately = PhaseMemory(count=3, mean_w=9000.0, switched_s=NOW_S - 1)

    assert choose(lately, three_fit=False).switching_since_s == NOW_S


def test_before_a_start_the_sun_of_now_counts_as_much_as_its_mean() -> None:
    after_a_cloud = PhaseMemory(count=1, mean_w=3000.0, surplus_w=8000.0)

    assert choose(after_a_cloud, OPEN).count == 3
    assert choose(after_a_cloud, CLOSED).count == 1


@pytest.mark.parametrize(
    ("waited_s", "power_w", "in_force", "done", "failures"),
    [
        (9.0, 0.0, 3, False, 0),
        (11.0, 0.0, 3, True, 0),
        (11.0, 900.0, 3, False, 0),
        (59.0, 0.0, 1, False, 0),
        (61.0, 0.0, 1, True, 1),
    ],
)
def test_a_change_ends_when_the_contactor_was_open_and_the_charger_has_changed(
    waited_s: float, power_w: float, in_force: int, done: bool, failures: int
) -> None:
    memory = PhaseMemory(
        count=3, mean_w=9000.0, switched_s=NOW_S - waited_s, switching_since_s=NOW_S - waited_s
    )

    after = choose(memory, OPEN, power_w=power_w, phases_in_force=in_force)

    assert (after.switching_since_s is None, after.failures) == (done, failures)
    assert after.judged is (failures > 0 or PhaseMemory().judged)


def test_a_car_that_stays_on_one_phase_is_a_failed_change() -> None:
    memory = PhaseMemory(count=3, mean_w=9000.0, judged=False, switched_s=NOW_S - 300)
    hung = Vehicle(draws_since_s=NOW_S - 121, phases=PhaseEvidence(used=(0,), of=3))

    box = charger(offered_phases=(1, 3), phases_in_force=3)
    after = chosen(memory, box, hung, CLOSED, NOW_S, all_it_can=False, three_fit=True)

    assert after.failures == 1


def test_the_mean_takes_ten_minutes() -> None:
    memory = averaged(PhaseMemory(), 1000.0, 1.0)
    for _ in range(600):
        memory = averaged(memory, 2000.0, 1.0)

    assert memory.mean_w == pytest.approx(2000.0 - 1000.0 * math.exp(-1.0))


@pytest.mark.parametrize(
    ("in_force", "contactor", "switched_s", "count", "failures"),
    [
        # It was to change before the start, and two minutes after it still connects one.
        (1, Contactor(on=True, since_s=NOW_S - 120.0), -math.inf, 1, 1),
        (1, Contactor(on=True, since_s=NOW_S - 119.0), -math.inf, 3, 0),
        (1, CLOSED, NOW_S - 119.0, 3, 0),
        (1, OPEN, -math.inf, 3, 0),
        (3, CLOSED, -math.inf, 3, 0),
        (None, CLOSED, -math.inf, 3, 0),
    ],
)
def test_a_charger_that_stays_on_its_phases_is_believed(
    in_force: int | None, contactor: Contactor, switched_s: float, count: int, failures: int
) -> None:
    memory = choose(
        PhaseMemory(count=3, mean_w=8000.0, surplus_w=8000.0, switched_s=switched_s),
        contactor,
        phases_in_force=in_force,
    )

    assert (memory.count, memory.failures) == (count, failures)
    assert memory.switching_since_s is None


def test_one_that_stayed_twice_is_left_as_it_is() -> None:
    stayed = PhaseMemory(count=3, mean_w=8000.0, surplus_w=8000.0, failures=1)

    given_up = choose(stayed, phases_in_force=1)
    later = choose(replace(given_up, switched_s=0.0), OPEN, phases_in_force=1)

    assert (given_up.count, given_up.failures) == (1, 2)
    assert later.count == 1
