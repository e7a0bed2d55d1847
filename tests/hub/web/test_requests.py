"""Requests within bounds: what is refused before anything works on it."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from community_hub.web import requests

from ..running import BUSINESS_SCOPES, VTN, Running, made, problem

PROGRAM = {"programName": "p"}


async def business(hub: Running) -> httpx.AsyncClient:
    client, _ = await hub.program(await hub.operator(), *BUSINESS_SCOPES)
    return client


NO_STORABLE_JSON = [
    b"",
    b"{",
    b"\xff",
    b"[" * 100_000,
    b'{"programName": "p", "attributes": [{"type": "a", "values": [NaN]}]}',
    b'{"programName": "p", "attributes": [{"type": "a", "values": [-Infinity]}]}',
    b'{"programName": "p", "attributes": [{"type": "a", "values": [1e999]}]}',
    b'{"programName": "p", "attributes": [{"type": "a", "values": [9223372036854775808]}]}',
    b'{"programName": "p\\u0000"}',
    b'{"programName": "p\\ud800"}',
    b'{"programName": "p", "other": {"a\\u0000": 1}}',
    b"null",
    b"[]",
    b'"text"',
]


async def test_what_is_no_storable_json_is_refused_and_nothing_is_stored(hub: Running) -> None:
    client = await business(hub)
    for body in NO_STORABLE_JSON:
        answer = await client.post(
            f"{VTN}/programs", content=body, headers={"Content-Type": "application/json"}
        )

        assert problem(answer)[0] == 400, body[:80]
    assert (await client.get(f"{VTN}/programs")).json() == []


async def test_a_body_of_ten_megabytes_is_refused(hub: Running) -> None:
    client = await business(hub)

    answer = await client.post(f"{VTN}/programs", content=b" " * 10_000_000)

    assert problem(answer) == (413, "too-large")


async def test_a_large_document_within_the_bound_is_taken(hub: Running) -> None:
    client = await business(hub)
    values = [{"type": "a", "values": [0.5] * 150_000}]
    assert 700_000 < len(json.dumps(values)) < requests.LARGEST_BODY

    await made(client, f"{VTN}/programs", PROGRAM | {"attributes": values})


async def test_a_body_that_does_not_arrive_is_given_up(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_TIMEOUT_S", 0.05)
    client = await business(hub)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    assert problem(await client.post(f"{VTN}/programs", content=slow())) == (408, "slow-body")


async def test_problems_have_the_media_type_of_their_place(hub: Running) -> None:
    answers = [await hub.visitor().get(path) for path in (f"{VTN}/nothing", "/api/v1/nothing")]

    assert [problem(answer) for answer in answers] == [(404, "about:blank")] * 2
    media_types = [answer.headers["Content-Type"] for answer in answers]
    assert media_types == ["application/json", "application/problem+json"]


async def test_a_failure_tells_nothing_of_the_inside(hub: Running) -> None:
    await hub.store.close()
    visitor = hub.visitor()

    @hub.app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("the inside")

    answer = await visitor.get("/fails")

    assert problem(answer) == (500, "failure")
    assert "the inside" not in answer.text


async def test_a_correlation_id_is_kept_when_it_is_plain(hub: Running) -> None:
    visitor = hub.visitor()
    for given, is_kept in (
        ("abc-123_X", True),
        ("", False),
        ("a b", False),
        ("x" * 65, False),
        ("<a>", False),
    ):
        answer = await visitor.get("/health", headers={"X-Correlation-ID": given})

        told = answer.headers["X-Correlation-ID"]
        assert (told == given) is is_kept
        assert len(told) == 32 or is_kept


async def test_health_says_that_the_database_answers(hub: Running) -> None:
    answer = await hub.visitor().get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_method_that_a_path_has_not_is_answered_with_those_it_has(hub: Running) -> None:
    answers = [await hub.visitor().put(path) for path in (f"{VTN}/programs", "/api/v1/homes", "/health")]

    assert [problem(answer)[0] for answer in answers] == [405] * 3
    assert [answer.headers["Allow"] for answer in answers] == ["GET, POST", "GET, POST", "GET"]
