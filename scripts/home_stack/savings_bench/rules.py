"""The same house without a plan: the battery covers it, and the car charges as soon as it is there."""

from datetime import datetime

from ..home_series import ZONE
from .house import CAR_COMES_H, CAR_LEAVES_H, WEAR_PER_KWH, House
from .season import STEP_S, Season, export_price, import_price

_PARTS = 30


def car_is_there(time: datetime) -> bool:
    """Return whether the car is at home: each night."""
    hour = time.astimezone(ZONE).hour
    return hour >= CAR_COMES_H or hour < CAR_LEAVES_H


def money(time: datetime, house: House, seconds: float) -> float:
    """Return what the house costs in some seconds as it is: what is bought less what is sold, and wear."""
    price = import_price(time) if house.grid_w > 0 else export_price(time)
    hours = seconds / 3600
    return (price * house.grid_w + WEAR_PER_KWH * max(0.0, -house.battery_w)) * hours / 1000


def rule_based(season: Season, stored_wh: float) -> tuple[list[float], float]:
    """Return the cost of each step, and what is stored at the end."""
    house = House(stored_wh=stored_wh)
    costs = []
    for step in range(season.steps):
        time = season.time(step)
        house.plug(there=car_is_there(time))
        cost = 0.0
        for _ in range(_PARTS):
            seconds = STEP_S / _PARTS
            house.run(season.load_w(step), season.sun_w(step), seconds)
            cost += money(time, house, seconds)
        costs.append(cost)
    return costs, house.stored_wh
