"""Why a battery stores, gives or stands still."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..plan import DevicePlan, Plan
from ..problem import Battery
from ..reason import ReasonCode
from .rule import NOTHING_W, Meter, Rule

_NOTHING_PART = 0.005


class BatteryFacts(NamedTuple):
    """A battery in one step.

    ``later_full_wh``: the most it stores later; ``gives_at``: the dearest kWh that it saves or sells later,
    ``gives_in_h`` hours from now (None: it gives nothing later).
    """

    battery: Battery
    meter: Meter
    power_w: float
    before_wh: float
    after_wh: float
    worth: float
    later_full_wh: float
    gives_at: float | None
    gives_in_h: float

    @property
    def stores(self) -> bool:
        """Return whether it takes."""
        return self.power_w > NOTHING_W

    @property
    def gives(self) -> bool:
        """Return whether it gives."""
        return self.power_w < -NOTHING_W

    @property
    def stands(self) -> bool:
        """Return whether it does neither."""
        return not (self.stores or self.gives)

    @property
    def bought(self) -> bool:
        """Return whether the home draws from the grid."""
        return self.meter.net_w > NOTHING_W

    @property
    def sold(self) -> bool:
        """Return whether the home gives to the grid."""
        return self.meter.net_w < -NOTHING_W

    @property
    def is_full(self) -> bool:
        """Return whether it has no room."""
        top_wh = min(self.battery.max_wh, self.battery.capacity_wh)
        return self.after_wh >= top_wh - _NOTHING_PART * self.battery.capacity_wh

    @property
    def floor_wh(self) -> float:
        """Return down to where it may be used."""
        return max(self.battery.min_wh, self.battery.reserve_wh)

    @property
    def is_at_floor(self) -> bool:
        """Return whether it has nothing to give."""
        return self.before_wh <= self.floor_wh + _NOTHING_PART * self.battery.capacity_wh


def _prices(facts: BatteryFacts) -> Mapping[str, float]:
    return {"price": facts.meter.import_price, "worth": facts.worth}


def _feed_in(facts: BatteryFacts) -> Mapping[str, float]:
    return {"feed_in": facts.meter.export_price, "worth": facts.worth}


def _kept_for(facts: BatteryFacts) -> Mapping[str, float]:
    return {**_prices(facts), "later_price": facts.gives_at or 0.0, "in_h": facts.gives_in_h}


def _spread(facts: BatteryFacts) -> Mapping[str, float]:
    later = facts.meter.marginal if facts.gives_at is None else facts.gives_at
    return {"spread": later - facts.meter.marginal, "wear": facts.battery.wear_per_kwh}


def _is_sun_stored(facts: BatteryFacts) -> bool:
    # What may not be charged from the grid stores the sun, whatever is bought for others meanwhile.
    return facts.stores and not (facts.bought and facts.battery.may_import)


def _is_held_to_limit(facts: BatteryFacts) -> bool:
    meter = facts.meter
    return (facts.gives and bool(meter.limit_in or meter.at_peak)) or (facts.stores and bool(meter.limit_out))


def _whose_limit(facts: BatteryFacts) -> str:
    meter = facts.meter
    return (meter.limit_in or "peak") if facts.gives else meter.limit_out


def _is_kept_for_later(facts: BatteryFacts) -> bool:
    return facts.gives_at is not None and facts.gives_at > facts.meter.marginal + facts.meter.equal


RULES: tuple[Rule[BatteryFacts], ...] = (
    Rule(
        code=ReasonCode.COMMITMENT,
        holds=lambda facts: bool(facts.meter.promise) and not facts.stands,
        subject=lambda facts: facts.meter.promise,
    ),
    Rule(code=ReasonCode.LIMIT, holds=_is_held_to_limit, subject=_whose_limit),
    Rule(
        code=ReasonCode.RESERVE,
        holds=lambda facts: facts.stores and facts.before_wh < facts.battery.reserve_wh - 1.0,
        numbers=lambda facts: {"reserve_wh": facts.battery.reserve_wh, "stored_wh": facts.before_wh},
    ),
    Rule(code=ReasonCode.STORE_SUN, holds=_is_sun_stored, numbers=_feed_in),
    Rule(code=ReasonCode.CHARGE_CHEAP, holds=lambda facts: facts.stores, numbers=_prices),
    Rule(code=ReasonCode.SELL, holds=lambda facts: facts.gives and facts.sold, numbers=_feed_in),
    Rule(code=ReasonCode.COVER_HOUSE, holds=lambda facts: facts.gives, numbers=_prices),
    Rule(code=ReasonCode.FULL, holds=lambda facts: facts.is_full and not facts.bought),
    Rule(
        code=ReasonCode.RESERVE,
        holds=lambda facts: facts.is_at_floor and not facts.sold and facts.floor_wh > facts.battery.min_wh,
        numbers=lambda facts: {"reserve_wh": facts.battery.reserve_wh, "stored_wh": facts.before_wh},
    ),
    Rule(code=ReasonCode.EMPTY, holds=lambda facts: facts.is_at_floor and not facts.sold),
    Rule(
        code=ReasonCode.LIMITED,
        holds=lambda facts: (
            (facts.battery.discharge_w if facts.bought else facts.battery.charge_w) <= NOTHING_W
        ),
    ),
    Rule(
        code=ReasonCode.MAKE_ROOM,
        holds=lambda facts: facts.sold and facts.later_full_wh > facts.after_wh + 100.0,
        numbers=_feed_in,
    ),
    Rule(
        code=ReasonCode.KEEP,
        holds=lambda facts: facts.bought and _is_kept_for_later(facts),
        numbers=_kept_for,
    ),
    Rule(
        code=ReasonCode.SPREAD_TOO_SMALL,
        holds=lambda facts: facts.bought or facts.sold,
        numbers=_spread,
    ),
    Rule(
        code=ReasonCode.NOTHING_TO_DO, holds=lambda facts: facts.stands and not (facts.bought or facts.sold)
    ),
)


def battery_facts(
    battery: Battery, device: DevicePlan, plan: Plan, each: tuple[Meter, ...]
) -> Iterator[BatteryFacts]:
    """Yield a battery step by step."""
    stored = device.stored_wh or device.power_w
    worth = device.worth_per_kwh or (0.0,) * len(stored)
    lengths_h = plan.grid.lengths_h
    full: list[float] = []
    gives: list[tuple[float | None, float]] = []
    highest, hours_to = 0.0, 0.0
    dearest: float | None = None
    for step in range(len(stored) - 1, -1, -1):
        full.append(highest)
        gives.append((dearest, hours_to))
        highest = max(highest, stored[step])
        hours_to += lengths_h[step]
        if device.power_w[step] < -NOTHING_W and (dearest is None or each[step].marginal >= dearest):
            dearest, hours_to = each[step].marginal, lengths_h[step]
    before = (battery.stored_wh, *stored[:-1])
    for step, meter in enumerate(each):
        yield BatteryFacts(
            battery=battery,
            meter=meter,
            power_w=device.power_w[step],
            before_wh=before[step],
            after_wh=stored[step],
            worth=worth[step],
            later_full_wh=full[-1 - step],
            gives_at=gives[-1 - step][0],
            gives_in_h=gives[-1 - step][1],
        )
