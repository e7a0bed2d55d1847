"""What a group of devices draws, and what of it counts against a limit."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from custom_components.home_flex.core.control.demand import Asks, Demand, Envelope, Scope, ScopeKind, Target
from custom_components.home_flex.core.control.outcome import keeps
from custom_components.home_flex.core.model import BatteryReading, Group, GroupKind, Owner
from custom_components.home_flex.runtime.group_power import group_power


def reading(power_w: float) -> BatteryReading:
    return BatteryReading(
        time=datetime(2026, 11, 21, 17, tzinfo=UTC),
        power_w=power_w,
        state_of_charge=0.5,
        capacity_wh=10_000,
        max_charge_w=5000,
        max_discharge_w=5000,
    )


def group(kind: GroupKind = GroupKind.PEAK, members: Sequence[str] = ("one", "two")) -> Group:
    return Group(group_id="cellar", kind=kind, device_ids=tuple(members))


def asked(asks: Asks) -> list[Demand]:
    scope = Scope(ScopeKind.GROUP, "cellar")
    return [Demand(owner=Owner.AGGREGATOR, scope=scope, asks=asks, reason="event")]


def kept(of: Group, asks: Asks, meter_w: float) -> bool | None:
    """Return whether what the group draws keeps what is asked of it."""
    found = group_power(of, READINGS, meter_w)
    assert found is not None
    power_w, counted_w = found
    assert power_w == 2500.0
    return keeps(asked(asks), power_w, counted_w=counted_w)


READINGS = {"one": reading(3000.0), "two": reading(-500.0), "other": reading(9000.0)}


def test_a_group_draws_what_its_devices_do_together() -> None:
    assert group_power(group(), READINGS, 0.0) == (2500.0, 2500.0)


@pytest.mark.parametrize("readings", [{"one": reading(3000.0)}, {"one": reading(3000.0), "two": None}])
def test_while_one_of_its_devices_cannot_be_read_nobody_knows(readings: dict[str, BatteryReading]) -> None:
    assert group_power(group(), readings, 0.0) is None


@pytest.mark.parametrize(
    ("asks", "is_kept"),
    [
        (Envelope(high_w=2500.0), True),
        (Envelope(high_w=2400.0), False),
        (Envelope(low_w=2500.0), True),
        (Envelope(low_w=2600.0), False),
        (Target(power_w=2500.0), True),
        (Target(power_w=2300.0), False),
    ],
)
def test_a_limit_or_setpoint_is_kept_by_the_group_and_not_by_the_meter(asks: Asks, is_kept: bool) -> None:
    for meter_w in (0.0, 9000.0):
        assert kept(group(), asks, meter_w) is is_kept


@pytest.mark.parametrize(
    ("limit_w", "meter_w", "is_kept"),
    [
        (3000.0, 9000.0, True),
        # What another gives does not count; what the sun gives beyond the house does.
        (2500.0, 9000.0, False),
        (2500.0, 2400.0, True),
    ],
)
def test_under_section_14a_what_is_drawn_from_the_grid_counts(
    limit_w: float, meter_w: float, is_kept: bool
) -> None:
    dimmed = group(GroupKind.SECTION_14A)
    assert kept(dimmed, Envelope(high_w=limit_w), meter_w) is is_kept


def test_under_section_14a_a_setpoint_and_what_may_be_given_are_of_the_devices() -> None:
    dimmed = group(GroupKind.SECTION_14A)
    assert kept(dimmed, Target(power_w=2500.0), 0.0) is True
    assert kept(dimmed, Envelope(low_w=2600.0), 9000.0) is False
