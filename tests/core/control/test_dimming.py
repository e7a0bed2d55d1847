"""What groups may draw: their lasting limit, and what section 14a leaves them while they are dimmed."""

from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.demand import Demand, Envelope, Scope, ScopeKind
from custom_components.home_flex.core.control.dimming import (
    Dimming,
    DimmingMode,
    GroupSettings,
    group_demands,
    limit_in_force,
)
from custom_components.home_flex.core.control.section_14a import GroupLimit, Registered
from custom_components.home_flex.core.model import Group, GroupKind, Owner

NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
LATER = datetime(2026, 11, 30, 20, tzinfo=UTC)
UNTOLD = Dimming()


def group(*device_ids: str, kind: GroupKind = GroupKind.SECTION_14A) -> Group:
    return Group(group_id="14a", kind=kind, device_ids=device_ids)


CAR, CAR_AND_PUMP = group("car"), group("car", "pump")


@pytest.mark.parametrize(
    ("settings", "limit_w"),
    [
        (GroupSettings(group=CAR), 4200.0),
        # Nobody said what is registered: it is as many as there are.
        (GroupSettings(group=CAR_AND_PUMP), 4200.0 + 0.8 * 4200.0),
        (GroupSettings(group=group()), 4200.0),
        (GroupSettings(group=CAR, registered=Registered(count=3)), 4200.0 + 2 * 0.75 * 4200.0),
        (GroupSettings(group=CAR_AND_PUMP, registered=Registered(count=2, heat_pumps_w=15e3)), 6e3 + 3360.0),
        (GroupSettings(group=CAR_AND_PUMP, mode=DimmingMode.EACH), 4200.0),
        # A rating is one device's only where the group is that device.
        (
            GroupSettings(
                group=CAR_AND_PUMP, mode=DimmingMode.EACH, registered=Registered(count=2, heat_pumps_w=15e3)
            ),
            4200.0,
        ),
        (
            GroupSettings(
                group=group("pump"), mode=DimmingMode.EACH, registered=Registered(count=1, heat_pumps_w=15e3)
            ),
            6000.0,
        ),
        (
            GroupSettings(
                group=group("pump"), mode=DimmingMode.EACH, registered=Registered(count=1, cooling_w=20e3)
            ),
            8000.0,
        ),
    ],
)
def test_a_relay_leaves_what_is_guaranteed(settings: GroupSettings, limit_w: float) -> None:
    found = limit_in_force(settings, UNTOLD, NOW.date())
    assert found.limit_w == pytest.approx(limit_w)
    assert not found.below_floor


@pytest.mark.parametrize("mode", list(DimmingMode))
def test_a_value_that_is_told_counts_and_less_than_guaranteed_is_marked(mode: DimmingMode) -> None:
    settings = GroupSettings(group=CAR, mode=mode)
    found = [limit_in_force(settings, Dimming(limit_w=told_w), NOW.date()) for told_w in (3e3, 9e3)]
    assert found == [GroupLimit(limit_w=3e3, below_floor=True), GroupLimit(limit_w=9e3, below_floor=False)]


def asked(owner: Owner, scope: Scope, limit_w: float, until: datetime | None = None) -> Demand:
    return Demand(
        owner=owner,
        scope=scope,
        asks=Envelope(high_w=limit_w),
        reason=GroupKind.SECTION_14A.value,
        source_id="14a",
        until=until,
        standing=True,
    )


OF_GROUP = Scope(ScopeKind.GROUP, "14a")


def test_a_group_that_is_not_dimmed_keeps_its_lasting_limit_alone() -> None:
    limited = GroupSettings(group=CAR, power_limit_w=8e3)
    assert list(group_demands([limited, GroupSettings(group=CAR)], {}, NOW)) == [
        asked(Owner.RESIDENT, OF_GROUP, 8e3)
    ]


def test_a_dimmed_group_is_limited_as_a_whole_until_the_signal_ends() -> None:
    settings = GroupSettings(group=CAR_AND_PUMP, power_limit_w=8e3)
    dimmed = {"14a": Dimming(limit_w=5e3, until=LATER)}
    assert list(group_demands([settings], dimmed, NOW)) == [
        asked(Owner.RESIDENT, OF_GROUP, 8e3),
        asked(Owner.GRID_OPERATOR, OF_GROUP, 5e3, LATER),
    ]


def test_devices_that_are_dimmed_one_by_one_are_limited_each() -> None:
    settings = GroupSettings(group=CAR_AND_PUMP, mode=DimmingMode.EACH)
    assert list(group_demands([settings], {"14a": UNTOLD}, NOW)) == [
        asked(Owner.GRID_OPERATOR, Scope(ScopeKind.DEVICE, device_id), 4200.0)
        for device_id in ("car", "pump")
    ]


def test_a_signal_dims_no_group_of_another_kind_and_none_that_it_is_not_for() -> None:
    others = next(kind for kind in GroupKind if kind is not GroupKind.SECTION_14A)
    shared = GroupSettings(group=group("car", kind=others))
    assert list(group_demands([shared, GroupSettings(group=CAR)], {"other": UNTOLD}, NOW)) == []
    assert list(group_demands([shared], {"14a": UNTOLD}, NOW)) == []
