"""What is watched of a site, from what was stated and from what its meter tells."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.nodes import layout
from custom_components.home_flex.core.control.state import SiteState
from custom_components.home_flex.core.model import GridKind, MeterReading

from .house import SITE, START

THREE_WIRES = (232.0, 0.0, 231.0)
WITH_NEUTRAL = (232.0, 230.0, 231.0)


@pytest.mark.parametrize(
    ("phases", "volts", "grid"),
    [
        (3, THREE_WIRES, GridKind.IT_3P),
        (3, WITH_NEUTRAL, GridKind.TN_3P),
        (1, THREE_WIRES, GridKind.ONE_PHASE),
        (1, WITH_NEUTRAL, GridKind.ONE_PHASE),
    ],
)
def test_a_telegram_of_three_wires_is_taken_at_its_word_unless_the_site_has_one_phase(
    phases: int, volts: tuple[float, ...], grid: GridKind
) -> None:
    meter = MeterReading(time=START, power_w=500.0, phase_voltage_v=volts)
    site = replace(SITE, phases=phases)
    found = layout(SiteState(site=site, meter=meter, meter_heard_s=0.0, devices=()), {})
    assert found.network.root.grid is grid
    assert len(found.network.root.phases) == phases
