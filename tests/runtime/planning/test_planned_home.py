"""A home that goes by its plan, when the resident wants it to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from custom_components.home_flex.core.control.seeing import STANDING_HOLD_S
from custom_components.home_flex.core.events.model import (
    Event,
    EventStatus,
    Interval,
    Payload,
    PayloadType,
    Source,
)
from custom_components.home_flex.core.model import DeviceKind, Goal, Owner, TimeGrid
from custom_components.home_flex.core.planner.bending import Bend
from custom_components.home_flex.core.planner.choice import (
    Choice,
    Choices,
    EventAhead,
    Joining,
    expected_without,
)
from custom_components.home_flex.core.planner.envelope import Envelopes
from custom_components.home_flex.core.planner.offer import Asked, Direction, Envelope
from custom_components.home_flex.core.planner.plan import Intent, IntentKind, Plan
from custom_components.home_flex.core.planner.preferences import preferences_for
from custom_components.home_flex.core.planner.problem import Problem
from custom_components.home_flex.core.planner.smallest_change import Change, SmallestChanges
from custom_components.home_flex.core.wishes import with_site
from custom_components.home_flex.history.store import HistoryStore
from custom_components.home_flex.runtime.planning import service
from custom_components.home_flex.runtime.planning.heat_learning import HeatLearner
from custom_components.home_flex.runtime.planning.offers import without_event
from custom_components.home_flex.runtime.planning.outlook import Outlook
from custom_components.home_flex.runtime.planning.service import PlanMakers
from custom_components.home_flex.runtime.view import RequestError

from ..running_house import House, running
from .plans import plan_of, signals

CHARGE = Intent(kind=IntentKind.CHARGE, power_w=2000.0)


class Maker:
    """Makes the plan it was told to, and counts."""

    def __init__(self, intent: Intent) -> None:
        self.intent = intent
        self.asked: list[EventAhead] = []
        self.envelopes = 0
        self.problems: list[Problem] = []
        self.fails = False
        self.noted: list[Mapping[str, float | None]] = []
        self.before: list[Plan | None] = []
        self.stored_wh: float | None = None
        self.better: Plan | None = None
        self.search_ends = asyncio.Event()
        self.search_ends.set()

    async def outlook(self, grid: TimeGrid) -> Outlook:
        if self.fails:
            raise RuntimeError("no outlook")
        return Outlook(signals=signals(grid))

    async def envelope(self, problem: Problem, plan: Plan) -> Envelope:
        self.envelopes += 1
        return Envelopes().envelope(problem, plan, Asked(windows=4, durations_s=(900, 1800)))

    async def choice(self, problem: Problem, event: EventAhead, plan: Plan) -> Choice:
        self.asked.append(event)
        return Choices().choice(problem, event, plan)

    async def changes(self, problem: Problem, plan: Plan, bend: Bend) -> tuple[Change, ...]:
        return SmallestChanges().of(problem, plan, bend)

    async def refined(self, problem: Problem, plan: Plan) -> Plan:
        await self.search_ends.wait()
        if self.fails:
            raise RuntimeError(f"no solver for {len(problem.grid)} steps")
        return self.better or plan

    async def plan(self, problem: Problem, last: Plan | None = None) -> Plan:
        self.problems.append(problem)
        self.before.append(last)
        stored_wh = None if self.stored_wh is None else (self.stored_wh,) * len(problem.grid)
        return plan_of({DeviceKind.BATTERY: self.intent}, grid=problem.grid, stored_wh=stored_wh)


@pytest.fixture
def maker() -> Maker:
    return Maker(CHARGE)


@pytest.fixture
async def house(maker: Maker, tmp_path: Path) -> AsyncIterator[House]:
    store = await HistoryStore.open(tmp_path / "home.sqlite")
    makers = PlanMakers(
        learn=lambda _powers_w: None,
        note=maker.noted.append,
        outlook=maker.outlook,
        plans=maker.plan,
        reckons=maker,
        heat=HeatLearner(),
    )
    async with running(House(store, makers)) as house:
        yield house
    await store.close()


async def follow(house: House) -> None:
    await house.controller.requests.change_wishes(lambda wishes: with_site(wishes, follow_plan=True))


async def planned(house: House) -> None:
    assert house.controller.planning is not None
    await house.run(1)
    await house.controller.planning.make()


async def test_a_plan_is_made_and_shown_and_moves_nothing_until_the_resident_follows_it(house: House) -> None:
    await planned(house)
    await house.run(30)

    assert house.controller.planning is not None
    assert house.controller.planning.plan is not None
    assert house.battery.told == []


async def test_a_battery_that_follows_the_plan_charges_as_planned(house: House) -> None:
    await planned(house)
    await follow(house)
    await house.run(10)

    assert house.battery_w == pytest.approx(2000.0, abs=50.0)
    setpoint = house.views[-1].devices[DeviceKind.BATTERY].setpoint
    assert setpoint is not None
    assert (setpoint.owner, setpoint.source_id) == (Owner.PLAN, "plan")


async def test_who_follows_the_plan_no_more_is_handed_back(house: House) -> None:
    await planned(house)
    await follow(house)
    await house.run(10)

    await house.controller.requests.change_wishes(lambda wishes: with_site(wishes, follow_plan=False))
    await house.run(int(STANDING_HOLD_S) + 2)

    assert house.battery.power_w is None


async def test_the_fuse_stands_above_the_plan(house: House, maker: Maker) -> None:
    house.load_w = 16_000.0
    maker.intent = Intent(kind=IntentKind.CHARGE, power_w=5000.0)
    await planned(house)
    await follow(house)
    await house.run(10)

    assert house.grid_w <= 3 * 25 * 230


async def test_a_plan_that_cannot_be_made_leaves_the_one_before(
    house: House, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    await planned(house)
    assert house.controller.planning is not None
    before = house.controller.planning.plan
    maker.fails = True

    await house.controller.planning.make()
    await house.controller.planning.make()

    assert house.controller.planning.plan is before
    assert [record.message for record in caplog.records].count(
        "No plan could be made; every device goes by its rules"
    ) == 1


async def test_a_plan_stays_near_the_one_before_until_something_that_decides_has_changed(
    house: House, maker: Maker
) -> None:
    await planned(house)
    await planned(house)
    await follow(house)
    await planned(house)

    first, second, third = maker.before
    assert (first, third) == (None, None)
    assert second is not None


def better(house: House, maker: Maker) -> Plan:
    """Let a better plan than the one there is be found: one that charges slower."""
    assert house.controller.planning is not None
    assert house.controller.planning.plan is not None
    slower = Intent(kind=IntentKind.CHARGE, power_w=1000.0)
    maker.better = plan_of({DeviceKind.BATTERY: slower}, grid=house.controller.planning.plan.grid)
    return maker.better


async def test_a_better_plan_that_is_found_later_takes_the_place_of_the_one_there_is(
    house: House, maker: Maker
) -> None:
    await planned(house)
    await follow(house)
    planning = house.controller.planning
    assert planning is not None
    found = better(house, maker)

    await planning.refine()
    await house.run(10)

    assert planning.plan is found
    assert house.battery_w == pytest.approx(1000.0, abs=50.0)


async def test_what_is_found_too_late_does_not_replace_a_newer_plan(house: House, maker: Maker) -> None:
    await planned(house)
    planning = house.controller.planning
    assert planning is not None
    better(house, maker)
    maker.search_ends.clear()
    search = asyncio.create_task(planning.refine())
    await asyncio.sleep(0)

    await planned(house)
    newer = planning.plan
    maker.search_ends.set()
    await search

    assert planning.plan is newer


async def test_a_search_that_fails_leaves_the_plan(
    house: House, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    await planned(house)
    planning = house.controller.planning
    assert planning is not None
    before, maker.fails = planning.plan, True

    await planning.refine()

    assert planning.plan is before
    assert "A better plan could not be looked for" in caplog.text


@pytest.mark.parametrize(("stored_wh", "plans"), [(6000.0, 1), (3000.0, 2)], ids=["as planned", "behind"])
async def test_a_device_that_fell_behind_calls_for_a_new_plan(
    house: House, maker: Maker, monkeypatch: pytest.MonkeyPatch, stored_wh: float, plans: int
) -> None:
    monkeypatch.setattr(service, "DEBOUNCE_S", 0.0)
    maker.stored_wh = stored_wh
    assert house.controller.planning is not None
    await house.run(1)
    planning = asyncio.create_task(house.controller.planning.run())
    await house.run(2)

    house.clock.seconds += 1000
    await house.run(5)

    assert len(maker.problems) == plans
    planning.cancel()
    await asyncio.wait([planning])


async def test_what_the_house_draws_is_noted_for_the_forecasts(house: House, maker: Maker) -> None:
    await house.run(3)

    assert maker.noted[-1] == {"load": pytest.approx(3000.0), "away": 0.0}


async def test_what_is_offered_is_reckoned_once_a_quarter_hour_whatever_is_planned(
    house: House, maker: Maker
) -> None:
    await planned(house)
    planning = house.controller.planning
    assert planning is not None
    await planning.offers.make()
    await planning.make()
    await planning.offers.make()

    assert maker.envelopes == 1
    view = house.controller.view().plan
    assert view is not None
    assert set(view.flexibility_w) == set(Direction)


@pytest.mark.parametrize(("told", "agreed", "paid"), [(0.3, 0.1, 0.3), (None, 0.1, 0.1), (None, None, 0.0)])
async def test_an_announced_event_is_priced_with_what_it_pays(
    house: House, maker: Maker, told: float | None, agreed: float | None, paid: float
) -> None:
    await planned(house)
    planning = house.controller.planning
    assert planning is not None
    start = house.clock() + timedelta(hours=1)
    interval = Interval(
        id=0,
        start=start,
        end=start + timedelta(minutes=30),
        payloads=(Payload(type=PayloadType.IMPORT_CAPACITY_LIMIT, value=1000.0),),
        pays_per_kwh=told,
    )
    house.controller.events.add(
        Event(
            event_id="event-1",
            program_id="evening-peak",
            name=None,
            source=Source.AGGREGATOR,
            priority=None,
            created=house.clock(),
            modified=house.clock(),
            intervals=(interval,),
        )
    )
    await house.controller.requests.set_programme("evening-peak", pays_per_kwh=agreed)

    await planning.make()
    await planning.offers.make()

    (event,) = {each.event_id: each for each in maker.asked}.values()
    assert max(event.pays_per_kwh) == paid
    assert event.pays_per_kwh[-1] == 0.0


async def test_what_an_announced_event_costs_is_known_and_what_is_offered_is_reckoned_anew(
    house: House, maker: Maker
) -> None:
    await planned(house)
    planning = house.controller.planning
    assert planning is not None
    await planning.offers.make()
    before = maker.envelopes

    event_id = await house.controller.requests.dispatch(
        import_limit_w=1000.0, start=house.clock() + timedelta(hours=1), duration=timedelta(minutes=30)
    )
    await planning.make()
    await planning.offers.make()

    assert maker.envelopes == before + 1
    made = planning.offers.made
    assert made is not None
    assert set(made.choices[event_id].options) == set(Joining)
    (event,) = {each.event_id: each for each in maker.asked}.values()
    (limit,) = event.limits
    assert min(limit.import_w) == 1000.0
    # Nobody pays for what the resident asks.
    assert set(event.pays_per_kwh) == {0.0}
    # The home without the event is what it is compared with.
    without = without_event(made.plan.home, event_id)
    assert all(each.source_id != event_id for step in made.plan.plan.grid for each in without.asked_in(step))


async def test_what_is_offered_is_reckoned_anew_whenever_an_event_is_answered_otherwise(
    house: House, maker: Maker
) -> None:
    planning, requests = house.controller.planning, house.controller.requests
    assert planning is not None
    event_id = await requests.dispatch(
        import_limit_w=1000.0, start=house.clock() + timedelta(hours=1), duration=timedelta(minutes=30)
    )
    counts = []
    for answer in (requests.opt_out, requests.opt_in):
        await planning.make()
        await planning.offers.make()
        counts.append(maker.envelopes)
        await answer(event_id)
    await planning.make()
    await planning.offers.make()
    await planning.offers.make()

    # What was joined a moment ago stands in the plan, and is offered to nobody else.
    assert [*counts, maker.envelopes] == [1, 2, 3]
    offered = planning.offers.made
    assert offered is not None
    limits = [limit for limit in offered.plan.problem.meter_limits if 1000.0 in limit.import_w]
    assert len(limits) == 1


async def test_of_an_event_that_runs_the_rest_is_priced(house: House, maker: Maker) -> None:
    planning = house.controller.planning
    assert planning is not None
    event_id = await house.controller.requests.dispatch(import_limit_w=1000.0, duration=timedelta(minutes=30))
    await house.run(2)
    house.clock.seconds += timedelta(minutes=10).total_seconds()
    await house.run(1)
    (record,) = house.controller.view().records
    assert record.status is EventStatus.STARTED

    await planning.make()
    await planning.offers.make()

    assert planning.offers.made is not None
    assert set(planning.offers.made.choices[event_id].options) == set(Joining)
    (limit,) = maker.asked[-1].limits
    grid = planning.offers.made.plan.plan.grid
    bound = [step for step, limit_w in zip(grid, limit.import_w, strict=True) if limit_w == 1000.0]
    assert bound[0].start <= house.clock() < bound[0].end
    assert bound[-1].start < record.event.end <= bound[-1].end


async def test_half_of_an_event_is_what_its_price_was_reckoned_for(house: House, maker: Maker) -> None:
    planning = house.controller.planning
    assert planning is not None
    requests = house.controller.requests
    start = house.clock() + timedelta(hours=1)
    event_id = await requests.dispatch(import_limit_w=200.0, start=start, duration=timedelta(minutes=30))
    with pytest.raises(RequestError) as refused:
        await requests.join_partly(event_id)
    assert refused.value.reason == "not_priced"
    await planning.make()
    await planning.offers.make()
    assert planning.offers.made is not None
    expected = expected_without(planning.offers.made.choices[event_id])

    await requests.join_partly(event_id)

    (record,) = (each for each in house.controller.view().records if each.event.event_id == event_id)
    for part in record.eased:
        (step,) = (each for each in expected if each.start <= part.start < each.end)
        (payload,) = part.payloads
        assert payload.value == round(max(200.0, (200.0 + step.power_w) / 2))
    # What it costs to join all of it is priced as before.
    await planning.make()
    await planning.offers.make()
    assert min(maker.asked[-1].limits[0].import_w) == 200.0


async def test_the_plan_goes_by_what_the_resident_wants_of_it(house: House, maker: Maker) -> None:
    planning = house.controller.planning
    assert planning is not None
    for goal in Goal:
        await house.controller.requests.change_wishes(partial(with_site, goal=goal))
        await planning.make()
        level = maker.problems[-1].preferences.level
        assert maker.problems[-1].preferences == preferences_for(goal).scaled(level)
