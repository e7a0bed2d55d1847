"""Houses of two nodes, air and walls, hour by hour: who lives there, what warms them, what they lose."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .weather import Floats, Weather

type Flags = NDArray[np.bool_]

# Of the loss, so much goes straight from the air (windows, airing); the rest through the walls' mass.
_STRAIGHT = 0.45


@dataclass(frozen=True, kw_only=True, slots=True)
class Houses:
    """One value a house. ``loss_w_per_k``: the fabric's; ``time_constant_h``; ``aperture_m2`` for the sun."""

    loss_w_per_k: Floats
    time_constant_h: Floats
    aperture_m2: Floats
    set_point_c: Floats
    set_back_k: Floats
    people: Floats
    electricity_wh_a_day: Floats
    hot_water_wh_a_day: Floats
    has_heat_pump: Flags
    efficiency: Floats
    airs: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Lived:
    """A winter, houses x hours: what really was.

    ``loss_w_per_k``: momentary, airing and wind included. ``at_home``: 0 while all are away.
    """

    indoor_c: Floats
    heating_w: Floats
    electricity_w: Floats
    people_w: Floats
    loss_w_per_k: Floats
    at_home: Floats


def drawn(random: np.random.Generator, count: int) -> Houses:
    """Return houses as a street has them."""
    has_heat_pump = random.random(count) < 0.4
    return Houses(
        loss_w_per_k=np.clip(random.lognormal(np.log(190.0), 0.4, count), 60.0, 600.0),
        time_constant_h=random.uniform(25.0, 80.0, count),
        aperture_m2=random.uniform(1.0, 7.0, count),
        set_point_c=random.normal(20.0, 0.8, count),
        set_back_k=np.where(random.random(count) < 0.6, random.uniform(1.0, 4.0, count), 0.0),
        people=random.integers(1, 6, count).astype(np.float64),
        electricity_wh_a_day=random.uniform(4000.0, 13000.0, count),
        hot_water_wh_a_day=random.uniform(3000.0, 10000.0, count),
        has_heat_pump=has_heat_pump,
        efficiency=np.where(
            has_heat_pump, random.uniform(2.6, 4.4, count), random.uniform(0.80, 0.97, count)
        ),
        airs=random.uniform(0.0, 0.1, count),
    )


def retrofitted(random: np.random.Generator, houses: Houses, share: float) -> Houses:
    """Return houses that lose ``share`` less, whose people like it a little warmer or cooler than before."""
    return replace(
        houses,
        loss_w_per_k=houses.loss_w_per_k * (1.0 - share),
        set_point_c=houses.set_point_c + random.normal(0.3, 0.4, len(houses.people)),
    )


def lived(random: np.random.Generator, houses: Houses, weather: Weather) -> Lived:
    """Return a winter: the heating holds the set-point as far as its power reaches."""
    count, hours = weather.sun_w_per_m2.shape
    at_home = _at_home(random, count, hours)
    hour = np.arange(hours) % 24
    electricity_w = _electricity_w(random, houses, at_home, hour)
    people_w = houses.people[:, None] * 75.0 * at_home * np.where((hour > 8) & (hour < 17), 0.35, 0.85)
    airing = 1.0 + houses.airs[:, None] * random.exponential(1.0, (count, hours)) * at_home
    straight = _STRAIGHT * houses.loss_w_per_k[:, None] * airing * (0.8 + 0.2 * weather.wind)
    through = (1.0 - _STRAIGHT) * houses.loss_w_per_k
    is_night = (hour >= 22) | (hour < 6)
    wanted_c = houses.set_point_c[:, None] - houses.set_back_k[:, None] * is_night - 4.0 * (1 - at_home)
    gains_w = electricity_w * 0.95 + people_w
    sun_w = houses.aperture_m2[:, None] * weather.sun_w_per_m2
    indoor_c, heating_w = _warmed(houses, weather, wanted_c, gains_w + 0.5 * sun_w, 0.5 * sun_w, straight)
    return Lived(
        indoor_c=indoor_c,
        heating_w=heating_w,
        electricity_w=electricity_w,
        people_w=people_w,
        loss_w_per_k=straight + through[:, None],
        at_home=at_home,
    )


def _warmed(
    houses: Houses, weather: Weather, wanted_c: Floats, air_w: Floats, mass_w: Floats, straight: Floats
) -> tuple[Floats, Floats]:
    """Step both nodes through the hours, implicitly; return the air's temperature and the heating's power."""
    through = (1.0 - _STRAIGHT) * houses.loss_w_per_k
    # From the air to the mass, and from the mass out: in series they make ``through``.
    inner, outer = 5.0 * through, 1.25 * through
    mass_wh = houses.time_constant_h * houses.loss_w_per_k
    air_wh = 0.06 * mass_wh
    most_w = houses.loss_w_per_k * 32.0
    air_c, mass_c = wanted_c[:, 0].copy(), wanted_c[:, 0] - 3.0
    indoor_c, heating_w = np.empty_like(wanted_c), np.empty_like(wanted_c)
    for hour in range(wanted_c.shape[1]):
        out_c, leak = weather.outdoor_c[:, hour], straight[:, hour]
        # The mass's equation put into the air's: both at the hour's end.
        whole = mass_wh + inner + outer
        from_mass_w = inner * (mass_wh * mass_c + outer * out_c + mass_w[:, hour]) / whole
        stiff = air_wh + leak + inner - inner**2 / whole
        free_w = air_wh * air_c + leak * out_c + from_mass_w + air_w[:, hour]
        heat_w = np.clip(wanted_c[:, hour] * stiff - free_w, 0.0, most_w)
        air_c = (free_w + heat_w) / stiff
        mass_c = (mass_wh * mass_c + outer * out_c + inner * air_c + mass_w[:, hour]) / whole
        indoor_c[:, hour], heating_w[:, hour] = air_c, heat_w
    return indoor_c, heating_w


def _at_home(random: np.random.Generator, count: int, hours: int) -> Floats:
    at_home = np.ones((count, hours))
    for house in np.flatnonzero(random.random(count) < 0.5):
        start = int(random.integers(0, hours - 240))
        at_home[house, start : start + int(random.integers(48, 240))] = 0.0
    return at_home


def _electricity_w(
    random: np.random.Generator, houses: Houses, at_home: Floats, hour: NDArray[np.int64]
) -> Floats:
    shape = 0.6 + 0.5 * (hour >= 7) + 0.9 * ((hour >= 17) & (hour < 23))
    base = houses.electricity_wh_a_day[:, None] / 24.0 * shape / shape.mean()
    power_w: Floats = base * random.gamma(4.0, 0.25, at_home.shape) * np.where(at_home > 0, 1.0, 0.35)
    return power_w
