"""What goes over the broker: who holds the line, reports that came, and messages that are to go."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import DOCUMENT, ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class Leader(Base):
    """Which worker does what only one may do; ``beat`` goes on as long as it lives."""

    __tablename__ = "leaders"

    task: Mapped[str] = mapped_column(_ID, primary_key=True)
    holder: Mapped[str] = mapped_column(_ID)
    beat: Mapped[int] = mapped_column(BigInteger)


class ReceivedReport(Base):
    """A report as it came from a home, ``payload``, under its own id: one that comes again is no other.

    ``modified_at`` says which of several on the same is the newest, whatever came last.
    ``is_clock_off``: the home's clock was more than an hour ahead of the hub's.
    """

    __tablename__ = "received_reports"
    __table_args__ = (
        Index("ix_received_reports_event_id_received_at", "event_id", "received_at"),
        Index("ix_received_reports_received_at", "received_at"),
    )

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    report_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    event_id: Mapped[str] = mapped_column(_ID)
    name: Mapped[str]
    modified_at: Mapped[datetime]
    received_at: Mapped[datetime]
    is_clock_off: Mapped[bool]
    payload: Mapped[bytes]


class ReportProgress(Base):
    """Up to which number the hub has all reports of a home's store, and which it has beyond that."""

    __tablename__ = "report_progress"

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    stream: Mapped[str] = mapped_column(_ID)
    up_to: Mapped[int] = mapped_column(BigInteger)
    beyond: Mapped[list[int]] = mapped_column(DOCUMENT)


class RefusedReports(Base):
    """How many reports of a home were refused for one reason. ``ven_id`` may be of nobody the hub knows."""

    __tablename__ = "refused_reports"

    ven_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    reason: Mapped[str] = mapped_column(_ID, primary_key=True)
    times: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]


class OutgoingMessage(Base):
    """What is to be published, in the order of ``number``, written in the transaction of what it tells.

    ``outcome`` is None until it is over: published, expired or refused.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_outcome_number", "outcome", "number"),)

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=True)
    ven_id: Mapped[str] = mapped_column(_ID)
    event_id: Mapped[str] = mapped_column(_ID, index=True)
    topic: Mapped[str]
    payload: Mapped[bytes]
    expires_at: Mapped[datetime]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class OpenSlot(Base):
    """What a home's meter counted in the quarter-hour from ``start`` on, until its day is a series.

    Wh, and a mark (``store.series``); ``modified_at`` is that of the report that said it.
    """

    __tablename__ = "open_slots"
    __table_args__ = (Index("ix_open_slots_start", "start"),)

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    import_wh: Mapped[int]
    export_wh: Mapped[int]
    mark: Mapped[int]
    modified_at: Mapped[datetime]


class MeteredDay(Base):
    """A home's quarter-hours of a UTC day (``store.series``).

    ``changed_at``: what was reckoned from it before is to be reckoned again. ``reopened_at`` is set when a
    report came after it was made, until it has been made again.
    """

    __tablename__ = "day_series"
    __table_args__ = (Index("ix_day_series_reopened_at", "reopened_at"),)

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    series: Mapped[bytes]
    changed_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
