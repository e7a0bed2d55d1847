"""The figures of all combinations together, and their targets."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

from .combination import Outcome
from .knowing import best, together

type Figures = dict[str, float]

# What a figure may be at most.
CONTROL_TARGETS: Mapping[str, float] = {
    "steady_swing_w_worst": 150.0,
    "hunting": 0.0,
    "changes_per_hour_steady_p50": 0.0,
    "changes_per_hour_steady_worst": 110.0,
    "ordered_beyond_shown_s_p50": 30.0,
    "ordered_beyond_shown_s_worst": 120.0,
    "over_limit_ws_ratio_to_floor_p50": 1.1,
    "fuse_over_excess_s_worst": 0.0,
    "breaker_trips": 0.0,
    "writes_per_day_eventless": 0.0,
    "false_losses_ppm_10s_meter": 20.0,
    "tick_ms_p95_20_devices": 10.0,
}

SURPLUS_TARGETS: Mapping[str, float] = {
    "zero_export_writes_per_h_worst": 60.0,
    "zero_export_battery_writes": 0.0,
    "zero_export_import_over_wh_battery_worst": 20.0,
    "zero_export_import_over_wh_pv_worst": 60.0,
    "zero_export_export_wh_worst": 100.0,
    "grid_share_worst_home": 0.15,
    "closings_worst_hour": 4.0,
    "wait_s_worst": 900.0,
    "breaker_trips": 0.0,
}
# What a figure must be at least.
SURPLUS_LEAST: Mapping[str, float] = {"solar_share_worst_home": 0.9, "fuse_use_worst": 0.89}


def control_figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of the control part; those of a family that was not run are left out."""
    told = _Told(outcomes)
    figures: Figures = {"combinations": float(len(outcomes))}
    told.put(figures, "steady_swing_w_worst", "swing_w", max)
    told.put(figures, "hunting", "hunts", sum)
    told.put(figures, "changes_per_hour_steady_p50", "changes_per_h", statistics.median)
    told.put(figures, "changes_per_hour_steady_worst", "changes_per_h", max)
    told.put(figures, "ordered_beyond_shown_s_p50", "beyond_s", statistics.median)
    told.put(figures, "ordered_beyond_shown_s_worst", "beyond_s", max)
    told.put(figures, "over_limit_ws_ratio_to_floor_p50", "ratio", statistics.median)
    told.put(figures, "fuse_over_excess_s_worst", "fuse_excess_s", max)
    told.put(figures, "breaker_trips", "trips", sum)
    told.put(figures, "writes_per_day_eventless", "writes_per_day", statistics.fmean)
    if telegrams := sum(told.values("telegrams")):
        figures["false_losses_ppm_10s_meter"] = sum(told.values("false_losses")) * 1e6 / telegrams
    told.put(figures, "tick_ms_p95_20_devices", "tick_ms", max)
    return _rounded(figures)


def surplus_figures(outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of the surplus part; those of a family that was not run are left out."""
    told = _Told(outcomes)
    figures: Figures = {"combinations": float(len(outcomes))}
    told.put(figures, "zero_export_writes_per_h_worst", "zero_export_writes_per_h", max)
    told.put(figures, "zero_export_battery_writes", "battery_writes", sum)
    told.put(figures, "zero_export_import_over_wh_battery_worst", "import_over_wh_battery", max)
    told.put(figures, "zero_export_import_over_wh_pv_worst", "import_over_wh_pv", max)
    told.put(figures, "zero_export_export_wh_worst", "export_wh", max)
    figures |= _of_worst_homes(_homes(outcomes))
    figures |= _beside_knowing(outcomes)
    told.put(figures, "closings_worst_hour", "closings", max)
    told.put(figures, "charger_writes_per_h_mean", "charger_writes_per_h", statistics.fmean)
    if unused := told.values("fuse_unused"):
        figures["fuse_use_worst"] = 1.0 - max(unused)
    told.put(figures, "wait_s_worst", "wait_s", max)
    told.put(figures, "breaker_trips", "trips", sum)
    return _rounded(figures)


def missed(figures: Mapping[str, float], most: Mapping[str, float], least: Mapping[str, float]) -> list[str]:
    """Return the targets that are missed, in words."""
    return [
        f"{key} {figures[key]:.5g}, target {target:.5g}"
        for key, target in (*most.items(), *least.items())
        if key in figures and (figures[key] > target if key in most else figures[key] < target)
    ]


def _homes(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Return the outcomes of each home under all its skies; a home is all of a name but the sky."""
    homes: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.figures.get("charged_wh"):
            family, _, home = outcome.name.split("/", 2)
            homes.setdefault((family, home), []).append(outcome)
    return list(homes.values())


def _of_worst_homes(homes: Sequence[Sequence[Outcome]]) -> Figures:
    """Return the solar and the grid share of the worst homes, beside it the latter of who knows the odds."""
    if not homes:
        return {}
    solar_share, grid_share = (
        {number: of(home) for number, home in enumerate(homes)} for of in (_solar_share, _grid_share)
    )
    buys_most = max(grid_share, key=grid_share.__getitem__)
    figures = {
        "solar_share_worst_home": min(solar_share.values()),
        "grid_share_worst_home": grid_share[buys_most],
    }
    if all(one.knowing for one in homes[buys_most]):
        knowing = best(
            together([one.knowing for one in homes[buys_most]]), _sum(homes[buys_most], "follower_wh")
        )
        figures["grid_share_knowing_worst_home"] = knowing.grid_share
    return figures


def _solar_share(home: Sequence[Outcome]) -> float:
    return _sum(home, "solar_wh") / _sum(home, "follower_wh")


def _grid_share(home: Sequence[Outcome]) -> float:
    return 1.0 - _sum(home, "solar_wh") / _sum(home, "charged_wh")


def _sum(home: Sequence[Outcome], key: str) -> float:
    return math.fsum(one.figures[key] for one in home)


def _beside_knowing(outcomes: Sequence[Outcome]) -> Figures:
    """Return the grid share of the home and sky furthest above who knows the odds, and that one's."""
    known = [one.figures for one in outcomes if "knowing_grid_share" in one.figures]
    if not known:
        return {}
    worst = max(known, key=lambda one: one["grid_share"] - one["knowing_grid_share"])
    most = max(one["knowing_grid_share"] for one in known)
    return {
        "grid_share_furthest_above_knowing": worst["grid_share"],
        "grid_share_knowing_there": worst["knowing_grid_share"],
        "grid_share_knowing_worst": most,
    }


def _rounded(figures: Figures) -> Figures:
    """Return the figures to three places, whole ones as such."""
    return {key: int(value) if value == int(value) else round(value, 3) for key, value in figures.items()}


class _Told:
    """The outcomes, by the name of a figure."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes

    def values(self, key: str) -> list[float]:
        return [outcome.figures[key] for outcome in self._outcomes if key in outcome.figures]

    def put(self, figures: Figures, name: str, key: str, together: Callable[[list[float]], float]) -> None:
        if values := self.values(key):
            figures[name] = together(values)
