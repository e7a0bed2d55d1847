"""Signing in by a passkey, alone or beside a password, and all that is refused."""

from typing import Any

import pytest
from community_hub.store.tables import Passkey

from ..running import ORIGIN, PASSWORD, Running, made, problem
from .authenticator import PRESENT, VERIFIED, Authenticator, decoded, encoded
from .passkeys import (
    ADD,
    CHALLENGE,
    EMAIL,
    PROOF,
    SIGN_IN,
    acts,
    add,
    code,
    signed_by,
    try_in,
    try_password,
    with_totp,
)


async def test_a_passkey_signs_in_alone_and_tells_when_it_was_used(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    await add(operator, authenticator)
    hub.clock.go_on(days=1)
    visitor = hub.visitor()

    credential = await signed_by(visitor, authenticator)
    person = await made(visitor, SIGN_IN, {"credential": credential})

    assert (person["email"], person["has_second_factor"], person["passkeys"]) == (EMAIL, True, 1)
    [listed] = (await visitor.get(ADD)).json()
    assert (listed["name"], listed["created_at"], listed["last_used_at"]) == (
        "phone",
        "2026-11-29T12:00:00Z",
        "2026-11-30T12:00:00Z",
    )


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"origin": "https://hub.example.evil"}, id="another origin"),
        pytest.param({"origin": "http://hub.example"}, id="an origin without TLS"),
        pytest.param({"origin": f"{ORIGIN}:8443"}, id="another port"),
        pytest.param({"cross_origin": True}, id="within another site's page"),
        pytest.param({"rp_id": "evil.example"}, id="another relying party's"),
        pytest.param({"challenge": encoded(bytes(32))}, id="another challenge"),
        pytest.param({"type": "webauthn.create"}, id="another ceremony"),
        pytest.param({"flags": PRESENT}, id="a user who was not verified"),
        pytest.param({"flags": VERIFIED}, id="a user who was not there"),
        pytest.param({"count": 0}, id="a count that went back to nothing"),
        pytest.param({"user_handle": b"somebody else"}, id="another person's handle"),
    ],
)
async def test_one_thing_that_is_wrong_of_a_signature_refuses_it(
    hub: Running, otherwise: dict[str, Any]
) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    assert (await try_in(hub, authenticator)).status_code == 201

    answer = await try_in(hub, authenticator, **otherwise)

    assert problem(answer) == (401, "sign-in-refused")
    assert ("sign_in.refused", {"by": "passkey"}) in await acts(hub)
    assert (await try_in(hub, authenticator)).status_code == 201


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
async def test_a_changed_bit_refuses_a_signature(hub: Running, part: str) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator)
    changed = bytearray(decoded(credential["response"][part]))
    changed[-1] ^= 1
    credential["response"][part] = encoded(bytes(changed))

    answer = await visitor.post(SIGN_IN, json={"credential": credential})

    assert problem(answer) == (401, "sign-in-refused")


async def test_another_key_does_not_sign_for_a_passkey(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)

    answer = await try_in(hub, Authenticator(user_handle=authenticator.user_handle, count=5))

    assert problem(answer) == (401, "sign-in-refused")


async def test_a_passkey_that_nobody_knows_is_refused_as_all_else_and_notes_nothing(hub: Running) -> None:
    await hub.operator()
    before = await acts(hub)

    unknown = await try_in(hub, Authenticator())

    assert unknown.json() == (await try_password(hub, password="wrong password")).json()
    assert len(await acts(hub)) == len(before) + 1


@pytest.mark.parametrize(
    ("kept", "told", "is_taken"),
    [
        (0, 0, True),
        (0, 1, True),
        (7, 8, True),
        (7, 4_294_967_295, True),
        (7, 7, False),
        (7, 6, False),
        (7, 0, False),
    ],
)
async def test_a_count_goes_on_or_is_none(hub: Running, kept: int, told: int, is_taken: bool) -> None:
    authenticator = Authenticator(count=kept)
    answer = await add(await hub.operator(), authenticator)

    status = (await try_in(hub, authenticator, count=told)).status_code

    assert status == (201 if is_taken else 401)
    noted = [details for act, details in await acts(hub) if act == "passkey.count_backwards"]
    assert noted == ([] if is_taken else [{"kept": kept, "told": told}])
    if not is_taken:
        async with hub.store.reading() as session:
            assert (await session.get_one(Passkey, answer["id"])).sign_count == kept


async def test_a_count_of_what_nobody_signed_is_not_noted(hub: Running) -> None:
    authenticator = Authenticator(count=7)
    await add(await hub.operator(), authenticator)

    await try_in(hub, Authenticator(user_handle=authenticator.user_handle), count=1)

    assert "passkey.count_backwards" not in [act for act, _ in await acts(hub)]


async def test_wrong_signatures_shut_the_account_for_a_while_to_password_and_passkey_alike(
    hub: Running,
) -> None:
    authenticator = Authenticator()
    operator = await hub.operator()
    await add(operator, authenticator)
    for _ in range(5):
        await try_in(hub, authenticator, flags=PRESENT)

    assert problem(await try_in(hub, authenticator)) == (401, "sign-in-refused")
    hub.clock.go_on(minutes=15)
    assert (await try_in(hub, authenticator)).status_code == 201


async def test_guessed_passwords_shut_the_account_to_its_passkey_too(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    for _ in range(5):
        await try_password(hub, password="wrong password")

    assert problem(await try_in(hub, authenticator)) == (401, "sign-in-refused")


@pytest.mark.parametrize("path", [CHALLENGE, SIGN_IN])
async def test_another_site_cannot_make_a_browser_sign_in(hub: Running, path: str) -> None:
    credential = Authenticator().sign({"rpId": "hub.example", "challenge": ""}, ORIGIN)

    answer = await hub.visitor().post(
        path, json={"credential": credential}, headers={"Origin": "https://evil.example"}
    )

    assert problem(answer) == (403, "another-site")


async def test_a_password_alone_is_not_enough_beside_a_passkey_which_is_its_second_factor(
    hub: Running,
) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator)

    assert problem(await try_password(hub)) == (401, "sign-in-refused")
    body = {"email": EMAIL, "password": PASSWORD, "passkey": credential}
    assert (await visitor.post("/api/v1/sessions", json=body)).status_code == 201


async def test_a_passkey_without_its_user_verified_is_no_second_factor(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator, flags=PRESENT)

    body = {"email": EMAIL, "password": PASSWORD, "passkey": credential}
    assert problem(await visitor.post("/api/v1/sessions", json=body)) == (401, "sign-in-refused")


async def test_another_persons_passkey_is_no_second_factor(hub: Running) -> None:
    operator = await hub.operator()
    hannas = Authenticator(credential_id=b"hanna's")
    await add(operator, Authenticator())
    await add(await hub.person(operator, "household"), hannas)
    visitor = hub.visitor()
    credential = await signed_by(visitor, hannas)

    body = {"email": EMAIL, "password": PASSWORD, "passkey": credential}
    assert problem(await visitor.post("/api/v1/sessions", json=body)) == (401, "sign-in-refused")


async def test_an_apps_codes_stay_beside_a_passkey_and_either_is_enough(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    secret = await with_totp(hub, operator)
    await add(operator, authenticator, code=code(hub, secret))
    hub.clock.go_on(minutes=1)

    assert (await try_password(hub)).status_code == 401
    assert (await try_password(hub, code=code(hub, secret))).status_code == 201
    assert (await try_in(hub, authenticator)).status_code == 201


async def test_every_act_is_in_the_audit_log(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    passkey = await add(operator, authenticator)
    await try_in(hub, authenticator)
    await try_in(hub, authenticator, flags=PRESENT)
    await operator.post(f"{ADD}/{passkey['id']}/removal", json=PROOF)

    assert (await acts(hub))[3:] == [
        ("passkey.add", {}),
        ("sign_in", {"passkey": passkey["id"]}),
        ("sign_in.refused", {"by": "passkey"}),
        ("passkey.remove", {"second_factor_left": False}),
    ]
