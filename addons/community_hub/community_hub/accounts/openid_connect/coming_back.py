"""What comes of a browser that a provider sent back, by what it was sent there for."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ...hub import Hub
from ...store.audit import Act, record
from ...store.tables import Person, Session
from ...web import Problem
from .. import codes, sessions, sign_in
from ..codes import Purpose as CodePurpose
from . import attempts, identities
from .attempts import Attempt, Purpose, Taken
from .fetching import ProviderError
from .id_token import LEEWAY, TokenRefusedError, Vouched
from .relying_party import RelyingParty

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a provider sent a browser back with: a code, or the error that it names (RFC 6749, 4.1.2)."""

    state: str
    browser: str
    code: str | None
    error: str | None
    issuer: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Where the console goes on, and the cookies' values: a session's, or an attempt's that owes a factor."""

    place: str = ""
    session_secret: str | None = None
    owing: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Arrival:
    """Somebody for whom a provider vouched, in the transaction in which something comes of it."""

    hub: Hub
    session: AsyncSession
    now: datetime
    party: RelyingParty
    taken: Taken
    vouched: Vouched

    @property
    def how(self) -> dict[str, str]:
        """Return how they are known, for the audit log."""
        return {"issuer": self.party.provider.issuer}


async def come_back(hub: Hub, party: RelyingParty, answer: Answer, asking: str | None) -> Outcome:
    """Return what comes of an answer; ``asking`` is the session's hash of who is signed in now.

    Raises Problem; then nothing is changed but that the attempt is used up.
    """
    async with hub.store.writing() as session:
        taken = await attempts.take(
            session, hub.vault, hub.clock(), party.provider.name, answer.state, answer.browser
        )
    if taken is None or taken.attempt.session_hash not in {None, asking}:
        raise over()
    vouched = await _vouched(hub, party, answer, taken)
    async with hub.store.writing() as session:
        arrival = _Arrival(
            hub=hub, session=session, now=hub.clock(), party=party, taken=taken, vouched=vouched
        )
        return await _OUTCOMES[taken.attempt.purpose](arrival)


async def _vouched(hub: Hub, party: RelyingParty, answer: Answer, taken: Taken) -> Vouched:
    name = party.provider.name
    if answer.code is None:
        _LOG.info("%s let nobody in: %.100r", name, answer.error)
        raise Problem(HTTPStatus.FORBIDDEN, "provider-refused", "The provider let nobody in.")
    try:
        return await party.vouched(answer.code, answer.issuer, taken.asked, hub.clock())
    except ProviderError as error:
        _LOG.warning("%s did not answer as it should: %s", name, error)
        raise unreachable() from error
    except TokenRefusedError as error:
        _LOG.warning("What %s vouched for is refused: %s", name, error)
        raise Problem(
            HTTPStatus.FORBIDDEN, "token-refused", "What the provider said could not be believed."
        ) from error


def unreachable() -> Problem:
    """Return the refusal of what needs a provider that does not answer as it should."""
    return Problem(HTTPStatus.BAD_GATEWAY, "provider-failed", "The provider did not answer. Try again later.")


def over() -> Problem:
    """Return the refusal of an attempt that this browser did not begin, or that is over."""
    return Problem(HTTPStatus.FORBIDDEN, "attempt-over", "That took too long, or began elsewhere: try again.")


async def _sign_in(arrival: _Arrival) -> Outcome:
    session, now = arrival.session, arrival.now
    identity = await identities.of_subject(session, arrival.party.provider.issuer, arrival.vouched.subject)
    if identity is None:
        raise Problem(HTTPStatus.FORBIDDEN, "identity-unknown", "No account is linked to this sign-in.")
    identity.last_used_at = now
    person = await session.get_one(Person, identity.person_id)
    is_asked = await sign_in.has_second_factor(session, person)
    if is_asked and not arrival.party.is_second_factor(arrival.vouched):
        owes = Attempt(
            provider=arrival.party.provider.name, purpose=Purpose.SECOND_FACTOR, person_id=person.id
        )
        _, browser = await attempts.begin(session, arrival.hub.vault, now, owes)
        return Outcome(place="second-factor", owing=browser)
    return await _signed_in(arrival, person)


async def _join(arrival: _Arrival) -> Outcome:
    session, now = arrival.session, arrival.now
    spent = await codes.spend(session, now, arrival.taken.attempt.code or "", CodePurpose.INVITATION)
    if spent is None or spent.person_id is None:
        raise Problem(HTTPStatus.FORBIDDEN, "code-refused", "The code is wrong, used or expired.")
    person = await session.get_one(Person, spent.person_id)
    await identities.link(session, now, person.id, arrival.party.provider, arrival.vouched.subject)
    details = {"purpose": spent.purpose, **arrival.how}
    await record(session, now, Act(actor=person.id, act="code.redeem", object=person.id, details=details))
    return await _signed_in(arrival, person)


async def _link(arrival: _Arrival) -> Outcome:
    person_id = await _person_of_browser(arrival)
    provider = arrival.party.provider
    await identities.link(arrival.session, arrival.now, person_id, provider, arrival.vouched.subject)
    return Outcome(place="account")


async def _prove(arrival: _Arrival) -> Outcome:
    person_id = await _person_of_browser(arrival)
    vouched, taken = arrival.vouched, arrival.taken
    identity = await identities.of_subject(arrival.session, arrival.party.provider.issuer, vouched.subject)
    if identity is None or identity.person_id != person_id:
        raise Problem(HTTPStatus.FORBIDDEN, "identity-unknown", "No account is linked to this sign-in.")
    if vouched.authenticated_at is None or vouched.authenticated_at < taken.begun_at - LEEWAY:
        raise Problem(HTTPStatus.FORBIDDEN, "not-fresh", "The provider did not have you sign in anew.")
    identity.last_used_at = arrival.now
    await sessions.note_proven(arrival.session, taken.attempt.session_hash or "", arrival.now)
    act = Act(actor=person_id, act="account.prove", object=person_id, details=arrival.how)
    await record(arrival.session, arrival.now, act)
    return Outcome(place="account")


async def _person_of_browser(arrival: _Arrival) -> str:
    """Return who began it, and is still signed in at this browser. Raises Problem 403."""
    attempt = arrival.taken.attempt
    browser = await arrival.session.get(Session, attempt.session_hash or "")
    if browser is None or browser.person_id != attempt.person_id:
        raise over()
    return browser.person_id


async def _signed_in(arrival: _Arrival, person: Person) -> Outcome:
    secret = await sign_in.admit(arrival.session, arrival.now, person, arrival.how)
    return Outcome(session_secret=secret)


_OUTCOMES: Final[Mapping[Purpose, Callable[[_Arrival], Awaitable[Outcome]]]] = MappingProxyType(
    {Purpose.SIGN_IN: _sign_in, Purpose.JOIN: _join, Purpose.LINK: _link, Purpose.PROVE: _prove}
)
