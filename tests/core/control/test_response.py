"""What own steps teach of a device: how soon it is judged, and whether it does the opposite."""

from dataclasses import replace

import pytest

from custom_components.home_flex.core.control.memory import Response, Rhythm, Step
from custom_components.home_flex.core.control.response import (
    begun,
    is_turned,
    learned,
    meter_window_s,
    report_window_s,
)

from .sights import order

EACH_SECOND = Rhythm(gaps_s=(1.0, 1.0, 1.0), heard_s=3.0)


@pytest.mark.parametrize(
    ("report_s", "window_s"),
    [((), 22.0), ((4.0,), 7.5), ((40.0,), 22.0), ((4.0, 4.0), 6.7)],
    ids=["nothing learned", "one step, with more to spare", "never more than unlearned", "two steps"],
)
def test_one_step_in_its_own_reading_tells_how_soon_a_device_is_judged(
    report_s: tuple[float, ...], window_s: float
) -> None:
    assert report_window_s(Response(report_s=report_s), 20.0, EACH_SECOND) == pytest.approx(window_s)


@pytest.mark.parametrize(
    ("full_s", "window_s"),
    [((), 17.0), ((3.0,), 17.0), ((20.0,), 27.5), ((3.0, 3.0), 5.4)],
    ids=["nothing learned", "one fast step", "one step slower than expected", "two steps"],
)
def test_one_step_only_lengthens_the_time_until_the_meter_shows_an_order(
    full_s: tuple[float, ...], window_s: float
) -> None:
    assert meter_window_s(Response(full_s=full_s), 15.0, EACH_SECOND) == pytest.approx(window_s)


def _standing(share: float) -> tuple[tuple[float, float], ...]:
    return tuple((float(second), share) for second in range(1, 9))


def _step(meter_share: float, own_share: float | None) -> Step:
    return Step(
        sent_s=0.0,
        delta_w=-2000.0,
        meter_w=3000.0,
        report_w=0.0,
        seen=_standing(meter_share),
        told=() if own_share is None else _standing(own_share),
    )


@pytest.mark.parametrize(
    ("steps", "turned"),
    [
        ([(-1.0, -1.0)], True),
        ([(-1.0, 1.0)], False),
        ([(-1.0, None)], False),
        ([(-1.0, 1.0), (-1.0, 1.0)], True),
        ([(-1.0, 1.0), (1.0, 1.0), (-1.0, 1.0)], False),
    ],
    ids=[
        "meter and own reading",
        "the meter alone once",
        "the meter alone, nothing told",
        "the meter twice",
        "not in a row",
    ],
)
def test_a_device_is_turned_when_two_witnesses_say_so(
    steps: list[tuple[float, float | None]], turned: bool
) -> None:
    response = Response()
    for meter_share, own_share in steps:
        response = learned(response, _step(meter_share, own_share))
    assert is_turned(response) is turned


@pytest.mark.parametrize(("own_share", "turned"), [(1.0, False), (None, False), (-1.0, True)])
def test_clouds_do_not_turn_a_car_that_is_only_limited(own_share: float | None, turned: bool) -> None:
    response = Response()
    for _ in range(3):
        response = learned(response, replace(_step(-2.0, own_share), is_limit=True))
    assert is_turned(response) is turned


@pytest.mark.parametrize(
    ("delta_w", "report_w", "is_limit", "turned"),
    [
        # A limit that is raised lets PV, or a car, do as the sun or its battery does.
        (-2000.0, -4000.0, True, False),
        (2000.0, 4000.0, True, False),
        (2000.0, -4000.0, True, True),
        (-2000.0, 4000.0, True, True),
        (-2000.0, 0.0, True, True),
        (-2000.0, -4000.0, False, True),
    ],
)
def test_who_falls_under_a_limit_that_was_raised_is_not_turned(
    delta_w: float, report_w: float, *, is_limit: bool, turned: bool
) -> None:
    step = replace(_step(-1.0, -1.0), delta_w=delta_w, report_w=report_w, is_limit=is_limit)
    assert is_turned(learned(Response(), step)) is turned


@pytest.mark.parametrize(
    ("told", "report_s"),
    [
        ([0.0] * 21 + [1.0] * 3, (22.0,)),
        ([0.0] * 21 + [0.3, 0.6, 0.9], ()),
        ([0.0] * 24, ()),
    ],
    ids=["it came to rest at last", "it still moves", "it has not answered"],
)
def test_what_a_device_tells_of_a_step_counts_once_it_rests(
    told: list[float], report_s: tuple[float, ...]
) -> None:
    step = Step(sent_s=0.0, delta_w=-1000.0, meter_w=0.0, report_w=0.0)
    step = replace(step, told=tuple((float(second), share) for second, share in enumerate(told, start=1)))
    assert learned(Response(), step).report_s == report_s


@pytest.mark.parametrize(("report_s", "window_s"), [((22.0,), 32.1), ((2.0,), 17.0)])
def test_a_device_whose_own_reading_is_slow_is_waited_for_at_the_meter(
    report_s: tuple[float, ...], window_s: float
) -> None:
    assert meter_window_s(Response(report_s=report_s), 15.0, EACH_SECOND) == pytest.approx(window_s)


@pytest.mark.parametrize(
    ("before_w", "to_w", "given_w", "teaches"),
    [
        (-2190.0, -1773.0, -1655.0, False),
        (2190.0, 1773.0, 1655.0, False),
        (-2190.0, -1773.0, -1880.0, True),
        (2190.0, 1773.0, 1880.0, True),
        (-2190.0, -1773.0, -2190.0, True),
        (-1773.0, -2190.0, -1655.0, True),
        (-300.0, 300.0, -300.0, True),
        (-2000.0, -1773.0, -2000.0, False),
        (None, -1773.0, -100.0, True),
    ],
    ids=[
        "it gives less than both, so that nothing need move",
        "the other way round",
        "it has to give less, by more than it may be astray",
        "the other way round",
        "it gave all it was told",
        "more is asked",
        "it turns round",
        "too little",
        "the first",
    ],
)
def test_an_order_teaches_only_what_the_device_must_move_for(
    before_w: float | None, to_w: float, given_w: float, *, teaches: bool
) -> None:
    orders = [order(10.0, before_w), order(40.0, to_w)]
    assert (begun(orders, 1000.0, given_w, 0.0) is not None) is teaches
