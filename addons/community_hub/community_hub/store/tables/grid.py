"""Grid operators that the hub speaks UFTP with, where they know it, and what was said."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)
_DOMAIN = String(253)
_ADDRESS = String(255)


class GridOperator(Base):
    """A grid operator (DSO): how it is known and reached, and the programme that its orders belong to."""

    __tablename__ = "grid_operators"

    domain: Mapped[str] = mapped_column(_DOMAIN, primary_key=True)
    name: Mapped[str]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    endpoint: Mapped[str]
    program_id: Mapped[str] = mapped_column(ForeignKey("programs.id"))
    zone: Mapped[str]
    currency: Mapped[str]
    created_at: Mapped[datetime]


class CongestionPoint(Base):
    """Where a grid operator wants to be helped: its entity address, and the feeder of ours that it is."""

    __tablename__ = "congestion_points"

    address: Mapped[str] = mapped_column(_ADDRESS, primary_key=True)
    domain: Mapped[str] = mapped_column(ForeignKey("grid_operators.domain", ondelete="CASCADE"), index=True)
    feeder: Mapped[str] = mapped_column(_ID)


class GridConnection(Base):
    """The number (EAN, 18 digits) by which a grid operator knows a home's connection."""

    __tablename__ = "grid_connections"

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    ean: Mapped[str] = mapped_column(String(18), unique=True)


class GridMessage(Base):
    """A message of UFTP, either way, as it was signed.

    ``about``: the message that it answers or builds on. ``result``: Accepted or Rejected, with its reason; of
    one that came it is ours, of one that went the grid operator's. ``dispatch_id``: what an order became.
    What goes out is posted from ``due_at`` on until ``ended_at``.
    """

    __tablename__ = "grid_messages"
    __table_args__ = (
        Index("ix_grid_messages_subject", "domain", "kind", "congestion_point", "period"),
        Index("ix_grid_messages_due", "ended_at", "due_at"),
    )

    message_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    domain: Mapped[str] = mapped_column(ForeignKey("grid_operators.domain", ondelete="CASCADE"))
    is_ours: Mapped[bool]
    kind: Mapped[str]
    conversation_id: Mapped[str] = mapped_column(String(36))
    about: Mapped[str | None] = mapped_column(String(36), index=True)
    congestion_point: Mapped[str | None] = mapped_column(_ADDRESS)
    period: Mapped[date | None]
    revision: Mapped[int | None] = mapped_column(BigInteger)
    order_reference: Mapped[str | None] = mapped_column(index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)
    result: Mapped[str | None]
    reason: Mapped[str | None]
    dispatch_id: Mapped[str | None] = mapped_column(_ID, index=True)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class FlexReservation(Base):
    """A home that is kept, from ``starts_at`` to ``ends_at``, for an offer that stands ``until`` some time.

    ``direction``: less or more, as a dispatch has it.
    """

    __tablename__ = "flex_reservations"

    offer_id: Mapped[str] = mapped_column(
        ForeignKey("grid_messages.message_id", ondelete="CASCADE"), primary_key=True
    )
    ven_id: Mapped[str] = mapped_column(
        ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    program_id: Mapped[str] = mapped_column(_ID)
    direction: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    until: Mapped[datetime]
