"""The reserves of a site's batteries as demands, and when one may be charged back."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.demand import Demand, Envelope, device
from custom_components.home_flex.core.control.memory import DeviceMemory
from custom_components.home_flex.core.control.reserve import (
    ReserveInput,
    ReserveMemory,
    ReserveWish,
    reserve_demand,
)
from custom_components.home_flex.core.control.reserves import kept_charge
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.model import Owner

from .house import SITE
from .sights import battery, charger, reports

WISH = ReserveWish(reserve=0.6, restore=True)
NOW = ReserveInput(state_of_charge=0.5, power_w=-900.0, rated_w=5000.0, capacity_wh=10_000.0)
BATTERY = replace(battery(-900.0).device, reserve=WISH)


def kept(
    *devices: DeviceState, demands: tuple[Demand, ...] = (), memory: ControlMemory | None = None
) -> tuple[tuple[Demand, ...], ControlMemory]:
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=devices)
    return kept_charge(state, demands, memory or ControlMemory(), 100.0)


def test_each_battery_asks_for_its_own_reserve() -> None:
    other = replace(BATTERY, device_id="other", reserve=ReserveWish(reserve=0.55))
    found, memory = kept(BATTERY, other, replace(BATTERY, device_id="free", reserve=None))
    expected = [
        reserve_demand(key, wish, NOW, ReserveMemory(), 100.0)
        for key, wish in (("device", WISH), ("other", ReserveWish(reserve=0.55)))
    ]
    assert found == tuple(demand for demand, _ in expected)
    assert memory.reserves == {"device": expected[0][1], "other": expected[1][1]}


def test_a_battery_above_its_reserve_asks_for_nothing_and_is_remembered() -> None:
    found, memory = kept(replace(BATTERY, reserve=ReserveWish(reserve=0.2)))
    assert found == ()
    assert set(memory.reserves) == {"device"}


def test_what_was_remembered_goes_on() -> None:
    before = ReserveMemory(holding=True, believed=0.5, believed_at_s=99.0)
    _, memory = kept(BATTERY, memory=ControlMemory(reserves={"device": before}))
    assert memory.reserves["device"] == reserve_demand("device", WISH, NOW, before, 100.0)[1]
    assert kept(replace(BATTERY, reserve=None), memory=memory)[1].reserves == {}


def demand(owner: Owner, *, standing: bool) -> Demand:
    return Demand(
        owner=owner, scope=device("device"), asks=Envelope(high_w=1.0), reason="asked", standing=standing
    )


@pytest.mark.parametrize(
    ("demands", "may_buy"),
    [
        ((), True),
        ((demand(Owner.RESIDENT, standing=True),), True),
        ((demand(Owner.AGGREGATOR, standing=False),), False),
        ((demand(Owner.GRID_OPERATOR, standing=True),), False),
        ((demand(Owner.RESIDENT, standing=True), demand(Owner.AGGREGATOR, standing=False)), False),
    ],
)
def test_none_is_bought_while_an_event_or_the_grid_operators_limit_is_in_force(
    demands: tuple[Demand, ...], *, may_buy: bool
) -> None:
    found, _ = kept(BATTERY, demands=demands)
    now = replace(NOW, may_buy=may_buy)
    assert found == (reserve_demand("device", WISH, now, ReserveMemory(), 100.0)[0],)
    assert isinstance(found[0].asks, Envelope)
    assert (found[0].asks.low_w > 0.0) is may_buy


@pytest.mark.parametrize(
    "reading", [None, charger(0.0).reading], ids=["it cannot be read", "it tells something else"]
)
@pytest.mark.parametrize(("told", "power_w"), [(reports((90.0, -100.0), (95.0, -900.0)), -900.0), ((), 0.0)])
def test_a_battery_that_cannot_be_read_counts_with_what_it_did_last(
    reading: object, told: tuple[object, ...], power_w: float
) -> None:
    known = DeviceMemory(reports=told)  # type: ignore[arg-type]  # samples
    silent = replace(BATTERY, reading=reading)  # type: ignore[arg-type]  # a reading
    before = ReserveMemory(believed=0.5, believed_at_s=99.0)
    found, memory = kept(silent, memory=ControlMemory(devices={"device": known}, reserves={"device": before}))
    unknown = ReserveInput(state_of_charge=None, power_w=power_w, rated_w=0.0, capacity_wh=0.0)
    expected, after = reserve_demand("device", WISH, unknown, before, 100.0)
    assert (found, memory.reserves) == ((expected,), {"device": after})
