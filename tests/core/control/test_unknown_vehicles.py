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
from custom_components.home_flex.core.control.watching import answering
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


def seen(device_id: str, power_w: float, memory: DeviceMemory) -> Seen[ChargerReading]:
    reading = car(power_w=power_w).reading
    assert isinstance(reading, ChargerReading)
    return Seen(
        device=DeviceState(
            device_id=device_id, kind=DeviceKind.EV_CHARGER, wired_phases=(), reading=reading, heard_s=100.0
        ),
        memory=memory,
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=100.0,
    )


@pytest.mark.parametrize(
    ("draws_since_s", "response", "is_known", "is_resting"),
    [
        (80.0, Response(), False, True),
        (81.0, Response(), False, False),
        (None, Response(), False, False),
        (99.0, Response(full_s=(3.0,)), True, False),
    ],
)
def test_one_that_draws_is_at_rest_after_twenty_seconds_and_known_by_an_answer(
    draws_since_s: float | None, response: Response, *, is_known: bool, is_resting: bool
) -> None:
    known = ChargerMemory(vehicle=Vehicle(draws_since_s=draws_since_s))
    memory = ControlMemory(charging=ChargingMemory(chargers={"car": known}))

    found = answering({"car": seen("car", 4140.0, DeviceMemory(response=response))}, memory, 100.0)["car"]

    assert (found.is_known, found.is_resting) == (is_known, is_resting)


def let_in(value: float | None) -> DeviceMemory:
    return DeviceMemory(orders=(Order(sent_s=90.0, value=value, power_w=0.0),))


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        ((4140.0, DeviceMemory()), (0.0, DeviceMemory()), {"one"}),
        ((4140.0, DeviceMemory()), (0.0, let_in(6.0)), {"one", "other"}),
        ((4140.0, DeviceMemory()), (0.0, let_in(0.0)), {"one"}),
        ((4140.0, DeviceMemory()), (0.0, let_in(None)), {"one"}),
        ((0.0, DeviceMemory()), (0.0, let_in(0.0)), {"one", "other"}),
    ],
)
def test_a_fuse_counts_on_those_that_draw_or_are_let_in_and_else_on_all(
    one: tuple[float, DeviceMemory], other: tuple[float, DeviceMemory], counted: set[str]
) -> None:
    there = {"one": seen("one", *one), "other": seen("other", *other)}
    assert set(answering(there, ControlMemory(), 100.0)) == counted


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
