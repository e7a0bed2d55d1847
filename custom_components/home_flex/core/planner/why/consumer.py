"""Why a car or a load takes, or waits."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from ..parts.consumer import ready_index
from ..plan import DevicePlan, Plan
from ..problem import Consumer
from ..reason import ReasonCode
from .rule import NOTHING_W, Meter, Rule

_NOTHING_WH = 5.0


class ConsumerFacts(NamedTuple):
    """A consumer in one step.

    ``bought_w``: what grid and batteries give the home; ``dearest_off``: the dearest kWh among the steps in
    time in which it takes nothing (None: there is none); ``must_run``: it runs in all steps that are left;
    ``later``: whether it runs later, at ``later_price`` at the least, ``later_in_h`` hours from now, and on
    the sun alone (``later_on_sun``); ``beside``: whether it runs in the step before or after.
    """

    consumer: Consumer
    meter: Meter
    step: int
    power_w: float
    bought_w: float
    left_wh: float
    left_h: float
    short_wh: float
    available: bool
    dearest_off: float | None
    must_run: bool
    beside: bool
    since_now: bool
    later: bool
    later_price: float
    later_in_h: float
    later_on_sun: bool

    @property
    def takes(self) -> bool:
        """Return whether it takes anything."""
        return self.power_w > NOTHING_W

    @property
    def surplus_w(self) -> float:
        """Return what the home gives to the grid."""
        return max(-self.meter.net_w, 0.0)


def _deadline(facts: ConsumerFacts) -> Mapping[str, float]:
    return {"left_wh": facts.left_wh, "left_h": facts.left_h}


def _short(facts: ConsumerFacts) -> Mapping[str, float]:
    return {"short_wh": facts.short_wh, **_deadline(facts)}


def _cheap(facts: ConsumerFacts) -> Mapping[str, float]:
    dearest = facts.meter.marginal if facts.dearest_off is None else facts.dearest_off
    return {"price": facts.meter.import_price, "saves": dearest - facts.meter.marginal}


def _later(facts: ConsumerFacts) -> Mapping[str, float]:
    return {"in_h": facts.later_in_h, "saves": facts.meter.marginal - facts.later_price}


RULES: tuple[Rule[ConsumerFacts], ...] = (
    Rule(code=ReasonCode.AWAY, holds=lambda facts: not facts.available),
    Rule(code=ReasonCode.RESIDENT, holds=lambda facts: not facts.takes and facts.consumer.by_sun),
    Rule(code=ReasonCode.DONE, holds=lambda facts: not facts.takes and facts.left_wh <= _NOTHING_WH),
    Rule(
        code=ReasonCode.COMMITMENT,
        holds=lambda facts: bool(facts.meter.promise),
        subject=lambda facts: facts.meter.promise,
    ),
    Rule(code=ReasonCode.CANNOT_REACH, holds=lambda facts: facts.short_wh > _NOTHING_WH, numbers=_short),
    Rule(
        code=ReasonCode.KEEP_RUNNING,
        holds=lambda facts: facts.takes and facts.since_now and not facts.consumer.interruptible,
    ),
    Rule(code=ReasonCode.SUN, holds=lambda facts: facts.takes and facts.bought_w <= NOTHING_W),
    Rule(
        code=ReasonCode.CHEAP,
        holds=lambda facts: (
            facts.takes
            and facts.dearest_off is not None
            and facts.meter.marginal <= facts.dearest_off + facts.meter.equal
        ),
        numbers=_cheap,
    ),
    Rule(code=ReasonCode.DEADLINE, holds=lambda facts: facts.takes and facts.must_run, numbers=_deadline),
    Rule(code=ReasonCode.KEEP_RUNNING, holds=lambda facts: facts.takes and facts.beside),
    Rule(code=ReasonCode.NEEDED, holds=lambda facts: facts.takes, numbers=_deadline),
    Rule(
        code=ReasonCode.BELOW_MINIMUM,
        holds=lambda facts: NOTHING_W < facts.surplus_w < facts.consumer.min_w,
        numbers=lambda facts: {"have_w": facts.surplus_w, "need_w": facts.consumer.min_w},
    ),
    Rule(code=ReasonCode.WAIT_SUN, holds=lambda facts: facts.later_on_sun, numbers=_later),
    Rule(
        code=ReasonCode.WAIT_CHEAPER,
        holds=lambda facts: facts.later and facts.later_price <= facts.meter.marginal + facts.meter.equal,
        numbers=_later,
    ),
    Rule(
        code=ReasonCode.LIMIT,
        holds=lambda facts: bool(facts.meter.limit_in) or facts.meter.at_peak,
        subject=lambda facts: facts.meter.limit_in or "peak",
    ),
    Rule(code=ReasonCode.IN_ONE_GO, holds=lambda facts: facts.later, numbers=_later),
    Rule(code=ReasonCode.DONE, holds=lambda facts: not facts.takes and not facts.later),
)


def consumer_facts(
    consumer: Consumer, device: DevicePlan, plan: Plan, each: tuple[Meter, ...], given_w: tuple[float, ...]
) -> Iterator[ConsumerFacts]:
    """Yield a consumer step by step; ``given_w``: what batteries give."""
    steps, lengths_h = len(each), plan.grid.lengths_h
    ready = ready_index(consumer, steps)
    on = [power > NOTHING_W for power in device.power_w]
    usable = [consumer.available[step] and step <= ready for step in range(steps)]
    off_prices = [each[step].marginal for step in range(steps) if usable[step] and not on[step]]
    dearest_off = max(off_prices, default=None)
    stored = device.stored_wh or (0.0,) * steps
    taken_wh = sum(
        power * hours * consumer.efficiency
        for power, hours in zip(device.power_w[: ready + 1], lengths_h[: ready + 1], strict=True)
    )
    short_wh = max(consumer.need_wh - taken_wh, 0.0)
    ends_h = list(accumulate(lengths_h))
    must_run = _must_run(on, usable, ready)
    cheapest_later = _cheapest_later(on, each)
    last_on_sun = max(
        (at for at in range(steps) if on[at] and each[at].net_w + given_w[at] <= NOTHING_W), default=-1
    )
    for step, meter in enumerate(each):
        cheapest = cheapest_later[step]
        before_wh = stored[step - 1] if step else 0.0
        yield ConsumerFacts(
            consumer=consumer,
            meter=meter,
            step=step,
            power_w=device.power_w[step],
            bought_w=meter.net_w + given_w[step],
            left_wh=max(consumer.need_wh - before_wh, 0.0),
            left_h=max(ends_h[ready] - ends_h[step] + lengths_h[step], 0.0),
            short_wh=short_wh,
            available=consumer.available[step],
            dearest_off=dearest_off,
            must_run=must_run[step],
            beside=(step > 0 and on[step - 1]) or (step + 1 < steps and on[step + 1]),
            since_now=consumer.power_w > 0 and all(on[: step + 1]),
            later=cheapest is not None,
            later_price=each[cheapest].marginal if cheapest is not None else 0.0,
            later_in_h=ends_h[cheapest] - ends_h[step] if cheapest is not None else 0.0,
            later_on_sun=step < last_on_sun,
        )


def _must_run(on: list[bool], usable: list[bool], ready: int) -> list[bool]:
    """Return by step whether it runs in all that is left to it until it must be ready."""
    found, must = [True] * len(on), True
    for step in range(ready, -1, -1):
        must = must and (on[step] or not usable[step])
        found[step] = must
    return found


def _cheapest_later(on: list[bool], each: tuple[Meter, ...]) -> list[int | None]:
    """Return by step the cheapest later one in which it runs, the first of equals; None: there is none."""
    found: list[int | None] = []
    cheapest: int | None = None
    for step in range(len(on) - 1, -1, -1):
        found.append(cheapest)
        if on[step] and (cheapest is None or each[step].marginal <= each[cheapest].marginal):
            cheapest = step
    return found[::-1]
