"""What an inverter is told: far above the sun its limit moves in steps, once it showed where the sun is."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.allocation import allocate
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.control.memory import DeviceMemory, Order
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint
from tests.core.control.parts import ON_L1, ON_L2, battery, joint, lines, sun


def _limited(to_w: float, *, since_s: float) -> Flexibility:
    """Return an inverter that gave 1.2 kW when it was heard last, limited ``since_s`` before that."""
    inverter = sun(power_w=-1200.0, given_w=-1200.0)
    written = Setpoint(
        device_id="sun",
        quantity=Quantity.PRODUCTION_LIMIT_W,
        value=to_w,
        owner=Owner.AGGREGATOR,
        reason="limit",
        source_id=None,
        life_s=60.0,
    )
    device = replace(inverter.device, written=written, changed_s=-since_s, written_s=-since_s)
    return replace(inverter, device=device)


def _told_w(inverter: Flexibility, allowed_w: float) -> float | None:
    return _told_beside_w(inverter, (), joint(low_w=-allowed_w))


def _told_beside_w(inverter: Flexibility, others: tuple[Flexibility, ...], *joints: Joint) -> float | None:
    devices = (inverter, *others)
    asked = lines(devices, *joints)
    kind = control_of(DeviceKind.PV)
    return kind.told(inverter, devices, asked, allocate(devices, asked, 0.0), 0.0).value


@pytest.mark.parametrize(
    ("since_s", "told_w"),
    [(300.0, 2500.0), (5.0, 2880.0)],
    ids=["the sun gives no more", "it may be on its way up"],
)
def test_a_limit_is_rounded_only_where_the_reading_is_of_it(since_s: float, told_w: float) -> None:
    assert _told_w(_limited(2900.0, since_s=since_s), 2880.0) == told_w


@pytest.mark.parametrize(("gives_w", "told_w"), [(1200.0, 2880.0), (2000.0, 2500.0)])
def test_one_that_still_gives_what_the_limit_before_let_it_may_have_swallowed_the_new_one(
    gives_w: float, told_w: float
) -> None:
    orders = (
        Order(sent_s=-300.0, value=1200.0, power_w=-1200.0),
        Order(sent_s=-40.0, value=2900.0, power_w=-2900.0),
    )
    inverter = replace(_limited(2900.0, since_s=40.0), memory=DeviceMemory(orders=orders))
    assert _told_w(replace(inverter, power_w=-gives_w, low_w=-gives_w), 2880.0) == told_w


def test_a_limit_far_above_the_sun_stays_while_it_may() -> None:
    assert _told_w(_limited(2500.0, since_s=300.0), 2880.0) == 2500.0


def test_a_battery_counts_with_all_that_it_may_take() -> None:
    assert _told_beside_w(sun(), (battery(),), joint(low_w=-1000.0)) == 6000.0


def test_a_battery_that_gives_for_another_phase_counts_with_what_it_gives() -> None:
    # The house draws 1 kW too much on the first phase, and has 1.5 kW to spare on that of the sun.
    giving = battery(share=(1.0, 0.5, 0.5, 0.0))
    over = joint(high_w=-1000.0, owner=Owner.FUSE, node=1)
    spare = joint(low_w=-4500.0, owner=Owner.FUSE, node=2)
    assert _told_beside_w(sun(share=ON_L2), (giving,), spare, over) == 3500.0


def test_a_battery_that_gives_for_the_sun_s_own_phase_takes_what_the_sun_gives() -> None:
    target = joint(low_w=-6000.0, high_w=-6000.0, node=0)
    assert _told_beside_w(sun(), (battery(high_w=0.0),), target) == 6000.0


def test_a_battery_takes_no_more_than_its_phase_has_to_spare() -> None:
    batteries = (battery("a", share=ON_L1), battery("b", share=ON_L1), battery("c", high_w=0.0))
    spare = joint(high_w=600.0, owner=Owner.FUSE, node=1)
    assert _told_beside_w(sun(share=ON_L2), batteries, spare, joint(low_w=-3500.0)) == 4100.0


def test_what_a_lower_line_wants_of_a_battery_curtails_no_sun() -> None:
    target = joint(low_w=-9000.0, high_w=-9000.0, owner=Owner.AGGREGATOR)
    spare = joint(low_w=-4500.0, owner=Owner.FUSE, node=2)
    assert _told_beside_w(sun(share=ON_L2), (battery(share=ON_L2),), target, spare) == 8000.0


def test_a_dimmed_battery_takes_what_its_group_may_draw() -> None:
    group = replace(joint(high_w=4200.0, owner=Owner.GRID_OPERATOR, node=1), only_draw=True)
    assert (
        _told_beside_w(sun(share=(1.0, 0.0)), (battery(share=(1.0, 1.0)),), group, joint(low_w=-100.0))
        == 4300.0
    )
