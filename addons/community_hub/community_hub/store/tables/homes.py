"""Homes that joined, and what their residents consented to."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import DOCUMENT, ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class Home(Base):
    """A home; ``ven_id`` is its name on the wire. ``state`` is active or leaving."""

    __tablename__ = "homes"

    ven_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    feeder: Mapped[str | None] = mapped_column(_ID, index=True)
    postcode: Mapped[str | None] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(default="active")
    leaving_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Consent(Base):
    """What a resident agreed to, with the words that were shown. A row is only ever ended, never rewritten.

    ``devices`` are resource names; an empty list is the whole home.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_ven_id_program_id", "ven_id", "program_id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"))
    program_id: Mapped[str] = mapped_column(ForeignKey("programs.id", ondelete="CASCADE"))
    devices: Mapped[list[str]]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    text: Mapped[str]
    text_hash: Mapped[str]
    agreed_by: Mapped[str]
    agreed_how: Mapped[str]
    agreed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class SharedBatteries(Base):
    """How a home's batteries do, by its newest word; ``told_at`` is the home's own.

    The resident shares it ``until``, which the home tells: after that nobody else reads it.
    """

    __tablename__ = "shared_batteries"

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    told_at: Mapped[datetime]
    until: Mapped[datetime]
    batteries: Mapped[list[dict[str, Any]]] = mapped_column(DOCUMENT)


class SharedRoom(Base):
    """A room that is shared ``until`` then, by the newest word on it; ``told_at`` is the home's own."""

    __tablename__ = "shared_rooms"

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(_ID, primary_key=True)
    told_at: Mapped[datetime]
    until: Mapped[datetime]


class RoomQuarter(Base):
    """The mean of a figure of a shared room in the quarter-hour from ``start`` on: °C, % or ppm."""

    __tablename__ = "room_quarters"
    __table_args__ = (
        ForeignKeyConstraint(
            ["ven_id", "room"], ["shared_rooms.ven_id", "shared_rooms.name"], ondelete="CASCADE"
        ),
    )

    ven_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    room: Mapped[str] = mapped_column(_ID, primary_key=True)
    figure: Mapped[str] = mapped_column(String(16), primary_key=True)
    start: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    value: Mapped[float] = mapped_column(Float(53))
