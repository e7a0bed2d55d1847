"""What an inverter is told: far above the sun its limit moves in steps, once it showed where the sun is."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.allocation import allocate
from custom_components.home_flex.core.control.flexibility import Flexibility
from custom_components.home_flex.core.kinds import control_of
from custom_components.home_flex.core.model import DeviceKind, Owner, Quantity, Setpoint
from tests.core.control.parts import joint, lines, sun


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
    asked = lines((inverter,), joint(low_w=-allowed_w))
    kind = control_of(DeviceKind.PV)
    return kind.told(inverter, (inverter,), asked, allocate((inverter,), asked, 0.0), 0.0).value


@pytest.mark.parametrize(
    ("since_s", "told_w"),
    [(300.0, 2500.0), (5.0, 2880.0)],
    ids=["the sun gives no more", "it may be on its way up"],
)
def test_a_limit_is_rounded_only_where_the_reading_is_of_it(since_s: float, told_w: float) -> None:
    assert _told_w(_limited(2900.0, since_s=since_s), 2880.0) == told_w


def test_a_limit_far_above_the_sun_stays_while_it_may() -> None:
    assert _told_w(_limited(2500.0, since_s=300.0), 2880.0) == 2500.0
