"""A device of whole steps rests where the meter's noise cannot tell one step from the next."""

import math

import pytest

from custom_components.home_flex.core.control.actuation import Telegram, actuated
from custom_components.home_flex.core.control.allocation import Allocation
from custom_components.home_flex.core.control.memory import Actuator, DeviceMemory
from custom_components.home_flex.core.control.writing import spare_w
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint

from .parts import ALL, ON_L1, PER_A, battery, car, joint, lines, sun
from .sights import charger


def _current(value: float) -> Setpoint:
    return Setpoint(
        device_id="device",
        quantity=Quantity.CURRENT_LIMIT_A,
        value=value,
        owner=Owner.AGGREGATOR,
        reason="limit",
        source_id=None,
        life_s=120.0,
    )


def _is_written(
    to_a: float, *, short_w: float = 0.0, spare_w: float = math.inf, noise_w: float = 0.0
) -> bool:
    """Return whether a charger of 10 A is told ``to_a``, at a meter that speaks each ten seconds."""
    telegram = Telegram(heard_s=100.0, period_s=10.0, noise_w=noise_w, short_w=short_w, spare_w=spare_w)
    memory = DeviceMemory(actuator=Actuator(tokens=10.0, filled_s=100.0))
    seen = charger(10 * PER_A, memory, written=_current(10.0), written_s=95.0, changed_s=0.0)
    kind = control_of(DeviceKind.EV_CHARGER)
    write, _ = actuated(seen, kind, _current(to_a), telegram, last_release_s=None)
    return write is not None


@pytest.mark.parametrize(
    ("to_a", "spare_w", "noise_w", "is_written"),
    [
        (11.0, 39.9, 0.0, False),
        (11.0, 40.0, 0.0, True),
        (11.0, 59.9, 20.0, False),
        (11.0, 60.0, 20.0, True),
        (12.0, 0.0, 20.0, True),
        (11.0, math.inf, 20.0, True),
    ],
    ids=[
        "the next step would be within the band of every meter",
        "it leaves that band",
        "it would be within this meter's noise",
        "it leaves the noise",
        "two steps are more than noise",
        "no limit binds it",
    ],
)
def test_it_goes_one_step_up_only_where_the_noise_cannot_take_it_back(
    to_a: float, spare_w: float, noise_w: float, *, is_written: bool
) -> None:
    assert _is_written(to_a, spare_w=spare_w, noise_w=noise_w) is is_written


@pytest.mark.parametrize(
    ("to_a", "short_w", "is_written"), [(9.0, 39.9, False), (9.0, 40.0, True), (8.0, 39.9, True)]
)
def test_and_one_step_down_only_where_its_limit_is_plainly_broken(
    to_a: float, short_w: float, *, is_written: bool
) -> None:
    assert _is_written(to_a, short_w=short_w) is is_written


def _spare_w(
    *joints_high_w: tuple[int, float], battery_w: float = 0.0, car_share: tuple[float, ...] = ALL
) -> float:
    """Return what a car at 10 A is left by limits at nodes, beside a battery that could give 5 kW."""
    devices = (car(share=car_share), battery(share=ON_L1))
    powers = {"car": 10 * PER_A, "battery": battery_w}
    limits = [joint(high_w=high_w, node=node) for node, high_w in joints_high_w]
    return spare_w(devices[0], devices, lines(devices, *limits), Allocation(powers=powers, causes={}))


@pytest.mark.parametrize(
    ("limits", "battery_w", "left_w"),
    [
        ((), 0.0, math.inf),
        # At the whole connection the battery could give five more kilowatts, or what it does not give yet.
        (((0, 7000.0),), 0.0, 5100.0),
        (((0, 7000.0),), -3000.0, 5100.0),
        # L2 carries a third of the car and nothing of the battery: 60 W there are 180 of the car.
        (((2, 2360.0),), 0.0, 180.0),
        (((2, 2240.0),), 0.0, -180.0),
        (((0, 7000.0), (2, 2360.0)), 0.0, 180.0),
    ],
)
def test_what_is_left_counts_what_stores_could_give(
    limits: tuple[tuple[int, float], ...], battery_w: float, left_w: float
) -> None:
    assert _spare_w(*limits, battery_w=battery_w) == pytest.approx(left_w)


def test_a_limit_elsewhere_and_a_target_bind_no_step() -> None:
    assert _spare_w((2, 0.0), car_share=ON_L1) == math.inf
    devices = (car(), sun())
    at_target = lines(devices, joint(low_w=0.0, high_w=0.0))
    powers = Allocation(powers={"car": 6900.0, "sun": -4000.0}, causes={})
    assert spare_w(devices[0], devices, at_target, powers) == math.inf
    limited = lines(devices, joint(high_w=1000.0))
    assert spare_w(devices[1], devices, limited, powers) == math.inf
