"""Mail that waits or went out, and who wishes any of what came of invitations."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class MailWish(Base):
    """A resident's consent to mail about a home, with the words that were shown; it ends by its deletion.

    No mail goes out from ``quiet_from`` to ``quiet_until`` (HH:MM in ``zone``). ``mailed_at``: the last one.
    """

    __tablename__ = "mail_wishes"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(64))
    quiet_from: Mapped[str] = mapped_column(String(5))
    quiet_until: Mapped[str] = mapped_column(String(5))
    text: Mapped[str]
    text_hash: Mapped[str]
    agreed_how: Mapped[str]
    agreed_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]


class ToldOutcome(Base):
    """Something that came of an invitation and was told by a wish: it is told once."""

    __tablename__ = "told_outcomes"

    wish_id: Mapped[str] = mapped_column(ForeignKey("mail_wishes.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    object_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    told_at: Mapped[datetime] = mapped_column(index=True)


class Mail(Base):
    """A mail that is to go out from ``due_at`` on, until ``ended_at``; its text is forgotten with it.

    ``wish_id``: by whose wish; who ends that ends the mail.
    """

    __tablename__ = "mails"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    wish_id: Mapped[str | None] = mapped_column(ForeignKey("mail_wishes.id", ondelete="CASCADE"), index=True)
