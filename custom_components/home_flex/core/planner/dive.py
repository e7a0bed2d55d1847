"""From the relaxed solution down to one that devices can follow, in bounds alone.

Programmes of appliances first, the largest first; then each car and switched load; then single steps are
flipped as long as the gap to the relaxed solution is worth it (1 ct, or 1 %). What comes out is solved with
the rest free, so that its duals are true.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .burning import without_burning
from .context import Context
from .flips import FEWER_TRIES, MOST_TRIES, flipped
from .margins import MISSED_KWH, give_up_margins, keep_margins
from .numbers import Numbers
from .on_sets import candidates, is_settled
from .outcome import Outcome
from .problem import Appliance, Consumer
from .search import Move, Search, on_move, sessions
from .signs import buying_in, level, settle_signs, turned_back
from .sketch import FloatArray

_LARGEST_SHARES = 1
_SMALLEST_PRICES = 1


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dived:
    """What a dive found: ``objective`` with sessions, ``objective - bound`` above the best at most."""

    outcome: Outcome
    objective: float
    bound: float


def dive(search: Search) -> Dived | None:
    """Settle all that can only be on or off; None when not even the relaxed problem was solved in time."""
    problem = search.context.problem
    lost = level(search)
    keep_margins(search)
    relaxed = search.outcome()
    if relaxed is None:
        return None
    if give_up_margins(search, relaxed):
        relaxed = search.outcome() or relaxed
    least_cost = _least_session_cost(problem.consumers)
    bound = relaxed.objective + least_cost - lost
    relaxed = settle_signs(search, relaxed)
    # Where directions at the meter were settled, nothing that is flipped comes nearer to the bound than this.
    within_reach = relaxed.objective + least_cost
    relaxed = _settle_appliances(search, relaxed)
    value = _settle_consumers(search, relaxed)
    if problem.consumers or problem.appliances:
        value = _settled_to_buy(search, value)
        flipped(search, value, within_reach, FEWER_TRIES if lost > 0 else MOST_TRIES)
    found = search.outcome()
    if found is not None and give_up_margins(search, found):
        _settle_consumers(search, search.outcome() or found)
        found = search.outcome()
    if found is None:
        return None
    found = without_burning(search, turned_back(search, found))
    return Dived(outcome=found, objective=found.objective + search.session_cost(), bound=bound)


def _least_session_cost(consumers: tuple[Consumer, ...]) -> float:
    """Return what sessions cost at least: one each, where something is needed and nothing runs."""
    return sum(
        one.start_price for one in consumers if one.need_wh > 0 and one.power_w <= 0 and any(one.available)
    )


def _settle_appliances(search: Search, relaxed: Outcome) -> Outcome:
    appliances = search.context.problem.appliances
    for one in sorted(appliances, key=lambda each: -sum(each.profile_w) * each.part_s):
        moves = tuple(_starts(search, one, relaxed))
        if len(moves) > 1:
            search.best(moves, relaxed)
        elif moves:
            search.make(moves[0])
        if len(moves) > 1:
            relaxed = search.outcome() or relaxed
    return relaxed


def _starts(search: Search, appliance: Appliance, relaxed: Outcome) -> Iterator[Move]:
    """Yield the starts worth trying; one alone where the relaxed solution has settled it."""
    columns = search.columns((appliance.device_id, "start"))
    columns = np.concatenate((columns, search.columns((appliance.device_id, "skip"))))
    share, price = relaxed.values[columns], relaxed.reduced[columns]
    allowed = search.numbers.upper[columns] > 0.5
    if share.max() > 1 - 1e-6:
        picked = [int(share.argmax())]
    else:
        ranked = [int(each) for each in np.argsort(-share, kind="stable")[:_LARGEST_SHARES]]
        cheapest = np.argsort(np.where(allowed, price, np.inf), kind="stable")
        ranked += [int(each) for each in cheapest if int(each) not in ranked][:_SMALLEST_PRICES]
        picked = [each for each in ranked if allowed[each]]
    for each in picked:
        chosen = np.zeros(len(columns))
        chosen[each] = 1.0
        yield Move(columns=columns, lower=chosen, upper=chosen)


def _settle_consumers(search: Search, relaxed: Outcome) -> float:
    value = np.inf
    consumers = search.context.problem.consumers
    for one in sorted(consumers, key=lambda each: -each.need_wh):
        columns = search.columns((one.device_id, "taken"))
        taken = relaxed.values[columns]
        if is_settled(taken, one) and sessions(taken > 1e-6, one) == 0:
            search.make(on_move(search, one, taken > 1e-6))
            continue
        if is_settled(taken, one):
            moves = [on_move(search, one, taken > 1e-6)]
        else:
            price = kwh_prices(search.numbers, search.context, relaxed, one)
            moves = [on_move(search, one, on) for on in candidates(one, taken, price, search.context)]
        value = search.best(moves, relaxed)
        if not np.isfinite(value):
            # Nothing it may do keeps all bounds: it misses what it needs, at its price.
            search.make(on_move(search, one, np.zeros(len(taken), dtype=np.bool_)))
            value = search.value()
        if len(consumers) > 1:
            relaxed = search.outcome() or relaxed
    return float(value)


def _settled_to_buy(search: Search, value: float) -> float:
    """Settle consumers anew where they lack something because the meter was to sell; return what it costs."""
    found = search.outcome()
    if found is None:
        return value
    found = turned_back(search, found)
    consumers = search.context.problem.consumers
    lacks = [
        one for one in consumers if found.values[search.columns((one.device_id, "missed"))].sum() > MISSED_KWH
    ]
    to_buy = buying_in(search, np.any([one.available for one in lacks], axis=0)) if lacks else None
    if to_buy is None:
        return value
    least = found.objective + search.session_cost()
    before = [on_move(search, one, search.on[one.device_id]) for one in consumers]
    back = search.make(to_buy)
    again = search.outcome()
    if again is not None and (better := _settle_consumers(search, again)) < least:
        return better
    for move in (back, *before):
        search.make(move)
    return value


def kwh_prices(numbers: Numbers, context: Context, relaxed: Outcome, consumer: Consumer) -> FloatArray:
    """Return what a kWh stored by a consumer costs in each step, by the duals of the balance."""
    columns = numbers.matrix.columns[(consumer.device_id, "taken")]
    rows = numbers.matrix.rows[(consumer.device_id, "energy")]
    per_kwh = relaxed.reduced[columns] / context.lengths_h / consumer.efficiency
    return np.asarray(per_kwh - relaxed.duals[rows], dtype=np.float64)
