"""What is read off a run: steady houses, limits under moving loads, fuses, quiet days, lost meters."""

import math
import statistics
from collections.abc import Mapping, Sequence

from .charger import Charger
from .combination import Combination, Outcome
from .exchange import Asked
from .house import House
from .references import unavoidable_ws
from .run import MakesController, Record, coarsest_w

SWING_W = 150.0
HUNTS_AFTER = 4
CHANGES_PER_H = 110.0
BEYOND_S = 120.0
RATIO = 1.5
# Batteries of different speed may cross zero at different times.
OPPOSED_S = 60.0
DEAD_FOUND_S = 40.0
_OVER_LIMIT_W = 100.0
_LIMIT_FROM_S = 60.0


def judge_steady(combination: Combination, makes: MakesController) -> Outcome:
    """Judge how still a house is in which nothing moves, and whether it is where it was asked to be."""
    record = combination.run(makes)
    targeted = combination.asked.target_w is not None
    curve_w = record.astray_w if targeted else record.grid_w
    parts = [record.part(curve_w, *window) for window in combination.windows_s]
    step_w = coarsest_w(record.house)
    allowed_w = max(SWING_W, 1.1 * step_w + 20.0)
    swing_w = max(max(part) - min(part) for part in parts)
    hunts = any(turns(part, allowed_w) >= HUNTS_AFTER for part in parts)
    changes = changes_per_h(record, combination.windows_s)
    figures = {"changes_per_h": changes, "hunts": float(hunts), "opposed_s": record.opposed_s}
    # The steps of a coarse device are no swing, unless it takes two.
    figures["swing_w"] = swing_w if swing_w > allowed_w or step_w < SWING_W else 0.0
    failures = too_large({"swing_w": swing_w}, {"swing_w": allowed_w})
    failures += too_large(figures, {"changes_per_h": CHANGES_PER_H, "hunts": 0.0, "opposed_s": OPPOSED_S})
    if targeted:
        figures["astray_w"] = max(abs(statistics.fmean(part)) for part in parts)
        failures += too_large(figures, {"astray_w": allowed_w})
    else:
        failures += _limits_missed(combination, parts)
    if combination.bounds.get("saturates"):
        figures["beyond_s"] = record.beyond_s
        failures += too_large(figures, {"beyond_s": BEYOND_S})
    return Outcome(name=combination.name, figures=figures, failures=failures)


def judge_limit(combination: Combination, makes: MakesController) -> Outcome:
    """Judge the W·s over an import limit under a moving load, beside what nobody could have avoided."""
    record = combination.run(makes)
    limit_w = combination.asked.import_limit_w or 0.0
    floor_ws = unavoidable_ws(
        House(combination.house), limit_w=limit_w, length_s=combination.length_s, from_s=_LIMIT_FROM_S
    )
    after_w = record.part(record.grid_w, _LIMIT_FROM_S, combination.length_s)
    over_ws = sum(max(0.0, power_w - limit_w) for power_w in after_w) * record.step_s
    figures = {"ratio": over_ws / floor_ws, "over_ws": over_ws, "floor_ws": floor_ws}
    figures["moving_changes_per_h"] = changes_per_h(record, [(_LIMIT_FROM_S, combination.length_s)])
    return Outcome(name=combination.name, figures=figures, failures=too_large(figures, {"ratio": RATIO}))


def judge_fuse(combination: Combination, makes: MakesController) -> Outcome:
    """Judge how long a fuse carries too much, whether its breaker trips, and that cars charge at all."""
    record = combination.run(makes)
    charged_wh = sum(
        device.charged_wh for device in record.house.devices.values() if isinstance(device, Charger)
    )
    figures = {
        "fuse_excess_s": max(0.0, record.over_fuse_s - combination.bounds["over_s"]),
        "trips": float(record.trips),
        "not_charged_wh": max(0.0, combination.bounds["charges_wh"] - charged_wh),
    }
    failures = too_large(figures, {"fuse_excess_s": 0.0, "trips": 0.0, "not_charged_wh": 0.0})
    return Outcome(name=combination.name, figures=figures, failures=failures)


def judge_quiet(combination: Combination, makes: MakesController) -> Outcome:
    """Judge a part of a day on which nobody asks anything: nothing is written."""
    record = combination.run(makes)
    figures = {"writes_per_day": len(record.writes) * 86400.0 / combination.length_s}
    return Outcome(
        name=combination.name, figures=figures, failures=too_large(figures, {"writes_per_day": 0.0})
    )


def judge_dead_meter(combination: Combination, makes: MakesController) -> Outcome:
    """Judge how soon a meter that died is judged lost."""
    record = combination.run(makes)
    rhythm = combination.house.meter.rhythm
    lost_s = combination.length_s if record.meter_lost_s is None else record.meter_lost_s
    figures = {"dead_found_s": lost_s - rhythm.dies_s - rhythm.age_s}
    failures = too_large(figures, {"dead_found_s": DEAD_FOUND_S})
    if figures["dead_found_s"] < 0.0:
        failures = ("lost before it died",)
    return Outcome(name=combination.name, figures=figures, failures=failures)


def judge_turned(combination: Combination, makes: MakesController) -> Outcome:
    """Judge that a device which does the opposite is not driven on: no worse than without control."""
    record = combination.run(makes)
    part = record.part(record.grid_w, combination.length_s - 60.0, combination.length_s)
    aim_w = combination.asked.target_w or 0.0
    untouched_w = abs(
        combination.house.load.at(combination.length_s)[0] * combination.house.site.phases - aim_w
    )
    worst_w = max(abs(power_w - aim_w) for power_w in part)
    figures = {"harm_w": max(0.0, worst_w - untouched_w)}
    return Outcome(name=combination.name, figures=figures, failures=too_large(figures, {"harm_w": SWING_W}))


def judge_ticks(combination: Combination, makes: MakesController) -> Outcome:
    """Judge what one tick takes of a processor, in ms."""
    record = combination.run(makes)
    figures = {"tick_ms": statistics.quantiles(record.ticks_s, n=20)[-1] * 1000.0}
    return Outcome(name=combination.name, figures=figures)


def turns(curve_w: Sequence[float], size_w: float) -> int:
    """Return how often a curve turns back by more than ``size_w``."""
    found, direction, extreme_w = 0, 0.0, curve_w[0]
    for power_w in curve_w:
        way_w = power_w - extreme_w
        if direction * way_w > 0.0:
            extreme_w = power_w
        elif abs(way_w) > size_w:
            found += direction != 0.0
            direction, extreme_w = math.copysign(1.0, way_w), power_w
    return found


def changes_per_h(record: Record, windows_s: Sequence[tuple[float, float]]) -> float:
    """Return how often the busiest device was told something new in these windows, per hour."""
    seconds = sum(end_s - start_s for start_s, end_s in windows_s)
    counts = dict.fromkeys(record.house.devices, 0)
    for write in record.writes:
        if write.changed and any(start_s <= write.at_s < end_s for start_s, end_s in windows_s):
            counts[write.device_id] += 1
    return max(counts.values(), default=0) * 3600.0 / seconds


def _limits_missed(combination: Combination, parts: Sequence[Sequence[float]]) -> tuple[str, ...]:
    """Return by how much limits are missed at rest, and how much of them is left unused."""
    asked: Asked = combination.asked
    means_w = [statistics.fmean(part) for part in parts]
    figures: dict[str, float] = {}
    if asked.import_limit_w is not None:
        figures["over_import_w"] = max(means_w) - asked.import_limit_w
    if asked.export_limit_w is not None:
        figures["over_export_w"] = -min(means_w) - asked.export_limit_w
    targets = dict.fromkeys(figures, _OVER_LIMIT_W)
    if "unused_w" in combination.bounds:
        limit_w = asked.import_limit_w if asked.import_limit_w is not None else asked.export_limit_w or 0.0
        sign = 1.0 if asked.import_limit_w is not None else -1.0
        figures["unused_w"] = max(limit_w - sign * mean_w for mean_w in means_w)
        targets["unused_w"] = combination.bounds["unused_w"]
    return too_large(figures, targets)


def too_large(figures: Mapping[str, float], targets: Mapping[str, float]) -> tuple[str, ...]:
    """Return which figures are larger than they may be, in words."""
    return tuple(
        f"{key} {figures[key]:.5g} > {target:.5g}" for key, target in targets.items() if figures[key] > target
    )
