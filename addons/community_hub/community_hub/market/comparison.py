"""What rules of sharing would have come to, side by side, before a community votes on one."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..arrays import Whole
from .sharing import RULES, Shared, Slots, cost_causation


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleFigures:
    """What a rule would have come to. Money in nano of the currency.

    ``found_share``: what it saves of what sharing all would save; ``sellers_share``: which part of it homes
    get that gave more than they took. ``worse_off``: homes that pay more than alone. ``likeness``: the
    correlation of the homes' savings with what each one's joining saves (``cost_causation``); None where
    savings do not differ.
    """

    rule: str
    saving_nano: int
    found_share: float
    sellers_share: float
    worse_off: int
    likeness: float | None


def compared(slots: Slots, rules: Iterable[str] = tuple(RULES)) -> list[RuleFigures]:
    """Return what each of these rules would have come to in these quarter-hours."""
    alone = slots.alone_nano.sum(axis=0)
    joining = alone - cost_causation(slots).bill_nano.sum(axis=0)
    most = int((slots.shareable_wh * slots.margin_micro).sum())
    gives_more = slots.surplus_wh.sum(axis=0) > slots.demand_wh.sum(axis=0)
    return [_figures(rule, RULES[rule](slots), alone, joining, (most, gives_more)) for rule in rules]


def _figures(
    rule: str, shared: Shared, alone: Whole, joining: Whole, of: tuple[int, np.ndarray]
) -> RuleFigures:
    most, gives_more = of
    saved = alone - shared.bill_nano.sum(axis=0)
    saving = int(saved.sum())
    differ = len(saved) > 1 and np.ptp(saved) > 0 and np.ptp(joining) > 0
    return RuleFigures(
        rule=rule,
        saving_nano=saving,
        found_share=saving / most if most else 1.0,
        sellers_share=int(saved[gives_more].sum()) / saving if saving else 0.0,
        worse_off=int((saved < 0).sum()),
        likeness=float(np.corrcoef(saved, joining)[0, 1]) if differ else None,
    )
