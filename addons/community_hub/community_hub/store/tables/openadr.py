"""OpenADR 3.1 objects: the document as it is sent, and beside it what is looked up.

``document`` is what a request holds; ids and times are columns. ``client_id`` is whose object it is.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class OpenADRObject(Base):
    """What every object has. Lists are in order of ``created_at`` and ``id``, which no insertion changes."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    modified_at: Mapped[datetime]
    client_id: Mapped[str] = mapped_column(_ID, index=True)
    document: Mapped[dict[str, Any]]


class Program(OpenADRObject):
    """A contract or product that events belong to."""

    __tablename__ = "programs"

    name: Mapped[str] = mapped_column(unique=True)


class Event(OpenADRObject):
    """What is asked, or what is told of prices and carbon. ``ends_at`` is None for an open end."""

    __tablename__ = "events"

    program_id: Mapped[str] = mapped_column(ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    ends_at: Mapped[datetime | None] = mapped_column(index=True)


class Report(OpenADRObject):
    """What a VEN reports of an event."""

    __tablename__ = "reports"

    event_id: Mapped[str] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    client_name: Mapped[str] = mapped_column(index=True)


class Ven(OpenADRObject):
    """A home, or another's client; here ``client_id`` is the one its program signs in by."""

    __tablename__ = "vens"
    __table_args__ = (UniqueConstraint("client_id"),)

    name: Mapped[str] = mapped_column(unique=True)


class Resource(OpenADRObject):
    """A device of a VEN."""

    __tablename__ = "resources"
    __table_args__ = (UniqueConstraint("ven_id", "name"),)

    ven_id: Mapped[str] = mapped_column(ForeignKey("vens.id", ondelete="CASCADE"))
    name: Mapped[str]


class Subscription(OpenADRObject):
    """Whom to tell of what. Its document is without bearer tokens, which are sealed.

    ``object_types`` are all that it tells of, each between spaces.
    """

    __tablename__ = "subscriptions"

    program_id: Mapped[str | None] = mapped_column(ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    client_name: Mapped[str] = mapped_column(index=True)
    object_types: Mapped[str]
    bearer_tokens_sealed: Mapped[bytes]


class ObjectTarget(Base):
    """One target of one object, whatever its kind."""

    __tablename__ = "object_targets"
    __table_args__ = (Index("ix_object_targets_target", "target"),)

    object_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    target: Mapped[str] = mapped_column(_ID, primary_key=True)


class WebhookDelivery(Base):
    """A notification that a subscriber is still to be told, or that was given up."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="CASCADE"), index=True
    )
    operation: Mapped[int]
    notification: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
