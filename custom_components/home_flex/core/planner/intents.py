"""What a device is to do in a step, made of what was planned and of what a stored kWh is worth.

Following what the meter is to show keeps most of what perfect foresight would find; repeating the planned
watts does not: the house never draws what was forecast.
"""

from typing import NamedTuple

import numpy as np

from .context import Context
from .plan import Intent, IntentKind
from .problem import Appliance, Battery, Consumer, FastCharge, Pv
from .sketch import FloatArray

# Less is nothing: W.
_NOTHING_W = 20.0


def battery_intents(
    battery: Battery, power_w: FloatArray, net_w: FloatArray, worth: FloatArray, context: Context
) -> tuple[Intent, ...]:
    """Return what a battery is to do: charge from the grid, give to it, or keep the meter at zero.

    It goes by what a stored kWh is worth; where that is level with the price, by what was planned.
    """
    lost = (battery.wear_per_kwh + context.problem.preferences.least_gain) / 2
    kept = worth * battery.efficiency - lost
    equal = context.problem.preferences.equal
    gains = zip(
        (context.bought - lost) * battery.efficiency - worth,
        kept - context.sold,
        kept - context.bought,
        strict=True,
    )
    return tuple(
        _battery_intent(battery, float(power), float(net), Gains(*map(float, (*each, equal))))
        for power, net, each in zip(power_w, net_w, gains, strict=True)
    )


class Gains(NamedTuple):
    """What a kWh brings more than it costs: given to the house, stored from the sun, stored from the grid.

    Within ``equal`` of nothing the plan decides.
    """

    giving: float
    storing: float
    buying: float
    equal: float


def _battery_intent(battery: Battery, power_w: float, net_w: float, gains: Gains) -> Intent:
    buys = battery.may_import and power_w > _NOTHING_W and net_w > _NOTHING_W
    if buys and gains.buying > -gains.equal:
        return Intent(kind=IntentKind.CHARGE, power_w=power_w)
    if power_w < -_NOTHING_W and net_w < -_NOTHING_W:
        return Intent(kind=IntentKind.GIVE, power_w=power_w)
    gives = gains.giving > gains.equal or (gains.giving > -gains.equal and _all_covered(power_w, net_w))
    stores = gains.storing > gains.equal or (gains.storing > -gains.equal and _all_stored(power_w, net_w))
    if not (gives or stores):
        return Intent(kind=IntentKind.HOLD)
    return Intent(
        kind=IntentKind.COVER_HOUSE,
        power_w=power_w,
        low_w=-battery.discharge_w if gives else 0.0,
        high_w=battery.charge_w if stores else 0.0,
    )


def _all_covered(power_w: float, net_w: float) -> bool:
    return power_w < -_NOTHING_W and abs(net_w) <= _NOTHING_W


def _all_stored(power_w: float, net_w: float) -> bool:
    return power_w > _NOTHING_W and abs(net_w) <= _NOTHING_W


def consumer_intents(consumer: Consumer, power_w: FloatArray, bought_w: FloatArray) -> tuple[Intent, ...]:
    """Return what a car or load is to do; ``bought_w``: what the grid and the batteries give the home.

    Where they give nothing, a car that can follow, and may be interrupted, takes what is over; else it takes
    its power.
    """
    follows = consumer.max_w > consumer.min_w and consumer.interruptible
    return tuple(
        _consumer_intent(consumer, float(power), on_sun=follows and float(bought) <= _NOTHING_W)
        for power, bought in zip(power_w, bought_w, strict=True)
    )


def _consumer_intent(consumer: Consumer, power_w: float, *, on_sun: bool) -> Intent:
    if power_w <= _NOTHING_W:
        return Intent(kind=IntentKind.SURPLUS if consumer.by_sun else IntentKind.OFF)
    if on_sun:
        return Intent(kind=IntentKind.SURPLUS, power_w=power_w)
    return Intent(kind=IntentKind.TAKE, power_w=max(power_w, consumer.min_w))


def fast_intents(car: FastCharge, power_w: FloatArray) -> tuple[Intent, ...]:
    """Return what a car takes that is charged at once; one that is left to the sun is told nothing else."""
    if car.by_sun:
        return tuple(Intent(kind=IntentKind.SURPLUS, power_w=float(power)) for power in power_w)
    return tuple(_taking(float(power)) for power in power_w)


def appliance_intents(appliance: Appliance, power_w: FloatArray, starts: FloatArray) -> tuple[Intent, ...]:
    """Return when a programme starts and runs; one that runs already does not start."""
    start = int(starts.argmax()) if starts.max() > 0.5 else -1
    runs = np.flatnonzero(power_w > 0)
    last = int(runs[-1]) if len(runs) else -1
    return tuple(
        Intent(
            kind=_appliance_kind(appliance, step, start, last),
            power_w=float(power),
        )
        for step, power in enumerate(power_w)
    )


def _appliance_kind(appliance: Appliance, step: int, start: int, last: int) -> IntentKind:
    if start < 0 or step < start or step > last:
        return IntentKind.OFF
    return IntentKind.START if step == start and appliance.running_s is None else IntentKind.RUN


def heat_intents(power_w: FloatArray) -> tuple[Intent, ...]:
    """Return what a heater is to take."""
    return tuple(_taking(float(power)) for power in power_w)


def _taking(power_w: float) -> Intent:
    if power_w <= _NOTHING_W:
        return Intent(kind=IntentKind.OFF)
    return Intent(kind=IntentKind.TAKE, power_w=power_w)


def sun_intents(pv: Pv, power_w: FloatArray, net_w: FloatArray, context: Context) -> tuple[Intent, ...]:
    """Return where the sun gives all it can, and where less.

    Where feeding in costs money the home takes what it can use, whatever the sun really gives; it is told a
    power only where it is cheaper to buy than to use the sun.
    """
    equal = context.problem.preferences.equal
    unsold = (context.sold < -equal) if pv.curtailable else np.zeros(len(power_w), dtype=np.bool_)
    return tuple(
        _sun_intent(float(power), available, is_kept=bool(is_unsold) and float(net) <= _NOTHING_W)
        for power, net, available, is_unsold in zip(power_w, net_w, pv.available_w, unsold, strict=True)
    )


def _sun_intent(power_w: float, available_w: float, *, is_kept: bool) -> Intent:
    is_less = -power_w < available_w - _NOTHING_W
    kind = IntentKind.CURTAIL if is_less else shining(available_w)
    return Intent(kind=kind, power_w=power_w, may_export=not is_kept)


def shining(available_w: float) -> IntentKind:
    """Return what a plant does that gives what the sun gives."""
    return IntentKind.PRODUCE if available_w > _NOTHING_W else IntentKind.NO_SUN
