"""What cars are owed above lower lines: the resident's promise, and the contactor's time."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.car_promises import promises
from custom_components.home_flex.core.control.charging import (
    ChargeIntent,
    ChargerMemory,
    ChargeWish,
    ChargingMemory,
    Reason,
)
from custom_components.home_flex.core.control.charging.contactor import Contactor
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.charging.vehicle_phases import PhaseEvidence
from custom_components.home_flex.core.control.flexibility import Flexibility, Restriction
from custom_components.home_flex.core.model import Owner

from .parts import battery, car

NOW_S = 1000.0
KNOWN = ChargerMemory(vehicle=Vehicle(phases=PhaseEvidence(used=(0, 1, 2), of=3)))
CLOSED = replace(KNOWN, contactor=Contactor(on=True, since_s=701.0, closings=(701.0,)))
RESIDENT, SAFETY = (Owner.RESIDENT, 11040.0), (Owner.DEVICE_SAFETY, 4140.0)


def of(
    reason: Reason, current_a: float | None = 10.0, *, must: bool = False, may_slow: bool = True
) -> Flexibility:
    one = car()
    wish = ChargeWish(may_slow=may_slow)
    intent = ChargeIntent(current_a=current_a, reason=reason, must=must, active_phases=(1, 2, 3))
    return replace(one, device=replace(one.device, charge=wish), intent=intent)


def owed(device: Flexibility, known: ChargerMemory = KNOWN) -> list[tuple[Owner, float]]:
    found = promises([device], ChargingMemory(chargers={"car": known}), NOW_S)
    return [(one.owner, one.low_w) for one in found]


OWED: dict[str, tuple[Flexibility, ChargerMemory, list[tuple[Owner, float]]]] = {
    "a promise": (of(Reason.READY_BY, must=True), KNOWN, [RESIDENT]),
    "a promise that is paused": (of(Reason.READY_BY, 0.0, must=True), KNOWN, []),
    "a promise that nobody holds": (of(Reason.READY_BY, None, must=True), KNOWN, [RESIDENT]),
    "a fast charge that may not be slowed": (of(Reason.FAST, may_slow=False), KNOWN, [RESIDENT]),
    "one that may": (of(Reason.FAST), KNOWN, []),
    "another that may not": (of(Reason.SURPLUS, may_slow=False), KNOWN, []),
    "nobody is there": (replace(of(Reason.READY_BY, must=True), is_ready=False), KNOWN, []),
    "no mode wants anything": (replace(car(), intent=None), CLOSED, []),
    "it has just begun": (of(Reason.SURPLUS), CLOSED, [SAFETY]),
    "it has just begun, by a promise": (of(Reason.READY_BY, must=True), CLOSED, [RESIDENT]),
    "it has charged for five minutes": (
        of(Reason.SURPLUS),
        replace(CLOSED, contactor=replace(CLOSED.contactor, since_s=700.0)),
        [],
    ),
    "nobody let it in": (
        of(Reason.SURPLUS),
        replace(CLOSED, contactor=Contactor(on=True, since_s=990.0)),
        [],
    ),
    "its contactor is open": (
        of(Reason.SURPLUS),
        replace(CLOSED, contactor=replace(CLOSED.contactor, on=False)),
        [],
    ),
}


@pytest.mark.parametrize(("device", "known", "expected"), OWED.values(), ids=OWED)
def test_a_car_is_owed_what_was_promised_or_its_least_while_the_contactor_must_stay(
    device: Flexibility, known: ChargerMemory, expected: list[tuple[Owner, float]]
) -> None:
    assert owed(device, known) == expected


def test_what_is_owed_says_why_and_lasts() -> None:
    found = promises([of(Reason.READY_BY, must=True)], ChargingMemory(chargers={"car": KNOWN}), NOW_S)
    assert found == (
        Restriction(
            owner=Owner.RESIDENT,
            device_id="car",
            reason="ready_by",
            low_w=11040.0,
            source_id="charge_mode",
            standing=True,
        ),
    )


def test_each_car_is_owed_its_own_and_others_nothing() -> None:
    devices = [battery(), replace(of(Reason.READY_BY, must=True)), replace(of(Reason.SURPLUS))]
    other = replace(devices[2], device=replace(devices[2].device, device_id="other"))
    unknown = replace(devices[1], device=replace(devices[1].device, device_id="unknown"))
    memory = ChargingMemory(chargers={"car": KNOWN, "other": CLOSED})
    found = promises([devices[0], unknown, devices[1], other], memory, NOW_S)
    assert [(one.device_id, one.reason) for one in found] == [("car", "ready_by"), ("other", "minimum_time")]
