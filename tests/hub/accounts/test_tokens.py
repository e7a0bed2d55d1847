"""Tokens: generate, validate, list, revoke, expiry, last use, scopes."""

import asyncio
from typing import Any

import httpx
import pytest

from ..running import Running, made, problem

TOKEN = {"name": "a script", "scopes": ["home:read", "token:read"], "lifetime_s": 3600}


async def token_of(visitor: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    token: dict[str, Any] = await made(visitor, "/api/v1/tokens", TOKEN | changed)
    return token


async def introspected(visitor: httpx.AsyncClient, token: str) -> dict[str, Any]:
    answer = await visitor.post("/api/v1/tokens/introspect", json={"token": token})
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


async def test_a_token_speaks_for_its_person_within_its_scopes(hub: Running) -> None:
    operator = await hub.operator()
    program = hub.visitor((await token_of(operator))["token"])

    assert (await program.get("/api/v1/homes")).status_code == 200
    assert problem(await program.get("/api/v1/people")) == (403, "not-allowed")


async def test_an_account_tells_for_what_its_tokens_may_be(hub: Running) -> None:
    household = await hub.person(await hub.operator(), "household")
    scopes = (await household.get("/api/v1/account")).json()["scopes"]

    token = await token_of(household, scopes=scopes)

    assert token["scopes"] == scopes
    assert "home:read" in scopes
    assert not {"person:read", "home:write", "metrics:read"} & set(scopes)


async def test_the_text_of_a_token_is_shown_once(hub: Running) -> None:
    operator = await hub.operator()
    token = await token_of(operator)

    [listed] = (await operator.get("/api/v1/tokens")).json()
    assert "token" not in listed
    assert token["token"] not in str(listed)


async def test_a_token_ends(hub: Running) -> None:
    operator = await hub.operator()
    program = hub.visitor((await token_of(operator))["token"])
    hub.clock.go_on(hours=1)

    assert problem(await program.get("/api/v1/homes")) == (401, "not-signed-in")


async def test_a_revoked_token_opens_nothing(hub: Running) -> None:
    operator = await hub.operator()
    token = await token_of(operator)

    assert (await operator.delete(f"/api/v1/tokens/{token['id']}")).status_code == 204

    assert (await hub.visitor(token["token"]).get("/api/v1/homes")).status_code == 401
    assert (await operator.get("/api/v1/tokens")).json()[0]["revoked_at"] is not None


async def test_the_last_use_is_known_to_the_minute(hub: Running) -> None:
    operator = await hub.operator()
    program = hub.visitor((await token_of(operator))["token"])
    used = []
    for seconds in (0, 30, 31):
        hub.clock.go_on(seconds=seconds)
        await program.get("/api/v1/homes")
        used.append((await operator.get("/api/v1/tokens")).json()[0]["last_used_at"])

    assert used == [f"2026-11-29T12:0{minutes}Z" for minutes in ("0:00", "0:00", "1:01")]


async def test_whoever_holds_a_token_can_ask_what_it_is_good_for(hub: Running) -> None:
    operator = await hub.operator()
    token = await token_of(operator)

    told = await introspected(operator, token["token"])
    assert (told["active"], told["scope"]) == (True, "home:read token:read")
    assert told["exp"] - told["iat"] == 3600


async def test_of_what_is_no_token_nothing_is_told(hub: Running) -> None:
    operator = await hub.operator()
    text = (await token_of(operator))["token"]

    for wrong in ("x", "hf_api_", text[:-1], text + "x", text[:-5] + "AAAAA", text.replace("_api_", "_ven_")):
        assert await introspected(operator, wrong) == {"active": False}


async def test_a_token_makes_none_with_more_scopes(hub: Running) -> None:
    operator = await hub.operator()
    program = hub.visitor((await token_of(operator, scopes=["token:write", "home:read"]))["token"])

    await token_of(program, scopes=["home:read"])
    answer = await program.post("/api/v1/tokens", json=TOKEN | {"scopes": ["person:write"]})
    assert problem(answer) == (403, "wider-token")


async def test_nobody_sees_or_revokes_anothers_tokens_but_the_operator(hub: Running) -> None:
    operator = await hub.operator()
    hanna, hugo = [await hub.person(operator, "household", name) for name in ("Hanna", "Hugo")]
    token = await token_of(hanna)

    assert (await hugo.get("/api/v1/tokens")).json() == []
    assert problem(await hugo.delete(f"/api/v1/tokens/{token['id']}")) == (404, "no-such-token")
    assert [each["id"] for each in (await operator.get("/api/v1/tokens")).json()] == [token["id"]]
    assert (await operator.delete(f"/api/v1/tokens/{token['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("changed", "slug"),
    [
        ({"scopes": ["everything"]}, "unknown-scope"),
        ({"scopes": []}, "invalid-request"),
        ({"lifetime_s": 0}, "invalid-request"),
        ({"lifetime_s": 10**9}, "invalid-request"),
        ({"name": ""}, "invalid-request"),
        ({"name": "two\nlines"}, "invalid-request"),
    ],
)
async def test_a_token_that_cannot_be_is_not_made(hub: Running, changed: dict[str, Any], slug: str) -> None:
    operator = await hub.operator()

    answer = await operator.post("/api/v1/tokens", json=TOKEN | changed)

    assert problem(answer) == (400, slug)
    assert (await operator.get("/api/v1/tokens")).json() == []


async def test_a_vens_token_is_none_of_a_persons(hub: Running) -> None:
    ven, _ = await hub.program(await hub.operator(), "read_all")

    assert problem(await ven.get("/api/v1/homes")) == (401, "not-signed-in")


async def test_of_two_requests_for_one_place_the_second_is_a_conflict(hub: Running) -> None:
    operator = await hub.operator()
    body = {"email": "h@b", "name": "H", "role": "household"}

    answers = await asyncio.gather(*(operator.post("/api/v1/people", json=body) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
