"""How much of the sun is seen while PV stands at its own limit."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.charging import Sun
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.hidden_sun import sun_seen
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.memory import Actuator, DeviceMemory, MeterMemory
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from . import parts, sights


def limited(given_w: float, limit_w: float | None, *, tokens: float = 10.0) -> Flexibility:
    """Return PV that gives ``given_w`` under ``limit_w``, with ``tokens`` writes left."""
    pv = parts.sun(power_w=-given_w, given_w=-given_w)
    written = Setpoint(
        device_id="sun",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=limit_w,
        owner=Owner.RESIDENT,
        reason="export",
        life_s=300.0,
    )
    return replace(
        pv,
        device=replace(pv.device, written=written),
        memory=DeviceMemory(actuator=Actuator(tokens=tokens)),
    )


def seen(house_w: float, *devices: Flexibility) -> Sun:
    rest = RestLoad(high_w=(house_w,), low_w=(house_w,), latest_w=house_w)
    return sun_seen(devices, rest, MeterMemory(), 0.0)


@pytest.mark.parametrize(
    ("pv", "house_w", "what"),
    [
        pytest.param(limited(2000.0, None), 500.0, Sun.SHOWN, id="no limit"),
        pytest.param(limited(500.0, 2000.0), 800.0, Sun.SHOWN, id="a limit that does not bind"),
        pytest.param(limited(2000.0, 2000.0), 2000.0, Sun.HIDDEN, id="it gives all that it is asked"),
        pytest.param(limited(2000.0, 2000.0), 2500.0, Sun.ASKED, id="it is asked for more"),
        pytest.param(
            limited(2000.0, 2000.0, tokens=4.0), 2000.0, Sun.HIDDEN, id="a write is left to raise it"
        ),
        pytest.param(limited(2000.0, 2000.0, tokens=3.9), 2000.0, Sun.HELD, id="none is left to raise it"),
        pytest.param(limited(2000.0, 2000.0, tokens=0.0), 2500.0, Sun.ASKED, id="and it was asked already"),
    ],
)
def test_what_is_seen_of_the_sun(pv: Flexibility, house_w: float, what: Sun) -> None:
    assert seen(house_w, pv) is what


def test_a_car_that_charges_goes_on_asking() -> None:
    house_w = 2000.0 - 1500.0

    assert seen(house_w, limited(2000.0, 2000.0, tokens=0.0), parts.car(power_w=1500.0)) is Sun.HIDDEN


@pytest.mark.parametrize(
    ("limits_w", "ago_s", "draws_w", "what"),
    [
        ((3000.0, 2000.0), 3.9, 1500.0, Sun.SETTLES),
        # It was free before.
        ((None, 2000.0), 3.9, 1500.0, Sun.SETTLES),
        ((2000.0,), 3.9, 1500.0, Sun.SETTLES),
        ((3000.0, 2000.0), 4.0, 1500.0, Sun.HIDDEN),
        ((2000.0, 2000.0), 3.9, 1500.0, Sun.HIDDEN),
        ((1000.0, 2000.0), 3.9, 1500.0, Sun.HIDDEN),
        ((3000.0, None), 3.9, 1500.0, Sun.HIDDEN),
        ((), 3.9, 1500.0, Sun.HIDDEN),
        # No car charges.
        ((3000.0, 2000.0), 3.9, 0.0, Sun.HIDDEN),
    ],
)
def test_pv_just_lowered_beside_a_car_that_charges_settles(
    limits_w: tuple[float | None, ...], ago_s: float, draws_w: float, what: Sun
) -> None:
    orders = tuple(sights.order(-ago_s, value, found_w=0.0) for value in limits_w)
    pv = limited(2000.0, 2000.0)
    pv = replace(pv, memory=replace(pv.memory, orders=orders))
    assert seen(2000.0 - draws_w, pv, parts.car(power_w=draws_w)) is what


def test_a_car_that_was_just_lowered_is_no_pv() -> None:
    orders = (sights.order(-2.0, 10.0), sights.order(-1.0, 8.0))
    car = replace(parts.car(power_w=1500.0), memory=DeviceMemory(orders=orders))
    assert seen(500.0, limited(2000.0, 2000.0), car) is Sun.HIDDEN


def test_a_store_that_can_take_more_shows_the_sun() -> None:
    assert seen(2000.0, limited(2000.0, 2000.0), parts.battery()) is Sun.HIDDEN
    covering = parts.battery(memory=DeviceMemory(covers=True))
    assert seen(2000.0, limited(2000.0, 2000.0), covering) is Sun.SHOWN
