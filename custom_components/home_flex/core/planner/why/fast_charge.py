"""Why a car that is charged at once, or left to the sun, takes, or does not."""

from collections.abc import Iterator
from typing import NamedTuple

from ..plan import DevicePlan
from ..problem import FastCharge
from ..reason import ReasonCode
from .rule import NOTHING_W, Meter, Rule

_NOTHING_WH = 5.0


class FastFacts(NamedTuple):
    """A car in one step; ``is_expected``: whether it still lacks anything.

    ``by_sun``: it is left to the sun; ``is_bought``: grid or batteries give the home something.
    """

    meter: Meter
    takes: bool
    is_away: bool
    is_expected: bool
    by_sun: bool
    is_bought: bool


RULES: tuple[Rule[FastFacts], ...] = (
    Rule(code=ReasonCode.AWAY, holds=lambda facts: facts.is_away),
    Rule(code=ReasonCode.SUN, holds=lambda facts: facts.takes and facts.by_sun and not facts.is_bought),
    Rule(code=ReasonCode.RESIDENT, holds=lambda facts: facts.takes),
    Rule(
        code=ReasonCode.LIMIT,
        holds=lambda facts: facts.is_expected,
        subject=lambda facts: facts.meter.limit_in,
    ),
    Rule(code=ReasonCode.RESIDENT, holds=lambda facts: facts.by_sun),
    Rule(code=ReasonCode.DONE, holds=lambda facts: not facts.takes),
)


def fast_facts(
    car: FastCharge, device: DevicePlan, each: tuple[Meter, ...], given_w: tuple[float, ...]
) -> Iterator[FastFacts]:
    """Yield a car step by step; ``given_w``: what batteries give."""
    takes_last = max((step for step, power_w in enumerate(car.expected_w) if power_w > NOTHING_W), default=-1)
    last = len(each) if car.lacks_wh > _NOTHING_WH else takes_last
    for step, meter in enumerate(each):
        yield FastFacts(
            meter=meter,
            takes=device.power_w[step] > NOTHING_W,
            is_away=step < car.comes_step,
            is_expected=car.expected_w[step] > NOTHING_W if car.by_sun else step <= last,
            by_sun=car.by_sun,
            is_bought=meter.net_w + given_w[step] > NOTHING_W,
        )
