"""Proving anew who one is, by the password or at a provider: one rule for all that asks for it."""

from typing import Any

import httpx
import pytest
from community_hub.store.audit import entries
from community_hub.store.tables import Person
from sqlalchemy import delete

from ...running import PASSWORD, Running, made, person_id, problem
from ..authenticator import Authenticator
from ..passkeys import add
from .journeys import CITY, account, back, begun, joined, let_in, linked, there_and_back
from .provider import StandIn

# What asks for it, and what it answers who has proven it.
ASKING: list[tuple[str, dict[str, Any], int]] = [
    ("/api/v1/account/second-factor", {}, 201),
    ("/api/v1/account/second-factor/removal", {}, 204),
    ("/api/v1/account/password", {"new_password": "quite another one"}, 204),
    ("/api/v1/account/leave", {}, 204),
    ("/api/v1/account/passkeys/challenge", {}, 201),
    (f"{CITY}/link", {}, 201),
]


async def identities(visitor: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await visitor.get("/api/v1/account/identities")).json()
    return found


async def unlinking(visitor: httpx.AsyncClient, proof: dict[str, Any], number: int = 0) -> httpx.Response:
    identifier = (await identities(visitor))[number]["id"]
    return await visitor.post(f"/api/v1/account/identities/{identifier}/removal", json=proof)


@pytest.mark.parametrize(("path", "body", "status"), ASKING, ids=[path for path, _, _ in ASKING])
async def test_without_a_password_a_fresh_sign_in_at_the_provider_proves_it_for_five_minutes(
    hub: Running, path: str, body: dict[str, Any], status: int
) -> None:
    visitor = await joined(hub, await hub.operator())
    assert problem(await visitor.post(path, json=body)) == (403, "not-proven")
    # No password matches where there is none.
    for password in ("", PASSWORD):
        assert problem(await visitor.post(path, json=body | {"password": password})) == (
            403,
            "wrong-password",
        )

    assert await there_and_back(visitor, "proof") == "account"

    hub.clock.go_on(minutes=5, seconds=1)
    assert problem(await visitor.post(path, json=body)) == (403, "not-proven")
    assert await there_and_back(visitor, "proof") == "account"
    hub.clock.go_on(minutes=5)
    assert (await visitor.post(path, json=body)).status_code == status


@pytest.mark.parametrize(("path", "body", "status"), ASKING, ids=[path for path, _, _ in ASKING])
async def test_the_password_proves_it_and_a_wrong_one_does_not(
    hub: Running, path: str, body: dict[str, Any], status: int
) -> None:
    visitor = await hub.person(await hub.operator(), "household")

    assert problem(await visitor.post(path, json=body)) == (403, "not-proven")
    assert problem(await visitor.post(path, json=body | {"password": "wrong"})) == (403, "wrong-password")
    assert (await visitor.post(path, json=body | {"password": PASSWORD})).status_code == status


async def test_the_provider_is_asked_to_sign_one_in_anew(hub: Running, city: StandIn) -> None:
    visitor = await joined(hub, await hub.operator())

    await there_and_back(visitor, "proof")

    fresh = {"prompt": "login", "max_age": "0"}
    assert [fresh.items() <= told.items() for told in city.authorized] == [False, True]


@pytest.mark.parametrize(
    ("seconds_ago", "place"),
    [(0, "account"), (59, "account"), (61, "account/refused/not-fresh"), (None, "account/refused/not-fresh")],
)
async def test_a_sign_in_of_before_proves_nothing(
    hub: Running, city: StandIn, seconds_ago: int | None, place: str
) -> None:
    visitor = await joined(hub, await hub.operator())
    now = int(hub.clock().timestamp())
    city.claims = {"auth_time": None if seconds_ago is None else now - seconds_ago}

    assert await there_and_back(visitor, "proof") == place


async def test_somebody_elses_sign_in_proves_nothing(hub: Running, city: StandIn) -> None:
    operator = await hub.operator()
    visitor = await joined(hub, operator)
    city.subject = "berta"
    assert await there_and_back(visitor, "proof") == "account/refused/identity-unknown"
    await joined(hub, operator, "Berta")

    assert await there_and_back(visitor, "proof") == "account/refused/identity-unknown"

    assert problem(await visitor.post(f"{CITY}/link", json={})) == (403, "not-proven")


async def test_one_browser_proves_nothing_for_another(hub: Running) -> None:
    first = await joined(hub, await hub.operator())
    second = hub.visitor()
    assert await there_and_back(second, "sign-in") == ""

    await there_and_back(first, "proof")

    assert problem(await second.post(f"{CITY}/link", json={})) == (403, "not-proven")


@pytest.mark.parametrize("what", ["link", "proof"])
async def test_what_a_signed_in_person_began_is_theirs_alone_to_finish(hub: Running, what: str) -> None:
    operator = await hub.operator()
    await hub.person(operator, "auditor")
    address = await let_in(await begun(operator, what, {"password": PASSWORD}))

    # The same browser, signed in as somebody else meanwhile.
    await made(operator, "/api/v1/sessions", {"email": "hanna@hub.example", "password": PASSWORD})

    assert await back(operator, address) == "account/refused/attempt-over"
    assert await identities(operator) == []


@pytest.mark.parametrize("what", ["link", "proof"])
async def test_who_signed_out_meanwhile_finishes_nothing(hub: Running, what: str) -> None:
    operator = await hub.operator()
    address = await let_in(await begun(operator, what, {"password": PASSWORD}))
    await operator.delete("/api/v1/sessions/current")

    assert await back(operator, address) == "refused/attempt-over"


@pytest.mark.parametrize("what", ["link", "proof"])
async def test_a_token_links_and_proves_nothing(hub: Running, what: str) -> None:
    operator = await hub.operator()
    wish = {"name": "t", "scopes": ["account:read", "account:write"], "lifetime_s": 3600}
    token = (await made(operator, "/api/v1/tokens", wish))["token"]

    answer = await hub.visitor(token).post(f"{CITY}/{what}", json={"password": PASSWORD})

    assert problem(answer) == (403, "browser-only")


async def test_linking_needs_the_proof(hub: Running) -> None:
    operator = await hub.operator()

    assert problem(await operator.post(f"{CITY}/link", json={})) == (403, "not-proven")
    assert problem(await operator.post(f"{CITY}/link", json={"password": "wrong"})) == (403, "wrong-password")


async def test_what_is_linked_is_listed_and_unlinked_by_its_own_person(hub: Running, city: StandIn) -> None:
    operator = await hub.operator()
    await linked(operator)
    [found] = await identities(operator)
    assert (found["provider"], found["title"], found["last_used_at"]) == ("city", "The city", None)
    other = await hub.person(operator, "auditor")
    path = f"/api/v1/account/identities/{found['id']}/removal"
    assert problem(await other.post(path, json={"password": PASSWORD})) == (404, "no-such-identity")
    assert problem(await operator.post(path, json={})) == (403, "not-proven")

    assert (await operator.post(path, json={"password": PASSWORD})).status_code == 204

    assert await identities(operator) == []
    assert await there_and_back(hub.visitor(), "sign-in") == "refused/identity-unknown"
    async with hub.store.reading() as session:
        last = (await entries(session))[-1]
    assert (last.act, last.actor, last.details) == (
        "identity.unlink",
        await person_id(operator),
        {"issuer": city.issuer},
    )


async def test_the_last_way_in_is_not_unlinked(hub: Running) -> None:
    visitor = await joined(hub, await hub.operator())
    await there_and_back(visitor, "proof")

    assert problem(await unlinking(visitor, {})) == (409, "last-way-in")

    answer = await visitor.post("/api/v1/account/password", json={"new_password": PASSWORD})
    assert answer.status_code == 204
    assert (await account(visitor))["has_password"]
    assert (await unlinking(visitor, {"password": PASSWORD})).status_code == 204


async def test_a_passkey_is_a_way_in_as_well_and_the_last_one_of_all_is_not_removed(hub: Running) -> None:
    visitor = await joined(hub, await hub.operator())
    path = "/api/v1/account/passkeys"
    assert problem(await visitor.post(f"{path}/challenge", json={})) == (403, "not-proven")
    await there_and_back(visitor, "proof")
    passkey = await add(visitor, Authenticator(), password=None)

    assert (await unlinking(visitor, {})).status_code == 204

    # Nothing is left that could prove it anew: a while later it would not even be asked.
    answer = await visitor.post(f"{path}/{passkey['id']}/removal", json={})
    assert problem(answer) == (409, "last-way-in")


async def test_an_identity_at_a_provider_that_is_not_set_any_more_is_no_way_in(hub: Running) -> None:
    visitor = await joined(hub, await hub.operator())
    await there_and_back(visitor, "proof")
    bare = Running(hub.store, clock=hub.clock)
    there = bare.visitor()
    there.cookies = visitor.cookies

    [found] = await identities(there)
    assert (found["provider"], found["title"]) == (None, found["title"])
    assert problem(await unlinking(there, {})) == (409, "last-way-in")


async def test_a_recovery_unlinks_what_was_linked(hub: Running) -> None:
    operator = await hub.operator()
    await linked(operator)
    code = await made(operator, f"/api/v1/people/{await person_id(operator)}/recovery", None)
    await made(hub.visitor(), "/api/v1/codes/redeem", code | {"password": PASSWORD})

    assert await there_and_back(hub.visitor(), "sign-in") == "refused/identity-unknown"


async def test_ones_identities_are_taken_along_and_go_with_the_account(hub: Running, city: StandIn) -> None:
    visitor = await joined(hub, await hub.operator())

    taken = (await visitor.get("/api/v1/account/export")).json()["identities"]

    assert [(each["issuer"], each["subject"]) for each in taken] == [(city.issuer, "anna")]
    async with hub.store.writing() as session:
        await session.execute(delete(Person).where(Person.name == "Hanna"))
    assert await there_and_back(hub.visitor(), "sign-in") == "refused/identity-unknown"
