"""Adding a passkey, by a proof and the second factor once more; and removing one."""

from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import exists, select

from ...hub import Hub
from ...store import new_id
from ...store.audit import Act, record
from ...store.tables import Passkey, Person
from ...web import Problem
from .. import sign_in
from ..ways_in import require_way_in
from . import ceremonies, challenges, kept
from .asserting import Assertion
from .ceremonies import NotGenuineError
from .challenges import Challenge
from .documents import NewCredential
from .relying_party import RelyingParty

MOST: Final = 10


async def begin(
    hub: Hub, person_id: str, code: str | None, assertion: Assertion | None
) -> tuple[dict[str, Any], Challenge]:
    """Return the options of the browser for a new passkey, and the challenge in them.

    The second factor is a code, or what a passkey signed. Raises Problem 403 for what is none, 409 for the
    eleventh and where there are no passkeys.
    """
    party = RelyingParty.at(hub.settings.public_url)
    await sign_in.require_second_factor(hub, person_id, code, assertion)
    async with hub.store.writing() as session:
        person = await session.get_one(Person, person_id)
        known = await kept.of_person(session, person_id)
        _require_room(known)
        challenge = await challenges.make(session, hub.clock(), person_id=person_id)
    options = ceremonies.to_make(
        party,
        person_id,
        account=person.email,
        name=person.name,
        challenge=challenge.challenge,
        known=[each.credential_id for each in known],
    )
    return options, challenge


async def add(
    hub: Hub, person_id: str, name: str, credential: NewCredential, secret: str | None
) -> tuple[Passkey, list[str]]:
    """Add the passkey that this browser was let make, and return it.

    Where it is the first second factor, ten codes for when it is lost come with it, shown this once. Raises
    Problem 400 for what is not the passkey that was asked for, 409 when the challenge is over or it is known.
    """
    now = hub.clock()
    challenge = await challenges.spend(hub.store, now, secret, person_id=person_id)
    if challenge is None:
        raise Problem(
            HTTPStatus.CONFLICT, "challenge-over", "It took longer than five minutes: begin once more."
        )
    try:
        made = ceremonies.made(RelyingParty.at(hub.settings.public_url), credential, challenge)
    except NotGenuineError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, "passkey-refused", "This is not the passkey that was asked for."
        ) from error
    async with hub.store.writing() as session:
        person = await session.get_one(Person, person_id, with_for_update=True)
        _require_room(await kept.of_person(session, person_id))
        if await session.scalar(select(exists().where(Passkey.credential_id == made.credential_id))):
            raise Problem(HTTPStatus.CONFLICT, "passkey-exists", "This passkey is already there.")
        is_first = not await sign_in.has_second_factor(session, person)
        passkey = Passkey(
            id=new_id(),
            person_id=person_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=name,
            created_at=now,
        )
        session.add(passkey)
        recovery = await sign_in.recovery_codes(session, now, person) if is_first else []
        await record(session, now, Act(actor=person_id, act="passkey.add", object=passkey.id, details={}))
    return passkey, recovery


async def remove(hub: Hub, person_id: str, passkey_id: str) -> bool:
    """Remove a passkey; return whether a second factor is left.

    Raises Problem 404, and 409 when it is the last way in.
    """
    async with hub.store.writing() as session:
        person = await session.get_one(Person, person_id, with_for_update=True)
        passkey = await kept.own(session, person_id, passkey_id)
        await session.delete(passkey)
        await session.flush()
        await require_way_in(hub, session, person)
        await sign_in.forget_needless_codes(session, person)
        is_left = await sign_in.has_second_factor(session, person)
        act = Act(
            actor=person_id,
            act="passkey.remove",
            object=passkey_id,
            details={"second_factor_left": is_left},
        )
        await record(session, hub.clock(), act)
    return is_left


def _require_room(known: list[Passkey]) -> None:
    if len(known) >= MOST:
        raise Problem(
            HTTPStatus.CONFLICT, "too-many-passkeys", f"You have {MOST} passkeys, and may have no more."
        )
