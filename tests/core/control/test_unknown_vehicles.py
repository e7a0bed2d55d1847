"""Cars of which nothing is known yet: they show their phases, come to rest, wake, and owe nothing yet."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.car_promises import promises
from custom_components.home_flex.core.control.charging import (
    ChargeIntent,
    ChargerMemory,
    ChargingMemory,
    Reason,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.control.hull import possible_w
from custom_components.home_flex.core.control.memory import DeviceMemory, Order
from custom_components.home_flex.core.control.vehicle_range import learned
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import ChargerReading, DeviceKind, Owner

from .charging.chargers import charger
from .parts import car
from .test_answering import seen

ON = Contactor(on=True, since_s=0.0)
KNOWN = Vehicle(phases=PhaseEvidence(used=(0,), of=3))
IN_FORCE = Vehicle(in_force_since_s=10.0)


@pytest.mark.parametrize(
    ("known", "phases", "is_owed"),
    [
        (ChargerMemory(contactor=ON, lowered_since_s=81.0, vehicle=IN_FORCE), (1, 2, 3), True),
        (ChargerMemory(contactor=ON, lowered_since_s=80.0, vehicle=IN_FORCE), (1, 2, 3), False),
        (ChargerMemory(contactor=ON, vehicle=IN_FORCE), (1, 2, 3), False),
        (ChargerMemory(lowered_since_s=81.0, vehicle=IN_FORCE), (1, 2, 3), False),
        (ChargerMemory(contactor=ON, lowered_since_s=81.0, vehicle=IN_FORCE), (1,), False),
        # Its time begins when the limit is in force, not when it was told.
        (ChargerMemory(contactor=ON, lowered_since_s=20.0, vehicle=Vehicle()), (1, 2, 3), True),
        (
            ChargerMemory(contactor=ON, lowered_since_s=20.0, vehicle=Vehicle(in_force_since_s=81.0)),
            (1, 2, 3),
            True,
        ),
        (
            ChargerMemory(contactor=ON, lowered_since_s=20.0, vehicle=Vehicle(in_force_since_s=80.0)),
            (1, 2, 3),
            False,
        ),
        (ChargerMemory(contactor=ON, lowered_since_s=81.0, vehicle=KNOWN), (1, 2, 3), False),
    ],
)
def test_a_car_taken_down_keeps_its_smallest_current_until_it_has_shown_its_phases(
    known: ChargerMemory, phases: tuple[int, ...], *, is_owed: bool
) -> None:
    intent = ChargeIntent(current_a=6.0, reason=Reason.SURPLUS, active_phases=phases)
    device = replace(car(), intent=intent)

    owed = promises([device], ChargingMemory(chargers={"car": known}), 100.0)

    assert [(one.owner, one.reason, one.low_w) for one in owed] == (
        [(Owner.DEVICE_SAFETY, "minimum_time", 4140.0)] if is_owed else []
    )


@pytest.mark.parametrize(
    ("vehicle", "draws_max_w"),
    [
        # Let in, and not drawing yet: nobody knows how far it goes.
        (Vehicle(allowed_since_s=101.0), None),
        (Vehicle(allowed_since_s=50.0), None),
        (Vehicle(allowed_since_s=50.0, drew_now=True), 1000.0),
        (Vehicle(allowed_since_s=50.0, full=True), 1000.0),
        (Vehicle(allowed_since_s=50.0, asleep=True), 1000.0),
        (Vehicle(), 1000.0),
        # A new limit alone changes nothing, a rise since does.
        (Vehicle(allowed_since_s=50.0, drew_now=True, risen_s=101.0), None),
    ],
)
def test_how_far_a_car_goes_is_forgotten_when_it_is_let_in_or_rises_after_an_order(
    vehicle: Vehicle, draws_max_w: float | None
) -> None:
    memory = DeviceMemory(orders=(Order(sent_s=100.0, value=6.0, power_w=4140.0),), draws_max_w=1000.0)
    told = charger(current_limit_a=6.0)

    after = learned(memory, told, ChargerMemory(vehicle=vehicle), 5.0, 103.0)

    assert after.draws_max_w == draws_max_w


def test_how_far_a_car_goes_is_judged_anew_when_it_has_shown_its_phases() -> None:
    drew = DeviceMemory(
        orders=(Order(sent_s=50.0, value=6.0, power_w=4140.0),), draws_max_w=1380.0, drew_less_s=100.0
    )
    told, known = charger(current_limit_a=6.0, power_w=1380.0), ChargerMemory(vehicle=KNOWN)

    after = learned(drew, told, known, 5.0, 103.0)

    assert (after.active_phases, after.draws_max_w, after.phases_shown_s) == (1, None, 103.0)


def let_in(vehicle: Vehicle, value: float | None = 6.0) -> Seen[ChargerReading]:
    """Return a car long after an order of ``value``, which has drawn nothing under it."""
    memory = DeviceMemory(orders=(Order(sent_s=100.0, value=value, power_w=4140.0),))
    found = seen(
        "car", 0.0, learned(memory, charger(current_limit_a=6.0), ChargerMemory(vehicle=vehicle), 5.0, 150.0)
    )
    return replace(found, now_s=150.0)


@pytest.mark.parametrize(
    ("vehicle", "value", "high_w"),
    [
        (Vehicle(allowed_since_s=100.0), 6.0, 4140.0),
        (Vehicle(allowed_since_s=100.0), None, 0.0),
        (Vehicle(allowed_since_s=100.0, asleep=True), 6.0, 0.0),
        (Vehicle(allowed_since_s=100.0, full=True, drew_now=True), 6.0, 0.0),
    ],
)
def test_what_the_meter_shows_may_be_a_car_that_was_let_in_and_wakes(
    vehicle: Vehicle, value: float | None, high_w: float
) -> None:
    found = let_in(vehicle, value)
    assert possible_w(found, control_of(DeviceKind.EV_CHARGER), 149.0, 1.0) == (0.0, high_w)
