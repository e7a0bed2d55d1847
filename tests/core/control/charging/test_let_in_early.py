"""Who comes next is let in while the other still draws: by less than it has ever needed to begin."""

import math
from dataclasses import replace

import pytest

from custom_components.home_flex.core.control import charge_modes
from custom_components.home_flex.core.control.allocation import allocate
from custom_components.home_flex.core.control.charging import (
    ChargeIntent,
    ChargeMode,
    ChargerInput,
    ChargerMemory,
    ChargingMemory,
    Reason,
    Room,
    Supply,
    decide,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.turns import Turns
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import ChargerStatus, DeviceKind, Owner

from ..parts import PER_A, car, held, joint, lines
from .chargers import charger
from .plant import Car, on_fuse

NAMES = frozenset({"runs", "waits"})
FUSE = Room(members=NAMES, phase_a=(10.0, 10.0, 10.0))
# One place for two cars: the first swap is due 840 s after somebody began to wait.
DUE_S = 840.0
RUNS = charger(
    device_id="runs",
    mode=ChargeMode.FAST,
    status=ChargerStatus.CHARGING,
    power_w=6900.0,
    current_limit_a=10.0,
)
WAITS = charger(device_id="waits", mode=ChargeMode.FAST)


def decided(
    now_s: float,
    waits: ChargerInput = WAITS,
    *,
    rooms: tuple[Room, ...] = (FUSE,),
    wakes_s: tuple[float, ...] = (30.0, 34.0),
    let_in_s: float | None = None,
) -> tuple[dict[str, ChargeIntent], ChargingMemory]:
    """Return what is wanted when one has charged since 0 and the other has waited since."""
    contactor = (
        Contactor() if let_in_s is None else Contactor(on=True, since_s=let_in_s, closings=(let_in_s,))
    )
    memory = ChargingMemory(
        chargers={
            "runs": ChargerMemory(
                mode=ChargeMode.FAST, contactor=Contactor(on=True, since_s=0.0, closings=(0.0,))
            ),
            "waits": ChargerMemory(
                mode=ChargeMode.FAST, contactor=contactor, vehicle=Vehicle(wakes_s=wakes_s)
            ),
        },
        places=Turns(places={"runs": 0.0}, waits={"waits": 0.0}, contested_s=0.0),
        at_s=now_s - 1.0,
    )
    intents, memory = decide([RUNS, waits], Supply(surplus_w=0.0, rooms=rooms), memory, now_s)
    return dict(intents), memory


@pytest.mark.parametrize(("before_due_s", "is_early"), [(16.0, False), (15.0, True), (1.0, True)])
def test_who_comes_next_is_let_in_half_the_time_it_takes_to_begin_before_its_turn(
    before_due_s: float, is_early: bool
) -> None:
    intents, memory = decided(DUE_S - before_due_s)

    assert (intents["runs"].current_a, intents["runs"].is_early) == (10.0, False)
    assert (intents["waits"].current_a, intents["waits"].is_early) == (
        (6.0, True) if is_early else (0.0, False)
    )
    assert (intents["waits"].reason is Reason.TURN) is is_early
    assert set(memory.places.places) == {"runs"}
    assert set(memory.places.waits) == {"waits"}


def test_with_its_turn_it_has_the_place_and_the_other_stops() -> None:
    let_in = replace(WAITS, current_limit_a=6.0)

    intents, memory = decided(DUE_S, let_in, let_in_s=DUE_S - 15.0)

    assert (intents["runs"].current_a, intents["waits"].current_a) == (0.0, 10.0)
    assert not intents["waits"].is_early
    assert set(memory.places.places) == {"waits"}
    assert len(memory.chargers["waits"].contactor.closings) == 1


def test_whoever_begins_sooner_than_ever_has_its_turn_at_once() -> None:
    begun = replace(WAITS, status=ChargerStatus.CHARGING, power_w=4140.0, current_limit_a=6.0)

    intents, memory = decided(DUE_S - 10.0, begun, let_in_s=DUE_S - 15.0)

    assert (intents["runs"].current_a, intents["waits"].current_a) == (0.0, 10.0)
    assert set(memory.places.places) == {"waits"}


@pytest.mark.parametrize(
    ("window_s", "wakes_s", "early_s"),
    [
        (0.0, (), 0.0),
        (0.0, (30.0,), 0.0),
        (10.0, (30.0, 34.0), 10.0),
        (10.1, (300.0, 300.0), 0.0),
        (10.0, (8.0, 9.0), 0.0),
    ],
)
def test_that_long_is_what_it_has_shown_and_its_charger_tells_soon_enough(
    window_s: float, wakes_s: tuple[float, ...], early_s: float
) -> None:
    told = replace(WAITS, window_s=window_s)

    def is_early(before_due_s: float) -> bool:
        return decided(DUE_S - before_due_s, told, wakes_s=wakes_s)[0]["waits"].is_early

    assert not is_early(early_s + 0.5)
    assert is_early(early_s - 0.5) is (early_s > 0.0)


@pytest.mark.parametrize("owner", [Owner.GRID_OPERATOR, Owner.AGGREGATOR])
def test_a_limit_is_not_exceeded_for_that(owner: Owner) -> None:
    limit = Room(members=NAMES, power_w=7000.0, owner=owner)

    intents, _ = decided(DUE_S - 5.0, rooms=(FUSE, limit))

    assert intents["waits"].current_a == 0.0


def test_five_cars_leave_little_of_a_fuse_unused_while_the_next_one_wakes() -> None:
    cars = [
        Car(id=f"car {index}", mode=ChargeMode.FAST, start_s=30.0, need_wh=40_000.0) for index in range(5)
    ]

    run = on_fuse(cars, 16.0, hours=3.0)

    assert sum(run.used_share) / len(run.used_share) >= 0.9
    assert max(run.used_share) <= 1.0
    assert max(car.longest_wait_s for car in cars) <= 900


@pytest.mark.parametrize(
    ("high_w", "told_a"),
    [
        (math.inf, 6.0),
        # Where a line forbids even that it is not let in.
        (3000.0, 0.0),
    ],
)
def test_let_in_early_it_is_told_its_smallest_current_and_counted_with_what_it_draws(
    high_w: float, told_a: float
) -> None:
    runs = replace(car("runs", 6900.0, high_w=6900.0), step_w=PER_A)
    intent = ChargeIntent(current_a=6.0, reason=Reason.TURN, is_early=True)
    waits = charge_modes.with_intent(replace(car("waits", 0.0), step_w=PER_A), intent, raised=True)
    devices = (runs, waits)
    asked = lines(
        devices,
        joint(high_w=7000.0, owner=Owner.FUSE),
        restrictions=(held("waits", high_w=high_w, owner=Owner.RESIDENT),),
    )
    allocation = allocate(devices, asked, 0.0)

    told = control_of(DeviceKind.EV_CHARGER).told(waits, devices, asked, allocation, 0.0)

    assert told.value == told_a
    assert allocation.powers == {"runs": 6900.0, "waits": 0.0}
