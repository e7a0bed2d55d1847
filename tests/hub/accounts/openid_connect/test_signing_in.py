"""Signing in at a provider, over real sockets: who is let in, and who is not."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from community_hub.accounts.openid_connect import attempts
from community_hub.accounts.openid_connect.attempts import COOKIE
from community_hub.accounts.openid_connect.fetching import Fetching
from community_hub.accounts.openid_connect.providers import Provider
from community_hub.accounts.openid_connect.relying_party import RelyingParty
from community_hub.accounts.sessions import COOKIE as SESSION
from community_hub.store.audit import entries
from community_hub.store.tables import OpenIdAttempt
from sqlalchemy import func, select

from ...running import ORIGIN, PASSWORD, Running, made, person_id, problem
from ..authenticator import Authenticator
from ..passkeys import add, code, signed_by, with_totp
from .journeys import CITY, account, back, begun, invited, joined, let_in, linked, there_and_back
from .provider import StandIn, slow


async def acts(hub: Running) -> list[tuple[str, str, Any]]:
    async with hub.store.reading() as session:
        return [(entry.act, entry.actor, entry.details) for entry in await entries(session)]


def relied_on(hub: Running, provider: Provider, *, patience_s: float = 5.0) -> None:
    """Let the hub rely on another provider, or with another patience, than it was set to."""
    party = RelyingParty.of(provider, ORIGIN, Fetching(patience_s=patience_s))
    hub.app.state.relying_parties = {provider.name: party}


async def test_without_providers_nothing_is_offered(hub: Running) -> None:
    bare = Running(hub.store)

    assert (await bare.visitor().get("/api/v1/openid-connect/providers")).json() == []
    assert problem(await bare.visitor().post(f"{CITY}/sign-in")) == (404, "no-such-provider")


async def test_who_is_not_signed_in_is_told_which_providers_there_are(hub: Running) -> None:
    answer = await hub.visitor().get("/api/v1/openid-connect/providers")

    assert answer.json() == [{"name": "city", "title": "The city"}]


async def test_who_linked_a_provider_signs_in_by_it_and_the_log_says_so(hub: Running, city: StandIn) -> None:
    operator = await hub.operator()
    await linked(operator)
    visitor = hub.visitor()

    assert await there_and_back(visitor, "sign-in") == ""

    identifier = await person_id(operator)
    assert (await account(visitor))["id"] == identifier
    issuer = {"issuer": city.issuer}
    assert (await acts(hub))[-2:] == [
        ("identity.link", identifier, issuer),
        ("sign_in", identifier, issuer),
    ]


async def test_an_invitation_is_taken_up_at_a_provider_without_a_password(hub: Running) -> None:
    visitor = await joined(hub, await hub.operator())

    told = await account(visitor)

    assert (told["name"], told["role"], told["has_password"]) == ("Hanna", "household", False)
    assert [act for act, _, _ in await acts(hub)][-3:] == ["identity.link", "code.redeem", "sign_in"]
    for password in ("", PASSWORD):
        answer = await hub.visitor().post(
            "/api/v1/sessions", json={"email": "hanna@hub.example", "password": password}
        )
        assert problem(answer) == (401, "sign-in-refused")


async def test_an_invitation_opens_once(hub: Running, city: StandIn) -> None:
    invitation = {"code": await invited(await hub.operator())}
    first, second = hub.visitor(), hub.visitor()
    locations = [await begun(visitor, "join", invitation) for visitor in (first, second)]
    assert await back(first, await let_in(locations[0])) == ""
    city.subject = "berta"

    assert await back(second, await let_in(locations[1])) == "refused/code-refused"

    assert problem(await hub.visitor().post(f"{CITY}/join", json=invitation)) == (403, "code-refused")
    assert await there_and_back(hub.visitor(), "sign-in") == "refused/identity-unknown"


async def test_a_recovery_code_is_no_invitation(hub: Running) -> None:
    operator = await hub.operator()
    recovery = await made(operator, f"/api/v1/people/{await person_id(operator)}/recovery", None)

    assert problem(await hub.visitor().post(f"{CITY}/join", json=recovery)) == (403, "code-refused")


async def test_an_e_mail_address_that_the_provider_vouches_for_opens_nothing(
    hub: Running, city: StandIn
) -> None:
    await hub.operator()
    city.claims = {"email": "olga@hub.example", "email_verified": True}
    visitor, before = hub.visitor(), await acts(hub)

    assert await there_and_back(visitor, "sign-in") == "refused/identity-unknown"

    assert problem(await visitor.get("/api/v1/account")) == (401, "not-signed-in")
    assert await acts(hub) == before


async def test_an_identity_belongs_to_one_person(hub: Running) -> None:
    operator = await hub.operator()
    await linked(operator)
    other = await hub.person(operator, "auditor")
    invitation = {"code": await invited(operator, "Berta")}

    assert await there_and_back(other, "link", {"password": PASSWORD}) == "account/refused/identity-linked"
    visitor = hub.visitor()
    assert await there_and_back(visitor, "join", invitation) == "refused/identity-linked"

    assert await there_and_back(visitor, "sign-in") == ""
    assert (await account(visitor))["name"] == "Olga"
    # The invitation was not spent by it.
    await made(hub.visitor(), "/api/v1/codes/redeem", invitation | {"password": PASSWORD})


async def test_of_two_who_link_one_identity_at_once_one_has_it(hub: Running) -> None:
    operator = await hub.operator()
    both = (operator, await hub.person(operator, "auditor"))
    addresses = [await let_in(await begun(each, "link", {"password": PASSWORD})) for each in both]

    places = await asyncio.gather(*(back(*each) for each in zip(both, addresses, strict=True)))

    assert sorted(places) == ["account", "account/refused/identity-linked"]


async def test_the_cookie_of_an_attempt_is_short_for_this_host_over_tls_and_for_no_script(
    hub: Running,
) -> None:
    cookie = (await hub.visitor().post(f"{CITY}/sign-in")).headers["Set-Cookie"].lower()

    assert cookie.startswith("__host-openid-connect=")
    for word in ("secure", "httponly", "samesite=lax", "path=/", "max-age=600"):
        assert word in cookie
    assert "domain" not in cookie


async def test_another_browser_does_not_finish_what_one_began(hub: Running) -> None:
    operator = await hub.operator()
    await linked(operator)
    address = await let_in(await begun(hub.visitor(), "sign-in"))
    lured = hub.visitor()
    await begun(lured, "sign-in")

    for visitor in (lured, hub.visitor()):
        assert await back(visitor, address) == "refused/attempt-over"
        assert SESSION not in visitor.cookies


@pytest.mark.parametrize(("minutes", "place"), [(9.9, ""), (10.1, "refused/attempt-over")])
async def test_an_attempt_is_over_after_ten_minutes(
    hub: Running, city: StandIn, minutes: float, place: str
) -> None:
    await linked(await hub.operator())
    visitor = hub.visitor()
    address = await let_in(await begun(visitor, "sign-in"))
    hub.clock.go_on(minutes=minutes)

    assert await back(visitor, address) == place


async def test_an_answer_is_good_once(hub: Running) -> None:
    await linked(await hub.operator())
    visitor = hub.visitor()
    address, cookie = await let_in(await begun(visitor, "sign-in")), visitor.cookies[COOKIE]
    assert await back(visitor, address) == ""
    replaying = hub.visitor()
    replaying.cookies.set(COOKIE, cookie)

    assert await back(replaying, address) == "refused/attempt-over"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda address: address.replace("state=", "state=x"), "attempt-over"),
        (lambda address: address.split("?", maxsplit=1)[0], "attempt-over"),
        (lambda address: address.replace("code=", "error=access_denied&was="), "provider-refused"),
        (lambda address: address.replace("code=", "was="), "provider-refused"),
        (lambda address: address.replace("code=", "code=x"), "provider-failed"),
        (lambda address: f"{address}&iss=https%3A%2F%2Fevil.example", "token-refused"),
        (lambda address: address.replace("/city/", "/village/"), "no-such-provider"),
    ],
    ids=["another state", "nothing", "an error", "no code", "another code", "another issuer", "another"],
)
async def test_an_answer_that_is_none_signs_nobody_in(
    hub: Running, change: Callable[[str], str], place: str
) -> None:
    await linked(await hub.operator())
    visitor = hub.visitor()
    address = await let_in(await begun(visitor, "sign-in"))

    assert await back(visitor, change(address)) == f"refused/{place}"

    assert SESSION not in visitor.cookies


async def test_what_is_vouched_for_wrongly_signs_nobody_in(hub: Running, city: StandIn) -> None:
    await linked(await hub.operator())
    city.claims = {"nonce": "of another"}
    visitor = hub.visitor()

    assert await there_and_back(visitor, "sign-in") == "refused/token-refused"
    assert SESSION not in visitor.cookies


async def test_a_provider_that_does_not_answer_is_said_to_be_so(hub: Running, city: StandIn) -> None:
    relied_on(hub, city.provider(), patience_s=0.5)
    city.instead["/.well-known/openid-configuration"] = slow

    answer = await hub.visitor().post(f"{CITY}/sign-in")

    assert problem(answer) == (502, "provider-failed")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "query", ["next=https://evil.example", "redirect_uri=https://evil.example", "url=//e"]
)
async def test_nobody_is_sent_to_an_address_that_was_told(hub: Running, query: str) -> None:
    await linked(await hub.operator())
    visitor = hub.visitor()
    location = (await made(visitor, f"{CITY}/sign-in?{query}", {"next": "https://evil.example"}))["location"]
    assert "evil" not in location

    assert await back(visitor, f"{await let_in(location)}&{query}") == ""
    again = f"{CITY}/callback?{query}&error=https://evil.example"
    assert await back(hub.visitor(), again) == "refused/attempt-over"


@pytest.mark.parametrize("what", ["sign-in", "join", "link", "proof", "second-factor"])
async def test_another_site_begins_nothing(hub: Running, what: str) -> None:
    operator = await hub.operator()
    path = f"{CITY}/{what}" if what != "second-factor" else "/api/v1/openid-connect/second-factor"

    answer = await operator.post(path, json={"code": "c"}, headers={"Origin": "https://evil.example"})

    assert problem(answer) == (403, "another-site")


async def test_so_many_attempts_lie_about_at_most_and_none_for_long(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lie_about() -> int:
        async with hub.store.reading() as session:
            return await session.scalar(select(func.count()).select_from(OpenIdAttempt)) or 0

    monkeypatch.setattr(attempts, "MOST_OPEN", 3)
    for _ in range(4):
        # Whoever floods the hub keeps nobody else from signing in.
        assert (await hub.visitor().post(f"{CITY}/sign-in")).status_code == 201
        hub.clock.go_on(seconds=1)
    assert await lie_about() == 3

    hub.clock.go_on(minutes=11)

    assert (await hub.visitor().post(f"{CITY}/sign-in")).status_code == 201
    assert await lie_about() == 1


async def test_our_second_factor_is_asked_for_where_it_is_in_force(hub: Running, city: StandIn) -> None:
    operator = await hub.operator()
    await linked(operator)
    secret = await with_totp(hub, operator)
    city.claims = {"amr": ["mfa"]}
    visitor = hub.visitor()
    path = "/api/v1/openid-connect/second-factor"

    assert await there_and_back(visitor, "sign-in") == "second-factor"

    assert SESSION not in visitor.cookies
    assert problem(await hub.visitor().post(path, json={"code": code(hub, secret)})) == (403, "attempt-over")
    assert problem(await visitor.post(path, json={"code": "000000"})) == (401, "sign-in-refused")
    assert (await made(visitor, path, {"code": code(hub, secret)}))["name"] == "Olga"
    assert (await account(visitor))["name"] == "Olga"
    assert problem(await visitor.post(path, json={"code": code(hub, secret)})) == (403, "attempt-over")
    issuer = {"issuer": city.issuer}
    assert [(act, how) for act, _, how in await acts(hub)][-2:] == [
        ("sign_in.refused", issuer),
        ("sign_in", issuer),
    ]


async def test_a_passkey_stands_for_our_second_factor(hub: Running) -> None:
    operator, phone = await hub.operator(), Authenticator()
    await linked(operator)
    await add(operator, phone)
    visitor = hub.visitor()
    path = "/api/v1/openid-connect/second-factor"
    assert await there_and_back(visitor, "sign-in") == "second-factor"
    assert problem(await visitor.post(path, json={})) == (401, "sign-in-refused")

    told = await made(visitor, path, {"passkey": await signed_by(visitor, phone)})

    assert told["name"] == "Olga"
    assert (await account(visitor))["passkeys"] == 1


async def test_guessing_the_second_factor_shuts_the_account_for_a_while(hub: Running) -> None:
    operator = await hub.operator()
    await linked(operator)
    secret = await with_totp(hub, operator)
    visitor = hub.visitor()
    await there_and_back(visitor, "sign-in")
    path = "/api/v1/openid-connect/second-factor"
    for _ in range(5):
        await visitor.post(path, json={"code": "000000"})

    assert problem(await visitor.post(path, json={"code": code(hub, secret)})) == (401, "sign-in-refused")
    hub.clock.go_on(minutes=9)
    assert (await visitor.post(path, json={"code": code(hub, secret)})).status_code == 201


async def test_a_provider_that_is_trusted_for_it_stands_for_the_second_factor(
    hub: Running, city: StandIn
) -> None:
    operator = await hub.operator()
    await linked(operator)
    await with_totp(hub, operator)
    relied_on(hub, city.provider(amr=frozenset({"mfa"})))

    assert await there_and_back(hub.visitor(), "sign-in") == "second-factor"
    city.claims = {"amr": ["mfa"]}
    assert await there_and_back(hub.visitor(), "sign-in") == ""


async def test_no_secret_of_an_attempt_is_kept_as_it_is(hub: Running, city: StandIn) -> None:
    visitor = hub.visitor()
    await let_in(await begun(visitor, "sign-in"))

    async with hub.store.reading() as session:
        row = (await session.scalars(select(OpenIdAttempt))).one()
    kept = repr({column.name: getattr(row, column.name) for column in row.__table__.columns})
    for name in ("state", "nonce", "code_challenge"):
        assert city.authorized[0][name] not in kept
    assert visitor.cookies[COOKIE] not in kept
