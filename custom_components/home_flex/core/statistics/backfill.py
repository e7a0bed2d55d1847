"""What others counted before, checked before it is believed: intervals with an amount each, on one grid.

Nothing is guessed: an amount that no fuse lets through, that is below 0 or no number is refused and told. A
column in another unit than it says is found by physics and refused as a whole, with the name of what it
looks like.
"""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .counters import shares
from .readings import CounterRule, Problem
from .registers import IMPORT, WH, family_of
from .slots import SLOT_S, Mark

HOUR_S: Final = 3600
_DAY_S: Final = 86_400
# A home uses between these in a day, as the median of its days; Wh taken for kWh are a thousand times that.
_MOST_A_DAY_WH: Final = 150_000
_LEAST_A_DAY_WH: Final = 150
_THOUSAND: Final = 1_000


class Refusal(StrEnum):
    """Why an interval is not believed."""

    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    TOO_MUCH = "too_much"  # more than the fuse, or the pipe, lets through
    OFF_GRID = "off_grid"  # it begins at no multiple of its length
    DUPLICATE = "duplicate"  # the same again
    CONFLICT = "conflict"  # another amount for the same time: the smaller was taken, as estimated
    NO_SUCH_TIME = "no_such_time"  # the clock skipped it in spring
    WHICH_HOUR = "which_hour"  # the hour that comes twice in autumn, and is there once
    UNREADABLE = "unreadable"  # a row that cannot be read


class Unit(StrEnum):
    """What a column of kWh looks like, where it is none."""

    WH = "Wh"
    MWH = "MWh"


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An amount (Wh, L) from ``start_s`` (seconds of the UTC epoch) on; ``is_sure``: a meter's ends of it."""

    start_s: int
    amount: float | None
    is_sure: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What is believed of a column: amount and mark by ``start_s // length_s``, and why the rest is not.

    ``looks_like``: the unit that the column seems to be in; then nothing of it is believed.
    """

    length_s: int
    known: Mapping[int, tuple[int, Mark]]
    refused: Mapping[str, int]
    looks_like: Unit | None = None

    def slots(self) -> dict[int, tuple[int, Mark]]:
        """Return it by slot: what is told for longer is a line through its slots, and interpolated."""
        if self.length_s == SLOT_S:
            return dict(self.known)
        parts = self.length_s // SLOT_S
        return {
            slot: (part, max(mark, Mark.INTERPOLATED))
            for at, (amount, mark) in self.known.items()
            for slot, part in enumerate(shares(amount, (1,) * parts), start=at * parts)
        }


def believed(intervals: Iterable[Interval], length_s: int, rule: CounterRule) -> Checked:
    """Return what is believed of intervals of one length; their order does not matter.

    Raises ValueError for a length that is no multiple of a slot, or does not divide an hour.
    """
    if length_s % SLOT_S or HOUR_S % length_s:
        raise ValueError(f"Amounts cannot be kept by {length_s} s")
    refused: Counter[str] = Counter()
    told: dict[int, tuple[float, Mark]] = {}
    for interval in sorted(intervals, key=_in_order):
        amount, why = _amount(interval, length_s, rule)
        at = interval.start_s // length_s
        if amount is None:
            refused[why] += 1
        elif at not in told:
            told[at] = amount, Mark.MEASURED if interval.is_sure else Mark.ESTIMATED
        elif told[at][0] == amount:
            refused[Refusal.DUPLICATE] += 1
        else:
            refused[Refusal.CONFLICT] += 1
            told[at] = told[at][0], Mark.ESTIMATED
    return Checked(length_s=length_s, known=dict(_whole(told, length_s)), refused=dict(refused))


def in_its_unit(checked: Checked, name: str, unit: str, rule: CounterRule) -> Checked:
    """Return a column as it is, or refused as a whole when its amounts are those of another unit.

    By the median of its days that are not 0, and by what was refused as too much: a home uses 0.15 to 150 kWh
    in a day. Of what need not be used each day only the upper bound counts.
    """
    if unit != WH:
        return checked
    looks_like = _looks_like(checked, name, rule)
    if looks_like is None:
        return checked
    return Checked(length_s=checked.length_s, known={}, refused=checked.refused, looks_like=looks_like)


def _looks_like(checked: Checked, name: str, rule: CounterRule) -> Unit | None:
    """Return the unit that amounts taken as kWh are in, None where they may be kWh."""
    too_much = checked.refused.get(Refusal.TOO_MUCH, 0) + checked.refused.get(Problem.JUMP, 0)
    if too_much > len(checked.known):
        return Unit.WH
    days: defaultdict[int, int] = defaultdict(int)
    for at, (amount, _) in checked.known.items():
        days[at * checked.length_s // _DAY_S] += amount
    used = [amount for amount in days.values() if amount]
    if not used:
        return None
    median_wh = statistics.median(used)
    most_wh = min(_MOST_A_DAY_WH, rule.most_in(_DAY_S))
    if median_wh > most_wh:
        return Unit.WH
    if family_of(name) == IMPORT and median_wh < _LEAST_A_DAY_WH:
        return Unit.MWH
    return None


def _whole(told: Mapping[int, tuple[float, Mark]], length_s: int) -> Iterator[tuple[int, tuple[int, Mark]]]:
    """Yield whole amounts in order, rounded so that each day (UTC) sums to its own, and small ones add up.

    A day comes out alike whatever else is told.
    """
    day, exact, done = None, 0.0, 0
    for at, (amount, mark) in told.items():
        if (its_day := at * length_s // _DAY_S) != day:
            day, exact, done = its_day, 0.0, 0
        exact += amount
        upto = math.floor(exact + 0.5)
        yield at, (upto - done, mark)
        done = upto


def _amount(interval: Interval, length_s: int, rule: CounterRule) -> tuple[float | None, Refusal]:
    if interval.start_s % length_s:
        return None, Refusal.OFF_GRID
    if interval.amount is None or not math.isfinite(interval.amount):
        return None, Refusal.NOT_A_NUMBER
    if interval.amount <= -1:
        return None, Refusal.NEGATIVE
    if interval.amount > rule.most_in(length_s):
        return None, Refusal.TOO_MUCH
    return max(0.0, interval.amount), Refusal.NOT_A_NUMBER


def _in_order(interval: Interval) -> tuple[int, bool, float]:
    amount = interval.amount
    known = amount is not None and not math.isnan(amount)
    return interval.start_s, not known, amount if known and amount is not None else 0.0
