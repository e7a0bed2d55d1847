"""How far a re-run is off: it is tried on windows of earlier days on which nothing was asked.

What is measured of an event is left out on both sides, so that what remains is what was computed: of each
day the devices as they were seen just before the window, and the same rules. How far off it was what a load
would have done is told apart, and comes to what the event's own batteries make of it: on a milder day, or
with a full battery, an error was less than it is now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from ..model import DeviceKind
from .baselines.as_dispatched import Dispatched, Tried, as_dispatched
from .baselines.placebo import MOST_DAYS
from .baselines.rule import Baseline
from .days import UseDay
from .device_past import DevicePast
from .heat import LEAST_RATIO, MOST_RATIO
from .tally import QUARTER_MS, Before, Part, Tally
from .window import Window, dispatched_of, loads_of, measured_wh, window_of

_UNBOUNDED_W: Final = 10**9
_CHARGES_W: Final = 240
# Of a Wh, in watts times milliseconds.
_A_WH: Final = 3_600_000


def dispatched_and_tried(
    tally: Tally, window: Window, *, most_w: int, of_group: bool, past: DevicePast | None
) -> Dispatched | None:
    """Return what is re-run of an event (``dispatched_of``), with what it says of earlier days."""
    found = dispatched_of(tally, window, most_w=most_w, of_group=of_group, past=past)
    if found is None or past is None or found.unknown is not None:
        return found
    return replace(
        found,
        tried=tried(tally, window, past, of_group=of_group),
        tried_ms=len(past.asked.window) * QUARTER_MS,
    )


def tried(tally: Tally, window: Window, past: DevicePast, *, of_group: bool) -> tuple[Tried, ...]:
    """Return what was used in the window of earlier like days, and what a re-run says of them, latest first.

    ``window`` is that of the event. Days of which a device that is re-run is not known are left out.
    """
    return tuple(_tried(tally, window, past, of_group=of_group))


def _tried(tally: Tally, now: Window, past: DevicePast, *, of_group: bool) -> Iterator[Tried]:
    keys = loads_of(tally)
    expected = [past.load_wh(key) for key in keys]
    for day in past.asked.eligible()[:MOST_DAYS]:
        then = past.on(day)
        as_then = _tally(tally, then, day)
        if as_then is None:
            continue
        start_ms = then.start_ms
        window = window_of(as_then, start_ms, start_ms + len(then.asked.window) * QUARTER_MS, ())
        dispatched = dispatched_of(as_then, window, most_w=_UNBOUNDED_W, of_group=of_group, past=then)
        if dispatched is None or dispatched.unknown is not None:
            continue
        took = [then.window_wh(key) or () for key in keys]
        answer = as_dispatched(replace(dispatched, heat_wh=tuple(took)))
        if isinstance(answer, Baseline):
            rows = zip(expected, took, dispatched.heat_wh, strict=True)
            yield Tried(
                date=day.date,
                used_wh=sum(each.used_wh for each in window.intervals),
                said_wh=answer.sum_wh,
                heat_wh=tuple(
                    measured_wh(as_far_off_wh(today_wh, took_wh, said_wh), now)
                    for today_wh, took_wh, said_wh in rows
                    if isinstance(today_wh, tuple)
                ),
            )


def as_far_off_wh(
    expected_wh: Sequence[int], took_wh: Sequence[int], said_wh: Sequence[int]
) -> tuple[Fraction, ...]:
    """Return what a load would use if what is expected of it were as far off as it was on another day.

    ``took_wh``: what it used then in each quarter-hour, of which ``said_wh`` was said. An error grows with
    what was said: it is taken times what is expected now of what was said then, within a half and twice, and
    as it was where nothing was said. No load gives.

    Source: residuals normalised by the size of what is predicted (Papadopoulos, Gammerman and Vovk,
    Normalized nonconformity measures for regression conformal prediction, 2008), within the limits in which
    a load follows the hours before (heat.py).
    """
    said = sum(said_wh)
    ratio = min(max(Fraction(sum(expected_wh), said), LEAST_RATIO), MOST_RATIO) if said else Fraction(1)
    rows = zip(expected_wh, took_wh, said_wh, strict=True)
    return tuple(max(now + (took - then) * ratio, Fraction(0)) for now, took, then in rows)


def _tally(tally: Tally, then: DevicePast, day: UseDay) -> Tally | None:
    """Return what would have been counted of an event on a day; None where not all of it is known."""
    before = [_before(each, then) for each in tally.before if each.kind is not DeviceKind.GRID_METER]
    rows = {each.device_id: then.window_wh(each.device_id) for each in before if each is not None}
    used_wh = [day.use_wh[index] for index in then.asked.window]
    meter_wh = day.use_wh[then.asked.first - 1] if then.asked.first else None
    if None in before or None in rows.values() or None in used_wh or meter_wh is None:
        return None
    devices = [each for each in before if each is not None]
    # The meter as it stood then, too.
    moved_w = sum(each.power_w - (then.before_w(each.device_id) or 0) for each in devices)
    meter = Before(device_id="", kind=DeviceKind.GRID_METER, power_w=4 * meter_wh + moved_w)
    known = (meter, *devices)
    start_ms = then.start_ms
    cars = {
        each.device_id: _plugged(each, rows[each.device_id] or ())
        for each in known
        if each.kind is DeviceKind.EV_CHARGER
    }
    parts = [
        _part(
            start_ms + index * QUARTER_MS,
            energy_wh or 0,
            {key: row[index] for key, row in rows.items() if row},
            {key: row[index] for key, row in cars.items()},
        )
        for index, energy_wh in enumerate(used_wh)
    ]
    return replace(tally, parts=tuple(parts), before=known, planned=None)


def _part(start_ms: int, used_wh: int, devices_wh: dict[str, int], plugged: dict[str, int]) -> Part:
    whole = dict.fromkeys(devices_wh, QUARTER_MS)
    return Part(
        start_ms=start_ms,
        covered_ms=QUARTER_MS,
        energy_w_ms=used_wh * _A_WH,
        devices={key: energy_wh * _A_WH for key, energy_wh in devices_wh.items()},
        heard_ms=whole,
        plugged=plugged,
        plugged_ms=dict.fromkeys(plugged, QUARTER_MS),
        moved_ms=whole,
    )


def _plugged(before: Before, row: Sequence[int]) -> list[int]:
    """Return what a car would have drawn in each quarter-hour: as before, or from when it came.

    Of the quarter-hour in which it came is not known when: what it drew is what it could.
    """
    if before.power_w >= _CHARGES_W:
        return [before.power_w * QUARTER_MS] * len(row)
    came = next((index for index, energy_wh in enumerate(row) if 4 * energy_wh >= _CHARGES_W), len(row))
    return [
        0 if index < came else row[index] * _A_WH if index == came else before.arrives_w * QUARTER_MS
        for index in range(len(row))
    ]


def _before(now: Before, then: DevicePast) -> Before | None:
    power_w = then.before_w(now.device_id)
    if power_w is None:
        return None
    stored_wh = 0
    if now.kind is DeviceKind.BATTERY:
        told_wh = then.stored_wh(now.device_id, now.capacity_wh)
        if told_wh is None:
            return None
        stored_wh = told_wh
    if now.kind is DeviceKind.EV_CHARGER:
        power_w = _reading_w(power_w, then.window_wh(now.device_id))
    return replace(now, power_w=power_w, stored_wh=stored_wh, told_w=None)


def _reading_w(before_w: int, window_wh: Sequence[int] | None) -> int:
    """Return what a charger read when the window began, of which only quarter-hours are kept.

    A car charges at a steady power: where it did before and after, it did at the larger of the two means, and
    the smaller is of a quarter-hour in which it came or went.
    """
    after_w = 4 * window_wh[0] if window_wh else 0
    return max(before_w, after_w) if min(before_w, after_w) >= _CHARGES_W else min(before_w, after_w)
