"""A fleet and its twin: the same homes and the same days, once with events and once without any.

The devices here are written for this bench and share nothing with the product: floating point, other
efficiencies and meters than the product is told.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from .homes import QUARTERS, Flags, Floats, Homes, drawn

HISTORY_DAYS: Final = 30
EVENT_DAYS: Final = 60
_DAYS: Final = HISTORY_DAYS + EVENT_DAYS
_QUARTER_H: Final = 0.25
# In and out of a battery as it is; the product is told 0.95.
_EFFICIENCY: Final = 0.93
_PUSHED_NET_W: Final = -1500.0
_HEAT_SHARE: Final = 0.35
_PAID_BACK_SHARE: Final = 0.75
_PAID_BACK_QUARTERS: Final = 12
# The quarter at which a car with a timer begins: 23:00.
_TIMER_QUARTER: Final = 92
_STARTS: Final = (date(2025, 10, 1), date(2026, 4, 1), date(2026, 9, 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """An event asks for less on ``day`` in the quarters [first, last); ``joined`` per home."""

    day: int
    first: int
    last: int
    joined: Flags


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What the devices did, W per home, day and quarter; positive = consumption.

    ``soc_wh`` is before the quarter.
    """

    net_w: Floats
    sun_w: Floats
    battery_w: Floats
    car_w: Floats
    heat_w: Floats
    soc_wh: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Fleet:
    """A fleet: what it has, what it was asked, what happened, and what would have happened.

    ``plugged``: the share of each quarter that a car was there and might charge.
    """

    start: date
    homes: Homes
    events: tuple[Event, ...]
    holidays: frozenset[int]
    outdoor_c: Floats
    plugged: Floats
    happened: Run
    twin: Run

    def is_working(self, day: int) -> bool:
        """Return whether a day is a working one."""
        return (self.start + timedelta(days=day)).weekday() < 5 and day not in self.holidays


def fleet(seed: int, count: int) -> Fleet:
    """Return the fleet of a seed; the seasons take turns."""
    random = np.random.default_rng(seed)
    start = _STARTS[seed % len(_STARTS)]
    homes = drawn(random, count, start, _DAYS)
    outdoor_c = _outdoor_c(random, seed)
    sun = _sun(random, start)
    events = _events(random, outdoor_c, homes)
    plugged = _plugged(homes)
    noise = random.gamma(12.0, 1 / 12, (count, _DAYS, QUARTERS))
    heat_w = homes.heat_w_per_k[:, None, None] * np.maximum(16 - outdoor_c, 0)[None] * _setback() * noise
    sun_w = -homes.sun_w[:, None, None] * sun[None]
    parts = {"load_w": homes.load_w, "sun_w": sun_w, "heat_w": heat_w}
    return Fleet(
        start=start,
        homes=homes,
        events=events,
        holidays=frozenset(random.choice(_DAYS, 2, replace=False).tolist()),
        outdoor_c=outdoor_c,
        plugged=plugged,
        happened=_run(homes, plugged, events, **parts),
        twin=_run(homes, plugged, (), **parts),
    )


def _outdoor_c(random: np.random.Generator, seed: int) -> Floats:
    mean, trend = ((11.0, -0.1), (9.0, 0.1), (16.0, -0.1))[seed % 3]
    day_c = np.empty(_DAYS)
    apart = 0.0
    for day in range(_DAYS):
        apart = 0.8 * apart + random.normal(0, 2)
        day_c[day] = mean + trend * day + apart
    quarter = np.arange(QUARTERS)
    return np.asarray(day_c[:, None] + 3.5 * np.cos((quarter - 60) / QUARTERS * 2 * np.pi)[None])


def _sun(random: np.random.Generator, start: date) -> Floats:
    quarter = np.arange(QUARTERS)
    shares = np.empty((_DAYS, QUARTERS))
    for day in range(_DAYS):
        season = np.cos(((start + timedelta(days=day)).timetuple().tm_yday - 172) / 365 * 2 * np.pi)
        half = 16 + 8 * season
        bow = np.clip(np.cos((quarter - 50) / half * np.pi / 2), 0, None) * (np.abs(quarter - 50) < half)
        clear = random.beta(1.4, 1.0)
        shares[day] = (
            bow * (0.45 + 0.4 * season + 0.1) * np.clip(clear + random.normal(0, 0.15, QUARTERS), 0.05, 1)
        )
    return shares


def _setback() -> Floats:
    quarter = np.arange(QUARTERS)
    return np.where((quarter < 24) | (quarter >= 90), 0.6, np.where(quarter < 32, 1.3, 1.0))


def _events(random: np.random.Generator, outdoor_c: Floats, homes: Homes) -> tuple[Event, ...]:
    # Who has nothing to steer does not join.
    can_join = (homes.battery_wh > 0) | (homes.car_w > 0) | (homes.heat_w_per_k > 0)
    coldness = np.exp(-(outdoor_c[HISTORY_DAYS:].mean(axis=1) - outdoor_c.mean()) / 6)
    days = random.choice(EVENT_DAYS, random.integers(7, 16), replace=False, p=coldness / coldness.sum())
    windows = [(68, 72), (68, 76), (68, 76), (64, 68), (28, 32)]
    found = []
    for day in sorted(days.tolist()):
        first, last = windows[random.choice(len(windows), p=[0.4, 0.2, 0.15, 0.15, 0.1])]
        found.append(
            Event(
                day=HISTORY_DAYS + day,
                first=first,
                last=last,
                joined=can_join & (random.random(len(can_join)) < 0.85),
            )
        )
    return tuple(found)


def _plugged(homes: Homes) -> Floats:
    """Return from arrival, or from the timer's hour, until seven in the morning, as shares of quarters."""
    quarter = np.arange(QUARTERS)
    begins = np.where(homes.timers[:, None], np.maximum(homes.arrivals, _TIMER_QUARTER), homes.arrivals)
    evening = np.clip(quarter[None, None] + 1 - begins[..., None], 0, 1)
    evening[homes.needs_wh == 0] = 0
    plugged = evening
    had_car = np.zeros_like(homes.needs_wh, dtype=np.bool_)
    had_car[:, 1:] = homes.needs_wh[:, :-1] > 0
    plugged[:, :, :28] = np.maximum(plugged[:, :, :28], had_car[..., None])
    return np.asarray(plugged)


def _run(
    homes: Homes, plugged: Floats, events: tuple[Event, ...], *, load_w: Floats, sun_w: Floats, heat_w: Floats
) -> Run:
    count = len(homes.sun_w)
    at = {
        (event.day, quarter): event.joined for event in events for quarter in range(event.first, event.last)
    }
    shape = (count, _DAYS, QUARTERS)
    net_w, battery_w, car_w, soc_wh = (np.zeros(shape) for _ in range(4))
    heat_w = heat_w.copy()
    soc = homes.battery_wh * 0.5
    left_wh = np.zeros(count)
    owed_wh = np.zeros(count)
    nobody = np.zeros(count, dtype=np.bool_)
    for day in range(_DAYS):
        for quarter in range(QUARTERS):
            if quarter == 40:
                left_wh = homes.needs_wh[:, day].copy()
            asked = at.get((day, quarter), nobody)
            usual_w = heat_w[:, day, quarter].copy()
            back_w = np.where(asked, 0.0, owed_wh / (_PAID_BACK_QUARTERS * _QUARTER_H))
            heat_w[:, day, quarter] = np.where(asked, _HEAT_SHARE * usual_w, usual_w + back_w)
            owed_wh += np.where(asked, _PAID_BACK_SHARE * (1 - _HEAT_SHARE) * usual_w, -back_w) * _QUARTER_H
            may_w = homes.car_w * plugged[:, day, quarter] * ~asked
            car_w[:, day, quarter] = np.minimum(may_w, left_wh / _QUARTER_H)
            left_wh -= car_w[:, day, quarter] * _QUARTER_H
            house_w = load_w[:, day, quarter] + sun_w[:, day, quarter] + heat_w[:, day, quarter]
            wanted_w = np.where(asked, _PUSHED_NET_W - house_w, -house_w)
            soc_wh[:, day, quarter] = soc
            done_w = _battery_w(homes, soc, wanted_w)
            soc = soc + np.where(done_w > 0, done_w * _EFFICIENCY, done_w / _EFFICIENCY) * _QUARTER_H
            battery_w[:, day, quarter] = done_w
            net_w[:, day, quarter] = house_w + car_w[:, day, quarter] + done_w
    return Run(net_w=net_w, sun_w=sun_w, battery_w=battery_w, car_w=car_w, heat_w=heat_w, soc_wh=soc_wh)


def _battery_w(homes: Homes, soc: Floats, wanted_w: Floats) -> Floats:
    room_w = (homes.battery_wh - soc) / _EFFICIENCY / _QUARTER_H
    there_w = (soc - 0.1 * homes.battery_wh) * _EFFICIENCY / _QUARTER_H
    most_w = np.minimum(homes.battery_w, np.maximum(room_w, 0))
    least_w = -np.minimum(homes.battery_w, np.maximum(there_w, 0))
    return np.clip(wanted_w, least_w, most_w)
