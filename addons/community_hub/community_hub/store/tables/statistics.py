"""What is published of the community: homes, frozen for a month, and numbers that stay as they are."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

# A feeder's is its name with a word before it.
_ID = String(ID_CHARACTERS + 16)


class FrozenCohort(Base):
    """Whose sums are published in a month (its first day). No homes: nothing is published of it.

    ``published_until`` is the last UTC day that was looked at. A home that has gone is here by a pseudonym.
    """

    __tablename__ = "cohorts"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    homes: Mapped[list[str]]
    published_until: Mapped[date | None]


class PublishedNumber(Base):
    """A cohort's figure of the slot from ``start`` on, in Wh, noised and rounded.

    "import" and "export" were counted, "import_ahead" and "export_ahead" were expected before the slot began.
    """

    __tablename__ = "published_numbers"

    cohort_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    figure: Mapped[str] = mapped_column(String(16), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True)
    slot_s: Mapped[int]
    energy_wh: Mapped[int] = mapped_column(BigInteger)


class PublishedMonth(Base):
    """What the homes of the community delivered and were paid in a month, by when it was settled.

    ``amount`` in the currency's smallest unit, and ``delivered_wh``: both rounded, None where ``withheld``
    says why.
    """

    __tablename__ = "published_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    homes: Mapped[int | None] = mapped_column(Integer)
    delivered_wh: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    withheld: Mapped[str | None]
