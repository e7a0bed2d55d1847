"""What joining an event costs, in total and by device; and what lies ahead shapes the plan."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings

from custom_components.home_flex.core.planner import (
    Commitment,
    LimitOwner,
    MeterLimit,
    Problem,
    Signals,
)
from custom_components.home_flex.core.planner.choice import Choice, Choices, EventAhead, Joining, joined

from .homes import battery, car, home, homes, planned, programme

STEPS = 8
EVENT = range(3, 5)


def less_than(upper_w: float, steps: int = STEPS, pays_per_kwh: float = 0.0) -> EventAhead:
    promise = Commitment(
        commitment_id="event",
        lower_w=(-math.inf,) * steps,
        upper_w=tuple(upper_w if step in EVENT else math.inf for step in range(steps)),
        price_per_kwh=3.0,
    )
    return EventAhead(event_id="event", commitments=(promise,), pays_per_kwh=(pays_per_kwh,) * steps)


def choice(problem: Problem, event: EventAhead) -> Choice:
    return Choices(limit_s=20.0).choice(problem, event)


def test_joining_costs_what_the_energy_costs_elsewhere_and_earns_what_is_paid() -> None:
    flat = home((0.2,) * STEPS, load_w=2000.0, batteries=(replace(battery(0.0), end_worth_per_kwh=0.0),))
    join = choice(flat, less_than(0.0, pays_per_kwh=0.5)).options[Joining.JOIN]
    # 4 kWh come from the battery: bought before with the losses of both ways, and worn.
    assert join.money == pytest.approx(4.0 * (0.2 / 0.95**2 - 0.2) + 0.02 * 4.0 / 0.95, abs=0.01)
    assert join.pays == pytest.approx(4.0 * 0.5, abs=1e-3)
    assert (join.is_kept, join.comfort) == (True, ())
    assert join.moved_wh == pytest.approx(4000.0, abs=1.0)


def test_each_step_earns_what_it_pays() -> None:
    flat = home((0.2,) * STEPS, load_w=2000.0, batteries=(replace(battery(0.0), end_worth_per_kwh=0.0),))
    event = replace(less_than(0.0), pays_per_kwh=tuple(1.0 if step == 3 else 0.25 for step in range(STEPS)))
    join = choice(flat, event).options[Joining.JOIN]
    assert join.pays == pytest.approx(2.0 * 1.0 + 2.0 * 0.25, abs=1e-3)


def test_nothing_is_paid_where_nobody_said_what() -> None:
    flat = home((0.2,) * STEPS, load_w=2000.0, batteries=(battery(),))
    join = choice(flat, replace(less_than(0.0), pays_per_kwh=())).options[Joining.JOIN]
    assert join.moved_wh == pytest.approx(4000.0, abs=1.0)
    assert join.pays == 0.0


def test_skipping_changes_nothing() -> None:
    skip = choice(home((0.2,) * STEPS, batteries=(battery(),)), less_than(0.0)).options[Joining.SKIP]
    assert (skip.money, skip.pays, skip.comfort, skip.moved_wh) == (0.0, 0.0, (), 0.0)


@given(problem=homes())
@settings(max_examples=25, deadline=None)
def test_half_an_event_moves_no_more_than_all_of_it(problem: Problem) -> None:
    found = choice(problem, less_than(0.0, len(problem.grid), pays_per_kwh=0.5))
    join, half = found.options[Joining.JOIN], found.options[Joining.PARTLY]
    assert half.moved_wh <= join.moved_wh + 5.0
    assert found.options[Joining.SKIP].moved_wh == 0.0
    # What is worth its own price is never left out: nothing pays for bending a promise.
    assert half.pays <= join.pays + 1e-2


def test_what_is_bent_for_an_event_is_told_as_comfort() -> None:
    hurried = home((0.2,) * STEPS, consumers=(car(STEPS, 5, need_wh=4.5 * 7360 * 0.9),))
    # Missing this promise is dearer than missing a wish.
    event = less_than(500.0)
    dear = replace(event, commitments=tuple(replace(one, price_per_kwh=20.0) for one in event.commitments))
    (bend,) = choice(hurried, dear).options[Joining.JOIN].comfort
    assert (bend.wish, bend.subject_id) == ("ready_by", "car")
    assert bend.amount == pytest.approx(1.5 * 7360 * 0.9, abs=10.0)


def test_each_device_is_priced_alone_while_the_others_keep_to_the_plan() -> None:
    two = home(
        (0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3),
        load_w=2000.0,
        batteries=(battery(10_000.0),),
        appliances=(programme(STEPS),),
    )
    devices = choice(two, less_than(2000.0)).devices
    assert set(devices) == {"battery", "washer"}
    # The programme leaves its cheapest hour; what the battery buys in it stays, until the battery is asked.
    assert devices["washer"][Joining.JOIN].moved_wh == pytest.approx(2000.0, abs=1.0)
    assert devices["washer"][Joining.JOIN].money == pytest.approx(2.0 * 0.2, abs=0.01)
    assert not devices["washer"][Joining.JOIN].is_kept
    assert devices["battery"][Joining.JOIN].is_kept
    assert devices["battery"][Joining.SKIP].money == 0.0


def test_carbon_is_compared_where_it_is_known() -> None:
    problem = home((0.2,) * STEPS, load_w=2000.0, batteries=(battery(10_000.0),))
    dirty = Signals(
        import_per_kwh=problem.signals.import_per_kwh,
        export_per_kwh=problem.signals.export_per_kwh,
        carbon_g_per_kwh=(400.0,) * STEPS,
    )
    event = less_than(0.0)
    assert choice(problem, event).options[Joining.JOIN].carbon_g is None
    known = choice(replace(problem, signals=dirty), event).options[Joining.JOIN]
    kwh = (sum(known.plan.net_w) - sum(choice(problem, event).options[Joining.SKIP].plan.net_w)) / 1000
    assert known.carbon_g == pytest.approx(400.0 * kwh, abs=5.0)


def test_a_battery_is_filled_before_a_limit_that_lies_ahead() -> None:
    problem = home((0.2,) * STEPS, load_w=2000.0, batteries=(battery(0.0),))
    limit = MeterLimit(
        limit_id="dimmed",
        owner=LimitOwner.EVENT,
        import_w=tuple(500.0 if step in EVENT else math.inf for step in range(STEPS)),
        export_w=(math.inf,) * STEPS,
    )
    plan = planned(joined(problem, EventAhead(event_id="dimmed", limits=(limit,))))
    stored = plan.devices["battery"].stored_wh or ()
    assert not plan.bent
    assert stored[2] >= 3000.0 / 0.95 - 1.0


def test_room_is_made_before_more_is_to_be_drawn() -> None:
    problem = home((0.2,) * STEPS, load_w=500.0, batteries=(battery(10_000.0),))
    more = Commitment(
        commitment_id="more",
        lower_w=tuple(4000.0 if step in EVENT else -math.inf for step in range(STEPS)),
        upper_w=(math.inf,) * STEPS,
        price_per_kwh=3.0,
    )
    plan = planned(joined(problem, EventAhead(event_id="more", commitments=(more,))))
    assert not plan.bent
    assert (plan.devices["battery"].stored_wh or ())[2] < 4000.0
