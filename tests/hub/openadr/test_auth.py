"""Tokens for clients of the VTN."""

import base64
from typing import Any

import httpx

from ..running import VTN, Running, made

TOKEN = f"{VTN}/auth/token"


async def client(hub: Running, *scopes: str) -> dict[str, Any]:
    operator = await hub.operator()
    body = {"name": "p", "scopes": scopes or ("read_targets", "write_reports")}
    credentials: dict[str, Any] = await made(operator, "/api/v1/clients", body)
    return credentials


def form(credentials: dict[str, Any], **changed: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": credentials["client_id"],
        "client_secret": credentials["client_secret"],
    } | changed


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def test_the_server_says_where_tokens_are_had(hub: Running) -> None:
    answer = await hub.visitor().get(f"{VTN}/auth/server")

    assert answer.json() == {"tokenURL": "https://hub.example/openadr3/3.1/auth/token"}


async def test_credentials_in_the_body_and_by_basic_give_a_token(hub: Running) -> None:
    credentials = await client(hub)
    headers = basic(credentials["client_id"], credentials["client_secret"])

    answers = [
        await hub.visitor().post(TOKEN, data=form(credentials)),
        await hub.visitor().post(TOKEN, data={"grant_type": "client_credentials"}, headers=headers),
    ]

    for answer in answers:
        token = answer.json()
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
        assert token["scope"] == "read_targets write_reports"
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await hub.visitor(token["access_token"]).get(f"{VTN}/programs")).status_code == 200


async def test_a_request_narrows_scopes_and_never_widens_them(hub: Running) -> None:
    credentials = await client(hub)

    narrow = await hub.visitor().post(TOKEN, data=form(credentials, scope="read_targets"))
    wide = await hub.visitor().post(TOKEN, data=form(credentials, scope="read_targets read_all"))

    assert narrow.json()["scope"] == "read_targets"
    assert (wide.status_code, wide.json()["error"]) == (400, "invalid_scope")


async def test_errors_are_those_of_oauth(hub: Running) -> None:
    credentials = await client(hub)
    for changed, status, error in (
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "\0"}, 401, "invalid_client"),
        ({"client_id": "x" * 200}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ):
        answer = await hub.visitor().post(TOKEN, data=form(credentials) | changed)

        assert (answer.status_code, answer.json()["error"]) == (status, error), changed


async def test_a_form_that_is_none_is_an_invalid_request(hub: Running) -> None:
    for body in (
        "",
        "grant_type",
        "grant_type=client_credentials",
        "grant_type=a&grant_type=b",
        "ä",
        "&".join(["a=b"] * 99),
    ):
        answer = await hub.visitor().post(TOKEN, content=body.encode())

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), body


async def test_a_header_that_cannot_be_read_is_no_client(hub: Running) -> None:
    for encoded in ("", "x", "w6Q", "////"):
        answer = await hub.visitor().post(
            TOKEN,
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {encoded}"},
        )

        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), encoded


async def test_a_token_ends_with_its_hour_and_with_its_client(hub: Running) -> None:
    operator = await hub.operator()
    programs = [await hub.program(operator, "read_all", name=name) for name in ("a", "b")]

    assert (await operator.delete(f"/api/v1/clients/{programs[0][1]}")).status_code == 204
    assert [await status(program) for program, _ in programs] == [401, 200]
    hub.clock.go_on(hours=1)
    assert await status(programs[1][0]) == 401


async def status(program: httpx.AsyncClient) -> int:
    return (await program.get(f"{VTN}/programs")).status_code


async def test_a_persons_token_is_none_of_the_vtn(hub: Running) -> None:
    operator = await hub.operator()
    body = {"name": "t", "scopes": ["home:read"], "lifetime_s": 3600}
    token = (await made(operator, "/api/v1/tokens", body))["token"]

    assert await status(hub.visitor(token)) == 401
    assert await status(operator) == 401
