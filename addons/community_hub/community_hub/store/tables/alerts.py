"""What is wrong for a while, and the mail that tells of it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class Alert(Base):
    """Something that is wrong since ``since``. ``told_at``: when operators were last told; None: not yet."""

    __tablename__ = "alerts"

    rule: Mapped[str] = mapped_column(_ID, primary_key=True)
    text: Mapped[str]
    since: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Mail(Base):
    """A mail that is to go out from ``due_at`` on, until ``ended_at``; its text is forgotten with it."""

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
