"""Who charges a car by the sun and knows the weather's odds: the best a law does in the mean of many skies.

Cloud follows sun and sun cloud, each for a time without memory: no past tells when the next edge comes.
The best choice between going on, stopping and starting is then found backwards from the end (Bellman):

    V_t(x) = max over choices of  (sun taken - price x bought)_t + E[V_t+1(x')]

with x: the sky, the car on, waking or off, and the closings that are left of this hour. This follower knows
more than anybody: also of which mean length a stretch is. It draws whole amperes of the sun, as late as meter
and car are, and may close four times in each hour of the clock, which is more than in any rolling one. Where
PV stands at its limit it sees nothing while the car is off, and goes by the odds since it stopped. Under one
sky luck may serve another better.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .charger import SMALLEST_A
from .clouds import SHADE, SKIES, Sun
from .exchange import VOLTAGE_V

type Array = NDArray[np.float64]

_STEP_S = 10.0
_HOUR = round(3600.0 / _STEP_S)
_CLOSINGS = 4
_SHADES = 5
# Off for longer than this nobody waits.
_DARK_STEPS = 90
# What a bought Wh costs, in Wh of sun: the cheapest follower that takes enough sun is the one compared with.
_PRICES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0)
_ENOUGH_SUN = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a car took: of the sun, and in all; in Wh."""

    solar_wh: float
    charged_wh: float

    @property
    def grid_share(self) -> float:
        """The part that was bought."""
        return 1.0 - self.solar_wh / self.charged_wh if self.charged_wh else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """A car on ``phases`` that begins ``wakes_s`` after it may, and the surplus of each second in W.

    ``late_s`` is how long after the sun the car can follow it at best. ``hidden``: while the car is off
    nobody sees the sun.
    """

    sky: str
    sun: Sun
    surplus_w: Sequence[float]
    phases: int
    max_a: float
    wakes_s: float
    late_s: float
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Weather:
    """The states of a sky: which share comes through, and how one follows another within a step."""

    shares: Array
    next: Array
    minutes: tuple[float, ...]

    def state(self, share: float, lasts_s: float) -> int:
        """Return the state of a stretch of the real sky."""
        kind = min(range(len(self.minutes)), key=lambda one: abs(self.minutes[one] * 60.0 - lasts_s))
        low, high = SHADE
        shade = min(_SHADES - 1, int((share - low) / (high - low) * _SHADES))
        return kind * (_SHADES + 1) + (0 if share > high else 1 + max(0, shade))


def taken(drive: Drive) -> tuple[Taken, ...]:
    """Return what the follower takes, at one price after the other of what it buys, the lowest first."""
    weather = _weather(drive.sky)
    return tuple(_taken(drive, weather, _Choices(drive, weather, price)) for price in _PRICES)


def all_taken(follower_wh: float) -> tuple[Taken, ...]:
    """Return what is taken under a clear sky, at each price: all, and nothing bought."""
    return (Taken(solar_wh=follower_wh, charged_wh=follower_wh),) * len(_PRICES)


def together(skies: Sequence[tuple[Taken, ...]]) -> tuple[Taken, ...]:
    """Return what is taken under several skies, at one price for all of them after the other."""
    return tuple(
        Taken(
            solar_wh=math.fsum(one.solar_wh for one in at_price),
            charged_wh=math.fsum(one.charged_wh for one in at_price),
        )
        for at_price in zip(*skies, strict=True)
    )


def best(found: Sequence[Taken], follower_wh: float) -> Taken:
    """Return the one that buys least of those that take enough of ``follower_wh``.

    Where none does, the one that takes most sun.
    """
    enough = [one for one in found if one.solar_wh >= _ENOUGH_SUN * follower_wh]
    if enough:
        return min(enough, key=lambda one: one.grid_share)
    return max(found, key=lambda one: one.solar_wh)


def _weather(sky: str) -> _Weather:
    minutes = SKIES[sky]
    low, high = SHADE
    kind = np.array([1.0, *(low + (high - low) * (shade + 0.5) / _SHADES for shade in range(_SHADES))])
    size = len(kind)
    follows = np.zeros((size * len(minutes),) * 2)
    to_sun = np.tile([1.0, *(0.0,) * _SHADES], len(minutes)) / len(minutes)
    to_cloud = np.tile([0.0, *(1.0 / _SHADES,) * _SHADES], len(minutes)) / len(minutes)
    for number in range(len(follows)):
        leaves = 1.0 - math.exp(-_STEP_S / (60.0 * minutes[number // size]))
        follows[number] = leaves * (to_cloud if number % size == 0 else to_sun)
        follows[number, number] += 1.0 - leaves
    return _Weather(shares=np.tile(kind, len(minutes)), next=follows, minutes=minutes)


def _drawn_w(surplus_w: Array, drive: Drive) -> Array:
    """Return what a car that charges draws: whole amperes, never below its smallest current."""
    per_a = VOLTAGE_V * drive.phases
    drawn: Array = np.clip(np.floor(surplus_w / per_a), SMALLEST_A, drive.max_a) * per_a
    return drawn


class _Choices:
    """What is best at each step: ``stops[t][closings left, sky]`` and ``starts[t][closings left, sky, off]``.

    Where the sun is seen ``sky`` of ``starts`` is that of now; else that in which the car stopped, ``off``
    steps ago.
    """

    def __init__(self, drive: Drive, weather: _Weather, price: float) -> None:
        steps = int(len(drive.surplus_w) / _STEP_S)
        wakes = max(1, round(drive.wakes_s / _STEP_S))
        waking = np.linalg.matrix_power(weather.next, wakes)
        ages = _DARK_STEPS if drive.hidden else 1
        since = np.stack([np.linalg.matrix_power(weather.next, age) @ waking for age in range(ages)])
        size = len(weather.shares)
        house_w = _house_w(drive)
        on: list[Array] = [np.zeros((_CLOSINGS + 1, size))] * (steps + wakes + 1)
        off: Array = np.zeros((_CLOSINGS + 1, size, ages))
        self.stops: list[NDArray[np.bool_]] = [np.zeros((_CLOSINGS + 1, size), bool)] * steps
        self.starts: list[NDArray[np.bool_]] = [np.zeros((_CLOSINGS + 1, size, ages), bool)] * steps
        for step in range(steps - 1, -1, -1):
            goes_on = (
                _worth(drive, weather, price, house_w, step) + _later(on[step + 1], step, 1) @ weather.next.T
            )
            rests = _later(off, step, 1)
            if drive.hidden:
                rests = np.concatenate([rests[:, :, 1:], rests[:, :, -1:]], axis=2)
            else:
                rests = np.einsum("ij,kja->kia", weather.next, rests)
            begins = np.full_like(rests, -math.inf)
            begun = _later(on[min(step + wakes, steps)], step, wakes)
            begins[1:] = np.einsum("aqj,kj->kqa", since, begun)[:-1]
            self.stops[step] = rests[:, :, 0] > goes_on
            self.starts[step] = begins > rests
            on[step] = np.maximum(rests[:, :, 0], goes_on)
            off = np.maximum(begins, rests)


def _later(value: Array, step: int, steps: int) -> Array:
    """Return a later value; a new hour of the clock begins with all closings."""
    if (step + steps) // _HOUR == step // _HOUR:
        return value
    return np.broadcast_to(value[-1:], value.shape)


def _worth(drive: Drive, weather: _Weather, price: float, house_w: float, step: int) -> Array:
    """Return what a step of charging is worth under each sky, in Wh."""
    clear = Sun(drive.sun.peak_w, drive.sun.day_s, drive.sun.start_s)
    surplus_w = clear.power_w((step + 0.5) * _STEP_S) * weather.shares - house_w
    drawn_w = _drawn_w(surplus_w, drive)
    solar_w = np.minimum(drawn_w, np.maximum(surplus_w, 0.0))
    worth: Array = (solar_w - price * (drawn_w - solar_w)) * _STEP_S / 3600.0
    return worth


def _house_w(drive: Drive) -> float:
    """Return what the house draws in the mean."""
    sun_w = [drive.sun.power_w(second + 1.0) for second in range(len(drive.surplus_w))]
    return max(0.0, math.fsum(sun_w) - math.fsum(drive.surplus_w)) / len(sun_w)


def _taken(drive: Drive, weather: _Weather, choices: _Choices) -> Taken:
    """Return what comes of the choices under the sky as it was."""
    ends_s = [later_s - mark_s for mark_s, later_s in pairwise((*drive.sun.marks_s, len(drive.surplus_w)))]
    skies = [weather.state(share, lasts_s) for share, lasts_s in zip(drive.sun.shares, ends_s, strict=True)]
    surplus_w, late = np.array(drive.surplus_w), round(drive.late_s)
    drawn_w = _drawn_w(np.concatenate([surplus_w[:1].repeat(late), surplus_w])[: len(surplus_w)], drive)
    is_on = np.zeros(len(surplus_w), bool)
    on, left, stopped, off_steps, draws_from_s, place = False, _CLOSINGS, 0, 0, 0.0, 0
    for step in range(int(len(surplus_w) / _STEP_S)):
        now_s = step * _STEP_S
        left = _CLOSINGS if step % _HOUR == 0 else left
        while place + 1 < len(skies) and drive.sun.marks_s[place + 1] <= now_s - drive.late_s:
            place += 1
        if on and now_s >= draws_from_s and choices.stops[step][left, skies[place]]:
            on, stopped, off_steps = False, skies[place], 0
        elif not on:
            sky, age = (stopped, min(off_steps, _DARK_STEPS - 1)) if drive.hidden else (skies[place], 0)
            off_steps += 1
            if left and (choices.starts[step][left, sky, age] or step == 0):
                on, left, draws_from_s = True, left - 1, now_s + drive.wakes_s
        seconds = slice(int(max(now_s, draws_from_s)), int(now_s + _STEP_S))
        is_on[seconds] = on
    solar_w = np.minimum(drawn_w, np.maximum(surplus_w, 0.0))
    return Taken(
        solar_wh=float(solar_w[is_on].sum()) / 3600.0, charged_wh=float(drawn_w[is_on].sum()) / 3600.0
    )
