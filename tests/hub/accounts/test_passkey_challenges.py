"""What a passkey is to sign: for one browser, once, for five minutes."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from community_hub.accounts import housekeeping
from community_hub.accounts.passkeys import challenges
from community_hub.app import build
from community_hub.store.tables import PasskeyChallenge

from ..running import ORIGIN, Running, made, problem
from .authenticator import PRESENT, Authenticator
from .passkeys import (
    ADD,
    CHALLENGE,
    PROOF,
    SIGN_IN,
    add,
    rows,
    signed_by,
)


async def test_a_challenge_is_spent_by_the_first_answer(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator)

    answers = [await visitor.post(SIGN_IN, json={"credential": credential}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 401]


async def test_an_answer_that_is_refused_spends_the_challenge_too(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    options = await made(visitor, CHALLENGE, {})

    wrong = authenticator.sign(options, ORIGIN, flags=PRESENT)
    right = authenticator.sign(options, ORIGIN)
    answers = [await visitor.post(SIGN_IN, json={"credential": each}) for each in (wrong, right)]

    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize(("minutes", "status"), [(4.9, 201), (5, 401)])
async def test_a_challenge_is_good_for_five_minutes(hub: Running, minutes: float, status: int) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    credential = await signed_by(visitor, authenticator)
    hub.clock.go_on(minutes=minutes)

    assert (await visitor.post(SIGN_IN, json={"credential": credential})).status_code == status


async def test_a_challenge_is_one_browsers_alone(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    victim, thief = hub.visitor(), hub.visitor()
    credential = await signed_by(victim, authenticator)
    await made(thief, CHALLENGE, {})

    for browser in (thief, hub.visitor()):
        answer = await browser.post(SIGN_IN, json={"credential": credential})
        assert problem(answer) == (401, "sign-in-refused")
    assert (await victim.post(SIGN_IN, json={"credential": credential})).status_code == 201


async def test_the_cookie_of_a_challenge_is_for_this_host_and_this_site_and_for_no_script(
    hub: Running,
) -> None:
    answer = await hub.visitor().post(CHALLENGE)

    cookie = answer.headers["Set-Cookie"].lower()
    assert cookie.startswith("__host-passkey=")
    for word in ("secure", "httponly", "samesite=strict", "path=/", "max-age=300"):
        assert word in cookie
    assert "domain" not in cookie


async def test_a_challenge_to_make_one_is_none_to_sign_and_the_other_way_round(hub: Running) -> None:
    operator = await hub.operator()
    authenticator = Authenticator()
    await add(operator, authenticator)
    more = PROOF | {"passkey": await signed_by(operator, authenticator)}
    options = await made(operator, f"{ADD}/challenge", more)
    signed = authenticator.sign({"rpId": "hub.example", "challenge": options["challenge"]}, ORIGIN)

    assert problem(await operator.post(SIGN_IN, json={"credential": signed})) == (401, "sign-in-refused")

    to_sign = await made(operator, CHALLENGE, {})
    new = Authenticator(credential_id=b"another").make(options | {"challenge": to_sign["challenge"]}, ORIGIN)
    answer = await operator.post(ADD, json={"name": "another", "credential": new})
    assert problem(answer) == (409, "challenge-over")


async def test_of_many_open_challenges_the_oldest_are_forgotten(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "MOST_OPEN", 3)
    operator = await hub.operator()
    await made(operator, f"{ADD}/challenge", PROOF)
    first, *others = [hub.visitor() for _ in range(6)]
    for visitor in (first, *others):
        await made(visitor, CHALLENGE, {})
        hub.clock.go_on(seconds=1)

    assert await rows(hub, PasskeyChallenge) == 3 + 1
    hub.clock.go_on(minutes=5)
    await housekeeping.once(hub.hub)
    assert await rows(hub, PasskeyChallenge) == 0


async def test_of_two_sign_ins_by_one_signature_one_is_let_in(hub: Running) -> None:
    authenticator = Authenticator()
    await add(await hub.operator(), authenticator)
    visitor = hub.visitor()
    body = {"credential": await signed_by(visitor, authenticator)}

    answers = await asyncio.gather(*(visitor.post(SIGN_IN, json=body) for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 401]


async def test_a_hub_without_a_name_says_so_and_keeps_nothing(hub: Running) -> None:
    here = replace(hub.hub, settings=replace(hub.hub.settings, public_url="http://127.0.0.1:8090"))
    transport = httpx.ASGITransport(build(here), raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8090") as visitor:
        assert problem(await visitor.post(CHALLENGE)) == (409, "no-passkeys")
    assert await rows(hub, PasskeyChallenge) == 0
