"""A home reckons its own line of a sharing statement again, from its own meter and the community's totals.

Whoever gets the last watt-hour of a part is decided among all homes, whose quarter-hours nobody else may see:
so a part by remainder may be one Wh (or one billionth) more than its whole part, and all else is exact. An
auditor, who has every home's quarter-hours, runs the rule itself (sharing.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from .money import NANO_A_UNIT
from .statement import Statement


class Fault(StrEnum):
    """What is wrong with a slot of a statement."""

    TAKEN_MORE_THAN_USED = "taken_more_than_used"
    GIVEN_MORE_THAN_SURPLUS = "given_more_than_surplus"
    ABOVE_TOTALS = "own_energy_above_totals"
    SHARED = "shared_not_by_rule"
    TAKEN = "taken_not_by_rule"
    GIVEN = "given_not_by_rule"
    PRICE = "price_not_by_rule"
    BILL = "bill_not_by_rule"
    WORSE_THAN_ALONE = "worse_than_alone"
    TOTAL = "total_is_not_the_sum"


class Received(NamedTuple):
    """What a home's own meter counted in a quarter-hour, in Wh."""

    demand_wh: int
    surplus_wh: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A fault, in the slot it is found in; None for the total."""

    slot: int | None
    fault: Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of it, of ``checked`` quarter-hours; in ``by_remainder`` of them a part may be one unit more.

    ``only_bounds``: the bill follows from what others used, so that only its bounds and sum were checked.
    """

    findings: tuple[Finding, ...]
    checked: int
    by_remainder: int
    only_bounds: bool

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One quarter-hour of a statement beside what was received in it."""

    own: Received
    buy: int
    feed_in: int
    demand: int
    surplus: int
    shared: int
    taken: int
    given: int
    bill: int
    price: int | None
    key_ppm: int

    @property
    def shareable(self) -> int:
        return min(self.demand, self.surplus) if self.buy > self.feed_in else 0

    @property
    def middle(self) -> int:
        return (self.buy + self.feed_in) // 2

    @property
    def alone(self) -> int:
        return self.own.demand_wh * self.buy - self.own.surplus_wh * self.feed_in


def verify_line(received: Mapping[int, Received], statement: Statement) -> Verdict:
    """Return whether a home's line follows from the rule and from what its own meter counted.

    ``received`` by slot number; what it does not hold counts as nothing used and nothing given. Raises
    ValueError for a rule that is not known here.
    """
    if statement.rule not in _CHECKS:
        raise ValueError(f"there is no rule {statement.rule!r}")
    findings: list[Finding] = []
    by_remainder = 0
    for index in range(len(statement.buy_micro)):
        slot = statement.first_slot + index
        line = _line(received.get(slot, Received(0, 0)), statement, index)
        faults, has_rest = _faults(line, _CHECKS[statement.rule])
        findings += [Finding(slot=slot, fault=fault) for fault in faults]
        by_remainder += has_rest
    # All totals are rounded together: each goes down or up.
    least, rest = divmod(sum(statement.bill_nano) * 10**statement.places, NANO_A_UNIT)
    if not least <= statement.total <= least + (rest > 0):
        findings.append(Finding(slot=None, fault=Fault.TOTAL))
    return Verdict(
        findings=tuple(findings),
        checked=len(statement.buy_micro),
        by_remainder=by_remainder,
        only_bounds=_CHECKS[statement.rule] is _energy,
    )


def _line(own: Received, statement: Statement, index: int) -> _Line:
    return _Line(
        own=own,
        buy=statement.buy_micro[index],
        feed_in=statement.feed_in_micro[index],
        demand=statement.demand_wh[index],
        surplus=statement.surplus_wh[index],
        shared=statement.shared_wh[index],
        taken=statement.taken_wh[index],
        given=statement.given_wh[index],
        bill=statement.bill_nano[index],
        price=statement.price_micro[index] if statement.price_micro else None,
        key_ppm=statement.key_ppm,
    )


def _faults(line: _Line, check: Callable[[_Line], Mapping[Fault, bool]]) -> tuple[list[Fault], bool]:
    own = line.own
    if own.demand_wh > line.demand or own.surplus_wh > line.surplus:
        return [Fault.ABOVE_TOTALS], False
    wrong = {
        Fault.TAKEN_MORE_THAN_USED: not 0 <= line.taken <= own.demand_wh,
        Fault.GIVEN_MORE_THAN_SURPLUS: not 0 <= line.given <= own.surplus_wh,
        Fault.WORSE_THAN_ALONE: line.bill > line.alone,
        **check(line),
    }
    has_rest = (own.demand_wh * line.shared) % max(line.demand, 1) > 0 or (
        (own.surplus_wh * line.shared) % max(line.surplus, 1) > 0
    )
    return [fault for fault, is_wrong in wrong.items() if is_wrong], has_rest


def _is_part(part: int, total: int, weight: int, weights: int) -> bool:
    """Return whether a part by weight is what the largest remainder leaves of a total."""
    least, rest = divmod(total * weight, max(weights, 1))
    return least <= part <= least + (rest > 0)


def _energy(line: _Line) -> dict[Fault, bool]:
    return {
        Fault.SHARED: line.shared != line.shareable,
        Fault.TAKEN: not _is_part(line.taken, line.shared, line.own.demand_wh, line.demand),
        Fault.GIVEN: not _is_part(line.given, line.shared, line.own.surplus_wh, line.surplus),
    }


def _bill_at(line: _Line, price: int) -> int:
    return (
        (line.own.demand_wh - line.taken) * line.buy
        - (line.own.surplus_wh - line.given) * line.feed_in
        + (line.taken - line.given) * price
    )


def _at_middle(line: _Line) -> dict[Fault, bool]:
    return {
        Fault.PRICE: line.price != line.middle,
        Fault.BILL: line.bill != _bill_at(line, line.middle),
    }


def _pro_rata(line: _Line) -> Mapping[Fault, bool]:
    return {**_energy(line), **_at_middle(line)}


def _static(line: _Line) -> Mapping[Fault, bool]:
    part = line.surplus * line.key_ppm if line.buy > line.feed_in else 0
    # All parts together are rounded down once, so that one may be a Wh below its own.
    least, most = max(part // 1_000_000 - 1, 0), -(-part // 1_000_000)
    own_wh = line.own.demand_wh
    return {
        Fault.SHARED: not 0 <= line.shared <= line.shareable,
        Fault.TAKEN: not min(least, own_wh) <= line.taken <= min(most, own_wh),
        Fault.GIVEN: not _is_part(line.given, line.shared, line.own.surplus_wh, line.surplus),
        **_at_middle(line),
    }


def _mid_market(line: _Line) -> Mapping[Fault, bool]:
    pays = line.shared * line.middle + (line.demand - line.shared) * line.buy
    gets = line.shared * line.middle + (line.surplus - line.shared) * line.feed_in
    pays_least, pays_rest = divmod(pays * line.own.demand_wh, max(line.demand, 1))
    gets_least, gets_rest = divmod(gets * line.own.surplus_wh, max(line.surplus, 1))
    least, most = pays_least - gets_least - (gets_rest > 0), pays_least + (pays_rest > 0) - gets_least
    return {**_energy(line), Fault.BILL: not least <= line.bill <= most}


def _double_auction(line: _Line) -> Mapping[Fault, bool]:
    price = 0 if line.price is None else line.price
    is_between = line.price is not None and line.feed_in <= price <= line.buy
    return {
        Fault.SHARED: not 0 <= line.shared <= line.shareable,
        Fault.PRICE: line.shared > 0 and not is_between,
        Fault.BILL: line.bill != _bill_at(line, price),
    }


_CHECKS: Final[Mapping[str, Callable[[_Line], Mapping[Fault, bool]]]] = MappingProxyType(
    {
        "static": _static,
        "pro_rata": _pro_rata,
        "mid_market": _mid_market,
        "double_auction": _double_auction,
        "cost_causation": _energy,
    }
)
