"""``scripts/bench control|surplus``: run combinations, print which fail, and one JSON line."""

import argparse
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context

from .combination import Combination, Outcome
from .figures import (
    CONTROL_TARGETS,
    SURPLUS_LEAST,
    SURPLUS_TARGETS,
    Figures,
    control_figures,
    missed,
    surplus_figures,
)
from .house import House
from .moving import moving_combinations
from .product import Product
from .quiet import quiet_combinations
from .steady import steady_combinations
from .surplus import surplus_combinations

_QUICK_PART_S, _QUICK_TELEGRAMS, _QUICK_EACH = 600.0, 1000, 17
_QUICK_CHARGES_S, _QUICK_EACH_SURPLUS = 1800.0, 7
_TRACE_EACH_S = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of the bench: what is run, what is made of it, what that may be at most and at least."""

    combinations: Callable[[bool], Iterator[Combination]]
    figures: Callable[[Sequence[Outcome]], Figures]
    most: Mapping[str, float]
    least: Mapping[str, float]


def _control(quick: bool) -> Iterator[Combination]:
    """Yield all combinations of control, the longest first."""
    if quick:
        yield from quiet_combinations(part_s=_QUICK_PART_S, telegrams=_QUICK_TELEGRAMS)
    else:
        yield from quiet_combinations()
    moving = [*steady_combinations(), *moving_combinations()]
    yield from _sample(moving) if quick else moving


def _sample(combinations: Sequence[Combination]) -> Iterator[Combination]:
    """Yield some of every kind, of each kind with other latencies: kind is all of a name but its latency."""
    kinds: dict[str, list[Combination]] = {}
    for combination in combinations:
        kinds.setdefault(combination.name.rpartition("/")[0], []).append(combination)
    for number, kind in enumerate(kinds.values()):
        yield from kind[(5 * number) % len(kind) :: _QUICK_EACH]


def _surplus(quick: bool) -> Iterator[Combination]:
    """Yield all combinations of surplus."""
    if quick:
        yield from [*surplus_combinations(charges_s=_QUICK_CHARGES_S)][::_QUICK_EACH_SURPLUS]
    else:
        yield from surplus_combinations()


PARTS = {
    "control": Part(combinations=_control, figures=control_figures, most=CONTROL_TARGETS, least={}),
    "surplus": Part(
        combinations=_surplus, figures=surplus_figures, most=SURPLUS_TARGETS, least=SURPLUS_LEAST
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a part; return 0 when every target is met."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--quick", action="store_true", help="some of every kind, in less than a minute")
    parser.add_argument("--only", metavar="NAME", help="only combinations whose name begins so")
    parser.add_argument("--trace", action="store_true", help="print what happens, second by second")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--all", action="store_true", help="print the figures of each combination")
    options = parser.parse_args(arguments)
    part = PARTS[options.part]
    combinations = [
        combination
        for combination in part.combinations(options.quick)
        if combination.name.startswith(options.only or "")
    ]
    if options.list:
        print(*(combination.name for combination in combinations), sep="\n")
        return 0
    if not combinations:
        parser.error(f"no combination's name begins with {options.only}")
    if options.trace:
        combinations[0].run(Product, watch=_trace)
        return 0
    return _judge(part, combinations, tell_all=options.all)


def judged(combination: Combination) -> Outcome:
    """Run and judge one combination in this process."""
    return combination.judge(combination, Product)


def _judge(part: Part, combinations: Sequence[Combination], *, tell_all: bool) -> int:
    with get_context("forkserver").Pool(min(os.cpu_count() or 1, len(combinations))) as pool:
        outcomes = []
        for outcome in pool.imap(judged, combinations):
            outcomes.append(outcome)
            _tell(outcome, tell_all=tell_all)
    figures = part.figures(outcomes)
    failing = [outcome for outcome in outcomes if outcome.failures]
    astray = missed(figures, part.most, part.least)
    print(f"{len(failing)} of {len(outcomes)} combinations fail", *astray, sep="\nmissed: ")
    print(json.dumps(figures), flush=True)
    return 1 if failing or astray else 0


def _tell(outcome: Outcome, *, tell_all: bool) -> None:
    told = ", ".join(f"{key} {value:.4g}" for key, value in outcome.figures.items())
    if outcome.failures:
        knowing = outcome.figures.get("knowing_grid_share")
        beside = "" if knowing is None else f" (grid_share of who knows the odds: {knowing:.4g})"
        print(f"fails: {outcome.name}: {'; '.join(outcome.failures)}{beside}", flush=True)
    elif tell_all:
        print(f"holds: {outcome.name}: {told}", flush=True)


def _trace(house: House) -> None:
    """Print a line each second: power at the connection, what was heard of it, load, devices and orders."""
    if house.now_s % _TRACE_EACH_S >= house.spec.step_s - 1e-9:
        return
    heard = f"{house.heard.telegram.power_w:8.0f}" if house.heard is not None else " " * 8
    devices = "  ".join(
        f"{device_id} {device.power_w:7.0f} of {'own' if device.told is None else round(device.told, 1)}"
        for device_id, device in house.devices.items()
    )
    print(f"{house.now_s:8.1f} grid {house.grid_w:8.0f} heard {heard} rest {house.rest_w:7.0f}  {devices}")
