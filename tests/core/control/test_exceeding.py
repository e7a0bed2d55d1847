"""A consumer that draws more than it may is told less, by what it takes too much, where a line breaks."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.allocation import Allocation
from custom_components.home_flex.core.control.asked import Cause
from custom_components.home_flex.core.control.exceeding import lowered, of_now
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.projection import Joint
from custom_components.home_flex.core.control.telling import flexibility
from custom_components.home_flex.core.kinds.charger import Charger
from custom_components.home_flex.core.kinds.kind import Told
from custom_components.home_flex.core.model import Owner, Quantity, Setpoint

from .parts import battery, joint, lines
from .sights import charger

LIMIT = Cause(owner=Owner.AGGREGATOR, reason="limit", source_id="event")
BROKEN, KEPT = joint(high_w=5000.0), joint(high_w=9000.0)


def current(value: float | None) -> Setpoint:
    return Setpoint(
        device_id="device",
        quantity=Quantity.CURRENT_LIMIT_A,
        value=value,
        owner=Owner.AGGREGATOR,
        reason="limit",
        life_s=120.0,
    )


def told_a(
    value: float | None,
    *joints: Joint,
    power_w: float = 8280.0,
    of_a: float | None = 10.0,
    cause: Cause | None = LIMIT,
    **state: Any,
) -> float | None:
    """Return what a charger of 10 A, whose car draws 2 A more, is told instead of ``value``."""
    known: dict[str, Any] = {"written": current(of_a), "changed_s": 10.0}
    seen = charger(power_w, **known | state)
    device = flexibility(seen)
    allocation = Allocation(powers={"device": power_w}, causes={})
    devices = (device,)
    return lowered(
        Told(value=value, cause=cause), device, seen, Charger(), devices, lines(devices, *joints), allocation
    ).value


TOLD: dict[str, tuple[float | None, dict[str, Any], tuple[Joint, ...], float | None]] = {
    "it takes 2 A too much, and a line breaks": (10.0, {}, (BROKEN,), 8.0),
    "less is asked": (9.0, {}, (BROKEN,), 7.0),
    "below the smallest it is paused": (7.0, {}, (BROKEN,), 0.0),
    "others make up for it": (10.0, {}, (KEPT,), 10.0),
    "others do, and more is asked": (12.0, {}, (KEPT,), 10.0),
    "others do, and much more is asked": (14.0, {}, (KEPT,), 12.0),
    "others do, and less is asked": (9.0, {}, (KEPT,), 9.0),
    "a target does not break": (10.0, {}, (joint(low_w=0.0, high_w=0.0),), 10.0),
    "nor does a limit of which it takes a third": (10.0, {}, (replace(BROKEN, node=3),), 10.0),
    "no line": (10.0, {}, (), 10.0),
    "it draws what it may": (9.0, {"power_w": 6900.0}, (BROKEN,), 9.0),
    "or hardly more": (9.0, {"power_w": 7314.0}, (BROKEN,), 9.0),
    "no line holds it": (10.0, {"cause": None}, (BROKEN,), 10.0),
    "it is left alone": (None, {}, (BROKEN,), None),
    "it was told nothing": (10.0, {"of_a": None}, (BROKEN,), 10.0),
    "its last order may not show": (12.0, {"changed_s": 94.1}, (BROKEN,), 10.0),
    "and less is asked": (9.0, {"changed_s": 94.1}, (BROKEN,), 9.0),
    "nobody knows when it was told": (12.0, {"changed_s": None}, (BROKEN,), 10.0),
    "its last order shows": (10.0, {"changed_s": 94.0}, (BROKEN,), 8.0),
}


@pytest.mark.parametrize(("value", "state", "joints", "told"), TOLD.values(), ids=TOLD)
def test_it_is_told_less_only_where_nobody_makes_up_for_it(
    value: float | None, state: dict[str, Any], joints: tuple[Joint, ...], told: float | None
) -> None:
    assert told_a(value, *joints, **state) == told


def test_a_charger_that_was_never_written_is_told_what_is_right() -> None:
    seen = charger(8280.0, changed_s=10.0)
    devices = (flexibility(seen),)
    allocation = Allocation(powers={"device": 8280.0}, causes={})
    told = Told(value=10.0, cause=LIMIT)
    assert lowered(told, devices[0], seen, Charger(), devices, lines(devices, BROKEN), allocation) is told


def test_a_battery_is_told_what_is_right() -> None:
    seen = charger(8280.0, written=current(10.0), changed_s=10.0)
    devices = (battery("device", 8280.0),)
    allocation = Allocation(powers={"device": 8280.0}, causes={})
    told = Told(value=10.0, cause=LIMIT)
    assert lowered(told, devices[0], seen, Charger(), devices, lines(devices, BROKEN), allocation) is told


def test_what_it_drew_beyond_its_limit_is_no_load_of_now() -> None:
    held = RestLoad(high_w=(3000.0, 1000.0), low_w=(500.0, 100.0), latest_w=3000.0)
    newest = RestLoad(high_w=(1000.0, 400.0), low_w=(700.0, 50.0), latest_w=1000.0)
    devices = (battery(),)
    asked = lines(
        devices,
        joint(low_w=-500.0, high_w=2000.0),
        joint(low_w=-50.0, high_w=100.0, node=1),
        joint(low_w=-1.0, high_w=1.0, node=2),
    )
    found = of_now(asked, held, newest).joints
    assert [(one.low_w, one.high_w) for one in found] == [(-700.0, 4000.0), (0.0, 700.0), (-1.0, 1.0)]
