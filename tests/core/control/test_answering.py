"""On whom a fuse counts, how soon each answers, and who steps back for a moment to show it."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.home_flex.core.control.answering import Answering, answering
from custom_components.home_flex.core.control.charging import ChargerMemory, ChargingMemory
from custom_components.home_flex.core.control.charging.vehicle import Vehicle
from custom_components.home_flex.core.control.document import decode, encode
from custom_components.home_flex.core.control.guarding import steps_back
from custom_components.home_flex.core.control.load import RestLoad
from custom_components.home_flex.core.control.memory import DeviceMemory, Order, Response, Step
from custom_components.home_flex.core.control.nodes import Layout, layout
from custom_components.home_flex.core.control.state import ControlMemory, DeviceState, SiteState
from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.kinds.kind import Seen
from custom_components.home_flex.core.model import ChargerReading, DeviceKind, Owner

from . import guarded_home
from .house import SITE, House, command
from .parts import car

SMALLEST_W = 4140.0


def seen(device_id: str, power_w: float, memory: DeviceMemory) -> Seen[ChargerReading]:
    reading = car(power_w=power_w).reading
    assert isinstance(reading, ChargerReading)
    return Seen(
        device=DeviceState(
            device_id=device_id, kind=DeviceKind.EV_CHARGER, wired_phases=(), reading=reading, heard_s=100.0
        ),
        memory=memory,
        reading=reading,
        share=(),
        voltage_v=230.0,
        window_s=4.0,
        report_window_s=6.0,
        now_s=100.0,
    )


def of_one(power_w: float, memory: DeviceMemory, *, draws_since_s: float | None) -> Answering:
    known = ChargerMemory(vehicle=Vehicle(draws_since_s=draws_since_s))
    control = ControlMemory(charging=ChargingMemory(chargers={"car": known}))
    return answering({"car": seen("car", power_w, memory)}, control, 100.0)["car"]


@pytest.mark.parametrize(
    ("response", "is_known"),
    [
        (Response(), False),
        (Response(full_s=(3.0,)), True),
        (Response(report_s=(3.0,)), True),
        (Response(is_late=True), True),
    ],
)
def test_an_answer_is_known_by_one_step_and_by_one_that_came_late(
    response: Response, *, is_known: bool
) -> None:
    assert of_one(SMALLEST_W, DeviceMemory(response=response), draws_since_s=None).is_known is is_known


def ordered(value: float | None, sent_s: float, power_w: float = 0.0) -> DeviceMemory:
    return DeviceMemory(orders=(Order(sent_s=sent_s, value=value, power_w=power_w),))


BACK = {
    "to its smallest": (11040.0, DeviceMemory(), 80.0, SMALLEST_W),
    "by as much as shows": (SMALLEST_W + 345.0, DeviceMemory(), 80.0, SMALLEST_W),
    "to none where the smallest is too near": (SMALLEST_W + 344.0, DeviceMemory(), 80.0, 0.0),
    "it has just begun": (11040.0, DeviceMemory(), 81.0, None),
    "it does not draw": (11040.0, DeviceMemory(), None, None),
    "its limit has just changed": (11040.0, ordered(16.0, 81.0), 50.0, None),
    "it draws what it was told": (11040.0, ordered(16.0, 80.0), 50.0, SMALLEST_W),
    "it draws less by itself": (8280.0, ordered(16.0, 80.0), 50.0, None),
    "it was freed": (8280.0, ordered(None, 80.0), 50.0, SMALLEST_W),
}


@pytest.mark.parametrize(("power_w", "memory", "draws_since_s", "back_w"), BACK.values(), ids=BACK)
def test_who_has_drawn_what_it_was_told_for_twenty_seconds_may_step_back(
    power_w: float, memory: DeviceMemory, draws_since_s: float | None, back_w: float | None
) -> None:
    found = of_one(power_w, memory, draws_since_s=draws_since_s)
    assert (found.back_w, found.is_showing) == (back_w, False)


@pytest.mark.parametrize(("delta_w", "is_showing"), [(-5000.0, True), (5000.0, False)])
def test_a_step_back_stands_while_it_is_watched_and_a_step_up_is_none(
    delta_w: float, *, is_showing: bool
) -> None:
    step = Step(sent_s=98.0, delta_w=delta_w, meter_w=12000.0, report_w=9000.0)
    memory = replace(ordered(6.0, 98.0, power_w=SMALLEST_W), step=step)
    found = of_one(9000.0, memory, draws_since_s=50.0)
    assert (found.back_w, found.is_showing) == (SMALLEST_W if is_showing else None, is_showing)


@pytest.mark.parametrize(("delta_w", "counted_w"), [(-5000.0, 9000.0), (5000.0, SMALLEST_W)])
def test_who_steps_back_counts_with_what_it_drew_before(delta_w: float, counted_w: float) -> None:
    step = Step(sent_s=98.0, delta_w=delta_w, meter_w=12000.0, report_w=9000.0)
    memory = replace(ordered(6.0, 98.0, power_w=SMALLEST_W), step=step)
    assert of_one(SMALLEST_W, memory, draws_since_s=50.0).power_w == counted_w


@pytest.mark.parametrize(
    ("one", "other", "counted"),
    [
        ((4140.0, DeviceMemory()), (0.0, DeviceMemory()), {"one"}),
        ((4140.0, DeviceMemory()), (0.0, ordered(6.0, 90.0)), {"one", "other"}),
        ((4140.0, DeviceMemory()), (0.0, ordered(0.0, 90.0)), {"one"}),
        ((4140.0, DeviceMemory()), (0.0, ordered(None, 90.0)), {"one"}),
        ((0.0, DeviceMemory()), (0.0, ordered(0.0, 90.0)), {"one", "other"}),
    ],
)
def test_a_fuse_counts_on_those_that_draw_or_are_let_in_and_else_on_all(
    one: tuple[float, DeviceMemory], other: tuple[float, DeviceMemory], counted: set[str]
) -> None:
    there = {"one": seen("one", *one), "other": seen("other", *other)}
    assert set(answering(there, ControlMemory(), 100.0)) == counted


def two_cars() -> Layout:
    devices = (guarded_home.car(), replace(guarded_home.car(), device_id="other"))
    state = SiteState(site=SITE, meter=None, meter_heard_s=0.0, devices=devices)
    return layout(state, {})


def draws(current_a: float, *, delay_s: float = 20.0, **ways: Any) -> Answering:
    return Answering(delay_s, 3 * 230.0 * current_a, **ways)


UNKNOWN = draws(16.0, is_known=False, back_w=SMALLEST_W)
FEW = draws(8.0, is_known=False, back_w=SMALLEST_W)
ANSWERS = draws(16.0, delay_s=2.0)

STEPS = {
    # Of 25 A a slow car may load 19.3 A.
    "all that is left is used": (4.0, UNKNOWN, None, False, ["car"]),
    "nobody needs more": (2.0, FEW, None, False, []),
    "somebody waits": (2.0, FEW, None, True, ["car"]),
    "there is more than it takes": (2.0, UNKNOWN, None, False, []),
    "it is known": (2.0, ANSWERS, None, True, []),
    "it may not now": (2.0, replace(UNKNOWN, back_w=None), None, True, []),
    "it is being watched, and all that is left was used": (
        4.0,
        replace(UNKNOWN, is_showing=True),
        None,
        False,
        ["car"],
    ),
    "it is being watched for what others wanted": (2.0, replace(UNKNOWN, is_showing=True), None, False, []),
    "too little is left for all to run": (13.0, FEW, draws(1.0), False, ["car"]),
    "one at a time": (2.0, UNKNOWN, UNKNOWN, False, ["car"]),
    "the one being watched": (2.0, UNKNOWN, replace(UNKNOWN, is_showing=True), False, ["other"]),
    "the one that is not known": (9.0, ANSWERS, UNKNOWN, False, ["other"]),
}


@pytest.mark.parametrize(("rest_a", "car_", "other", "is_contested", "who"), STEPS.values(), ids=STEPS)
def test_one_at_a_time_steps_back_where_its_answer_wins_room_that_is_wanted(
    rest_a: float, car_: Answering, other: Answering | None, *, is_contested: bool, who: list[str]
) -> None:
    phases_w = (rest_a * 230.0,) * 3
    house = RestLoad(high_w=(0.0, *phases_w), low_w=(0.0, *phases_w), latest_w=0.0)
    there = {"car": car_} | ({} if other is None else {"other": other})
    found = steps_back(two_cars(), {}, house, there, is_contested=is_contested)
    assert [(one.device_id, one.high_w, one.owner) for one in found] == [
        (device_id, SMALLEST_W, Owner.FUSE) for device_id in who
    ]


# It is raised again no sooner than half a minute after it was lowered.
SECONDS_BACK = 40


def test_a_car_shows_its_answer_once_after_a_restart_though_a_battery_moves_with_it() -> None:
    house = House(base_w=500.0, base_phases=(1.0, 0.0, 0.0), car_max_a=16.0, memory=ControlMemory())
    house.charger.period_s = 1.0
    limit = command(PayloadType.IMPORT_CAPACITY_LIMIT, 8000.0)
    house.run(20)
    house.run(9, limit)
    house.memory = decode(encode(house.memory, house.time_s, house.now), house.time_s, house.now)
    for device in house.devices.values():
        device.written = device.written_s = device.changed_s = None
    powers_w = house.run(200, limit)
    assert sum(power_w < 7500.0 for power_w in powers_w) <= SECONDS_BACK
    assert house.memory.devices["charger"].response.report_s


@pytest.mark.parametrize(
    ("vain", "rests_s", "steps_back"),
    [(0, 20.0, True), (1, 20.0, True), (2, 39.0, False), (2, 40.0, True), (3, 79.0, False), (3, 80.0, True)],
)
def test_who_showed_nothing_steps_back_ever_more_seldom(
    vain: int, rests_s: float, *, steps_back: bool
) -> None:
    memory = replace(ordered(16.0, 100.0 - rests_s, power_w=11040.0), response=Response(vain=vain))
    assert (of_one(11040.0, memory, draws_since_s=-1000.0).back_w is not None) is steps_back
