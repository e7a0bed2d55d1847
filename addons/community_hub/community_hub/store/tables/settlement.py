"""What dispatches came to: closed once, a line for each home."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class Settlement(Base):
    """The settlement of one dispatch. ``digest`` is over its lines; money in the currency's smallest unit."""

    __tablename__ = "settlements"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    dispatch_id: Mapped[str] = mapped_column(ForeignKey("dispatches.id"), unique=True)
    program_id: Mapped[str] = mapped_column(_ID)
    rule: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
    price_micro: Mapped[int] = mapped_column(BigInteger)
    delivered_wh: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)
    made_by: Mapped[str]


class SettlementLine(Base):
    """A home's line, with the statement that it was given. A home that has gone is here by a pseudonym."""

    __tablename__ = "settlement_lines"

    settlement_id: Mapped[str] = mapped_column(
        ForeignKey("settlements.id", ondelete="CASCADE"), primary_key=True
    )
    ven_id: Mapped[str] = mapped_column(_ID, primary_key=True, index=True)
    event_id: Mapped[str] = mapped_column(_ID)
    state: Mapped[str]
    agreed_wh: Mapped[int] = mapped_column(BigInteger)
    delivered_wh: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    checked: Mapped[str | None]
    statement: Mapped[dict[str, Any]]
