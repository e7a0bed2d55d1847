"""What an event's commands demand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.home_flex.core.control.commands import (
    CONSUMERS,
    OWNER_OF_SOURCE,
    STORES,
    demands,
)
from custom_components.home_flex.core.control.constraints import at_the_meter
from custom_components.home_flex.core.control.demand import (
    SITE,
    Asks,
    ChargeTo,
    Envelope,
    Scope,
    ScopeKind,
    Share,
    Target,
)
from custom_components.home_flex.core.events.model import Command, PayloadType, Source
from custom_components.home_flex.core.model import Owner

from .house import START, command


@pytest.mark.parametrize(
    ("asked", "scope", "asks"),
    [
        (command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000), SITE, Envelope(high_w=2000)),
        (command(PayloadType.EXPORT_CAPACITY_LIMIT, 1000), SITE, Envelope(low_w=-1000)),
        (command(PayloadType.DISPATCH_SETPOINT, 700), SITE, Target(power_w=700)),
        (
            command(PayloadType.DISPATCH_SETPOINT_RELATIVE, -500, baseline_w=1800.0),
            SITE,
            Target(power_w=1300),
        ),
        (
            command(PayloadType.CHARGE_STATE_SETPOINT, 0.8, lasts_s=600),
            STORES,
            ChargeTo(left_s=600, state_of_charge=0.8),
        ),
        (
            command(PayloadType.CHARGE_STATE_SETPOINT, 4000, lasts_s=600, is_energy=True),
            STORES,
            ChargeTo(left_s=600, energy_wh=4000),
        ),
    ],
)
def test_each_payload_type_is_a_demand(asked: Command, scope: Scope, asks: Asks) -> None:
    (demand,) = demands([asked], START)
    assert (demand.scope, demand.asks) == (scope, asks)
    assert (demand.source_id, demand.until) == ("event", asked.interval_end)
    assert demand.reason == asked.type.value.lower()
    assert not demand.standing


@pytest.mark.parametrize(
    ("asked", "asks"),
    [
        (command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000), Envelope(high_w=2000)),
        (command(PayloadType.EXPORT_CAPACITY_LIMIT, 1000), Envelope(low_w=-1000)),
        (command(PayloadType.DISPATCH_SETPOINT, 700), Target(power_w=700)),
        (command(PayloadType.DISPATCH_SETPOINT_RELATIVE, -500, baseline_w=1800.0), Target(power_w=1300)),
    ],
)
def test_what_a_group_is_asked_is_demanded_of_that_group(asked: Command, asks: Asks) -> None:
    cellar = Scope(ScopeKind.GROUP, "cellar")
    (demand,) = demands([replace(asked, scope=cellar)], START)
    assert (demand.scope, demand.asks) == (cellar, asks)


@pytest.mark.parametrize("source", Source)
def test_a_demand_is_of_the_line_of_control_that_its_event_comes_from(source: Source) -> None:
    (demand,) = demands([command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, source=source)], START)
    assert (
        demand.owner
        is {
            Source.GRID_OPERATOR: Owner.GRID_OPERATOR,
            Source.RESIDENT: Owner.RESIDENT,
            Source.AGGREGATOR: Owner.AGGREGATOR,
        }[source]
    )


@pytest.mark.parametrize(
    ("level", "asked"),
    [
        (0, []),
        (1, [(CONSUMERS, Share(of=0.5))]),
        (2, [(CONSUMERS, Share(of=0.0)), (STORES, Envelope(high_w=0.0))]),
        (
            3,
            [
                (CONSUMERS, Share(of=0.0)),
                (STORES, Envelope(high_w=0.0)),
                (SITE, Envelope(high_w=0.0)),
            ],
        ),
        (4, []),
    ],
)
def test_the_levels_of_simple_ask_ever_more(level: int, asked: list[tuple[Scope, Asks]]) -> None:
    found = demands([command(PayloadType.SIMPLE, level)], START)
    assert [(demand.scope, demand.asks) for demand in found] == asked


def test_a_relative_setpoint_waits_for_its_baseline() -> None:
    assert demands([command(PayloadType.DISPATCH_SETPOINT_RELATIVE, -500)], START) == ()


def test_the_time_left_shrinks() -> None:
    asked = command(PayloadType.CHARGE_STATE_SETPOINT, 0.8, lasts_s=600)
    (demand,) = demands([asked], START + timedelta(seconds=200))
    assert isinstance(demand.asks, ChargeTo)
    assert demand.asks.left_s == 400


def test_every_source_has_a_line() -> None:
    assert set(OWNER_OF_SOURCE) == set(Source)


def test_the_lowest_priority_number_is_the_strongest_and_comes_last_and_none_first() -> None:
    kind = PayloadType.DISPATCH_SETPOINT
    ranked = demands(
        (
            command(kind, 1, event_id="strong", priority=0),
            command(kind, 2, event_id="none", priority=None),
            command(kind, 3, event_id="weak", priority=9),
        ),
        START,
    )
    assert [demand.source_id for demand in ranked] == ["none", "weak", "strong"]


def test_of_several_targets_only_the_strongest_counts() -> None:
    kind = PayloadType.DISPATCH_SETPOINT
    found = demands(
        (command(kind, 1, event_id="a", priority=5), command(kind, 2, event_id="b", priority=1)), START
    )
    assert [demand.source_id for demand in at_the_meter(found)] == ["b"]


def test_limits_come_after_targets_so_that_they_cap_them() -> None:
    found = demands(
        (
            command(PayloadType.IMPORT_CAPACITY_LIMIT, 2000, event_id="limit", priority=None),
            command(PayloadType.DISPATCH_SETPOINT, 5000, event_id="target", priority=0),
        ),
        START,
    )
    assert [demand.source_id for demand in at_the_meter(found)] == ["target", "limit"]
