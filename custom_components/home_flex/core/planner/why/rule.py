"""A rule of reasons: a code, what must be true for it, and the numbers of its sentence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..limits import meter_export, meter_import
from ..plan import Plan
from ..problem import Problem, priced_peaks
from ..reason import Reason, ReasonCode

# Less is nothing: W.
NOTHING_W: Final = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule[Facts]:
    """``numbers`` and ``subject`` are asked only where it ``holds``."""

    code: ReasonCode
    holds: Callable[[Facts], bool]
    numbers: Callable[[Facts], Mapping[str, float]] = lambda _: {}
    subject: Callable[[Facts], str] = lambda _: ""


def first[Facts](rules: Sequence[Rule[Facts]], facts: Facts) -> Reason:
    """Return the reason of the first rule that holds; the last of each table is true of all that is left."""
    for rule in rules:
        if rule.holds(facts):
            return Reason(code=rule.code, numbers=rule.numbers(facts), subject=rule.subject(facts))
    raise LookupError(f"no reason fits {facts!r}")


class Meter(NamedTuple):
    """The meter in one step: net power, prices, whose limit it is at (empty: none), and what was promised.

    ``equal``: prices that differ by less are equal.
    """

    net_w: float
    import_price: float
    export_price: float
    marginal: float
    limit_in: str
    limit_out: str
    promise: str
    at_peak: bool
    equal: float


def meters(problem: Problem, plan: Plan) -> tuple[Meter, ...]:
    """Return the meter in each step."""
    drawn, given = meter_import(problem), meter_export(problem)
    at_peak = _at_peak(problem, plan)
    found = []
    for step, net_w in enumerate(plan.net_w):
        limit_in, limit_out = drawn.at(step), given.at(step)
        is_in = limit_in is not None and net_w >= 1000 * drawn.kw[step] - NOTHING_W
        is_out = limit_out is not None and -net_w >= 1000 * given.kw[step] - NOTHING_W
        found.append(
            Meter(
                net_w=net_w,
                import_price=problem.signals.import_per_kwh[step],
                export_price=problem.signals.export_per_kwh[step],
                marginal=plan.marginal_per_kwh[step],
                limit_in=limit_in.limit_id if limit_in is not None and is_in else "",
                limit_out=limit_out.limit_id if limit_out is not None and is_out else "",
                promise=_promise(problem, step, net_w),
                at_peak=step in at_peak,
                equal=problem.preferences.equal,
            )
        )
    return tuple(found)


def _at_peak(problem: Problem, plan: Plan) -> frozenset[int]:
    """Return the steps at the peak of their month, where that costs something."""
    found: set[int] = set()
    for peak in priced_peaks(problem):
        steps = range(len(plan.net_w))[peak.steps]
        peak_w = max((plan.net_w[step] for step in steps), default=0.0)
        least_w = max(peak.so_far_w, peak_w) - NOTHING_W
        found.update(step for step in steps if plan.net_w[step] >= least_w)
    return frozenset(found)


def _promise(problem: Problem, step: int, net_w: float) -> str:
    """Return which promise the meter is held to."""
    for one in problem.commitments:
        if net_w >= one.upper_w[step] - NOTHING_W or net_w <= one.lower_w[step] + NOTHING_W:
            return one.commitment_id
    return ""
