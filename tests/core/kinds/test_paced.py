"""A device at its own pace: never faster than its kind, and never written more than it can bear."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.home_flex.core.control.actuation_policy import ActuationPolicy
from custom_components.home_flex.core.control.pace import Pace, PaceClass
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.kinds import control_of, is_flexible, kind_of
from custom_components.home_flex.core.model import DeviceKind, Owner

FLEXIBLE = [kind for kind in DeviceKind if is_flexible(kind)]
CLOUD = Pace(
    pace_class=PaceClass.PLAN, interval_s=60.0, effect_s=30.0, least_s=900.0, step=10.0, writes_per_day=48
)


def device(kind: DeviceKind, pace: Pace | None, reach: Owner | None = Owner.PLAN) -> DeviceState:
    return DeviceState(
        device_id="one", kind=kind, wired_phases=(), reading=None, heard_s=0.0, pace=pace, reach=reach
    )


@pytest.mark.parametrize("kind", FLEXIBLE)
def test_a_device_without_a_pace_of_its_own_is_as_its_kind(kind: DeviceKind) -> None:
    assert kind_of(device(kind, None)) is control_of(kind)


@pytest.mark.parametrize("kind", FLEXIBLE)
def test_a_slow_device_is_waited_for_longer_and_its_kind_is_untouched(kind: DeviceKind) -> None:
    own, slow = control_of(kind), kind_of(device(kind, CLOUD))
    before = (own.window_s, own.report_window_s, own.lost_after_s, own.actuation)
    assert slow.window_s == max(own.window_s, 90.0)
    assert slow.report_window_s == max(own.report_window_s, 90.0)
    assert slow.lost_after_s == max(own.lost_after_s, 150.0)
    assert slow.actuation.least_up_s >= 900.0
    assert slow.actuation.least_down_s >= 900.0
    assert before == (own.window_s, own.report_window_s, own.lost_after_s, own.actuation)


@pytest.mark.parametrize(
    ("pace_class", "admits"), [(PaceClass.LOOP, True), (PaceClass.STEP, True), (PaceClass.PLAN, False)]
)
def test_what_can_only_be_planned_with_is_no_power_that_an_aggregator_calls_up(
    pace_class: PaceClass, admits: bool
) -> None:
    battery = device(DeviceKind.BATTERY, replace(CLOUD, pace_class=pace_class))
    assert battery.admits(Owner.AGGREGATOR) is admits
    assert battery.admits(Owner.FUSE)
    assert battery.admits(Owner.GRID_OPERATOR)
    assert battery.admits(Owner.RESIDENT)
    assert battery.admits(Owner.PLAN)


def test_a_pace_lets_nobody_steer_what_the_resident_keeps() -> None:
    assert not device(DeviceKind.BATTERY, CLOUD, reach=None).admits(Owner.PLAN)


_KINDS = st.builds(
    ActuationPolicy,
    dead_band=st.floats(0, 100),
    least_up_s=st.floats(0, 100),
    least_down_s=st.floats(0, 100),
    writes_per_min=st.none() | st.floats(0.01, 10),
    burst=st.floats(1, 60),
)
_PACES = st.builds(
    Pace,
    pace_class=st.sampled_from(PaceClass),
    interval_s=st.floats(0.1, 3600),
    effect_s=st.floats(0, 600),
    least_s=st.floats(0, 3600),
    step=st.floats(0, 500),
    writes_per_day=st.none() | st.integers(1, 5000),
)


@given(_KINDS, _PACES)
def test_a_policy_at_a_pace_is_never_laxer(kind: ActuationPolicy, pace: Pace) -> None:
    policy = pace.actuation(kind)
    assert policy.least_up_s == max(kind.least_up_s, pace.least_s)
    assert policy.least_down_s == max(kind.least_down_s, pace.least_s)
    assert policy.dead_band >= kind.dead_band
    if kind.writes_per_min is not None:
        assert policy.writes_per_min is not None
        assert policy.writes_per_min <= kind.writes_per_min
    if pace.writes_per_day is not None:
        assert policy.writes_per_min is not None
        assert policy.writes_per_min * 1440.0 <= pace.writes_per_day + 1e-6
        # Lowering is always kept a few writes.
        assert policy.burst > policy.kept_for_lowering
