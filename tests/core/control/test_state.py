"""Whose lines may steer a device."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.pace import Pace, PaceClass
from custom_components.home_flex.core.model import Owner

from .sights import battery

DEVICE = battery(0.0).device


def paced(pace_class: PaceClass) -> Pace:
    return Pace(pace_class=pace_class, interval_s=60.0, effect_s=60.0)


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("reach", [None, *Owner])
def test_lines_down_to_its_reach_steer_a_device(reach: Owner | None, owner: Owner) -> None:
    admits = replace(DEVICE, reach=reach).admits(owner)
    assert admits is (reach is not None and owner <= reach)


@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize(
    ("pace", "is_spared", "is_kept_out"),
    [
        (None, False, False),
        (None, True, True),
        (paced(PaceClass.LOOP), False, False),
        (paced(PaceClass.STEP), False, False),
        (paced(PaceClass.PLAN), False, True),
    ],
)
def test_events_do_not_steer_one_that_is_spared_or_that_can_only_be_planned_with(
    pace: Pace | None, owner: Owner, *, is_spared: bool, is_kept_out: bool
) -> None:
    device = replace(DEVICE, pace=pace, is_spared=is_spared)
    assert device.admits(owner) is not (is_kept_out and owner is Owner.AGGREGATOR)
