"""Why a programme runs when it does, heat is made, and the sun is curtailed."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ..plan import DevicePlan, IntentKind, Plan
from ..problem import Appliance, Pv, ThermalStore
from ..reason import ReasonCode
from .rule import NOTHING_W, Meter, Rule

# A price of so many equal ones is next to nothing.
_NEXT_TO_NOTHING: Final = 50.0


class ApplianceFacts(NamedTuple):
    """An appliance in one step; ``start_in_h``: hours until it starts, None when it does not any more."""

    runs: bool
    start_in_h: float | None
    is_skipped: bool
    may_start: bool
    promise: str


APPLIANCE_RULES: tuple[Rule[ApplianceFacts], ...] = (
    Rule(
        code=ReasonCode.START_AT,
        holds=lambda facts: facts.start_in_h is not None,
        numbers=lambda facts: {"in_h": facts.start_in_h or 0.0},
    ),
    Rule(code=ReasonCode.RUNNING, holds=lambda facts: facts.runs),
    Rule(code=ReasonCode.NOT_WORTH, holds=lambda facts: facts.is_skipped and facts.may_start),
    Rule(code=ReasonCode.CANNOT_REACH, holds=lambda facts: facts.is_skipped),
    Rule(code=ReasonCode.DONE, holds=lambda facts: not facts.runs),
)


def appliance_facts(
    appliance: Appliance, device: DevicePlan, plan: Plan, each: tuple[Meter, ...]
) -> Iterator[ApplianceFacts]:
    """Yield an appliance step by step."""
    kinds = [intent.kind for intent in device.intents]
    start = kinds.index(IntentKind.START) if IntentKind.START in kinds else None
    length_s = len(appliance.profile_w) * appliance.part_s
    bounds = plan.grid.bounds()
    last = bounds[min(max(appliance.latest_end_step, 0), len(kinds))]
    first = bounds[min(max(appliance.earliest_step, 0), len(kinds))]
    may_start = (last - first).total_seconds() >= length_s
    runs_at_all = start is not None or IntentKind.RUN in kinds
    for step, kind in enumerate(kinds):
        wait_h = None
        if start is not None and step <= start:
            wait_h = (bounds[start] - bounds[step]).total_seconds() / 3600
        yield ApplianceFacts(
            runs=kind in (IntentKind.START, IntentKind.RUN),
            start_in_h=wait_h,
            is_skipped=not runs_at_all,
            may_start=may_start,
            promise=each[step].promise,
        )


class HeatFacts(NamedTuple):
    """A store of heat in one step; ``without_wh``: what it would hold at the end without being heated."""

    store: ThermalStore
    meter: Meter
    power_w: float
    bought_w: float
    after_wh: float
    without_wh: float
    low_wh: float
    high_wh: float
    later_price: float | None
    dearest_later: float

    @property
    def takes(self) -> bool:
        """Return whether it is heated."""
        return self.power_w > NOTHING_W


HEAT_RULES: tuple[Rule[HeatFacts], ...] = (
    Rule(code=ReasonCode.SUN, holds=lambda facts: facts.takes and facts.bought_w <= NOTHING_W),
    Rule(
        code=ReasonCode.COMFORT,
        holds=lambda facts: facts.takes and facts.without_wh < facts.low_wh,
        numbers=lambda facts: {"without_wh": facts.without_wh, "low_wh": facts.low_wh},
    ),
    Rule(
        code=ReasonCode.CHEAP,
        holds=lambda facts: facts.takes and facts.meter.marginal <= facts.dearest_later + facts.meter.equal,
        numbers=lambda facts: {
            "price": facts.meter.import_price,
            "saves": facts.dearest_later - facts.meter.marginal,
        },
    ),
    Rule(code=ReasonCode.NEEDED, holds=lambda facts: facts.takes),
    Rule(
        code=ReasonCode.CANNOT_REACH,
        holds=lambda facts: facts.after_wh < facts.low_wh - 1.0,
        numbers=lambda facts: {"short_wh": facts.low_wh - facts.after_wh},
    ),
    Rule(code=ReasonCode.FULL, holds=lambda facts: facts.after_wh >= facts.high_wh - 50.0),
    Rule(
        code=ReasonCode.WAIT_CHEAPER,
        holds=lambda facts: (
            facts.later_price is not None and facts.later_price <= facts.meter.marginal + facts.meter.equal
        ),
        numbers=lambda facts: {"saves": facts.meter.marginal - (facts.later_price or 0.0)},
    ),
    Rule(code=ReasonCode.WARM_ENOUGH, holds=lambda facts: not facts.takes),
)


def heat_facts(
    store: ThermalStore, device: DevicePlan, plan: Plan, each: tuple[Meter, ...], given_w: tuple[float, ...]
) -> Iterator[HeatFacts]:
    """Yield a store of heat step by step; ``given_w``: what batteries give."""
    stored, lengths_h = device.stored_wh or (), plan.grid.lengths_h
    on = [power > NOTHING_W for power in device.power_w]
    for step, meter in enumerate(each):
        heated = device.power_w[step] * lengths_h[step] * store.heat_per_power[step]
        later = [each[at].marginal for at in range(step + 1, len(each)) if on[at]]
        yield HeatFacts(
            store=store,
            meter=meter,
            power_w=device.power_w[step],
            bought_w=meter.net_w + given_w[step],
            after_wh=stored[step],
            without_wh=stored[step] - heated,
            low_wh=store.low_wh[step],
            high_wh=store.high_wh[step],
            later_price=min(later, default=None),
            dearest_later=max((one.marginal for one in each[step:]), default=meter.marginal),
        )


class SunFacts(NamedTuple):
    """What the sun gives in one step, and could give."""

    meter: Meter
    given_w: float
    available_w: float


SUN_RULES: tuple[Rule[SunFacts], ...] = (
    Rule(
        code=ReasonCode.PRODUCE,
        holds=lambda facts: facts.given_w >= facts.available_w - NOTHING_W,
    ),
    Rule(
        code=ReasonCode.CURTAIL_LIMIT,
        holds=lambda facts: bool(facts.meter.limit_out or facts.meter.promise),
        subject=lambda facts: facts.meter.limit_out or facts.meter.promise,
    ),
    Rule(
        code=ReasonCode.CURTAIL_PRICE,
        holds=lambda facts: facts.meter.marginal <= _NEXT_TO_NOTHING * facts.meter.equal,
        numbers=lambda facts: {"feed_in": facts.meter.export_price},
    ),
    Rule(code=ReasonCode.CURTAIL_LIMIT, holds=lambda facts: facts.given_w < facts.available_w),
)


def sun_facts(pv: Pv, device: DevicePlan, each: tuple[Meter, ...]) -> Iterator[SunFacts]:
    """Yield what the sun gives step by step."""
    for meter, power_w, available_w in zip(each, device.power_w, pv.available_w, strict=True):
        yield SunFacts(meter=meter, given_w=-power_w, available_w=available_w)
