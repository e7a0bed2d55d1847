"""What homes delivered and were paid by month: each home's for who may see it, all homes' for everybody."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..arrays import Whole
from ..privacy.cohorts import Cohort, Withheld, withheld
from ..privacy.publish import ROUNDED_TO_WH_A_HOME
from ..settlement.closing import PLACES
from ..store import Store
from ..store.database import Turn, take_turn
from ..store.tables import PublishedMonth, Settlement, SettlementLine

# A dispatch is settled within days of its end.
PATIENCE: Final = timedelta(days=8)
# Money of all homes is told in whole units of the currency.
_UNIT: Final = 10**PLACES


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A calendar month in UTC."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return the month that a moment (UTC) is in."""
        return cls(first=moment.date().replace(day=1))

    @classmethod
    def named(cls, text: str) -> Self:
        """Return a month by its name, "2026-11"."""
        return cls(first=date.fromisoformat(f"{text}-01"))

    def __str__(self) -> str:
        """Return its name, "2026-11"."""
        return f"{self.first:%Y-%m}"

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(first=(self.first + timedelta(days=32)).replace(day=1))

    @property
    def start(self) -> datetime:
        """When it begins, aware."""
        return datetime.combine(self.first, time(), UTC)


async def lines_of(
    session: AsyncSession, month: Month, *conditions: ColumnElement[bool]
) -> list[tuple[Settlement, SettlementLine]]:
    """Return the lines that were settled in a month, all or those of ``conditions``."""
    query = (
        select(Settlement, SettlementLine)
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .where(Settlement.made_at >= month.start, Settlement.made_at < month.next.start, *conditions)
        .order_by(Settlement.made_at, Settlement.id, SettlementLine.ven_id)
    )
    return list((await session.execute(query)).tuples().all())


async def publish_months(store: Store, now: datetime) -> None:
    """Publish the months that are due, each once: from the first in which anything was settled."""
    while True:
        async with store.writing() as session:
            await take_turn(session, Turn.PUBLISHING)
            month = await _next(session)
            if month is None or month.next.start + PATIENCE > now:
                return
            session.add_all(_published(month, await lines_of(session, month)))


async def _next(session: AsyncSession) -> Month | None:
    """Return the first month behind those that were published in which something was settled."""
    last = await session.scalar(select(func.max(PublishedMonth.month)))
    query = select(func.min(Settlement.made_at, type_=Settlement.made_at.type))
    if last is not None:
        query = query.where(Settlement.made_at >= Month(first=last).next.start)
    first = await session.scalar(query)
    return None if first is None else Month.of(first)


def _published(month: Month, lines: Sequence[tuple[Settlement, SettlementLine]]) -> list[PublishedMonth]:
    by_currency: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for settlement, line in lines:
        sums = by_currency[settlement.currency][line.ven_id]
        sums[0] += line.delivered_wh or 0
        sums[1] += line.amount
    return [_row(month, currency, homes) for currency, homes in sorted(by_currency.items())]


def _row(month: Month, currency: str, homes: dict[str, list[int]]) -> PublishedMonth:
    cohort = Cohort(id=currency, month=month.first, homes=frozenset(homes))
    sums = np.array(list(homes.values()), dtype=np.int64)
    reasons = [_withheld(cohort, sums[:, [column]]) for column in (0, 1)]
    reason = next((each for each in reasons if each is not None), None)
    if reason is not None:
        return PublishedMonth(month=month.first, currency=currency, withheld=reason.value)
    unit_wh = ROUNDED_TO_WH_A_HOME * len(homes)
    delivered_wh, amount = (int(each) for each in sums.sum(axis=0))
    return PublishedMonth(
        month=month.first,
        currency=currency,
        homes=len(homes),
        delivered_wh=_rounded(delivered_wh, unit_wh),
        amount=_rounded(amount, _UNIT),
    )


def _rounded(figure: int, unit: int) -> int:
    return (figure + unit // 2) // unit * unit


def _withheld(cohort: Cohort, figures: Whole) -> Withheld | None:
    return withheld(cohort, None, figures, np.ones_like(figures, dtype=np.bool_))
