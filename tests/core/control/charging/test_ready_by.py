"""When a charge has to begin."""

import math

import pytest

from custom_components.home_flex.core.control.charging.model import ChargeMode, ChargerInput
from custom_components.home_flex.core.control.charging.ready_by import charge_time_s, promise
from custom_components.home_flex.core.model import ChargerStatus


def charger(left_wh: float | None, deadline_s: float | None, tapered_wh: float = 0.0) -> ChargerInput:
    return ChargerInput(
        device_id="car",
        connected=True,
        status=ChargerStatus.PREPARING,
        power_w=0.0,
        current_limit_a=0.0,
        min_current_a=6.0,
        max_current_a=16.0,
        offered_phases=(3,),
        wired_phases=(1, 2, 3),
        mode=ChargeMode.SURPLUS,
        target_left_wh=left_wh,
        tapered_left_wh=tapered_wh,
        deadline_s=deadline_s,
    )


@pytest.mark.parametrize(
    ("left_wh", "tapered_wh", "power_w", "time_s"),
    [
        (10_000.0, 0.0, 10_000.0, 3600.0),
        (10_000.0, 5_000.0, 10_000.0, 5400.0),
        (10_000.0, 20_000.0, 10_000.0, 7200.0),
        (0.0, 0.0, 10_000.0, 0.0),
        (10_000.0, 0.0, 0.0, math.inf),
    ],
)
def test_what_lies_above_eighty_percent_takes_twice_as_long(
    left_wh: float, tapered_wh: float, power_w: float, time_s: float
) -> None:
    assert charge_time_s(left_wh, tapered_wh, power_w) == time_s


@pytest.mark.parametrize(
    ("left_wh", "deadline_s", "latest_s"),
    [
        # 9 kWh at 9 kW: one hour, a ninth more for a cold car, 15 minutes of margin.
        (9_000.0, 10_000.0, 10_000.0 - 4_000.0 - 900.0),
        # 27 kWh: the margin is a tenth of the time.
        (27_000.0, 20_000.0, 20_000.0 - 12_000.0 - 1_200.0),
        (None, 10_000.0, None),
        (0.0, 10_000.0, None),
        (9_000.0, None, None),
    ],
)
def test_latest_start(left_wh: float | None, deadline_s: float | None, latest_s: float | None) -> None:
    owed = promise(charger(left_wh, deadline_s), 9_000.0)

    assert owed.latest_start_s == (None if latest_s is None else pytest.approx(latest_s))


@pytest.mark.parametrize(
    ("deadline_s", "must"),
    [
        (4_901.0, False),
        (4_900.0, True),
        # Past the hour it goes on to the target.
        (-3_600.0, True),
    ],
)
def test_a_charge_begins_at_its_latest_start(deadline_s: float, must: bool) -> None:
    assert promise(charger(9_000.0, deadline_s), 9_000.0).must is must


def test_until_full_begins_at_once_for_nobody_knows_how_long_it_takes() -> None:
    assert promise(charger(math.inf, 1e6), 9_000.0).must
