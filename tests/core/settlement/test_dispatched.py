"""What each device that an event moved would have done, by what was known before it and by earlier days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from custom_components.home_flex.core.model import DeviceKind
from custom_components.home_flex.core.settlement.baselines import Baseline
from custom_components.home_flex.core.settlement.baselines.as_dispatched import (
    Dispatched,
    NotMetered,
    as_dispatched,
)
from custom_components.home_flex.core.settlement.days import Asked, UseDay
from custom_components.home_flex.core.settlement.device_past import DevicePast, SunForecast
from custom_components.home_flex.core.settlement.rerun import Cover, Rest, Set
from custom_components.home_flex.core.settlement.tally import Before, Part, PlannedStep, Tally, milliseconds
from custom_components.home_flex.core.settlement.tried import as_far_off_wh, dispatched_and_tried
from custom_components.home_flex.core.settlement.window import dispatched_of, window_of
from custom_components.home_flex.core.statistics import Mark, series_of

# A Wednesday; the event is from five to six, and the home takes 400 Wh of itself in a quarter-hour.
TODAY = date(2026, 11, 25)
FIRST, LAST = 68, 72
QUARTER_MS, A_WH = 900_000, 3_600_000
REST_WH = 400
METER = Before(device_id="", kind=DeviceKind.GRID_METER, power_w=1600)


def midnight_ms(day: date) -> int:
    return milliseconds(datetime.combine(day, datetime.min.time(), UTC))


START_MS = midnight_ms(TODAY) + FIRST * QUARTER_MS
type Rows = Mapping[str, Sequence[int]]


def days_back(count: int) -> list[date]:
    return [TODAY - timedelta(days=back) for back in range(count, 0, -1)]


def past(
    usual: Rows, today: Rows, *, count: int = 60, varied: Mapping[date, Rows] | None = None, **more: Any
) -> DevicePast:
    """Return days of which each is as usual, but for those that vary, and today; rows are quarter-hours."""
    of_days = {day: (varied or {}).get(day, usual) for day in days_back(count)} | {TODAY: today}
    asked_days = [
        UseDay(
            date=day,
            use_wh=tuple(REST_WH + sum(row) for row in zip(*rows.values(), strict=True)) or (REST_WH,) * 96,
            is_working=day.weekday() < 5,
        )
        for day, rows in of_days.items()
    ]
    return DevicePast(
        asked=Asked(
            today=asked_days[-1], past=tuple(asked_days[:-1]), first=FIRST, last=LAST, interval_s=900
        ),
        midnights_ms={day: midnight_ms(day) for day in of_days},
        use_wh={name: {day: tuple(rows[name]) for day, rows in of_days.items()} for name in usual},
        **more,
    )


def row(usual: int, window: Sequence[int] | None = None, before: int | None = None) -> list[int]:
    """Return a day of quarter-hours, with others in the window and in the two hours before it."""
    found = [usual] * 96
    if before is not None:
        found[FIRST - 8 : FIRST] = [before] * 8
    found[FIRST:LAST] = window or [usual] * 4
    return found


def tally(
    devices: Rows,
    *before: Before,
    moved: frozenset[str] | None = None,
    plugged: Rows | None = None,
    **more: Any,
) -> Tally:
    """Return what was counted in four quarter-hours; all devices were moved unless told."""
    names = frozenset(devices) if moved is None else moved
    parts = tuple(
        Part(
            start_ms=START_MS + index * QUARTER_MS,
            covered_ms=QUARTER_MS,
            energy_w_ms=(REST_WH + sum(each[index] for each in devices.values())) * A_WH,
            devices={name: each[index] * A_WH for name, each in devices.items()},
            heard_ms=dict.fromkeys(devices, QUARTER_MS),
            plugged={name: each[index] * QUARTER_MS for name, each in (plugged or {}).items()},
            plugged_ms=dict.fromkeys(plugged or {}, QUARTER_MS),
            moved_ms=dict.fromkeys(names, QUARTER_MS),
        )
        for index in range(4)
    )
    return Tally(parts=parts, before=(METER, *before), steered=names, **more)


def dispatched(counted: Tally, days: DevicePast | None = None) -> Dispatched:
    window = window_of(counted, START_MS, START_MS + 4 * QUARTER_MS, ())
    found = dispatched_of(counted, window, most_w=17_000, of_group=False, past=days)
    assert found is not None
    return found


def answer(counted: Tally, days: DevicePast | None = None) -> Baseline:
    window = window_of(counted, START_MS, START_MS + 4 * QUARTER_MS, ())
    found = dispatched_and_tried(counted, window, most_w=17_000, of_group=False, past=days)
    assert found is not None
    baseline = as_dispatched(found)
    assert isinstance(baseline, Baseline), baseline
    return baseline


PUMP = Before(device_id="pump", kind=DeviceKind.HEAT_PUMP, power_w=1200)


def test_a_heat_pump_would_have_done_what_like_days_tell_as_hard_as_it_worked_before() -> None:
    days = past({"pump": row(300)}, {"pump": row(300, [0, 0, 0, 0], before=450)})
    assert answer(tally({"pump": [0] * 4}, PUMP), days).use_wh == (850, 850, 850, 850)


COLD = {day: {"pump": row(300, [500] * 4)} for day in days_back(60)[::2]}


def outdoor_dk(days: Sequence[date], today_dk: Sequence[int | None]) -> dict[date, tuple[int | None, ...]]:
    """Return 10 °C, on the days of ``COLD`` 0 °C, and today in the quarter-hours of the window."""
    told = {day: (0 if day in COLD else 100,) * 96 for day in days}
    return {**told, TODAY: (*(100,) * FIRST, *today_dk, *(100,) * (96 - LAST))}


@pytest.mark.parametrize(
    ("told", "use_wh"),
    [
        (outdoor_dk(days_back(60), [0] * 4), 500),
        (outdoor_dk(days_back(60), [100] * 4), 300),
        # So far half of the window is over.
        (outdoor_dk(days_back(60), [0, 0, None, None]), 500),
        # Nobody told before the last few days: all like days count, cold or not.
        (outdoor_dk(days_back(5), [0] * 4), 400),
        (outdoor_dk(days_back(10), [0] * 4), 400),
        (outdoor_dk(days_back(60), [None] * 4), 400),
    ],
    ids=[
        "a cold evening",
        "a mild one",
        "while it runs",
        "the sensor is new",
        "it is not old",
        "the sensor is silent",
    ],
)
def test_a_heat_pump_would_have_worked_by_the_weather_once_half_of_the_like_days_tell_it(
    told: Mapping[date, tuple[int | None, ...]], use_wh: int
) -> None:
    days = past({"pump": row(300)}, {"pump": row(300)}, varied=COLD, outdoor_dk=told)
    (found,) = dispatched(tally({"pump": [0] * 4}, PUMP), days).heat_wh
    # The slope is drawn a little towards none.
    assert found == pytest.approx((use_wh,) * 4, abs=8)


def test_what_it_used_is_told_for_the_measured_part_of_each_interval() -> None:
    days = past({"pump": row(300)}, {"pump": row(300)})
    counted = tally({"pump": [0] * 4}, PUMP)
    half = replace(counted.parts[0], covered_ms=QUARTER_MS // 2, heard_ms={"pump": QUARTER_MS // 2})
    found = dispatched(replace(counted, parts=(half, *counted.parts[1:])), days)
    assert found.heat_wh == ((150, 300, 300, 300),)


@pytest.mark.parametrize(
    "days",
    [None, past({"pump": row(300)}, {"pump": row(300)}, count=5)],
    ids=["nothing is known of other days", "too few days are known"],
)
def test_a_load_of_which_no_day_tells_anything_leaves_no_baseline(days: DevicePast | None) -> None:
    assert dispatched(tally({"pump": [0] * 4}, PUMP), days).unknown is NotMetered.STEERED_DEVICE


def test_a_load_that_the_event_left_alone_is_as_it_was_measured() -> None:
    found = answer(tally({"pump": [250] * 4}, PUMP, moved=frozenset()))
    assert found.use_wh == (650, 650, 650, 650)


ROOF = Before(device_id="roof", kind=DeviceKind.PV, power_w=-800)


def forecast(known_ms: int, power_w: int) -> SunForecast:
    return SunForecast(
        known_ms=known_ms, start_ms=START_MS - 2 * A_WH, lengths_ms=(A_WH,) * 6, powers_w=(power_w,) * 6
    )


# In the hour before, 800 W came where 1,000 W were forecast: so in the event 800 W would have, 200 Wh each.
def test_a_roof_that_was_held_back_would_have_given_what_was_forecast_as_far_as_that_held() -> None:
    told = (
        forecast(START_MS - 9 * A_WH, 9999),
        forecast(START_MS - A_WH, 1000),
        forecast(START_MS + 1, 7777),
    )
    days = past({"roof": row(-200)}, {"roof": row(-200, [-50] * 4)}, sun={"roof": told})
    assert dispatched(tally({"roof": [-50] * 4}, ROOF), days).sun_wh == (-200,) * 4


def test_a_roof_that_gave_more_than_was_thought_gave_that() -> None:
    days = past({"roof": row(-200)}, {"roof": row(-200)}, sun={"roof": (forecast(START_MS - A_WH, 1000),)})
    assert dispatched(tally({"roof": [-260, -50, -50, -50]}, ROOF), days).sun_wh == (-260, -200, -200, -200)


def test_what_the_sun_gave_while_nothing_held_it_is_measured() -> None:
    days = past({"roof": row(-200)}, {"roof": row(-200)}, sun={"roof": (forecast(START_MS - A_WH, 1000),)})
    counted = tally({"roof": [-50] * 4}, ROOF)
    free = replace(counted.parts[0], moved_ms={})
    found = dispatched(replace(counted, parts=(free, *counted.parts[1:])), days)
    assert found.sun_wh == (-50, -200, -200, -200)
    assert found.sun_held_ms == (0, QUARTER_MS, QUARTER_MS, QUARTER_MS)
    assert dispatched(tally({"roof": [-50] * 4}, ROOF, moved=frozenset()), days).sun_held_ms == ()


def test_without_a_forecast_from_before_nobody_knows_what_the_sun_would_have_given() -> None:
    days = past({"roof": row(-200)}, {"roof": row(-200)}, sun={"roof": (forecast(START_MS + 1, 1000),)})
    assert dispatched(tally({"roof": [-50] * 4}, ROOF), days).unknown is NotMetered.LIMITED_SUN


BATTERY = Before(
    device_id="battery",
    kind=DeviceKind.BATTERY,
    power_w=-1600,
    stored_wh=5000,
    capacity_wh=10_000,
    most_in_w=5000,
    most_out_w=5000,
)


def step(first: int, last: int, **does: Any) -> PlannedStep:
    return PlannedStep(
        device_id="battery",
        start_ms=START_MS + first * QUARTER_MS,
        end_ms=START_MS + last * QUARTER_MS,
        **does,
    )


def test_a_battery_goes_by_the_plan_that_was_known_before_and_beyond_it_as_it_did() -> None:
    planned = (step(0, 1, rule=Rest()), step(1, 2, power_w=2000), step(2, 3, rule=Cover(gives=False)))
    counted = tally({"battery": [-800] * 4}, BATTERY, planned=planned)
    ((_, rules),) = dispatched(counted).batteries
    assert rules == (Rest(), Set(energy_wh=500), Cover(gives=False), Cover())
    assert answer(counted).use_wh == (400, 900, 400, 0)


@pytest.mark.parametrize(
    ("told", "bounds_wh"),
    [
        ([], (500, 10_000)),
        ([100, 850, 950], (1000, 9500)),
        ([400, 600], (2000, 9000)),  # never near an end
        ([1, 999], (10, 9990)),
    ],
    ids=["nothing told", "kept below 95 per cent", "a dull fortnight", "all of it"],
)
def test_a_battery_is_used_between_the_least_and_the_most_that_it_was_seen_to_hold(
    told: list[int], bounds_wh: tuple[int, int]
) -> None:
    first = START_MS // 300_000 - 100
    cells = {first + index: (each, Mark.MEASURED) for index, each in enumerate(told)}
    days = past({"battery": row(0)}, {"battery": row(0)}, charge={"battery": series_of(cells)})
    ((battery, _),) = dispatched(tally({"battery": [0] * 4}, BATTERY), days).batteries
    assert (battery.lowest_wh, battery.highest_wh) == bounds_wh


CAR = Before(device_id="car", kind=DeviceKind.EV_CHARGER, power_w=8000, is_plugged=True)


@pytest.mark.parametrize(
    ("house_w", "battery_w", "stored_wh", "with_cars"),
    [
        (1000, -1000, 5000, False),
        (1000, -5000, 5000, True),  # all that it can
        (1000, -1220, 5000, False),  # the car's meter shows a little less than the car took
        (-3000, 3000, 5000, False),
        (-3000, -5000, 5000, True),
        (-3000, 0, 10_000, False),  # full, and the car takes its own from the grid
        (-7000, 0, 10_000, False),  # full, and the car leaves little to the grid
        (-9500, 1500, 5000, True),  # what the car leaves of the sun
        (4950, -5000, 5000, False),  # all that it can for the house alone
    ],
)
def test_a_battery_covers_the_car_where_it_did_before(
    *, house_w: int, battery_w: int, stored_wh: int, with_cars: bool
) -> None:
    battery = replace(BATTERY, power_w=battery_w, stored_wh=stored_wh)
    counted = tally({"car": [0] * 4, "battery": [0] * 4}, CAR, battery, plugged={"car": [8000] * 4})
    meter = replace(METER, power_w=house_w + battery_w + CAR.power_w)
    ((_, rules),) = dispatched(replace(counted, before=(meter, CAR, battery))).batteries
    assert rules == (Cover(with_cars=with_cars),) * 4


@pytest.mark.parametrize(
    ("after_wh", "expected"),
    [
        ([2000, 2000, 1000], (2400, 2400, 1400, 400)),
        ([2000] * 16, (2400,) * 4),
        ([], (2400,) * 4),
    ],
    ids=["its session ended", "it took more than it was kept from", "nobody knows whether it was full"],
)
def test_a_car_takes_no_more_than_its_session_did(after_wh: list[int], expected: tuple[int, ...]) -> None:
    today = row(0)
    today[LAST : LAST + len(after_wh)] = after_wh
    counted = tally({"car": [0] * 4}, CAR, plugged={"car": [8000] * 4})
    assert answer(counted, past({"car": row(0)}, {"car": today})).use_wh == expected


def test_while_its_session_goes_on_a_car_takes_what_such_sessions_took() -> None:
    usual = row(0, [2000, 1000, 0, 0])
    days = past({"car": usual}, {"car": row(0)})
    hidden = {
        day: rows if day != TODAY else (*rows[:LAST], *(None,) * 24)
        for day, rows in days.use_wh["car"].items()
    }
    counted = tally({"car": [0] * 4}, CAR, plugged={"car": [8000] * 4})
    found = answer(counted, replace(days, use_wh={"car": hidden}))
    assert found.use_wh == (2400, 1400, 400, 400)


def test_a_car_that_is_charged_by_the_plan_follows_it() -> None:
    planned = (
        replace(step(0, 2, power_w=4000), device_id="car"),
        replace(step(2, 4, power_w=0), device_id="car"),
    )
    counted = tally({"car": [0] * 4}, CAR, plugged={"car": [8000] * 4}, planned=planned)
    assert answer(counted).use_wh == (1400, 1400, 400, 400)


# Of twenty like days the pump took 340 Wh in each quarter-hour on one, on the others 300 Wh as on the days
# before; whole watt-hours leave 2 Wh open.
def test_how_near_it_is_is_tried_on_earlier_days() -> None:
    odd = days_back(10)[0]
    days = past({"pump": row(300)}, {"pump": row(300)}, varied={odd: {"pump": row(300, [340] * 4)}})
    found = answer(tally({"pump": [0] * 4}, PUMP), days)
    assert len(found.days) == 20
    assert found.half_width_wh == 2
    many = {day: {"pump": row(300, [340] * 4)} for day in days_back(14)[::3]}
    days = past({"pump": row(300)}, {"pump": row(300)}, varied=many)
    width_wh = answer(tally({"pump": [0] * 4}, PUMP), days).half_width_wh
    assert width_wh is not None
    assert 100 < width_wh <= 160


@pytest.mark.parametrize(
    ("expected_wh", "took_wh", "said_wh", "off_wh"),
    [
        ((300, 300), (110, 90), (100, 100), (320, 280)),
        ((150, 150), (110, 90), (100, 100), (165, 135)),
        ((20, 20), (110, 90), (100, 100), (25, 15)),
        ((0, 0), (110, 90), (100, 100), (5, 0)),
        ((300, 300), (40, 0), (0, 0), (340, 300)),
        ((100, 100), (0, 300), (200, 200), (0, 150)),
    ],
    ids=["at most twice", "in proportion", "at least half", "none gives", "nothing was said", "off more"],
)
def test_an_error_grows_with_what_is_expected_of_a_load(
    expected_wh: Sequence[int], took_wh: Sequence[int], said_wh: Sequence[int], off_wh: Sequence[int]
) -> None:
    assert as_far_off_wh(expected_wh, took_wh, said_wh) == tuple(off_wh)


# On a third of like days the pump took 340 Wh instead of 300 Wh. A full battery covers that, as it did then;
# an empty one leaves all of it to the grid.
@pytest.mark.parametrize(("stored_wh", "least_wh", "most_wh"), [(9000, 0, 2), (500, 100, 180)])
def test_what_a_load_is_off_comes_to_what_the_battery_makes_of_it_now(
    stored_wh: int, least_wh: int, most_wh: int
) -> None:
    usual = {"pump": row(300), "battery": row(-700)}
    odd = {"pump": row(300, [340] * 4), "battery": row(-700, [-740] * 4)}
    many = dict.fromkeys(days_back(14)[::3], odd)
    cells = {
        (midnight_ms(day) + FIRST * QUARTER_MS) // 300_000 - 1: (900, Mark.MEASURED) for day in days_back(60)
    }
    days = past(usual, usual, varied=many, charge={"battery": series_of(cells)})
    battery = replace(BATTERY, stored_wh=stored_wh)
    found = answer(tally({"pump": [0] * 4, "battery": [0] * 4}, PUMP, battery), days)
    assert found.half_width_wh is not None
    assert least_wh <= found.half_width_wh <= most_wh


def test_on_a_few_days_nobody_can_tell_how_near_it_is() -> None:
    days = past({"pump": row(300)}, {"pump": row(300)}, count=14)
    assert answer(tally({"pump": [0] * 4}, PUMP), days).half_width_wh is None


def test_a_battery_is_tried_with_what_it_held_on_those_days() -> None:
    cells = {
        (midnight_ms(day) + FIRST * QUARTER_MS) // 300_000 - 1: (500, Mark.MEASURED) for day in days_back(60)
    }
    usual = {"battery": row(-400)}
    days = past(usual, usual, charge={"battery": series_of(cells)})
    found = answer(tally({"battery": [-900] * 4}, BATTERY), days)
    assert found.use_wh == (0, 0, 0, 0)
    assert found.half_width_wh == 2
    without = past(usual, usual)
    assert answer(tally({"battery": [-900] * 4}, BATTERY), without).half_width_wh is None


@pytest.mark.parametrize(
    ("before_wh", "window_wh", "odd_wh"),
    [
        ([2000, 2000], [2000, 2000, 1000, 0], [2000, 500, 0, 0]),
        ([0, 700], [2000, 2000, 1000, 0], [2000, 2000, 2000, 2000]),
        ([2000, 300], [0, 0, 0, 0], [0, 0, 0, 0]),
        ([0, 0], [0, 900, 2000, 2000], [0, 0, 900, 500]),
    ],
    ids=["it was full in it", "it came just before", "it was full before", "it came in it"],
)
def test_a_car_is_tried_as_its_charger_read_when_the_window_began_and_as_its_session_did(
    before_wh: list[int], window_wh: list[int], odd_wh: list[int]
) -> None:
    usual, odd, today = row(0, window_wh), row(0, odd_wh), row(0)
    usual[FIRST - 2 : FIRST] = odd[FIRST - 2 : FIRST] = before_wh
    today[LAST : LAST + 2] = [2000, 2000]
    counted = tally({"car": [0] * 4}, replace(CAR, arrives_w=8000), plugged={"car": [8000] * 4})
    days = past({"car": usual}, {"car": today}, varied={day: {"car": odd} for day in days_back(14)[::3]})
    assert answer(counted, days).half_width_wh == 2


def test_while_nobody_knows_what_its_session_took_a_car_is_tried_without_that() -> None:
    usual, odd = (row(0, window, before=2000) for window in ([2000] * 3 + [0], [2000, 0, 0, 0]))
    days = past({"car": usual}, {"car": row(0)}, varied={day: {"car": odd} for day in days_back(14)[::3]})
    width_wh = answer(tally({"car": [0] * 4}, CAR, plugged={"car": [8000] * 4}), days).half_width_wh
    assert width_wh is not None
    assert width_wh > 2000
