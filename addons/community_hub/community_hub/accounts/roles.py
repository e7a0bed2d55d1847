"""Who may do what: one table, and one function that reads it.

A role says what somebody may do to anything of a kind (``ANY``) or only to what is theirs (``OWN``). Owning
gives no right of its own, and no role gives a right to what a household agreed to: that only the household
widens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What somebody is to the community."""

    OPERATOR = "operator"
    AGGREGATOR = "aggregator"
    GRID_OPERATOR = "grid_operator"
    HOUSEHOLD = "household"
    AUDITOR = "auditor"


class Thing(StrEnum):
    """What something is done to."""

    ACCOUNT = "account"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 # the word, not one
    CLIENT = "client"
    HOME = "home"
    ENERGY = "energy"
    CONSENT = "consent"
    PROGRAM = "program"
    OFFER = "offer"
    INVITATION = "invitation"
    DISPATCH = "dispatch"
    SETTLEMENT = "settlement"
    REQUEST = "request"
    AUDIT = "audit"
    ROLLOUT = "rollout"
    MARKET = "market"
    GRID = "grid"
    METRICS = "metrics"
    STATISTICS = "statistics"


class Verb(StrEnum):
    """What is done. ``GRANT`` gives a consent, a resident's answer or order; ``NARROW`` narrows one.

    ``CHECK`` notes whether a line of a settlement follows from a receipt: whoever makes settlements does not.
    """

    READ = "read"
    WRITE = "write"
    GRANT = "grant"
    NARROW = "narrow"
    CHECK = "check"


class Reach(StrEnum):
    """To whose things a right reaches."""

    OWN = "own"
    ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who asks. ``scopes`` narrows what a token may of its person's rights; None: a person's own session.

    ``session_hash`` is that of the browser that asks, None of a token's.
    """

    person_id: str
    role: Role
    is_leaving: bool = False
    scopes: frozenset[str] | None = None
    session_hash: str | None = field(default=None, repr=False)


type Rights = Mapping[tuple[Thing, Verb], Reach]


def scope(thing: Thing, verb: Verb) -> str:
    """Return the name of a right, as tokens carry it."""
    return f"{thing}:{verb}"


_EVERYONE: Final[dict[tuple[Thing, Verb], Reach]] = {
    (Thing.ACCOUNT, Verb.READ): Reach.OWN,
    (Thing.ACCOUNT, Verb.WRITE): Reach.OWN,
    (Thing.TOKEN, Verb.READ): Reach.OWN,
    (Thing.TOKEN, Verb.WRITE): Reach.OWN,
    (Thing.STATISTICS, Verb.READ): Reach.OWN,
}
# Who finds flexibility and calls for it.
_CALLING: Final[dict[tuple[Thing, Verb], Reach]] = {
    (Thing.PROGRAM, Verb.READ): Reach.ANY,
    (Thing.OFFER, Verb.READ): Reach.ANY,
    (Thing.INVITATION, Verb.READ): Reach.ANY,
    (Thing.INVITATION, Verb.WRITE): Reach.ANY,
    (Thing.DISPATCH, Verb.READ): Reach.ANY,
    (Thing.DISPATCH, Verb.WRITE): Reach.ANY,
    (Thing.SETTLEMENT, Verb.READ): Reach.ANY,
    (Thing.SETTLEMENT, Verb.WRITE): Reach.ANY,
}
RIGHTS: Final[Mapping[Role, Rights]] = MappingProxyType(
    {
        Role.OPERATOR: _EVERYONE
        | _CALLING
        | {
            (Thing.PROGRAM, Verb.WRITE): Reach.ANY,
            (Thing.REQUEST, Verb.READ): Reach.ANY,
            (Thing.REQUEST, Verb.WRITE): Reach.ANY,
            (Thing.PERSON, Verb.READ): Reach.ANY,
            (Thing.PERSON, Verb.WRITE): Reach.ANY,
            (Thing.TOKEN, Verb.READ): Reach.ANY,
            (Thing.TOKEN, Verb.WRITE): Reach.ANY,
            (Thing.CLIENT, Verb.READ): Reach.ANY,
            (Thing.CLIENT, Verb.WRITE): Reach.ANY,
            (Thing.HOME, Verb.READ): Reach.ANY,
            (Thing.HOME, Verb.WRITE): Reach.ANY,
            # By the resident's consent alone (``energy.access``).
            (Thing.ENERGY, Verb.READ): Reach.ANY,
            (Thing.CONSENT, Verb.READ): Reach.ANY,
            (Thing.CONSENT, Verb.NARROW): Reach.ANY,
            (Thing.AUDIT, Verb.READ): Reach.ANY,
            (Thing.ROLLOUT, Verb.READ): Reach.ANY,
            (Thing.MARKET, Verb.READ): Reach.ANY,
            (Thing.MARKET, Verb.WRITE): Reach.ANY,
            (Thing.GRID, Verb.READ): Reach.ANY,
            (Thing.GRID, Verb.WRITE): Reach.ANY,
            (Thing.METRICS, Verb.READ): Reach.ANY,
        },
        Role.AGGREGATOR: _EVERYONE
        | _CALLING
        | {
            (Thing.GRID, Verb.READ): Reach.ANY,
            (Thing.HOME, Verb.READ): Reach.ANY,
            (Thing.CONSENT, Verb.READ): Reach.ANY,
        },
        Role.GRID_OPERATOR: _EVERYONE | {(Thing.GRID, Verb.READ): Reach.ANY},
        Role.HOUSEHOLD: _EVERYONE
        | {
            (Thing.HOME, Verb.READ): Reach.OWN,
            (Thing.ENERGY, Verb.READ): Reach.OWN,
            (Thing.CONSENT, Verb.READ): Reach.OWN,
            (Thing.CONSENT, Verb.GRANT): Reach.OWN,
            (Thing.CONSENT, Verb.NARROW): Reach.OWN,
            (Thing.PROGRAM, Verb.READ): Reach.OWN,
            (Thing.INVITATION, Verb.READ): Reach.OWN,
            (Thing.INVITATION, Verb.GRANT): Reach.OWN,
            (Thing.DISPATCH, Verb.READ): Reach.OWN,
            (Thing.SETTLEMENT, Verb.READ): Reach.OWN,
            (Thing.SETTLEMENT, Verb.CHECK): Reach.OWN,
            (Thing.MARKET, Verb.READ): Reach.OWN,
            (Thing.MARKET, Verb.GRANT): Reach.OWN,
            (Thing.REQUEST, Verb.READ): Reach.OWN,
        },
        Role.AUDITOR: _EVERYONE
        | {
            (Thing.PROGRAM, Verb.READ): Reach.ANY,
            (Thing.INVITATION, Verb.READ): Reach.ANY,
            (Thing.DISPATCH, Verb.READ): Reach.ANY,
            (Thing.SETTLEMENT, Verb.READ): Reach.ANY,
            (Thing.SETTLEMENT, Verb.CHECK): Reach.ANY,
            (Thing.CONSENT, Verb.READ): Reach.ANY,
            (Thing.AUDIT, Verb.READ): Reach.ANY,
            (Thing.MARKET, Verb.READ): Reach.ANY,
            (Thing.GRID, Verb.READ): Reach.ANY,
        },
    }
)
SCOPES: Final = frozenset(scope(*right) for rights in RIGHTS.values() for right in rights)


def reach(who: Who, verb: Verb, thing: Thing) -> Reach | None:
    """Return to whose things somebody's right reaches, None without one.

    Who is leaving keeps only the own account, to take the leave back or to take their data along.
    """
    if who.is_leaving and thing is not Thing.ACCOUNT:
        return None
    if who.scopes is not None and scope(thing, verb) not in who.scopes:
        return None
    return RIGHTS[who.role].get((thing, verb))


def allowed(who: Who, verb: Verb, thing: Thing, *, owner_id: str | None = None) -> bool:
    """Whether somebody may do that to a thing of ``owner_id``, or of nobody."""
    found = reach(who, verb, thing)
    return found is Reach.ANY or (found is Reach.OWN and owner_id == who.person_id)
