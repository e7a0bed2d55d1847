"""Homes under clouds: never exporting, charging from the sun alone; and several cars on one fuse."""

import random
from collections.abc import Iterator
from dataclasses import replace

from .battery import BatterySpec
from .channel import Rhythm
from .charger import CarSpec, ChargerSpec
from .clouds import SKIES, Sun, broken, sky
from .combination import Combination
from .exchange import Asked, SiteFacts
from .house import HouseSpec
from .latencies import fast, slow
from .load import Load, even, household
from .meter import MeterSpec
from .pv import PvSpec
from .response import Response
from .surplus_judges import judge_cars, judge_surplus, judge_zero_export

_HALF_HOUR_S = 1800.0
_SKY_S = 20.0
_KETTLES_S = ((300.0, 450.0), (1200.0, 1320.0))
_KETTLE_W = 2000.0
_SUN_DAY_S = 8 * 3600.0
# Charging is seen around noon, in steps that suit a charger's pace.
_CHARGES_S = 4 * 3600.0
_CHARGES_FROM_S = 2 * 3600.0
_COARSE_STEP_S = 1.0
_HOUSE_A = 0.9


def surplus_combinations(*, charges_s: float = _CHARGES_S) -> Iterator[Combination]:
    """Yield every home; those with chargers are seen for ``charges_s``."""
    for cars in (2, 3, 5):
        for fuse_a in (16.0, 25.0, 35.0):
            yield _cars(cars, fuse_a, charges_s)
    for name in ("clear", *SKIES):
        for phases, peaks_w in (
            ("1", (5000.0, 8000.0)),
            ("3", (8000.0, 12000.0)),
            ("1or3", (8000.0, 12000.0)),
        ):
            for peak_w in peaks_w:
                yield _charging(name, phases, peak_w, fast(5.0), charges_s)
        yield _charging(name, "1", 8000.0, slow(1.0), charges_s)
        for phases in ("1", "3"):
            yield _never_exporting(_charging(name, phases, 8000.0, fast(1.0), charges_s))
    for seed in range(6):
        sun = broken(low_w=1000.0, high_w=6000.0, each_s=_SKY_S, length_s=_HALF_HOUR_S, seed=seed)
        yield _zero_export("pv", seed, sun, ())
        yield _zero_export("battery", seed, sun, (BatterySpec(own_lag_s=2.0),))
        yield _zero_export("battery-nearly-full", seed, sun, (BatterySpec(own_lag_s=2.0, clip_w=1000.0),))


def _zero_export(name: str, seed: int, sun: Sun, batteries: tuple[BatterySpec, ...]) -> Combination:
    changes = [(0.0, 800.0)]
    for start_s, end_s in _KETTLES_S:
        changes += [(start_s, 800.0 + _KETTLE_W), (end_s, 800.0)]
    load = Load(
        marks_s=tuple(mark_s for mark_s, _ in changes),
        phase_w=tuple(even(power_w, 3) for _, power_w in changes),
        noise_w=80.0,
    )
    return Combination(
        name=f"zero-export/{name}/{seed}",
        judge=judge_zero_export,
        house=HouseSpec(
            load=load,
            devices=(*batteries, PvSpec(sun=sun, response=Response(dead_s=1.0))),
            meter=MeterSpec(rhythm=fast(1.0), noise_w=0.0),
            seed=seed,
        ),
        asked=Asked(export_limit_w=0.0, wish=True),
        length_s=_HALF_HOUR_S,
        bounds={"battery": float(bool(batteries))},
    )


def _charging(name: str, phases: str, peak_w: float, meter: Rhythm, charges_s: float) -> Combination:
    sun = sky(name, peak_w=peak_w, seed=1, length_s=charges_s, day_s=_SUN_DAY_S, start_s=_CHARGES_FROM_S)
    # A fixed one-phase charger is one by its wiring; the others have three.
    wired = (1,) if phases == "1" else (1, 2, 3)
    charger = ChargerSpec(
        wired=wired,
        car=CarSpec(phases=len(wired), wakes_s=20.0),
        response=Response(dead_s=2.0),
        switches_phases=phases == "1or3",
        charging=False,
    )
    house = HouseSpec(
        load=household(base_w=400.0, phases=3, length_s=charges_s, seed=3),
        devices=(charger, PvSpec(rated_w=peak_w, sun=sun)),
        meter=MeterSpec(rhythm=meter),
        step_s=_COARSE_STEP_S,
    )
    return Combination(
        name=f"surplus/{name}/phases{phases}/{peak_w / 1000:g}kWp/meter{meter.period_s:g}+{meter.age_s:g}",
        judge=judge_surplus,
        house=house,
        asked=Asked(charge_modes={"charger": "surplus"}),
        length_s=charges_s,
    )


def _never_exporting(charging: Combination) -> Combination:
    """Return the same home with the other wish besides: PV stands at its limit, and hides the sun."""
    return replace(
        charging,
        name=charging.name.replace("surplus/", "surplus-never-export/"),
        asked=replace(charging.asked, export_limit_w=0.0, wish=True),
    )


def _cars(cars: int, fuse_a: float, charges_s: float) -> Combination:
    chance = random.Random(f"{cars} cars")  # noqa: S311 # repeatable cars, no secret
    chargers = tuple(
        ChargerSpec(
            device_id=f"charger{number}",
            car=CarSpec(
                needs_wh=chance.uniform(10000.0, 40000.0),
                arrives_s=chance.uniform(0.0, _HALF_HOUR_S) if number else 0.0,
                wakes_s=30.0,
            ),
            response=Response(dead_s=1.0),
            charging=False,
        )
        for number in range(cars)
    )
    house = HouseSpec(
        load=Load(marks_s=(0.0,), phase_w=((_HOUSE_A * 230.0,) * 3,)),
        devices=chargers,
        meter=MeterSpec(rhythm=fast(1.0)),
        site=SiteFacts(phases=3, fuse_a=fuse_a),
        step_s=_COARSE_STEP_S,
    )
    return Combination(
        name=f"cars/{cars}/fuse{fuse_a:g}A",
        judge=judge_cars,
        house=house,
        asked=Asked(charge_modes={charger.device_id: "fast" for charger in chargers}),
        length_s=charges_s,
    )
