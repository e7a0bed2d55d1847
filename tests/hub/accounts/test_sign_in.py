"""Accounts: how they begin, signing in, the second factor, recovery."""

from typing import Any

import httpx
import pytest
from community_hub.accounts import totp
from community_hub.accounts.sessions import COOKIE
from community_hub.store.audit import entries

from ..running import PASSWORD, Running, made, person_id, problem

SIGN_IN = {"email": "olga@hub.example", "password": PASSWORD}


async def acts(hub: Running) -> list[str]:
    async with hub.store.reading() as session:
        return [entry.act for entry in await entries(session)]


async def with_second_factor(hub: Running, visitor: httpx.AsyncClient) -> tuple[str, list[str]]:
    offer = await made(visitor, "/api/v1/account/second-factor", {"password": PASSWORD})
    assert offer["qr"] == totp.qr(offer["uri"])
    path = "/api/v1/account/second-factor/confirmation"
    confirmed = await made(visitor, path, {"code": code(hub, offer["secret"])})
    return offer["secret"], confirmed["recovery_codes"]


def code(hub: Running, secret: str) -> str:
    return totp.code(secret, int(hub.clock().timestamp()) // totp.STEP_S)


async def try_in(hub: Running, **changed: Any) -> httpx.Response:
    return await hub.visitor().post("/api/v1/sessions", json=SIGN_IN | changed)


async def test_the_first_operator_is_made_by_a_code_and_there_is_no_other_account(hub: Running) -> None:
    operator = await hub.operator()

    answer = await operator.get("/api/v1/people")
    assert [person["role"] for person in answer.json()] == ["operator"]


async def test_the_first_operators_code_works_once(hub: Running) -> None:
    code = await hub.first_code()
    body = {"code": code, "password": PASSWORD, "email": "a@b", "name": "A"}
    await made(hub.visitor(), "/api/v1/codes/redeem", body)

    answer = await hub.visitor().post("/api/v1/codes/redeem", json=body | {"email": "c@d"})

    assert problem(answer) == (403, "code-refused")


async def test_a_weak_password_does_not_spend_the_code(hub: Running) -> None:
    code = await hub.first_code()
    body = {"code": code, "password": "short", "email": "a@b", "name": "A"}

    answer = await hub.visitor().post("/api/v1/codes/redeem", json=body)

    assert problem(answer) == (400, "weak-password")
    await made(hub.visitor(), "/api/v1/codes/redeem", body | {"password": PASSWORD})


async def test_an_invitation_that_is_too_old_opens_nothing(hub: Running) -> None:
    operator = await hub.operator()
    body = {"email": "h@b", "name": "H", "role": "household"}
    invited = await made(operator, "/api/v1/people", body)
    hub.clock.go_on(days=15)

    answer = await hub.visitor().post(
        "/api/v1/codes/redeem", json={"code": invited["code"], "password": PASSWORD}
    )

    assert problem(answer) == (403, "code-refused")


async def test_who_was_only_invited_cannot_sign_in_without_a_password(hub: Running) -> None:
    operator = await hub.operator()
    await made(operator, "/api/v1/people", {"email": "h@b", "name": "H", "role": "household"})

    for password in ("", "nobody has this password"):
        answer = await try_in(hub, email="h@b", password=password)
        assert problem(answer) == (401, "sign-in-refused")


async def test_an_address_has_one_account_however_it_is_written(hub: Running) -> None:
    operator = await hub.operator()

    answer = await operator.post(
        "/api/v1/people", json={"email": "OLGA@hub.example", "name": "O", "role": "auditor"}
    )

    assert problem(answer) == (409, "has-account")


async def test_the_cookie_is_for_this_host_over_tls_and_for_no_script(hub: Running) -> None:
    await hub.operator()

    answer = await try_in(hub)

    cookie = answer.headers["Set-Cookie"].lower()
    assert cookie.startswith("__host-session=")
    for word in ("secure", "httponly", "samesite=lax", "path=/"):
        assert word in cookie
    assert "domain" not in cookie


async def test_what_is_wrong_is_answered_alike(hub: Running) -> None:
    await hub.operator()

    answers = [await try_in(hub, password="wrong password"), await try_in(hub, email="nobody@b")]

    assert [problem(answer) for answer in answers] == [(401, "sign-in-refused")] * 2
    assert answers[0].json() == answers[1].json()


async def test_guessing_shuts_the_account_for_a_while_also_to_the_right_password(hub: Running) -> None:
    await hub.operator()
    for _ in range(5):
        await try_in(hub, password="wrong password")

    assert problem(await try_in(hub)) == (401, "sign-in-refused")
    hub.clock.go_on(minutes=15)
    assert (await try_in(hub)).status_code == 201


async def test_signing_out_ends_the_session_at_the_hub(hub: Running) -> None:
    operator = await hub.operator()
    cookie = operator.cookies[COOKIE]

    await operator.delete("/api/v1/sessions/current")

    operator.cookies.set(COOKIE, cookie)
    assert problem(await operator.get("/api/v1/account")) == (401, "not-signed-in")


@pytest.mark.parametrize(("days", "is_there"), [(2.9, True), (3.1, False)])
async def test_a_session_that_nobody_uses_ends(hub: Running, days: float, is_there: bool) -> None:
    operator = await hub.operator()
    hub.clock.go_on(days=days)

    assert ((await operator.get("/api/v1/account")).status_code == 200) is is_there


async def test_a_session_ends_however_much_it_is_used(hub: Running) -> None:
    operator = await hub.operator()
    statuses = []
    for _ in range(16):
        statuses.append((await operator.get("/api/v1/account")).status_code)
        hub.clock.go_on(days=2)

    assert statuses == [200] * 15 + [401]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
async def test_another_site_cannot_use_a_browsers_session(hub: Running, headers: dict[str, str]) -> None:
    operator = await hub.operator()

    answer = await operator.post("/api/v1/account/stay", headers=headers)

    assert problem(answer) == (403, "another-site")


async def test_a_page_of_ours_can(hub: Running) -> None:
    operator = await hub.operator()
    headers = {"Origin": "https://hub.example", "Sec-Fetch-Site": "same-origin"}

    assert (await operator.post("/api/v1/account/stay", headers=headers)).status_code == 204


async def test_a_new_password_signs_every_other_browser_out(hub: Running) -> None:
    operator = await hub.operator()
    other = await hub.signed_in("olga@hub.example")

    answer = await operator.post(
        "/api/v1/account/password", json={"password": PASSWORD, "new_password": "quite another one"}
    )

    assert answer.status_code == 204
    assert (await operator.get("/api/v1/account")).status_code == 200
    assert (await other.get("/api/v1/account")).status_code == 401
    assert (await try_in(hub)).status_code == 401


async def test_with_a_second_factor_the_password_alone_is_not_enough(hub: Running) -> None:
    operator = await hub.operator()
    secret, _ = await with_second_factor(hub, operator)
    hub.clock.go_on(seconds=30)

    assert problem(await try_in(hub)) == (401, "sign-in-refused")
    assert problem(await try_in(hub, code="000000")) == (401, "sign-in-refused")
    assert (await try_in(hub, code=code(hub, secret))).status_code == 201


async def test_a_code_of_the_second_factor_works_once(hub: Running) -> None:
    secret, _ = await with_second_factor(hub, await hub.operator())
    hub.clock.go_on(seconds=30)

    statuses = [(await try_in(hub, code=code(hub, secret))).status_code for _ in range(2)]

    assert statuses == [201, 401]


async def test_a_second_factor_that_was_not_confirmed_is_not_asked_for(hub: Running) -> None:
    operator = await hub.operator()
    await made(operator, "/api/v1/account/second-factor", {"password": PASSWORD})

    assert (await try_in(hub)).status_code == 201


async def test_a_recovery_code_stands_in_for_a_lost_second_factor_once(hub: Running) -> None:
    _, recovery_codes = await with_second_factor(hub, await hub.operator())

    statuses = [(await try_in(hub, code=recovery_codes[0])).status_code for _ in range(2)]

    assert (len(set(recovery_codes)), statuses) == (10, [201, 401])


async def test_a_stolen_session_cannot_take_the_second_factor_away(hub: Running) -> None:
    operator = await hub.operator()
    await with_second_factor(hub, operator)

    answer = await operator.post("/api/v1/account/second-factor/removal", json={"password": "guessed it"})

    assert problem(answer) == (403, "wrong-password")


async def test_a_recovery_sets_a_password_and_ends_what_was_open(hub: Running) -> None:
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    await with_second_factor(hub, hanna)
    body = {"name": "t", "scopes": ["home:read"], "lifetime_s": 3600}
    token = (await made(hanna, "/api/v1/tokens", body))["token"]

    recovery = await made(operator, f"/api/v1/people/{await person_id(hanna)}/recovery", {})
    await made(
        hub.visitor(), "/api/v1/codes/redeem", {"code": recovery["code"], "password": "a new password"}
    )

    assert (await hanna.get("/api/v1/account")).status_code == 401
    assert (await hub.visitor(token).get("/api/v1/homes")).status_code == 401
    answer = await try_in(hub, email="hanna@hub.example", password="a new password")
    assert answer.status_code == 201


async def test_what_is_kept_opens_nothing(hub: Running) -> None:
    operator = await hub.operator()
    secret, recovery_codes = await with_second_factor(hub, operator)
    shown = [PASSWORD, secret, operator.cookies[COOKIE], *recovery_codes]

    kept = []
    async with hub.store.reading() as session:
        connection = await session.connection()
        for table in ("people", "sessions", "one_time_codes", "tokens", "audit"):
            rows = await connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 # our own names
            kept += [str(value) for row in rows for value in row]

    assert not [each for each in shown for value in kept if each in value]


async def test_every_act_is_in_the_audit_log(hub: Running) -> None:
    operator = await hub.operator()
    await try_in(hub, password="wrong password")
    await with_second_factor(hub, operator)

    assert await acts(hub) == [
        "person.first_operator",
        "code.redeem",
        "sign_in",
        "sign_in.refused",
        "account.second_factor",
    ]
