"""A fleet of homes from noon to seven in the morning, minute by minute: cars, heat pumps and all the rest.

A car draws its power from when it comes home until it has what it needs. A heat pump has two steps, off and
on, and keeps its house within half a kelvin; each house cools on its own. Both can be held off and let go.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FIRST_H: Final = 12
MINUTES: Final = 19 * 60
EVENT_START: Final = (17 - FIRST_H) * 60
EVENT_END: Final = (19 - FIRST_H) * 60
_BAND_K: Final = 0.5

type Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fleet:
    """Homes of one kind each; powers in W, energies in Wh, arrays of shape (homes,) but for ``rest_w``.

    ``is_car``: it has a car, the others a heat pump. ``rest_w`` (homes, minutes) is what else it draws.
    """

    feeder: NDArray[np.int64]
    rest_w: Array
    is_car: NDArray[np.bool_]
    power_w: Array
    home_at: NDArray[np.int64]
    needs_wh: Array
    loss_w_per_k: Array
    stores_wh_per_k: Array
    cop: Array
    wanted_c: Array
    outside_c: float
    starts_c: Array
    starts_on: NDArray[np.bool_]

    @property
    def usual_w(self) -> Array:
        """What a heat pump draws on the mean to keep its house warm; 0 for a car."""
        heat_w = self.loss_w_per_k * (self.wanted_c - self.outside_c)
        return np.where(self.is_car, 0.0, np.minimum(heat_w / self.cop, 0.95 * self.power_w))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Lived:
    """What the fleet drew: ``device_w`` of shape (homes, minutes), and what was lacking at seven, in Wh."""

    device_w: Array
    lacking_wh: Array
    celsius: Array


def drawn(random: np.random.Generator, homes: int, cars: float, feeders: int) -> Fleet:
    """Return a fleet of which a share has a car, and the others a heat pump, on a winter evening."""
    is_car = np.arange(homes) < round(cars * homes)
    pump_w = random.choice([2000.0, 3000.0, 4000.0], homes)
    cop = random.uniform(2.6, 3.4, homes)
    outside_c = 2.0
    wanted_c = random.normal(20.5, 0.7, homes)
    # Pumps are sized so that they run a third to two thirds of the time.
    duty = random.uniform(0.33, 0.66, homes)
    loss = duty * pump_w * cop / (wanted_c - outside_c)
    return Fleet(
        feeder=random.integers(0, feeders, homes),
        rest_w=_rest_w(random, homes),
        is_car=is_car,
        power_w=np.where(is_car, random.choice([3700.0, 7400.0, 11000.0], homes, p=[0.3, 0.4, 0.3]), pump_w),
        home_at=np.clip(random.normal((18 - FIRST_H) * 60, 75, homes), 0, MINUTES - 1).astype(np.int64),
        needs_wh=np.clip(random.lognormal(np.log(8000), 0.5, homes), 1500, 30_000),
        loss_w_per_k=loss,
        stores_wh_per_k=loss * random.uniform(40, 80, homes),
        cop=cop,
        wanted_c=wanted_c,
        outside_c=outside_c,
        starts_c=wanted_c + random.uniform(-_BAND_K, _BAND_K, homes) / 2,
        starts_on=random.random(homes) < duty,
    )


def _rest_w(random: np.random.Generator, homes: int) -> Array:
    hour = FIRST_H + np.arange(MINUTES) / 60
    shape = 250 + 350 * np.exp(-(((hour - 19.3) / 1.8) ** 2)) + 100 * np.exp(-(((hour - 31) / 0.8) ** 2))
    scale = random.lognormal(0, 0.45, homes)[:, None]
    bursts = random.gamma(1.5, 1 / 1.5, (homes, -(-MINUTES // 10))).repeat(10, axis=1)[:, :MINUTES]
    return np.asarray(scale * shape * bursts)


def lived(fleet: Fleet, held: NDArray[np.bool_], let_go: NDArray[np.int64]) -> Lived:
    """Return the night when ``held`` homes are off from the event's start until minute ``let_go``."""
    homes = len(fleet.feeder)
    lacking, celsius, is_on = fleet.needs_wh.copy(), fleet.starts_c.copy(), fleet.starts_on.copy()
    device_w = np.zeros((homes, MINUTES))
    for minute in range(MINUTES):
        is_off = held & (minute >= EVENT_START) & (minute < let_go)
        charges = fleet.is_car & (minute >= fleet.home_at) & (lacking > 0)
        is_on = np.where(celsius < fleet.wanted_c - _BAND_K / 2, True, is_on)
        is_on = np.where(celsius > fleet.wanted_c + _BAND_K / 2, False, is_on)
        runs = np.where(fleet.is_car, charges, is_on) & ~is_off
        power_w = np.where(runs, fleet.power_w, 0.0)
        power_w = np.where(fleet.is_car, np.minimum(power_w, lacking * 60), power_w)
        device_w[:, minute] = power_w
        lacking -= np.where(fleet.is_car, power_w / 60, 0)
        heat_w = np.where(fleet.is_car, 0.0, power_w * fleet.cop)
        celsius += (heat_w - fleet.loss_w_per_k * (celsius - fleet.outside_c)) / 60 / fleet.stores_wh_per_k
    cold_wh = np.maximum(fleet.wanted_c - _BAND_K / 2 - celsius, 0) * fleet.stores_wh_per_k / fleet.cop
    return Lived(device_w=device_w, lacking_wh=np.where(fleet.is_car, lacking, cold_wh), celsius=celsius)
