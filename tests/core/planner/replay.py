"""A home of simple devices that carries out what a plan says of each, to see what then really happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from custom_components.home_flex.core.planner import Battery, Problem, Series


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What the meter showed, what it cost in all, and what each car had by its deadline."""

    net_w: Series
    money: float
    charged_wh: Mapping[str, float]


def replay(problem: Problem, powers_w: Mapping[str, Series]) -> Replayed:
    """Carry out powers: each device gives what it can of them, and no more."""
    hours, signals = problem.grid.lengths_h, problem.signals
    net_w = list(problem.load_w)
    money, charged_wh = 0.0, {}
    for store in problem.batteries:
        taken, left_wh = _battery(store, powers_w[store.device_id], hours)
        net_w = [net + power for net, power in zip(net_w, taken, strict=True)]
        money += sum(abs(w) * h * store.wear_per_kwh / 2000 for w, h in zip(taken, hours, strict=True))
        money -= (left_wh - store.stored_wh) / 1000 * (store.end_worth_per_kwh or 0.0)
    for car in problem.consumers:
        taken = _car_like(powers_w[car.device_id], car.available, car.max_w)
        net_w = [net + power for net, power in zip(net_w, taken, strict=True)]
        charged_wh[car.device_id] = sum(
            car.efficiency * w * h for w, h in zip(taken[: car.ready_step], hours, strict=False)
        )
    for fast in problem.fast_charges:
        net_w = [net + power for net, power in zip(net_w, powers_w[fast.device_id], strict=True)]
    for programme in problem.appliances:
        net_w = [net + power for net, power in zip(net_w, powers_w[programme.device_id], strict=True)]
    for pv in problem.pv:
        given = [max(w, -most) for w, most in zip(powers_w[pv.device_id], pv.available_w, strict=True)]
        net_w = [net + power for net, power in zip(net_w, given, strict=True)]
    for net, length_h, price, feed_in in zip(
        net_w, hours, signals.import_per_kwh, signals.export_per_kwh, strict=True
    ):
        money += length_h / 1000 * (net * price if net > 0 else net * feed_in)
    for peak in problem.peaks:
        highest_w = max(net_w[peak.steps], default=0.0)
        money += peak.per_kw * max(highest_w - peak.so_far_w, 0.0) / 1000
    return Replayed(net_w=tuple(net_w), money=money, charged_wh=charged_wh)


def _battery(store: Battery, wanted_w: Series, hours: Series) -> tuple[list[float], float]:
    stored, taken = store.stored_wh, []
    for wanted, length_h in zip(wanted_w, hours, strict=True):
        room_w = (store.capacity_wh - stored) / store.efficiency / length_h
        held_w = stored * store.efficiency / length_h
        power = max(min(wanted, store.charge_w, room_w), -store.discharge_w, -held_w)
        stored += length_h * (power * store.efficiency if power > 0 else power / store.efficiency)
        taken.append(power)
    return taken, stored


def _car_like(wanted_w: Series, available: tuple[bool, ...], most_w: float) -> list[float]:
    return [
        min(max(wanted, 0.0), most_w) if may else 0.0 for wanted, may in zip(wanted_w, available, strict=True)
    ]
