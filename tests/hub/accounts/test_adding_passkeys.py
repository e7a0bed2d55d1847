"""Adding passkeys by the password and the second factor, removing them, and what becomes of them."""

from typing import Any

import pytest
from community_hub.accounts import housekeeping
from community_hub.accounts.passkeys import adding
from community_hub.accounts.passkeys.challenges import COOKIE
from community_hub.store.tables import Passkey

from ..running import ORIGIN, PASSWORD, Running, made, person_id, problem
from .authenticator import PRESENT, VERIFIED, Authenticator, decoded, encoded
from .passkeys import (
    ADD,
    CHALLENGE,
    EMAIL,
    PROOF,
    acts,
    add,
    code,
    rows,
    signed_by,
    try_in,
    try_password,
    with_totp,
)


async def test_a_browser_is_asked_for_one_that_finds_its_account_and_verifies_its_user(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    await add(operator, authenticator)

    proof = PROOF | {"passkey": await signed_by(operator, authenticator)}
    to_make = await made(operator, f"{ADD}/challenge", proof)
    to_sign = await made(hub.visitor(), CHALLENGE, {})

    assert to_make["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (to_make["attestation"], to_make["rp"]) == ("none", {"name": "Home Flex", "id": "hub.example"})
    assert [each["id"] for each in to_make["excludeCredentials"]] == [encoded(authenticator.credential_id)]
    assert len(decoded(to_make["challenge"])) == 32
    assert (to_sign["rpId"], to_sign["userVerification"]) == ("hub.example", "required")
    assert not to_sign["allowCredentials"]


async def test_the_first_second_factor_brings_codes_for_when_it_is_lost_and_the_next_brings_none(
    hub: Running,
) -> None:
    operator = await hub.operator()
    first = Authenticator()

    codes = (await add(operator, first))["recovery_codes"]
    again = await add(
        operator, Authenticator(credential_id=b"another"), passkey=await signed_by(operator, first)
    )

    assert (len(set(codes)), again["recovery_codes"]) == (10, [])
    statuses = [(await try_password(hub, code=codes[0])).status_code for _ in range(2)]
    assert statuses == [201, 401]


async def test_an_apps_codes_bring_new_codes_and_those_of_the_passkey_open_nothing(hub: Running) -> None:
    operator = await hub.operator()
    [old, *_] = (await add(operator, Authenticator()))["recovery_codes"]
    await with_totp(hub, operator)

    assert problem(await try_password(hub, code=old)) == (401, "sign-in-refused")


async def test_when_one_second_factor_goes_the_codes_stay_for_the_other(hub: Running) -> None:
    operator = await hub.operator()
    passkey = await add(operator, Authenticator())
    await with_totp(hub, operator)

    await operator.post("/api/v1/account/second-factor/removal", json=PROOF)
    person = (await operator.get("/api/v1/account")).json()
    assert (person["has_second_factor"], person["has_totp"]) == (True, False)
    assert (await try_password(hub)).status_code == 401

    answer = await operator.post(f"{ADD}/{passkey['id']}/removal", json=PROOF)
    assert answer.json() == {"has_second_factor": False}
    assert (await try_password(hub)).status_code == 201


@pytest.mark.parametrize("proof", [{"password": "guessed it"}, {"password": PASSWORD, "code": "000000"}, {}])
async def test_a_passkey_is_added_by_password_and_second_factor_alone(
    hub: Running, proof: dict[str, str]
) -> None:
    operator = await hub.operator()
    await with_totp(hub, operator)

    answer = await operator.post(f"{ADD}/challenge", json=PROOF | proof)

    slug = "wrong-password" if proof.get("password") == "guessed it" else "wrong-second-factor"
    assert problem(answer) == (403, slug)
    assert COOKIE not in operator.cookies


async def test_guessed_codes_for_a_new_passkey_shut_the_account_as_at_a_sign_in(hub: Running) -> None:
    operator = await hub.operator()
    secret = await with_totp(hub, operator)
    for _ in range(5):
        await operator.post(f"{ADD}/challenge", json=PROOF | {"code": "000000"})

    answer = await operator.post(f"{ADD}/challenge", json=PROOF | {"code": code(hub, secret)})

    assert problem(answer) == (403, "wrong-second-factor")
    assert [act for act, _ in await acts(hub)][-5:] == ["second_factor.refused"] * 5


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"origin": "https://hub.example.evil"}, id="another origin"),
        pytest.param({"cross_origin": True}, id="within another site's page"),
        pytest.param({"rp_id": "evil.example"}, id="another relying party's"),
        pytest.param({"challenge": encoded(bytes(32))}, id="another challenge"),
        pytest.param({"type": "webauthn.get"}, id="another ceremony"),
        pytest.param({"flags": PRESENT}, id="a user who was not verified"),
        pytest.param({"flags": VERIFIED}, id="a user who was not there"),
        pytest.param({"fmt": "apple", "statement": {"x5c": [b"a"]}}, id="who built it"),
        pytest.param({"fmt": "packed", "statement": {"x5c": [b"a"]}}, id="who built it, packed"),
    ],
)
async def test_what_is_not_the_passkey_that_was_asked_for_is_not_added(
    hub: Running, otherwise: dict[str, Any]
) -> None:
    operator = await hub.operator()
    options = await made(operator, f"{ADD}/challenge", PROOF)
    credential = Authenticator().make(options, ORIGIN, **otherwise)

    answer = await operator.post(ADD, json={"name": "phone", "credential": credential})

    assert problem(answer) == (400, "passkey-refused")
    assert await rows(hub, Passkey) == 0


async def test_a_session_that_is_stolen_meanwhile_adds_nothing(hub: Running) -> None:
    operator = await hub.operator()
    options = await made(operator, f"{ADD}/challenge", PROOF)
    thief = await hub.signed_in(EMAIL)
    body = {"name": "mine", "credential": Authenticator().make(options, ORIGIN)}

    assert problem(await thief.post(ADD, json=body)) == (409, "challenge-over")
    assert (await operator.post(ADD, json=body)).status_code == 201


async def test_a_passkey_belongs_to_one_person(hub: Running) -> None:
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    await add(operator, Authenticator())
    options = await made(hanna, f"{ADD}/challenge", PROOF)

    answer = await hanna.post(ADD, json={"name": "x", "credential": Authenticator().make(options, ORIGIN)})

    assert problem(answer) == (409, "passkey-exists")


async def test_there_are_ten_at_most(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "MOST", 2)
    operator = await hub.operator()
    first = Authenticator()
    await add(operator, first)
    await add(operator, Authenticator(credential_id=b"2"), passkey=await signed_by(operator, first))

    proof = PROOF | {"passkey": await signed_by(operator, first)}
    answer = await operator.post(f"{ADD}/challenge", json=proof)

    assert problem(answer) == (409, "too-many-passkeys")


async def test_a_removed_passkey_signs_in_no_more(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    passkey = await add(operator, authenticator)

    guessed = await operator.post(f"{ADD}/{passkey['id']}/removal", json={"password": "guessed it"})
    assert problem(guessed) == (403, "wrong-password")
    assert (await try_in(hub, authenticator)).status_code == 201
    await operator.post(f"{ADD}/{passkey['id']}/removal", json=PROOF)

    assert problem(await try_in(hub, authenticator)) == (401, "sign-in-refused")


async def test_nobody_sees_or_removes_anothers(hub: Running) -> None:
    operator = await hub.operator()
    passkey = await add(operator, Authenticator())
    hanna = await hub.person(operator, "household")

    assert (await hanna.get(ADD)).json() == []
    answer = await hanna.post(f"{ADD}/{passkey['id']}/removal", json=PROOF)
    assert problem(answer) == (404, "no-such-passkey")


async def test_a_recovery_takes_passkeys_out_of_force(hub: Running) -> None:
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    authenticator = Authenticator()
    await add(hanna, authenticator)

    recovery = await made(operator, f"/api/v1/people/{await person_id(hanna)}/recovery", {})
    new = {"code": recovery["code"], "password": "a new password"}
    person = await made(hub.visitor(), "/api/v1/codes/redeem", new)

    assert (person["has_second_factor"], await rows(hub, Passkey)) == (False, 0)
    assert problem(await try_in(hub, authenticator)) == (401, "sign-in-refused")


async def test_the_operator_sees_who_has_a_second_factor_and_of_which_kind(hub: Running) -> None:
    operator = await hub.operator()
    await add(await hub.person(operator, "household"), Authenticator())

    people = (await operator.get("/api/v1/people")).json()

    assert [(each["has_second_factor"], each["has_totp"], each["passkeys"]) for each in people] == [
        (False, False, 0),
        (True, False, 1),
    ]


async def test_who_left_leaves_no_passkey_and_takes_along_which_there_were(hub: Running) -> None:
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    await add(hanna, Authenticator(), name="my key")
    export = (await hanna.get("/api/v1/account/export")).json()
    assert [each["name"] for each in export["passkeys"]] == ["my key"]
    assert set(export["passkeys"][0]) == {"id", "name", "created_at", "last_used_at"}
    await hanna.post("/api/v1/account/leave", json=PROOF)
    hub.clock.go_on(days=15)

    await housekeeping.once(hub.hub)

    assert await rows(hub, Passkey) == 0
