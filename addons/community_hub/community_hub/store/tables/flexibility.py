"""What homes are invited to, called for and asked: invitations, dispatches, requests to one home.

Powers are lists of whole W, one for each interval, in the direction that is asked for. ``correlation_id`` is
that of the request by which somebody made it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import DOCUMENT, ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


class Invitation(Base):
    """What homes are asked whether they would: so much energy, from a time on, for so long.

    ``state`` is open, dispatched or withdrawn, the latter two since ``changed_at``; ``dispatch_id`` is what
    came of it. ``price_micro`` is paid a kWh (millionths of the currency); None: nothing was named.
    """

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    program_id: Mapped[str] = mapped_column(ForeignKey("programs.id", ondelete="CASCADE"), index=True)
    event_time: Mapped[datetime]
    duration_s: Mapped[int]
    load_wh: Mapped[int] = mapped_column(BigInteger)
    direction: Mapped[str]
    devices: Mapped[list[str]]
    targets: Mapped[dict[str, Any]]
    answer_by: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str]
    correlation_id: Mapped[str]
    dispatch_id: Mapped[str | None] = mapped_column(_ID)
    price_micro: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    changed_at: Mapped[datetime | None]


class InvitationAnswer(Base):
    """What a home is asked for, and what it said: unanswered, yes, partly or no.

    ``answered_by`` is its resident or its resident's rule. ``said_at`` is the moment of the newest word, by
    the clock of whoever said it and later than that of each before: what is older, and the same again, is no
    news.
    """

    __tablename__ = "invitation_answers"

    invitation_id: Mapped[str] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True
    )
    ven_id: Mapped[str] = mapped_column(
        ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    asked_wh: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(index=True)
    promised_wh: Mapped[int] = mapped_column(BigInteger, default=0)
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    said_at: Mapped[datetime | None]


class AnswerRule(Base):
    """What a resident said of all invitations of a programme: ask, yes or no; up to so much with a yes."""

    __tablename__ = "answer_rules"

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    program_id: Mapped[str] = mapped_column(ForeignKey("programs.id", ondelete="CASCADE"), primary_key=True)
    answer: Mapped[str]
    most_wh: Mapped[int | None] = mapped_column(BigInteger)
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class Dispatch(Base):
    """A need, and what homes were called for to meet it. It outlives its programme.

    ``price_micro`` is paid a kWh (millionths of the currency), ``cost_micro`` what it is expected to cost
    at the homes' own prices. ``figures`` are lists by interval: needed, called, expected, short, beyond (W).
    """

    __tablename__ = "dispatches"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    program_id: Mapped[str] = mapped_column(_ID, index=True)
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    interval_s: Mapped[int]
    direction: Mapped[str]
    targets: Mapped[dict[str, Any]]
    caps_w: Mapped[dict[str, Any]]
    is_shaped: Mapped[bool]
    figures: Mapped[dict[str, Any]]
    cost_micro: Mapped[int] = mapped_column(BigInteger)
    price_micro: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    round: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str]
    correlation_id: Mapped[str]
    invitation_id: Mapped[str | None] = mapped_column(_ID)


class DispatchedHome(Base):
    """A home in a dispatch: called, dropped (it left, or cannot), or left out, with the reason.

    ``rank`` is its place in the order of merit, ``share`` what it has proven of what it offers, ``round`` the
    call by which it came in, ``called_wh`` in all. ``hold_event_id`` is the event that holds it afterwards.
    """

    __tablename__ = "dispatched_homes"
    __table_args__ = (Index("ix_dispatched_homes_event_id", "event_id"),)

    dispatch_id: Mapped[str] = mapped_column(
        ForeignKey("dispatches.id", ondelete="CASCADE"), primary_key=True
    )
    ven_id: Mapped[str] = mapped_column(
        ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    event_id: Mapped[str | None] = mapped_column(_ID)
    state: Mapped[str]
    reason: Mapped[str | None]
    called_w: Mapped[list[int]] = mapped_column(DOCUMENT)
    expected_w: Mapped[list[int]] = mapped_column(DOCUMENT)
    called_wh: Mapped[int] = mapped_column(BigInteger)
    share: Mapped[float]
    rank: Mapped[int | None]
    round: Mapped[int]
    held_until: Mapped[datetime | None]
    hold_event_id: Mapped[str | None] = mapped_column(_ID)


class WaitingCalls(Base):
    """A part of a dispatch's homes that are called, and whose events are not written yet.

    ``first``: the interval of the dispatch that they begin with; ``homes``: how many; ``calls``: what each
    home's events come to (``flexibility.calls_in_parts``).
    """

    __tablename__ = "waiting_calls"

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True, autoincrement=True)
    dispatch_id: Mapped[str] = mapped_column(ForeignKey("dispatches.id", ondelete="CASCADE"), index=True)
    first: Mapped[int]
    homes: Mapped[int]
    calls: Mapped[list[Any]] = mapped_column(DOCUMENT)


class DeliverySample(Base):
    """What was needed and what came in a minute of a dispatch, W. Who writes it looks whether it is enough.

    ``delivered_w`` is None where no home of it told anything.
    """

    __tablename__ = "delivery_samples"

    dispatch_id: Mapped[str] = mapped_column(
        ForeignKey("dispatches.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(primary_key=True)
    needed_w: Mapped[int] = mapped_column(BigInteger)
    delivered_w: Mapped[int | None] = mapped_column(BigInteger)


class HomeRequest(Base):
    """What an operator asks of a home of their own: an event of a programme that its resident consents to."""

    __tablename__ = "home_requests"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), index=True)
    program_id: Mapped[str] = mapped_column(_ID)
    kind: Mapped[str]
    asked: Mapped[dict[str, Any]]
    event_id: Mapped[str] = mapped_column(_ID)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    correlation_id: Mapped[str]


class StandingOffer(Base):
    """What a home offers as things stand: its newest forecast in numbers (``flexibility.packed``).

    ``told_at`` is the home's own word, ``came_at`` the hub's clock. ``expected`` is empty where its newest
    forecast tells nothing: it offers nothing then, whatever it told before.
    """

    __tablename__ = "standing_offers"
    __table_args__ = (Index("ix_standing_offers_came_at", "came_at"),)

    ven_id: Mapped[str] = mapped_column(ForeignKey("homes.ven_id", ondelete="CASCADE"), primary_key=True)
    told_at: Mapped[datetime]
    came_at: Mapped[datetime]
    expected: Mapped[bytes]
    less: Mapped[bytes]
    more: Mapped[bytes]
    stored_wh: Mapped[int | None] = mapped_column(BigInteger)
    capacity_wh: Mapped[int | None] = mapped_column(BigInteger)
