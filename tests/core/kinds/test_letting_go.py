"""What a fuse once held is let go when its cause is gone, and no reason outlives its cause."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.allocation import allocate
from custom_components.home_flex.core.control.charging import ChargeIntent, Reason
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.kinds.kind import Told
from custom_components.home_flex.core.model import ChargerStatus, Owner, Quantity, Setpoint
from tests.core.control.parts import car, joint, lines, sun

HELD = DeviceMemory(taken=Owner.FUSE, reason="main_fuse")


def told(device: Flexibility, low_w: float = -float("inf"), high_w: float = float("inf")) -> Told:
    asked = lines((device,), joint(low_w, high_w, owner=Owner.FUSE))
    allocation = allocate((device,), asked, 0.0)
    return control_of(device.device.kind).told(device, (device,), asked, allocation, 100.0)


def charging(status: ChargerStatus, power_w: float, memory: DeviceMemory = HELD) -> Flexibility:
    device = car(power_w=power_w, high_w=power_w)
    is_ready = status is ChargerStatus.CHARGING
    return replace(device, reading=replace(device.reading, status=status), memory=memory, is_ready=is_ready)


@pytest.mark.parametrize(
    ("status", "power_w", "value"),
    [(ChargerStatus.AVAILABLE, 0.0, None), (ChargerStatus.CHARGING, 6900.0, 13.0)],
)
def test_a_charger_is_let_go_when_its_car_has_left_and_held_while_it_draws(
    status: ChargerStatus, power_w: float, value: float | None
) -> None:
    assert told(charging(status, power_w), high_w=9000.0).value == value


def test_a_mode_that_is_left_is_no_reason_any_more() -> None:
    off = DeviceMemory(taken=Owner.RESIDENT, reason="off", source_id="charge_mode")
    found = told(charging(ChargerStatus.CHARGING, 6900.0, off))
    assert found.cause is None


def test_a_mode_that_pauses_its_car_goes_on_being_the_reason() -> None:
    waits = DeviceMemory(taken=Owner.PLAN, reason="waits_for_sun", source_id="charge_mode")
    intent = ChargeIntent(current_a=0.0, reason=Reason.WAITS_FOR_SUN, active_phases=(1, 2, 3))
    device = replace(
        charging(ChargerStatus.CHARGING, 0.0, waits), intent=intent, declared_high_w=11040.0, limit_high_w=0.0
    )
    found = told(device)
    assert (found.value, found.cause and found.cause.reason) == (0.0, "waits_for_sun")


def limited_to(value: float, power_w: float) -> Flexibility:
    written = Setpoint(
        device_id="sun",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=value,
        owner=Owner.FUSE,
        reason="main_fuse",
        source_id=None,
        life_s=60.0,
    )
    device = sun(power_w=power_w, given_w=power_w)
    return replace(device, device=replace(device.device, written=written), memory=HELD)


@pytest.mark.parametrize(
    ("value", "power_w", "is_free"),
    [
        (5900.0, 0.0, True),
        (5900.0, -100.0, True),
        (5900.0, -130.0, False),
        (5900.0, -5900.0, False),
        # So small a limit may itself be why it gives nothing.
        (100.0, 0.0, False),
    ],
)
def test_an_inverter_is_let_go_when_the_sun_is_gone(value: float, power_w: float, is_free: bool) -> None:
    assert (told(limited_to(value, power_w), low_w=-5900.0).cause is None) == is_free
