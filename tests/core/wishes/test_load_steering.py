"""What the resident's wishes mean for the state of a load."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.policy import LeaveAlone, Off, Policy, StartWithin, Surplus
from custom_components.home_flex.core.control.state import DeviceState
from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.wishes import LoadMode, Wishes, steered, with_device

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WINDOW = StartWithin(earliest_s=1.0, latest_s=2.0)


@pytest.mark.parametrize(
    ("kind", "mode", "before", "policy"),
    [
        (DeviceKind.SWITCHED_LOAD, LoadMode.BY_ITSELF, LeaveAlone(), LeaveAlone()),
        (DeviceKind.SWITCHED_LOAD, LoadMode.SURPLUS, LeaveAlone(), Surplus()),
        (DeviceKind.WATER_HEATER, LoadMode.SURPLUS, LeaveAlone(), Surplus()),
        (DeviceKind.HEAT_PUMP, LoadMode.OFF, LeaveAlone(), Off()),
        (DeviceKind.APPLIANCE, LoadMode.OFF, WINDOW, WINDOW),
        (DeviceKind.PV, LoadMode.OFF, LeaveAlone(), LeaveAlone()),
    ],
)
def test_a_load_s_mode_is_its_policy_and_no_other_kind_heeds_it(
    kind: DeviceKind, mode: LoadMode, before: Policy, policy: Policy
) -> None:
    state = DeviceState(
        device_id="load", kind=kind, wired_phases=(), reading=None, heard_s=0.0, policy=before
    )
    wishes = with_device(Wishes(), "load", load_mode=mode)
    after = steered(state, wishes, NOON, UTC, on_reached=lambda *_: None)
    assert after.policy == policy
