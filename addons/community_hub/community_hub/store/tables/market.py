"""The market's book: orders for quarter-hours, and what each quarter-hour was cleared at.

Prices are in millionths of the currency a kWh, energies in Wh.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class MarketOrder(Base):
    """An order of a home. ``filled_wh`` is None until its quarter-hour is cleared."""

    __tablename__ = "market_orders"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), index=True)
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
