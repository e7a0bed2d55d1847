"""Who is in control, and what a command asks for."""

import math

from custom_components.home_flex.core.control.lines import (
    CONTROL_ORDER,
    OWNER_OF_SOURCE,
    bounds,
    by_rank,
)
from custom_components.home_flex.core.events.model import PayloadType, Source
from custom_components.home_flex.core.model import Owner

from .house import command


def test_the_order_of_control_is_fixed() -> None:
    assert CONTROL_ORDER == (
        Owner.FUSE,
        Owner.GRID_OPERATOR,
        Owner.RESIDENT,
        Owner.DEVICE_SAFETY,
        Owner.AGGREGATOR,
        Owner.PLAN,
    )


def test_every_source_has_a_line() -> None:
    assert set(OWNER_OF_SOURCE) == set(Source)


def test_the_lowest_priority_number_is_the_strongest_and_none_the_weakest() -> None:
    kind = PayloadType.DISPATCH_SETPOINT
    ranked = by_rank(
        (
            command(kind, 1, event_id="strong", priority=0),
            command(kind, 2, event_id="none", priority=None),
            command(kind, 3, event_id="weak", priority=9),
        )
    )
    assert [c.event_id for c in ranked] == ["none", "weak", "strong"]


def test_of_several_targets_only_the_strongest_counts() -> None:
    kind = PayloadType.DISPATCH_SETPOINT
    commands = by_rank(
        (command(kind, 1, event_id="a", priority=5), command(kind, 2, event_id="b", priority=1))
    )
    assert [b.event_id for b in bounds(commands, {})] == ["b"]


def test_limits_come_after_targets_so_that_they_cap_them() -> None:
    commands = by_rank(
        (
            command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, event_id="limit", priority=None),
            command(PayloadType.DISPATCH_SETPOINT, 5000, event_id="target", priority=0),
        )
    )
    assert [b.event_id for b in bounds(commands, {})] == ["target", "limit"]


def test_limits_bound_import_from_above_and_export_from_below() -> None:
    limits = bounds(
        [
            command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000),
            command(PayloadType.EXPORT_CAPACITY_LIMIT, 1000),
        ],
        {},
    )
    assert [(b.low_w, b.high_w) for b in limits] == [(-math.inf, 2000), (-1000, math.inf)]


def test_a_relative_setpoint_adds_to_the_baseline_and_waits_for_it() -> None:
    relative = [command(PayloadType.DISPATCH_SETPOINT_RELATIVE, -500)]
    assert list(bounds(relative, {})) == []
    assert [b.high_w for b in bounds(relative, {"event": 1800.0})] == [1300.0]
