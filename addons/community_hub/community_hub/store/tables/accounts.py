"""People, how they sign in, and what speaks for them. No secret is kept as it is: it is hashed or sealed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class Person(Base):
    """Somebody with an account. ``state`` is active or leaving (since ``leaving_since``, for 15 days)."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int | None]
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="active")
    leaving_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Session(Base):
    """A browser that is signed in; what it shows is hashed.

    ``proven_at`` is when its person last proved anew, at an OpenID provider, whose it is.
    """

    __tablename__ = "sessions"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]


class Identity(Base):
    """Who a person is to an OpenID provider: its issuer and the subject that it calls the person by."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class OpenIdAttempt(Base):
    """A browser that was sent to an OpenID provider, or owes the second factor after it came back.

    ``browser_hash`` is of a cookie of its own; ``sealed`` holds what must be read again (nonce, PKCE's
    verifier, an invitation). ``person_id`` and ``session_hash`` are of who was signed in when it was sent.
    """

    __tablename__ = "openid_attempts"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    provider: Mapped[str]
    purpose: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    session_hash: Mapped[str | None]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Client(Base):
    """A program that signs in by OAuth 2 client credentials: a VEN, or a business's logic."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Token(Base):
    """What a program shows: a person's own token, or what a client was given for its credentials."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str]
    secret_hash: Mapped[str]
    scopes: Mapped[list[str]]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeCode(Base):
    """A code that opens one thing once: the first operator's account, an invitation, a lost second factor."""

    __tablename__ = "one_time_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
