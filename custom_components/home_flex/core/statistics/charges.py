"""What a home pays beside its energy, and since when: a change lets what was before it be as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import pairwise

from .money import Fee
from .periods import Period, midnight


@dataclass(frozen=True, kw_only=True, slots=True)
class Charges:
    """Fixed fees and the price of the peak from local midnight of ``since`` on; None: since ever.

    ``peak_per_kw_month`` for the highest quarter-hour of import in a month, and at least for
    ``least_peak_w``.
    """

    since: date | None = None
    fees: tuple[Fee, ...] = ()
    peak_per_kw_month: Decimal = Decimal(0)
    least_peak_w: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is paid beside energy."""
        return not self.fees and not self.peak_per_kw_month


def with_newest(kept: Sequence[Charges], now: Charges, today: date) -> tuple[Charges, ...]:
    """Return the charges, oldest first, with what is agreed ``now``: from today on where it is otherwise.

    What is entered first was paid before as well, and of one day what was entered last counts.
    """
    if all(each.is_nothing for each in kept):
        return (replace(now, since=None),)
    before = tuple(each for each in kept if each.since is None or each.since < today)
    if not before or replace(before[-1], since=None) == replace(now, since=None):
        return before or (replace(now, since=None),)
    return (*before, replace(now, since=today))


def charged(charges: Sequence[Charges], period: Period, zone: tzinfo) -> Iterator[tuple[Charges, Period]]:
    """Yield what was agreed in a period, and when in it."""
    edges = [*(_start(each, zone) for each in charges), period.end]
    for each, (start, end) in zip(charges, pairwise(edges), strict=True):
        first, last = max(start, period.start), min(end, period.end)
        if first < last:
            yield each, Period(start=first, end=last)


def _start(charges: Charges, zone: tzinfo) -> datetime:
    return datetime.min.replace(tzinfo=UTC) if charges.since is None else midnight(charges.since, zone)
