"""Who may do what."""

import pytest
from community_hub.accounts.roles import RIGHTS, Role, Thing, Verb, Who, allowed, scope
from hypothesis import given
from hypothesis import strategies as st

PEOPLE = st.sampled_from(["anna", "bert"])
RIGHT = st.tuples(st.sampled_from(Verb), st.sampled_from(Thing))


def who(role: Role, **changed: object) -> Who:
    return Who(**({"person_id": "anna", "role": role} | changed))  # type: ignore[arg-type] # of the test


@given(right=RIGHT)
def test_no_household_reaches_what_another_owns(right: tuple[Verb, Thing]) -> None:
    assert not allowed(who(Role.HOUSEHOLD), *right, owner_id="bert")


@given(role=st.sampled_from([role for role in Role if role is not Role.HOUSEHOLD]), owner=PEOPLE)
def test_nobody_but_a_household_consents(role: Role, owner: str) -> None:
    assert not allowed(who(role), Verb.GRANT, Thing.CONSENT, owner_id=owner)


@given(role=st.sampled_from(Role), right=RIGHT, owner=PEOPLE)
def test_a_token_without_the_scope_may_nothing(role: Role, right: tuple[Verb, Thing], owner: str) -> None:
    others = frozenset(scope(*each) for each in RIGHTS[role]) - {scope(right[1], right[0])}

    assert not allowed(who(role, scopes=others), *right, owner_id=owner)


@given(role=st.sampled_from(Role), right=RIGHT, owner=PEOPLE)
def test_a_token_may_no_more_than_its_person(role: Role, right: tuple[Verb, Thing], owner: str) -> None:
    everything = frozenset(scope(thing, verb) for thing in Thing for verb in Verb)

    assert allowed(who(role, scopes=everything), *right, owner_id=owner) is allowed(
        who(role), *right, owner_id=owner
    )


@given(role=st.sampled_from(Role), right=RIGHT, owner=PEOPLE)
def test_who_is_leaving_keeps_only_the_own_account(role: Role, right: tuple[Verb, Thing], owner: str) -> None:
    is_own_account = right[1] is Thing.ACCOUNT and right[0] in {Verb.READ, Verb.WRITE} and owner == "anna"

    assert allowed(who(role, is_leaving=True), *right, owner_id=owner) is is_own_account


@pytest.mark.parametrize(
    ("role", "verb", "thing", "is_allowed"),
    [
        (Role.OPERATOR, Verb.WRITE, Thing.PERSON, True),
        (Role.OPERATOR, Verb.NARROW, Thing.CONSENT, True),
        (Role.OPERATOR, Verb.READ, Thing.ACCOUNT, False),
        (Role.AGGREGATOR, Verb.READ, Thing.HOME, True),
        (Role.AGGREGATOR, Verb.WRITE, Thing.HOME, False),
        (Role.GRID_OPERATOR, Verb.READ, Thing.HOME, False),
        (Role.AUDITOR, Verb.READ, Thing.AUDIT, True),
        (Role.AUDITOR, Verb.READ, Thing.HOME, False),
        (Role.HOUSEHOLD, Verb.READ, Thing.AUDIT, False),
    ],
)
def test_rights_to_others_things(role: Role, verb: Verb, thing: Thing, is_allowed: bool) -> None:
    assert allowed(who(role), verb, thing, owner_id="bert") is is_allowed
