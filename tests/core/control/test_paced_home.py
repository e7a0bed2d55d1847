"""A battery in a home at its own pace: as often as it can bear, and for whom it is fast enough."""

import pytest

from custom_components.home_flex.core.control.pace import Pace, PaceClass
from custom_components.home_flex.core.events.model import PayloadType

from .house import House, command

_MINUTE = Pace(pace_class=PaceClass.STEP, interval_s=10.0, effect_s=5.0, least_s=60.0, writes_per_day=1440)
_CLOUD = Pace(pace_class=PaceClass.PLAN, interval_s=60.0, effect_s=30.0, least_s=900.0, writes_per_day=96)


def changes(pace: Pace | None, minutes: int) -> int:
    """Return how often a battery is written while what is asked of it changes every ten seconds."""
    house = House(base_w=500, capacity_wh=1e6, soc=0.5)
    house.battery.pace = pace
    for _ in range(minutes * 3):
        house.run(10, command(PayloadType.DISPATCH_SETPOINT, -3000.0))
        house.run(10, command(PayloadType.DISPATCH_SETPOINT, 3000.0))
    return house.battery.writes


def test_a_battery_that_changes_once_a_minute_is_changed_once_a_minute() -> None:
    assert changes(None, 5) > 20
    assert changes(_MINUTE, 5) <= 6


@pytest.mark.parametrize(("pace", "helps"), [(None, True), (_MINUTE, True), (_CLOUD, False)])
def test_an_aggregator_s_limit_is_kept_by_whom_it_can_call_up(pace: Pace | None, helps: bool) -> None:
    house = House(base_w=4000, capacity_wh=1e6, soc=0.5)
    house.battery.pace = pace
    house.run(120, command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000.0))
    assert (house.battery.power_w < -1500.0) is helps
    assert (house.battery.writes > 0) is helps
