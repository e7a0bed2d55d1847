"""What is offered can be kept, is priced honestly, and is not sold twice."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings

from custom_components.home_flex.core.planner import (
    Asked,
    Commitment,
    Direction,
    Envelope,
    ErrorPath,
    Offer,
    OfferPoint,
    Problem,
    Series,
    shifting,
)
from custom_components.home_flex.core.planner.envelope import Envelopes

from .homes import battery, car, home, homes, planned, programme, sun
from .replay import replay

HOURS = Asked(windows=24, durations_s=(3600, 7200))
EXAMPLES = settings(max_examples=25, deadline=None)


def offered(problem: Problem, asked: Asked = HOURS) -> Envelope:
    return Envelopes(limit_s=60.0).envelope(problem, planned(problem), asked)


def _points(envelope: Envelope) -> Iterator[tuple[Offer, OfferPoint]]:
    return ((offer, point) for offer in envelope.offers for point in offer.points)


def _with_end_worth(problem: Problem) -> Problem:
    stores = tuple(replace(one, end_worth_per_kwh=0.1) for one in problem.batteries)
    return replace(problem, batteries=stores)


@given(problem=homes())
@EXAMPLES
def test_every_offered_point_replays_within_5_percent(problem: Problem) -> None:
    envelope = offered(problem)
    for offer, point in _points(envelope):
        then = replay(problem, point.powers_w)
        sign = 1.0 if offer.direction is Direction.UP else -1.0
        for step in range(offer.first_step, offer.end_step):
            moved_w = sign * (envelope.baseline_w[step] - then.net_w[step])
            assert moved_w >= 0.95 * point.power_w - 5.0


@given(problem=homes())
@EXAMPLES
def test_the_money_of_a_point_is_what_its_replay_costs_more(problem: Problem) -> None:
    problem = _with_end_worth(problem)
    envelope = Envelopes(limit_s=60.0).envelope(problem, None, HOURS)
    plan = planned(problem)
    # Of two plans of the same cost, the one at hand has to be the one that was shifted.
    assume(plan.net_w == pytest.approx(envelope.baseline_w, abs=1.0))
    base = replay(problem, {key: device.power_w for key, device in plan.devices.items()})
    for _, point in _points(envelope):
        then = replay(problem, point.powers_w)
        assert then.money - base.money == pytest.approx(point.money, rel=0.05, abs=0.01)


@given(problem=homes())
@EXAMPLES
def test_prices_are_convex_from_nothing_on(problem: Problem) -> None:
    for offer in offered(problem).offers:
        curve = [(0.0, 0.0), *((point.power_w, point.price) for point in offer.points)]
        slopes = [(end[1] - begin[1]) / (end[0] - begin[0]) for begin, end in pairwise(curve)]
        assert all(later >= earlier - 1e-6 for earlier, later in pairwise(slopes))
        assert all(point.price >= -1e-5 for point in offer.points)


@given(problem=homes())
@EXAMPLES
def test_no_point_breaks_what_the_plan_keeps(problem: Problem) -> None:
    plan = planned(problem)
    short_wh = {bend.subject_id: bend.amount for bend in plan.bent if bend.wish == "ready_by"}
    for _, point in _points(offered(problem)):
        then = replay(problem, point.powers_w)
        assert max(then.net_w) <= max(17_000.0, *plan.net_w) + 5.0
        for one in problem.consumers:
            assert then.charged_wh[one.device_id] >= one.need_wh - short_wh.get(one.device_id, 0.0) - 10.0


@given(problem=homes())
@EXAMPLES
def test_a_car_is_never_offered_below_its_minimum(problem: Problem) -> None:
    for _, point in _points(offered(problem)):
        for one in problem.consumers:
            power = point.powers_w[one.device_id]
            on = [step for step, each in enumerate(power) if each > 1.0]
            low = [step for step in on if power[step] < one.min_w - 1.0]
            assert low in ([], on[-1:])


def test_five_points_are_offered_in_both_directions() -> None:
    problem = home((0.3,) * 12, batteries=(battery(5000.0),))
    for offer in offered(problem, Asked(windows=8, durations_s=(3600,))).offers:
        assert len(offer.points) == 5


def test_a_home_without_anything_to_move_offers_nothing() -> None:
    envelope = offered(home((0.3,) * 12))
    assert envelope.offers
    assert not list(_points(envelope))


def test_a_window_is_charged_for_before_and_refilled_after() -> None:
    price = (0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2)
    problem = home(price, load_w=3000.0, batteries=(replace(battery(1000.0), end_worth_per_kwh=0.15),))
    offer = offered(problem).at(problem.grid.bounds()[3], Direction.UP, 7200)
    assert offer is not None
    # What is given for two hours out of a battery that held 1 kWh was bought before.
    assert offer.points[-1].before_wh > 4000.0
    assert offer.points[-1].price > 0.0


def _promise(problem: Problem, upper_w: float, steps: range) -> Commitment:
    count = len(problem.grid)
    return Commitment(
        commitment_id="sold",
        lower_w=(-math.inf,) * count,
        upper_w=tuple(upper_w if step in steps else math.inf for step in range(count)),
        price_per_kwh=5.0,
    )


def test_what_was_accepted_is_not_sold_again() -> None:
    problem = home((0.3,) * 12, load_w=3000.0, batteries=(battery(6000.0),))
    asked = Asked(windows=24, durations_s=(7200,))
    moment = problem.grid.bounds()[4]
    first = offered(problem, asked).at(moment, Direction.UP, 7200)
    assert first is not None
    sold_w = first.points[-1].power_w
    baseline_w = offered(problem, asked).baseline_w
    upper_w = max(baseline_w[4:6]) - sold_w
    again = replace(problem, commitments=(_promise(problem, upper_w, range(4, 6)),))
    envelope = offered(again, asked)
    second = envelope.at(moment, Direction.UP, 7200)
    assert second is not None
    # All of it was sold: together no more can be given than before, and nothing elsewhere breaks the promise.
    assert second.most_w <= max(envelope.baseline_w[4:6]) - upper_w + 50.0
    for _, point in _points(envelope):
        assert max(point.net_w[4:6]) <= upper_w + 5.0


def _path(load_w: float, steps: int = 12) -> ErrorPath:
    return ErrorPath(load_w=(load_w,) * steps, available_w=(0.0,) * steps)


@pytest.mark.parametrize(
    ("bad_paths", "confidence", "is_less"),
    [(0, 0.8, False), (1, 0.8, False), (2, 0.8, True), (2, 0.6, False)],
)
def test_only_what_enough_past_errors_leave_is_offered(
    bad_paths: int, confidence: float, is_less: bool
) -> None:
    # Where the house draws 4 kW more than thought, the fuse leaves less for drawing more.
    problem = home((0.3,) * 12, batteries=(battery(2000.0),))
    limit = replace(problem.meter_limits[0], import_w=(5000.0,) * 12)
    paths = (_path(4000.0),) * bad_paths + (_path(0.0),) * (4 - bad_paths)
    asked = Asked(windows=8, durations_s=(3600,), confidence=confidence)
    calm = replace(problem, meter_limits=(limit,))
    most_w = [
        offer.most_w
        for each in (calm, replace(calm, error_paths=paths))
        for offer in offered(each, asked).offers
        if offer.direction is Direction.DOWN and offer.first_step == 2
    ]
    assert (most_w[1] < most_w[0] - 100.0) is is_less


def test_a_programme_is_moved_out_of_a_window() -> None:
    price: Series = (0.3, 0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3)
    problem = home(price, appliances=(programme(8),))
    offer = offered(problem).at(problem.grid.bounds()[2], Direction.UP, 3600)
    assert offer is not None
    assert offer.most_w == pytest.approx(2000.0, abs=1.0)


def test_a_car_gives_its_hour_and_takes_another() -> None:
    price: Series = (0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3)
    problem = home(price, consumers=(car(8, 8, need_wh=6000.0),))
    offer = offered(problem).at(problem.grid.bounds()[2], Direction.UP, 3600)
    assert offer is not None
    assert offer.most_w == pytest.approx(6000.0 / 0.9, abs=5.0)
    assert offer.points[-1].price == pytest.approx(0.2 * 6.0 / 0.9, abs=0.1)


def test_sun_can_be_held_back_where_more_is_to_be_drawn() -> None:
    problem = home((0.3,) * 8, pv=(sun((4000.0,) * 8),))
    offer = offered(problem).at(problem.grid.bounds()[2], Direction.DOWN, 3600)
    assert offer is not None
    assert offer.most_w == pytest.approx(4000.0, abs=1.0)
    # 3.5 kW are not sold, and the house's 0.5 kW are bought.
    assert offer.points[-1].price == pytest.approx(3.5 * 0.08 + 0.5 * 0.3, abs=0.01)


def test_plans_of_points_share_with_each_other_what_they_have_in_common() -> None:
    problem = home((0.1, 0.3, 0.3, 0.1) * 3, batteries=(battery(),), pv=(sun((1000.0,) * 12),))
    powers_w = [point.powers_w for _, point in _points(offered(problem))]
    assert len(powers_w) > 10
    assert len({id(each["pv"]) for each in powers_w}) < len(powers_w) / 2
    assert len({each["battery"] for each in powers_w}) > len(powers_w) / 2


def test_a_point_on_a_straight_piece_of_the_curve_costs_what_it_would_if_it_were_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prices = (0.10, 0.12, 0.40, 0.35, 0.20, 0.15, 0.30, 0.45, 0.25, 0.20, 0.15, 0.12)
    problem = home(prices, batteries=(battery(),), pv=(sun((0.0,) * 4 + (2500.0,) * 4 + (0.0,) * 4),))
    told = dict(_prices(offered(problem)))
    monkeypatch.setattr(shifting, "_EQUAL_PART", -math.inf)
    solved = dict(_prices(offered(problem)))

    both = told.keys() & solved.keys()
    assert len(both) > len(solved) / 2
    for point in both:
        assert told[point] == pytest.approx(solved[point], abs=0.1 * problem.preferences.least_gap + 1e-6)


def _prices(envelope: Envelope) -> Iterator[tuple[tuple[object, ...], float]]:
    for offer, point in _points(envelope):
        yield (offer.direction, offer.start, offer.end, round(point.power_w)), point.price
