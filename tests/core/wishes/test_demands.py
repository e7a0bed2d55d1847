"""What the wishes ask of control, and by whom each device may be steered."""

import math

import pytest

from custom_components.home_flex.core.control.demand import SITE, Demand, Envelope, device
from custom_components.home_flex.core.model import Owner
from custom_components.home_flex.core.wishes import (
    Export,
    Wishes,
    demands,
    pause,
    reach,
    set_export,
    with_charger,
    with_device,
)


def export_demand(low_w: float) -> Demand:
    return Demand(
        owner=Owner.RESIDENT,
        scope=SITE,
        asks=Envelope(low_w=low_w),
        reason="export",
        source_id="export",
        standing=True,
    )


@pytest.mark.parametrize(
    ("export", "asked"),
    [
        (Export.ALLOWED, ()),
        (Export.LIMITED, (export_demand(-3000.0),)),
        (Export.NEVER, (export_demand(0.0),)),
    ],
)
def test_feeding_in_is_allowed_limited_or_forbidden_at_the_meter(
    export: Export, asked: tuple[Demand, ...]
) -> None:
    assert demands(set_export(Wishes(), export, limit_w=3000.0), ()) == asked


def test_a_limit_that_was_never_set_is_none_at_all() -> None:
    assert demands(set_export(Wishes(), Export.LIMITED), ()) == (export_demand(0.0),)


def test_charging_now_is_as_much_as_that_charger_can() -> None:
    (asked,) = demands(with_charger(Wishes(), "one", charge_now=True), ("one", "two"))
    assert (asked.scope, asked.asks, asked.reason) == (
        device("one"),
        Envelope(low_w=math.inf),
        "charge_now",
    )


def test_nothing_is_demanded_while_all_is_paused() -> None:
    wishes = with_charger(set_export(Wishes(), Export.NEVER), "one", charge_now=True)
    assert demands(pause(wishes), ("one",)) == ()


LINES = (
    Owner.FUSE,
    Owner.GRID_OPERATOR,
    Owner.RESIDENT,
    Owner.DEVICE_SAFETY,
    Owner.AGGREGATOR,
    Owner.PLAN,
)


@pytest.mark.parametrize(
    ("managed", "paused", "automatic", "quiet", "admitted", "wish"),
    [
        (True, False, True, False, 6, None),
        (True, False, True, True, 4, "quiet"),
        (True, False, False, False, 4, "automatic"),
        (True, False, False, True, 4, "automatic"),
        (True, True, True, False, 2, "paused"),
        (True, True, False, True, 2, "paused"),
        (False, False, True, False, 0, "managed"),
        (False, True, False, True, 0, "managed"),
    ],
)
def test_the_narrowest_wish_says_how_far_down_the_order_a_device_may_be_steered(
    managed: bool, paused: bool, automatic: bool, quiet: bool, admitted: int, wish: str | None
) -> None:
    wishes = with_device(Wishes(), "roof", managed=managed, automatic=automatic, quiet=quiet)
    found = reach(pause(wishes) if paused else wishes, "roof")
    assert [found.admits(line) for line in LINES] == [True] * admitted + [False] * (6 - admitted)
    assert found.wish == wish
