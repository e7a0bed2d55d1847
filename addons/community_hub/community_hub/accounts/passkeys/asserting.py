"""Whether a person's passkey signed what this browser was given to sign."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers import base64url_to_bytes

from ...hub import Hub
from ...store.audit import Act, record
from ...store.tables import Passkey, Person
from . import ceremonies, challenges
from .ceremonies import NotGenuineError
from .documents import SignedCredential
from .relying_party import RelyingParty


@dataclass(frozen=True, kw_only=True, slots=True)
class Assertion:
    """What an authenticator signed, and what it was to sign: None when that is over, or another browser's."""

    credential: SignedCredential
    challenge: bytes | None

    @property
    def credential_id(self) -> bytes:
        """Return the authenticator's name for the passkey that it says signed."""
        return base64url_to_bytes(self.credential.id)


async def received(hub: Hub, credential: SignedCredential, secret: str | None) -> Assertion:
    """Return what came, and spend the challenge of the browser's cookie."""
    challenge = await challenges.spend(hub.store, hub.clock(), secret)
    return Assertion(credential=credential, challenge=challenge)


async def owner(session: AsyncSession, assertion: Assertion) -> Person | None:
    """Return whose passkey it says it is, None for nobody's; of two signatures the second waits."""
    found = await session.scalars(
        select(Person)
        .join(Passkey, Passkey.person_id == Person.id)
        .where(Passkey.credential_id == assertion.credential_id)
        .with_for_update(of=Person)
    )
    return found.one_or_none()


async def genuine(
    hub: Hub, session: AsyncSession, assertion: Assertion, person_id: str, now: datetime
) -> Passkey | None:
    """Return the person's passkey that signed, None when none did. The caller holds the person's row.

    A count that does not go on is a copy of the passkey, or its original beside a copy (WebAuthn 3, 6.1.1):
    it is refused and noted. 0 before and after is an authenticator that does not count.
    """
    found = await session.scalars(
        select(Passkey).where(
            Passkey.credential_id == assertion.credential_id, Passkey.person_id == person_id
        )
    )
    passkey = found.one_or_none()
    if passkey is None or assertion.challenge is None:
        return None
    try:
        count = ceremonies.signed(
            RelyingParty.at(hub.settings.public_url),
            assertion.credential,
            assertion.challenge,
            person_id=person_id,
            public_key=passkey.public_key,
        )
    except NotGenuineError:
        return None
    if count <= passkey.sign_count and (count or passkey.sign_count):
        details = {"kept": passkey.sign_count, "told": count}
        act = Act(actor=person_id, act="passkey.count_backwards", object=passkey.id, details=details)
        await record(session, now, act)
        return None
    passkey.sign_count, passkey.last_used_at = count, now
    return passkey
