"""How long plans take: processor milliseconds of the thread that makes them, if nothing else is said."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import highspy

from custom_components.home_flex.core.planner import Asked, Battery, LimitOwner, MeterLimit, Plan, Problem
from custom_components.home_flex.core.planner.cleaning import cleaned
from custom_components.home_flex.core.planner.context import context_of
from custom_components.home_flex.core.planner.envelope import Envelopes
from custom_components.home_flex.core.planner.flips import is_close
from custom_components.home_flex.core.planner.model import model_of, numbers_of
from custom_components.home_flex.core.planner.numbers import Numbers
from custom_components.home_flex.core.planner.plan import PlanStatus
from custom_components.home_flex.core.planner.planner import Planner
from custom_components.home_flex.core.planner.solver import pass_model

from . import homes
from .milp import BACKGROUND, BEST, searched

# Settings of bare HiGHS of which the best counts.
_BARE: Final[tuple[dict[str, str | int], ...]] = tuple(
    {"presolve": presolve, "simplex_strategy": strategy} for presolve in ("on", "off") for strategy in (1, 4)
)
_WALL_LIMIT_S: Final = 0.1
_PATHS: Final = 14


@dataclass(kw_only=True, slots=True)
class Homes:
    """What homes with a car and two programmes took, by kind of prices, and how good their plans are.

    ``gaps_ct``: how much dearer than the best that a MILP finds, of those that were compared; ``refined_ct``:
    likewise after the search in the background. ``unproven``: in how many it was not proven in time to be the
    best.
    """

    taken_ms: dict[str, list[float]] = field(default_factory=dict)
    gaps_ct: list[float] = field(default_factory=list)
    refined_ct: list[float] = field(default_factory=list)
    unproven: int = 0
    failed: int = 0

    @property
    def every_ms(self) -> list[float]:
        """Return what each home took."""
        return [each for taken in self.taken_ms.values() for each in taken]


def timed[T](work: Callable[[], T]) -> tuple[T, float]:
    """Return what a piece of work returns, and the processor milliseconds that it took."""
    began_s = time.thread_time()
    made = work()
    return made, 1000 * (time.thread_time() - began_s)


def whole_homes(count: int, compared: int) -> Homes:
    """Plan homes with past errors and reasons; compare the first ``compared`` with the best there is."""
    found, grid = Homes(), homes.quarters()
    planner, solver = Planner(), Planner()
    planner.plan(homes.problem(homes.Home(seed=count), grid))  # what is loaded at first is loaded
    for number in range(count):
        prices = homes.PRICE_KINDS[number % len(homes.PRICE_KINDS)]
        home = homes.Home(seed=number, prices=prices, error_paths=_PATHS)
        problem = homes.problem(home, grid)
        plan, taken = timed(partial(planner.plan, problem))
        found.taken_ms.setdefault(home.prices, []).append(taken)
        found.failed += plan.status is not PlanStatus.SOLVED
        if number < compared and not isinstance(solved := solver.solve(problem), Plan):
            best, soon = searched(solved, BEST), solved.dived.objective
            found.unproven += not best.is_proven
            found.gaps_ct.append(100 * (soon - best.objective))
            if not is_close(soon, solved.dived.bound, problem.preferences.least_gap):
                soon = min(soon, searched(solved, BACKGROUND).objective)
            found.refined_ct.append(100 * (soon - best.objective))
    return found


def linear(count: int) -> tuple[list[float], list[float]]:
    """Return what homes of sun and battery take on 96 quarter-hours: from nothing, and after news."""
    grid, cold, warm = homes.quarters(), [], []
    for number in range(count):
        home = homes.Home(
            seed=number,
            prices=homes.PRICE_KINDS[number % 5],
            with_car=False,
            with_programmes=False,
            batteries=1 + number % 2,
        )
        planner = Planner()
        problem, news = homes.problem(home, grid), homes.problem(home, grid, noise=number)
        cold.append(timed(partial(planner.solve, problem))[1])
        warm.append(timed(partial(planner.solve, news))[1])
    return cold, warm


def ratios_to_bare(count: int) -> Iterator[float]:
    """Yield how much longer a plan of 576 steps takes from nothing than bare HiGHS at its best setting."""
    grid = homes.fives()
    for number in range(count):
        home = homes.Home(
            seed=number, prices=homes.PRICE_KINDS[number % 5], with_car=False, with_programmes=False
        )
        problem = homes.problem(home, grid)
        usable, _ = cleaned(problem)
        numbers = numbers_of(model_of(usable), context_of(usable))
        bare = min(_bare_ms(numbers, options) for options in (*_BARE, *_BARE))
        ours = min(timed(partial(Planner(limit_s=30.0).solve, problem))[1] for _ in range(2))
        yield ours / bare


def _bare_ms(numbers: Numbers, options: dict[str, str | int]) -> float:
    highs = highspy.Highs()  # type: ignore[no-untyped-call] # has no stubs
    for option, value in {"output_flag": False, "threads": 1, **options}.items():
        highs.setOptionValue(option, value)

    def solved() -> None:
        pass_model(highs, numbers)
        highs.run()

    return timed(solved)[1]


def degenerate(count: int) -> dict[str, float]:
    """Return the longest that each kind of degenerate home takes, in milliseconds of wall clock."""
    worst: dict[str, float] = {}
    planner = Planner(limit_s=10.0)
    for number in range(count):
        for name, problem in _degenerate(number):
            began_s = time.monotonic()
            planner.plan(problem)
            worst[name] = max(worst.get(name, 0.0), 1000 * (time.monotonic() - began_s))
    return worst


def _degenerate(seed: int) -> Iterator[tuple[str, Problem]]:
    grid = homes.quarters()
    for prices in homes.PRICE_KINDS[1:]:
        yield prices, homes.problem(homes.Home(seed=seed, prices=prices), grid)
        yield f"{prices}, tiers", homes.problem(homes.Home(seed=seed, prices=prices), homes.tiered())
    flat = homes.problem(homes.Home(seed=seed, prices="flat_full", batteries=2, phases=True), grid)
    yield "flat, two full batteries, phases", flat
    fuse = MeterLimit(
        limit_id="fuse",
        owner=LimitOwner.FUSE,
        import_w=(5750.0,) * len(grid),
        export_w=(5750.0,) * len(grid),
    )
    yield "1 x 25 A", replace(flat, meter_limits=(fuse,))
    unknown = (float("nan"),) * len(grid)
    yield "no forecast", replace(flat, load_w=unknown)
    no_wear = tuple(_without_wear(one) for one in flat.batteries)
    yield "no wear", replace(flat, batteries=no_wear)


def _without_wear(battery: Battery) -> Battery:
    return replace(battery, wear_per_kwh=0.0)


def wall_overruns_ms(count: int) -> Iterator[float]:
    """Yield by how long plans that are cut short take longer than they may, by the wall clock."""
    grid = homes.fives()
    for number in range(count):
        problem = homes.problem(homes.Home(seed=number, batteries=2), grid)
        planner = Planner(limit_s=_WALL_LIMIT_S)
        began_s = time.monotonic()
        planner.solve(problem)
        yield max(1000 * (time.monotonic() - began_s - _WALL_LIMIT_S), 0.0)


def envelopes_ms(count: int) -> Iterator[float]:
    """Yield what five points of 24 half-hours, up and down, take, with the plan that they lie beside."""
    grid, envelopes, asked = homes.quarters(), Envelopes(limit_s=60.0), Asked(durations_s=(1800,))
    for number in range(count):
        home = homes.Home(seed=number, prices=homes.PRICE_KINDS[number % len(homes.PRICE_KINDS)])
        problem = homes.problem(home, grid)
        yield timed(partial(envelopes.envelope, problem, None, asked))[1]
