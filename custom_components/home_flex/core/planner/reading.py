"""From the numbers of a solution to a plan: powers, intents, worth, money, and what was bent."""

from collections.abc import Mapping

import numpy as np

from ..model import DeviceKind
from .bending import Bend, BentWish, LeftOut
from .bends import bends
from .context import Context
from .dive import Dived
from .intents import (
    appliance_intents,
    battery_intents,
    consumer_intents,
    fast_intents,
    heat_intents,
    sun_intents,
)
from .numbers import Numbers
from .outcome import Outcome
from .parts.battery import end_worth
from .parts.meter import PEAK
from .parts.thermal import heat_worth
from .plan import DevicePlan, Intent, Money, Plan, PlanStatus
from .powers import Powers, series
from .problem import (
    Appliance,
    Battery,
    Consumer,
    FastCharge,
    Problem,
    Pv,
    Series,
    ThermalStore,
    priced_peaks,
)
from .sketch import BALANCE, FloatArray, Key


class Reader(Powers):
    """A solution with its duals: what another unit of everything costs."""

    def __init__(
        self, numbers: Numbers, context: Context, outcome: Outcome, worth: Mapping[str, FloatArray]
    ) -> None:
        """Read a solution of these numbers; ``worth`` of a stored kWh where it was averaged."""
        super().__init__(numbers, context, outcome.values)
        self._average_worth = worth
        self.outcome = outcome
        self.marginal = self.duals(BALANCE) / context.lengths_h

    def duals(self, key: Key) -> FloatArray:
        """Return the duals of rows: what one unit more on the right costs."""
        return self.outcome.duals[self.numbers.matrix.rows[key]]

    def worth(self, device_id: str) -> FloatArray:
        """Return what one more kWh stored at the end of each step is worth: minus the dual of its energy."""
        average = self._average_worth.get(device_id)
        return -self.duals((device_id, "energy")) if average is None else average


def read(
    context: Context,
    numbers: Numbers,
    dived: Dived,
    left_out: tuple[LeftOut, ...],
    early: dict[str, float],
    worth: Mapping[str, FloatArray],
) -> Plan:
    """Return the plan of a solution; ``early``: seconds of their margin that consumers gave up.

    ``worth``: by battery, what a stored kWh is worth on average; its dual where nothing was averaged.
    """
    reader = Reader(numbers, context, dived.outcome, worth)
    problem = context.problem
    devices = (
        *(_sun(reader, one) for one in problem.pv),
        *(_battery(reader, one) for one in problem.batteries),
        *(_consumer(reader, one) for one in problem.consumers),
        *(_fast(reader, one) for one in problem.fast_charges),
        *(_appliance(reader, one) for one in problem.appliances),
        *(_heat(reader, one) for one in problem.thermal_stores),
    )
    bent = bends(problem, reader.values)
    # What is not ready by its hour is not ready just in time.
    late = {one.subject_id for one in bent if one.wish is BentWish.READY_BY}
    given_up = tuple(
        Bend(wish=BentWish.READY_EARLY, subject_id=device_id, amount=amount, first_step=0, last_step=0)
        for device_id, amount in early.items()
        if device_id not in late
    )
    return Plan(
        grid=problem.grid,
        status=PlanStatus.SOLVED if dived.outcome.is_optimal else PlanStatus.STOPPED,
        net_w=series(reader.net_w),
        marginal_per_kwh=series(reader.marginal),
        devices={device.device_id: device for device in devices},
        money=_money(reader),
        gap=max(dived.objective - dived.bound, 0.0),
        carbon_g=carbon_g(problem, series(reader.net_w)),
        bent=(*bent, *given_up),
        left_out=left_out,
    )


def carbon_g(problem: Problem, net_w: Series) -> float | None:
    """Return what is emitted for what is bought; None where nobody knows."""
    intensity = problem.signals.carbon_g_per_kwh
    if intensity is None:
        return None
    hours = problem.grid.lengths_h
    return sum(
        max(each_w, 0.0) / 1000 * each_h * grams
        for each_w, each_h, grams in zip(net_w, hours, intensity, strict=True)
    )


def _money(reader: Reader) -> Money:
    context, problem = reader.context, reader.context.problem
    kwh = reader.net_w / 1000 * context.lengths_h
    moved = sum((np.abs(reader.battery_w(one)) * one.wear_per_kwh / 2000 for one in problem.batteries), 0.0)
    stored = sum(
        end_worth(one, context) * (reader.battery_wh(one)[-1] - one.stored_wh) / 1000
        for one in problem.batteries
    ) + sum(
        heat_worth(one, context) * (reader.heat_wh(one)[-1] - one.stored_wh) / 1000
        for one in problem.thermal_stores
    )
    peaks = priced_peaks(problem)
    highest_kw = reader.values(PEAK) if peaks else ()
    peak = sum(
        one.per_kw * max(float(kw) - one.so_far_w / 1000, 0.0)
        for one, kw in zip(peaks, highest_kw, strict=True)
    )
    return Money(
        bought=float(np.sum(np.maximum(kwh, 0.0) * context.import_price)),
        sold=float(np.sum(np.maximum(-kwh, 0.0) * context.export_price)),
        wear=float(np.sum(moved * context.lengths_h)),
        peak=float(peak),
        stored=float(stored),
    )


def _device(
    device_id: str,
    kind: DeviceKind,
    power_w: FloatArray,
    intents: tuple[Intent, ...],
    stored_wh: FloatArray | None = None,
    worth: FloatArray | None = None,
) -> DevicePlan:
    return DevicePlan(
        device_id=device_id,
        kind=kind,
        power_w=series(power_w),
        intents=intents,
        stored_wh=None if stored_wh is None else series(stored_wh),
        worth_per_kwh=None if worth is None else series(worth),
    )


def _sun(reader: Reader, pv: Pv) -> DevicePlan:
    power = reader.sun_w(pv)
    return _device(pv.device_id, DeviceKind.PV, power, sun_intents(pv, power, reader.net_w, reader.context))


def _battery(reader: Reader, battery: Battery) -> DevicePlan:
    power, worth = reader.battery_w(battery), reader.worth(battery.device_id)
    intents = battery_intents(battery, power, reader.net_w, worth, reader.context)
    return _device(battery.device_id, DeviceKind.BATTERY, power, intents, reader.battery_wh(battery), worth)


def _consumer(reader: Reader, consumer: Consumer) -> DevicePlan:
    power, key = reader.taken_w(consumer.device_id), consumer.device_id
    given_w = sum((np.maximum(-reader.battery_w(one), 0.0) for one in reader.context.problem.batteries), 0.0)
    intents = consumer_intents(consumer, power, reader.net_w + given_w)
    stored = 1000 * reader.values((key, "stored"))
    return _device(key, consumer.kind, power, intents, stored, reader.worth(key))


def _fast(reader: Reader, car: FastCharge) -> DevicePlan:
    power = reader.fast_w(car.device_id)
    return _device(car.device_id, DeviceKind.EV_CHARGER, power, fast_intents(car, power))


def _appliance(reader: Reader, appliance: Appliance) -> DevicePlan:
    power = reader.appliance_w(appliance)
    starts = reader.values((appliance.device_id, "start"))
    intents = appliance_intents(appliance, power, starts)
    return _device(appliance.device_id, DeviceKind.APPLIANCE, power, intents)


def _heat(reader: Reader, store: ThermalStore) -> DevicePlan:
    power, key = reader.taken_w(store.device_id), store.device_id
    return _device(key, store.kind, power, heat_intents(power), reader.heat_wh(store), reader.worth(key))
