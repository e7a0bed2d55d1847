"""What one own step teaches: when it showed, what part of it did, and whether it went the other way."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.memory import Response, Rhythm, Sample, Step
from custom_components.home_flex.core.control.response import (
    begun,
    is_known,
    is_mirrored,
    is_over,
    learned,
    loop_delay_s,
    meter_window_s,
    opposed,
    plateau,
    tried,
    watched,
)

from .sights import order


def near(value: Any) -> Any:
    return pytest.approx(value)


EACH_SECOND = Rhythm(gaps_s=(1.0, 1.0, 1.0), heard_s=3.0)
UP = Step(sent_s=100.0, delta_w=1000.0, meter_w=400.0, report_w=50.0)

type Shares = tuple[tuple[float, float], ...]


def each_second(*shares: float) -> Shares:
    return tuple((float(second), share) for second, share in enumerate(shares, start=1))


@pytest.mark.parametrize(
    ("response", "delay_s"),
    [
        # What the meter showed, with something to spare and a period of it.
        (Response(full_s=(3.0,)), 5.4),
        (Response(full_s=(3.0,), report_s=(30.0,), is_late=True), 5.4),
        # Of four the longest, of five the second longest.
        (Response(full_s=(1.0, 9.0, 2.0, 4.0)), 13.2),
        (Response(full_s=(1.0, 9.0, 2.0, 4.0, 3.0)), 6.7),
        # Else what the device told, which the meter shows a little later.
        (Response(report_s=(3.0,), is_late=True), 7.4),
        (Response(is_late=True), 61.0),
        (Response(), 20.0),
    ],
)
def test_how_long_a_change_lasts_until_it_is_answered(response: Response, delay_s: float) -> None:
    assert loop_delay_s(response, EACH_SECOND) == pytest.approx(delay_s)
    slower = loop_delay_s(response, replace(EACH_SECOND, gaps_s=(2.0,)))
    assert slower == pytest.approx(delay_s + (1.0 if response.full_s or response.report_s else 0.0))


@pytest.mark.parametrize(
    ("response", "known"),
    [
        (Response(), False),
        (Response(full_s=(3.0,)), True),
        (Response(report_s=(3.0,)), True),
        (Response(is_late=True), True),
    ],
)
def test_a_delay_is_known_by_one_step(response: Response, *, known: bool) -> None:
    assert is_known(response) is known


def test_a_step_is_the_newest_order_beside_the_one_before() -> None:
    orders = [order(10.0, 500.0), order(40.0, 2000.0)]
    assert begun(orders, 1100.0, 450.0, 0.0) == Step(
        sent_s=40.0, delta_w=1500.0, meter_w=1100.0, report_w=450.0
    )
    # The first, and one after a time of its own ways, is beside what it did.
    assert begun(orders[1:], 1100.0, 450.0, 0.0) == Step(
        sent_s=40.0, delta_w=1550.0, meter_w=1100.0, report_w=450.0
    )
    freed = [order(10.0, None), order(40.0, 2000.0)]
    assert begun(freed, 1100.0, 450.0, 0.0) == begun(orders[1:], 1100.0, 450.0, 0.0)
    assert begun([], 0.0, 0.0, 0.0) is None
    assert begun([*orders, order(50.0, None)], 0.0, 0.0, 0.0) is None


@pytest.mark.parametrize(
    ("to_w", "open_w", "is_alone"),
    [(800.0, 90.0, True), (800.0, 90.1, False), (200.0, 90.0, True), (200.0, 90.1, False)],
)
def test_it_is_alone_where_little_else_is_under_way(to_w: float, open_w: float, *, is_alone: bool) -> None:
    step = begun([order(10.0, 500.0), order(40.0, to_w)], 0.0, 500.0, open_w)
    assert step is not None
    assert step.is_alone is is_alone


@pytest.mark.parametrize(("to_w", "teaches"), [(799.0, False), (800.0, True), (200.0, True), (201.0, False)])
def test_a_small_one_teaches_nothing(to_w: float, *, teaches: bool) -> None:
    assert (begun([order(10.0, 500.0), order(40.0, to_w)], 0.0, 500.0, 0.0) is not None) is teaches


def test_new_readings_show_their_share_of_it() -> None:
    seen = watched(UP, Sample(heard_s=102.0, power_w=900.0), Sample(heard_s=101.0, power_w=300.0))
    assert (seen.seen, seen.told) == (((2.0, 0.5),), ((1.0, 0.25),))
    more = watched(seen, Sample(heard_s=103.0, power_w=1400.0), Sample(heard_s=102.0, power_w=1050.0))
    assert (more.seen, more.told) == (((2.0, 0.5), (3.0, 1.0)), ((1.0, 0.25), (2.0, 1.0)))
    down = watched(replace(UP, delta_w=-1000.0), Sample(heard_s=102.0, power_w=-100.0), None)
    assert (down.seen, down.told) == (((2.0, 0.5),), ())


def test_what_was_heard_before_it_or_already_shows_nothing() -> None:
    old = Sample(heard_s=100.0, power_w=900.0)
    assert watched(UP, old, old) == UP
    assert watched(UP, None, None) == UP
    told = replace(UP, told=((2.0, 0.1),))
    assert watched(told, None, Sample(heard_s=102.0, power_w=900.0)) == told
    assert watched(told, None, Sample(heard_s=102.1, power_w=900.0)).told[1:] == ((near(2.1), 0.85),)


@pytest.mark.parametrize(("period_s", "lasts_s"), [(1.0, 25.0), (6.0, 25.0), (10.0, 40.0)])
def test_it_is_watched_for_a_while(period_s: float, lasts_s: float) -> None:
    meter = Rhythm(gaps_s=(period_s,) * 3)
    assert not is_over(UP, 100.0 + lasts_s, meter)
    assert is_over(UP, 100.0 + lasts_s + 0.1, meter)


@pytest.mark.parametrize(
    ("seen", "level"),
    [
        (each_second(1.0, 1.0, 1.0), None),
        (each_second(0.0, 0.0, 0.9, 1.1), 1.0),
        # Of many the last third.
        (each_second(*[0.0] * 6, 0.8, 0.9, 1.0), 0.9),
        (each_second(*[0.0] * 8, 0.6, 0.8, 0.9, 1.0), 0.85),
    ],
)
def test_what_the_meter_shows_at_last_is_the_middle_of_its_last_readings(
    seen: Shares, level: float | None
) -> None:
    assert plateau(replace(UP, seen=seen)) == (None if level is None else pytest.approx(level))


SEEN = {
    "when eight tenths had come": (each_second(0.0, 0.79, 0.8, 1.0, 1.0, 1.0, 1.0), (3.0,)),
    "of what came at all": (each_second(0.0, 0.39, 0.4, 0.5, 0.5, 0.5, 0.5), (3.0,)),
    "for good": (each_second(1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0), (5.0,)),
    "with little coming back": (each_second(1.0, 0.6, 0.6, 0.6, 1.0, 1.0, 1.0), (1.0,)),
    "what goes later is another's": (each_second(0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0), (2.0,)),
    "not where hardly any of it came": (each_second(0.0, 0.3, 0.3, 0.3, 0.3), ()),
    "nor where much more came": (each_second(0.0, 1.5, 1.5, 1.5, 1.5), ()),
    "nor of a few readings": (each_second(0.0, 1.0, 1.0), ()),
}


@pytest.mark.parametrize(("seen", "full_s"), SEEN.values(), ids=SEEN)
def test_when_the_meter_showed_it_is_learned(seen: Shares, full_s: tuple[float, ...]) -> None:
    assert learned(Response(), replace(UP, seen=seen)).full_s == full_s


TOLD = {
    "when three quarters had come": (each_second(0.0, 0.74, 0.75, 1.0, 1.0, 1.0), (3.0,)),
    "where it rests": (each_second(0.0, 0.9, 1.0, 1.04, 0.9), (2.0,)),
    "not while it moves": (each_second(0.0, 0.9, 1.0, 1.06, 0.9), ()),
    "nor of two": (each_second(1.0, 1.0), ()),
    "what it did of the opposite": (each_second(-1.0, -1.0, -1.0), ()),
}


@pytest.mark.parametrize(("told", "report_s"), TOLD.values(), ids=TOLD)
def test_when_the_device_told_of_it_is_learned(told: Shares, report_s: tuple[float, ...]) -> None:
    assert learned(Response(), replace(UP, told=told)).report_s == report_s
    assert learned(Response(), replace(UP, told=told, tells=False)).report_s == ()


def test_the_last_seven_count() -> None:
    known = Response(full_s=tuple(map(float, range(10, 17))), report_s=tuple(map(float, range(20, 27))))
    found = learned(known, replace(UP, seen=each_second(*[1.0] * 4), told=each_second(*[1.0] * 4)))
    assert found.full_s == (11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 1.0)
    assert found.report_s == (21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 1.0)


@pytest.mark.parametrize(
    ("seen", "share", "is_late"),
    [
        (each_second(0.9), 0.5, False),
        (each_second(0.8, 1.0), 0.9, False),
        (each_second(*[0.31] * 4), 0.31, False),
        (each_second(*[0.3] * 4), 0.3, True),
        (each_second(*[-0.3] * 4), -0.3, True),
        (each_second(*[-0.31] * 4), -0.31, False),
    ],
)
def test_what_part_the_meter_showed_is_learned_and_that_one_came_late(
    seen: Shares, share: float, *, is_late: bool
) -> None:
    found = learned(Response(share=0.5), replace(UP, seen=seen))
    assert (found.share, found.is_late) == (near(share), is_late)


def went(meter: float, own: float | None) -> Step:
    told = () if own is None else each_second(*[own] * 4)
    return replace(UP, seen=each_second(*[meter] * 4), told=told)


WAYS: dict[str, tuple[Step, Response, int, int]] = {
    "as it should": (went(1.0, 1.0), Response(against=1, mirrored=1), 0, 0),
    "the meter the other way": (went(-0.31, None), Response(against=1), 2, 0),
    "both the other way": (went(-0.31, -0.31), Response(), 2, 0),
    "the device by little": (went(-0.31, -0.3), Response(), 1, 0),
    "the device the other way": (went(0.31, -0.31), Response(mirrored=1), 0, 2),
    "the device by hardly anything": (went(0.31, 0.3), Response(mirrored=1), 0, 1),
    "the device as it should": (went(0.31, 0.31), Response(mirrored=1), 0, 0),
    "nothing told": (went(1.0, None), Response(mirrored=1), 0, 1),
    "nothing shown": (went(0.3, -1.0), Response(against=1, mirrored=1), 1, 1),
    "what the device told may be of another": (
        replace(went(1.0, -1.0), tells=False),
        Response(mirrored=1),
        0,
        1,
    ),
    "and proves nothing against": (replace(went(-1.0, -1.0), tells=False), Response(), 1, 0),
    "a limit, by the meter alone": (replace(went(-1.0, None), is_limit=True), Response(against=1), 0, 0),
    "a limit lowered, by both": (
        replace(went(-1.0, -1.0), is_limit=True, report_w=-4000.0),
        Response(),
        2,
        0,
    ),
    "a limit raised, by both": (replace(went(-1.0, -1.0), is_limit=True, report_w=4000.0), Response(), 0, 0),
}


@pytest.mark.parametrize(("step", "before", "against", "mirrored"), WAYS.values(), ids=WAYS)
def test_which_way_meter_and_device_went_is_counted(
    step: Step, before: Response, against: int, mirrored: int
) -> None:
    found = learned(before, step)
    assert (found.against, found.mirrored) == (against, mirrored)
    assert is_mirrored(found) is (mirrored > 0)


@pytest.mark.parametrize(
    ("response", "delta_w", "vain"),
    [
        (Response(vain=2), -1000.0, 3),
        (Response(vain=2), 1000.0, 2),
        (Response(vain=2, is_late=True), -1000.0, 0),
        (Response(vain=2, is_late=True), 1000.0, 2),
    ],
)
def test_steps_down_that_taught_nothing_are_counted(response: Response, delta_w: float, vain: int) -> None:
    assert tried(response, replace(UP, delta_w=delta_w)).vain == vain


@pytest.mark.parametrize(
    ("step", "response", "against"),
    [
        (went(-0.31, -0.31), Response(), 2),
        (went(-0.31, -0.3), Response(), 0),
        (went(-0.3, -0.31), Response(), 0),
        (went(-1.0, None), Response(), 0),
        (replace(went(-1.0, -1.0), seen=each_second(-1.0, -1.0, -1.0)), Response(), 0),
        # A reading that has the wrong sign proves nothing.
        (went(-1.0, -1.0), Response(mirrored=1), 0),
    ],
)
def test_orders_that_all_went_one_way_turn_a_device_when_both_went_the_other(
    step: Step, response: Response, against: int
) -> None:
    assert opposed(response, step).against == against


@pytest.mark.parametrize(
    ("full_s", "period_s", "window_s"),
    [
        ((), 2.0, 19.0),
        ((), 10.0, 35.0),
        ((1.0, 1.0), 2.0, 3.8),
        ((1.0, 1.0), 10.0, 15.0),
        ((80.0,), 2.0, 90.0),
    ],
)
def test_the_meter_shows_an_order_the_later_the_more_seldom_it_speaks(
    full_s: tuple[float, ...], period_s: float, window_s: float
) -> None:
    meter = Rhythm(gaps_s=(period_s,) * 3)
    assert meter_window_s(Response(full_s=full_s), 15.0, meter) == pytest.approx(window_s)
