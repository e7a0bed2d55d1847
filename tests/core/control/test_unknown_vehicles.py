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
from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Response
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState
from custom_components.home_flex.core.control.vehicle_range import learned
from custom_components.home_flex.core.control.watching import drawing
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import ChargerReading, DeviceKind, Owner

from .charging.chargers import charger
from .parts import car

ON = Contactor(on=True, since_s=0.0)
KNOWN = Vehicle(phases=PhaseEvidence(used=(0,), of=3))


@pytest.mark.parametrize(
    ("known", "phases", "is_owed"),
    [
        (ChargerMemory(contactor=ON, lowered_since_s=81.0), (1, 2, 3), True),
        (ChargerMemory(contactor=ON, lowered_since_s=80.0), (1, 2, 3), False),
        (ChargerMemory(contactor=ON), (1, 2, 3), False),
        (ChargerMemory(lowered_since_s=81.0), (1, 2, 3), False),
        (ChargerMemory(contactor=ON, lowered_since_s=81.0), (1,), False),
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
    ("power_w", "draws_since_s", "response", "counts"),
    [
        (4140.0, 80.0, Response(), True),
        (4140.0, 81.0, Response(), False),
        (4140.0, None, Response(), False),
        (4140.0, 99.0, Response(full_s=(3.0,)), True),
        (100.0, 0.0, Response(full_s=(3.0,)), False),
    ],
)
def test_one_whose_answer_is_not_known_first_comes_to_rest_for_twenty_seconds(
    power_w: float, draws_since_s: float | None, response: Response, *, counts: bool
) -> None:
    device = car(power_w=power_w)
    reading = device.reading
    assert isinstance(reading, ChargerReading)
    seen = Seen(
        device=DeviceState(
            device_id="car", kind=DeviceKind.EV_CHARGER, wired_phases=(), reading=reading, heard_s=100.0
        ),
        memory=DeviceMemory(response=response),
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=100.0,
    )
    known = ChargerMemory(vehicle=Vehicle(draws_since_s=draws_since_s))
    memory = ControlMemory(charging=ChargingMemory(chargers={"car": known}))

    assert (set(drawing({"car": seen}, memory, 100.0)) == {"car"}) is counts


@pytest.mark.parametrize(
    ("vehicle", "draws_max_w"),
    [
        # Let in by the last order, and not drawing yet: nobody knows how far it goes.
        (Vehicle(allowed_since_s=101.0), None),
        (Vehicle(allowed_since_s=101.0, drew_now=True), 1000.0),
        (Vehicle(allowed_since_s=101.0, full=True), 1000.0),
        # Let in before: a new limit alone changes nothing, a rise since does.
        (Vehicle(allowed_since_s=50.0), 1000.0),
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
