"""The market's book: orders for quarter-hours, what each was cleared at, and what homes pay for a month.

Prices are in millionths of the currency a kWh, energies in Wh.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class MarketOrder(Base):
    """An order of a home. ``filled_wh`` is None until its quarter-hour is cleared.

    Orders of a home that has gone stand under a pseudonym: without them no auction could be run again.
    """

    __tablename__ = "market_orders"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    ven_id: Mapped[str] = mapped_column(_ID, index=True)
    interval_start: Mapped[datetime] = mapped_column(index=True)
    side: Mapped[str]
    price_micro: Mapped[int] = mapped_column(BigInteger)
    quantity_wh: Mapped[int] = mapped_column(BigInteger)
    filled_wh: Mapped[int | None] = mapped_column(BigInteger)
    placed_at: Mapped[datetime]
    placed_by: Mapped[str]


class MarketClearing(Base):
    """What a quarter-hour was cleared at, once; no price without a trade."""

    __tablename__ = "market_clearings"

    interval_start: Mapped[datetime] = mapped_column(primary_key=True)
    price_micro: Mapped[int | None] = mapped_column(BigInteger)
    volume_wh: Mapped[int] = mapped_column(BigInteger)
    orders: Mapped[int]
    cleared_at: Mapped[datetime]
    cleared_by: Mapped[str]


class MarketTotal(Base):
    """What a home pays for what it traded in a month (its first day); negative: it gets. Issued once.

    ``amount_nano`` in billionths of the currency, ``total`` in its smallest unit: all homes' are rounded
    together, so that they add up to nothing. A home that has gone is here by its pseudonym.
    """

    __tablename__ = "market_totals"

    month: Mapped[date] = mapped_column(primary_key=True)
    ven_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_nano: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[datetime]
