"""What could be saved at most: one linear programme over all the days, which knows everything.

It shares no code with the product's planner. The car may take any power up to its most.
"""

import highspy
import numpy as np

from .house import (
    BATTERY_W,
    CAPACITY_WH,
    CAR_MOST_A,
    CAR_NEED_WH,
    CAR_PHASES,
    EFFICIENCY,
    VOLTAGE,
    WEAR_PER_KWH,
)
from .rules import car_is_there
from .season import Season, export_price, import_price


def foresight_cost(season: Season, stored_wh: float, worth_per_kwh: float, *, own_use: bool = False) -> float:
    """Return the least cost of the days, less what is stored at their end, at ``worth_per_kwh``.

    No more is sold than the sun gives. ``own_use``: nor is anything given beyond what house and car take
    beside the sun, as in a home that never sells what it stored; else sun may be sold in its stead.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call] # it has no types
    solver.setOptionValue("output_flag", False)
    hours = 0.5
    most_car = CAR_MOST_A * VOLTAGE * CAR_PHASES / 1000
    infinite = highspy.kHighsInf
    stored_before: int | None = None
    night: list[int] = []
    columns = 0

    def column(low: float, high: float, cost: float) -> int:
        nonlocal columns
        solver.addCol(cost, low, high, 0, np.array([], dtype=np.int32), np.array([]))
        columns += 1
        return columns - 1

    def row(low: float, high: float, terms: list[tuple[int, float]]) -> None:
        where = np.array([place for place, _ in terms], dtype=np.int32)
        solver.addRow(low, high, len(terms), where, np.array([value for _, value in terms]))

    for step in range(season.steps):
        time = season.time(step)
        there = car_is_there(time)
        buys = column(0, infinite, import_price(time) * hours)
        sells = column(0, infinite, -export_price(time) * hours)
        sun = column(0, season.sun_w(step) / 1000, 0)
        charges = column(0, BATTERY_W / 1000, 0)
        gives = column(0, BATTERY_W / 1000, WEAR_PER_KWH * hours)
        last = step == season.steps - 1
        stored = column(0, CAPACITY_WH / 1000, -worth_per_kwh if last else 0)
        car = column(0, most_car if there else 0, 0)
        row(
            season.load_w(step) / 1000,
            season.load_w(step) / 1000,
            [(buys, 1), (sells, -1), (sun, 1), (gives, 1), (charges, -1), (car, -1)],
        )
        row(-infinite, 0, [(sells, 1), (sun, -1)])
        if own_use:
            taken = max(0.0, season.load_w(step) - season.sun_w(step)) / 1000
            row(-infinite, taken, [(gives, 1), (car, -1)])
        terms = [(stored, 1.0), (charges, -hours * EFFICIENCY), (gives, hours / EFFICIENCY)]
        start = stored_wh / 1000 if stored_before is None else 0.0
        row(start, start, terms if stored_before is None else [*terms, (stored_before, -1.0)])
        stored_before = stored
        if there:
            night.append(car)
        elif night:
            row(CAR_NEED_WH / 1000, infinite, [(place, hours) for place in night])
            night = []
    solver.run()
    return float(solver.getInfo().objective_function_value)
