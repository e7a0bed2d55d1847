"""Passkeys (WebAuthn): what a person's devices sign in by. A public key, which is kept, is no secret."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ..columns import ID_CHARACTERS
from .base import Base

_ID = String(ID_CHARACTERS)


class Passkey(Base):
    """One passkey. ``sign_count`` is the authenticator's own, 0 where it does not count.

    ``credential_id`` is the authenticator's name for it; ``public_key`` is a COSE key (RFC 9052, 7).
    """

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a browser was given to let an authenticator sign; the cookie that it is bound to is hashed.

    ``person_id`` is who adds a passkey; None: whoever signs by one that is there.
    """

    __tablename__ = "passkey_challenges"

    secret_hash: Mapped[str] = mapped_column(primary_key=True)
    challenge: Mapped[bytes]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
