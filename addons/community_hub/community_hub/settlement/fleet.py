"""What events came to, for a thousand homes at once: to the last Wh what the home's own receipt says.

The rules are those of the home (``core.settlement.baselines``), in whole numbers throughout: means and
adjustments are kept as fractions of one denominator a home, and rounded cumulatively, a half upwards. A
quarter-hour that was not measured is left out of the baseline and of the use; with less than nine tenths of
an event measured its delivery is unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from ..arrays import Flags, Whole
from ..store.series import QUARTERS
from .fleet_days import FleetDays

_QUARTERS_AN_HOUR: Final = 4
# What devices take back after an event is over by then.
_REBOUND: Final = 4 * _QUARTERS_AN_HOUR

# (delivered Wh, agreed Wh) -> what is paid, in the smallest unit of the currency.
type Pay = Callable[[int, int], int]


class State(IntEnum):
    """What became of an event at a home."""

    NOT_ASKED = 0
    SETTLED = 1
    TOO_FEW_DAYS = 2
    CLOCK_CHANGE = 3
    NOT_MEASURED = 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FleetEvent:
    """An event on the quarter-hours [first, last) of a local day (its number among the fleet's days).

    ``asked`` (homes,): of whom it was asked; ``agreed_wh`` (homes,): for how much, in the direction it asks.
    """

    day: int
    first: int
    last: int
    asks_less: bool
    asked: Flags
    agreed_wh: Whole


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Settled:
    """What an event came to, of shape (homes,): Wh expected and used in its measured part, and delivered.

    All 0 where ``state`` is not ``SETTLED``.
    """

    state: Whole
    expected_wh: Whole
    used_wh: Whole
    delivered_wh: Whole


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Question:
    """What a rule is asked: an event, and for each home which days and quarter-hours are no measure."""

    days: FleetDays
    event: FleetEvent
    held: Flags
    disturbed: Flags

    def eligible(self, days_back: int) -> Flags:
        """Which past days are like the event's, of shape (homes, days before it)."""
        day = self.event.day
        back = day - np.arange(day)
        alike = (self.days.is_working[:day] == self.days.is_working[day]) & (back <= days_back)
        fit: Flags = self.days.complete[:, :day] & alike & ~self.held[:, :day]
        return fit


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Baseline:
    """Expected energies: ``numerators`` (homes, quarter-hours) over ``denominator`` (homes,), above 0."""

    numerators: Whole
    denominator: Whole
    is_given: Flags


type _Rule = Callable[[_Question], _Baseline]


def settled(days: FleetDays, events: Sequence[FleetEvent], rule: str) -> list[Settled]:
    """Return what each event came to by a rule. Raises KeyError for one that is not reckoned here.

    ``events`` are all that were asked of these homes, also those that are only to be left out of the past.
    """
    return [_settled(days, event, events, RULES[rule]) for event in events]


def paid(found: Settled, event: FleetEvent, pay: Pay) -> Whole:
    """Return what each home is paid, in the smallest unit; nothing where its delivery is unknown."""
    amounts = np.zeros(len(found.state), dtype=np.int64)
    for home in np.flatnonzero(found.state == State.SETTLED):
        amounts[home] = pay(int(found.delivered_wh[home]), int(event.agreed_wh[home]))
    return amounts


def _settled(days: FleetDays, event: FleetEvent, events: Sequence[FleetEvent], rule: _Rule) -> Settled:
    window = slice(event.first, event.last)
    baseline = rule(_question(days, event, events))
    known = days.known[:, event.day, window]
    state = np.where(baseline.is_given, State.SETTLED, State.TOO_FEW_DAYS)
    state = np.where(10 * known.sum(axis=1) < 9 * (event.last - event.first), State.NOT_MEASURED, state)
    if not days.is_ordinary[event.day]:
        state = np.full(len(state), State.CLOCK_CHANGE)
    state = np.where(event.asked, state, State.NOT_ASKED).astype(np.int64)
    is_settled = state == State.SETTLED
    expected = np.where(known, _rounded(baseline), 0).sum(axis=1) * is_settled
    used = days.use_wh[:, event.day, window].sum(axis=1, dtype=np.int64) * is_settled
    return Settled(
        state=state,
        expected_wh=expected,
        used_wh=used,
        delivered_wh=(expected - used) * (1 if event.asks_less else -1),
    )


def _question(days: FleetDays, event: FleetEvent, events: Sequence[FleetEvent]) -> _Question:
    homes, count = days.known.shape[:2]
    held = np.zeros((homes, count), dtype=np.bool_)
    disturbed = np.zeros((homes, QUARTERS), dtype=np.bool_)
    for other in events:
        if other is event:
            continue
        # As at home, one until midnight is held on the next day too, which begins with what comes back.
        for day in range(other.day, min(other.day + 1 + other.last // QUARTERS, count)):
            held[:, day] |= other.asked
        offset = (other.day - event.day) * QUARTERS
        felt = slice(max(other.first + offset, 0), max(other.last + offset + _REBOUND, 0))
        disturbed[:, felt] |= other.asked[:, None]
    return _Question(days=days, event=event, held=held, disturbed=disturbed)


def _rounded(baseline: _Baseline) -> Whole:
    """Return whole Wh whose running sum is the rounded running sum, a half upwards."""
    denominator = baseline.denominator[:, None]
    sums = (2 * baseline.numerators.cumsum(axis=1) + denominator) // (2 * denominator)
    whole: Whole = np.diff(sums, axis=1, prepend=0)
    return whole


def _mean(question: _Question, chosen: Flags) -> _Baseline:
    event = question.event
    sums = _sums(question, chosen, slice(event.first, event.last))
    number = chosen.sum(axis=1)
    return _Baseline(numerators=sums, denominator=np.maximum(number, 1), is_given=number > 0)


def _sums(question: _Question, chosen: Flags, quarters: slice) -> Whole:
    past = question.days.use_wh[:, : question.event.day, quarters]
    sums: Whole = np.einsum("hdq,hd->hq", past, chosen, dtype=np.int64, casting="unsafe")
    return sums


def _three_weeks(question: _Question) -> _Baseline:
    """Return all like days of the three weeks before, at least five."""
    chosen = question.eligible(days_back=21)
    return _mean(question, chosen & (chosen.sum(axis=1) >= 5)[:, None])


def _ten_working_days(question: _Question) -> _Baseline:
    """Return the ten last working days, or the middle two by energy of the four last others.

    Working days are at least five. The mean difference in the three hours that end an hour before is added,
    where half of them are known.
    """
    eligible = question.eligible(days_back=60)
    if question.days.is_working[question.event.day]:
        chosen = _last(eligible, 10)
        chosen &= (chosen.sum(axis=1) >= 5)[:, None]
    else:
        chosen = _middle_two(question, _last(eligible, 4))
    return _adjusted(question, chosen, _mean(question, chosen))


def _last(days: Flags, most: int) -> Flags:
    """Return the last of these days, at most so many for each home."""
    behind = days[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.logical_and(days, behind <= most)


def _middle_two(question: _Question, four: Flags) -> Flags:
    """Return of four days those neither least nor most in energy, the earlier the less; none of fewer."""
    energy = question.days.use_wh[:, : question.event.day].sum(axis=2, dtype=np.int64)
    far = np.iinfo(np.int64).max
    order = np.argsort(np.where(four, energy, far), axis=1, kind="stable")[:, 1:3]
    chosen = np.zeros_like(four)
    np.put_along_axis(chosen, order, four.sum(axis=1)[:, None] == 4, axis=1)
    return chosen


def _adjusted(question: _Question, chosen: Flags, mean: _Baseline) -> _Baseline:
    event = question.event
    end = event.first - _QUARTERS_AN_HOUR
    wanted = 3 * _QUARTERS_AN_HOUR
    before = slice(max(end - wanted, 0), max(end, 0))
    counts = question.days.known[:, event.day, before] & ~question.disturbed[:, before]
    number = counts.sum(axis=1)
    used = np.where(counts, question.days.use_wh[:, event.day, before], 0).sum(axis=1, dtype=np.int64)
    usual = np.where(counts, _sums(question, chosen, before), 0).sum(axis=1)
    is_known = 2 * number >= wanted
    parts = np.where(is_known, number, 1)
    more = np.where(is_known, used * mean.denominator - usual, 0)
    return _Baseline(
        numerators=mean.numerators * parts[:, None] + more[:, None],
        denominator=mean.denominator * parts,
        is_given=mean.is_given,
    )


RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {"three_weeks": _three_weeks, "ten_working_days": _ten_working_days}
)
