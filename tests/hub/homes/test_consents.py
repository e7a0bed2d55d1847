"""Consents: given by the resident alone, with the words; ended and narrowed, never rewritten."""

import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest
from community_hub.homes.consents import consenting

from ..running import BUSINESS_SCOPES, VEN_SCOPES, VTN, Running, made, person_id, problem

TEXT = "I let the community switch my battery for an hour a day, until spring."


async def community(hub: Running) -> tuple[httpx.AsyncClient, httpx.AsyncClient, str]:
    """Return the operator, a household with home-1, and a programme's id."""
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    await made(
        operator, "/api/v1/homes", {"ven_id": "home-1", "name": "H", "owner_id": await person_id(hanna)}
    )
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    program = await made(business, f"{VTN}/programs", {"programName": "evening"})
    return operator, hanna, program["id"]


def agreement(hub: Running, program_id: str, **changed: Any) -> dict[str, Any]:
    until = (hub.clock() + timedelta(days=100)).isoformat()
    return {
        "program_id": program_id,
        "devices": ["battery", "car"],
        "valid_until": until,
        "text": TEXT,
    } | changed


async def holds(hub: Running, program_id: str, **ahead: float) -> bool:
    async with hub.store.reading() as session:
        at, homes = hub.clock() + timedelta(**ahead), ["home-1", "home-2"]
        found = await consenting(session, program_id, at, homes, ["battery"])
    return found == {"home-1"}


async def test_a_consent_keeps_the_words_that_were_agreed_to(hub: Running) -> None:
    _, hanna, program_id = await community(hub)

    given = await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id))

    assert given["text"] == TEXT
    assert given["text_hash"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert (given["agreed_by"], given["agreed_how"]) == (await person_id(hanna), "session")


async def test_a_consent_holds_from_its_start_to_its_end(hub: Running) -> None:
    _, hanna, program_id = await community(hub)
    start = (hub.clock() + timedelta(days=1)).isoformat()
    body = agreement(hub, program_id, valid_from=start)
    await made(hanna, "/api/v1/homes/home-1/consents", body)

    assert [await holds(hub, program_id, days=days) for days in (0.9, 1, 99.9, 100)] == [
        False,
        True,
        True,
        False,
    ]
    assert not await holds(hub, "another", days=2)


@pytest.mark.parametrize("role", ["operator", "aggregator", "grid_operator", "auditor"])
async def test_nobody_consents_for_a_resident(hub: Running, role: str) -> None:
    operator, _, program_id = await community(hub)
    other = await hub.person(operator, role, "Otto")

    answer = await other.post("/api/v1/homes/home-1/consents", json=agreement(hub, program_id))

    assert answer.status_code in {403, 404}
    assert not await holds(hub, program_id)


async def test_another_household_does_not_see_that_the_home_is_there(hub: Running) -> None:
    operator, _, program_id = await community(hub)
    hugo = await hub.person(operator, "household", "Hugo")

    answers = [
        await hugo.get("/api/v1/homes/home-1/consents"),
        await hugo.post("/api/v1/homes/home-1/consents", json=agreement(hub, program_id)),
        await hugo.get("/api/v1/homes/nowhere/consents"),
    ]

    assert [problem(answer) for answer in answers] == [(404, "no-such-home")] * 3
    assert (await hugo.get("/api/v1/homes")).json() == []


async def test_a_new_consent_takes_the_place_of_the_one_before(hub: Running) -> None:
    _, hanna, program_id = await community(hub)
    for devices in (["battery"], []):
        await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id, devices=devices))

    kept = (await hanna.get("/api/v1/homes/home-1/consents")).json()
    assert [(each["devices"], each["ended_at"] is None) for each in kept] == [
        (["battery"], False),
        ([], True),
    ]


@pytest.mark.parametrize("by", ["hanna", "operator"])
async def test_resident_and_operator_end_a_consent(hub: Running, by: str) -> None:
    operator, hanna, program_id = await community(hub)
    given = await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id))
    who = hanna if by == "hanna" else operator

    assert (await who.post(f"/api/v1/consents/{given['id']}/end")).status_code == 200

    assert not await holds(hub, program_id)
    assert problem(await who.post(f"/api/v1/consents/{given['id']}/end")) == (409, "consent-ended")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"devices": ["car"]}, 200),
        ({"days": 50}, 200),
        ({"devices": ["car", "boiler"]}, 403),
        ({"days": 101}, 403),
        ({"devices": []}, 400),
    ],
)
async def test_an_operator_narrows_and_never_widens(
    hub: Running, change: dict[str, Any], status: int
) -> None:
    operator, hanna, program_id = await community(hub)
    given = await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id))
    if "days" in change:
        change = {"valid_until": (hub.clock() + timedelta(days=change["days"])).isoformat()}

    answer = await operator.post(f"/api/v1/consents/{given['id']}/narrow", json=change)

    assert answer.status_code == status
    kept = (await hanna.get("/api/v1/homes/home-1/consents")).json()
    assert len(kept) == (2 if status == 200 else 1)
    if status == 200:
        assert (kept[1]["text"], kept[1]["agreed_by"]) == (TEXT, await person_id(hanna))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"valid_until": "2026-11-29T11:00:00Z"}, (400, "no-duration")),
        ({"valid_until": "2026-12-29T11:00:00"}, (400, "invalid-request")),
        ({"valid_from": "2999-01-01T00:00:00Z"}, (400, "no-duration")),
        ({"valid_from": "0001-01-01T00:00:00+14:00"}, (400, "invalid-request")),
        ({"valid_until": "9999-12-31T23:59:00-14:00"}, (400, "invalid-request")),
        ({"text": ""}, (400, "invalid-request")),
        ({"program_id": "nothing"}, (409, "no-such-program")),
        ({"program_id": "'; DROP TABLE consents"}, (400, "invalid-request")),
    ],
)
async def test_a_consent_that_cannot_be_is_refused(
    hub: Running, changed: dict[str, Any], expected: tuple[int, str]
) -> None:
    _, hanna, program_id = await community(hub)

    answer = await hanna.post("/api/v1/homes/home-1/consents", json=agreement(hub, program_id) | changed)

    assert problem(answer) == expected
    assert (await hanna.get("/api/v1/homes/home-1/consents")).json() == []


async def test_a_home_that_is_leaving_consents_to_nothing(hub: Running) -> None:
    _, hanna, program_id = await community(hub)
    await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id))

    await hanna.post("/api/v1/account/leave", json={"password": "a long enough password"})

    assert not await holds(hub, program_id)


def event(program_id: str, *targets: str) -> dict[str, Any]:
    return {
        "programID": program_id,
        "targets": list(targets),
        "intervalPeriod": {"start": "2026-11-30T17:00:00Z", "duration": "PT1H"},
        "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [3.0]}]}],
    }


async def test_no_event_is_made_for_a_home_that_did_not_consent(hub: Running) -> None:
    operator, hanna, program_id = await community(hub)
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)

    refused = await business.post(f"{VTN}/events", json=event(program_id, "home-1"))
    assert problem(refused) == (403, "no-consent")
    assert (await business.get(f"{VTN}/events")).json() == []

    await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id))
    with_devices = await business.post(f"{VTN}/events", json=event(program_id, "home-1"))
    assert problem(with_devices) == (403, "no-consent")

    await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id, devices=[]))
    await made(business, f"{VTN}/events", event(program_id, "home-1"))


async def test_an_event_that_outlasts_the_consent_is_refused(hub: Running) -> None:
    operator, hanna, program_id = await community(hub)
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    body = agreement(hub, program_id, devices=[], valid_until="2026-11-30T17:30:00Z")
    await made(hanna, "/api/v1/homes/home-1/consents", body)

    answer = await business.post(f"{VTN}/events", json=event(program_id, "home-1"))

    assert problem(answer) == (403, "no-consent")


async def home_as_ven(
    hub: Running, operator: httpx.AsyncClient, business: httpx.AsyncClient
) -> httpx.AsyncClient:
    """Let home-1 join the VTN as a VEN."""
    client, client_id = await hub.program(operator, *VEN_SCOPES, name="home-1")
    body = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": "home-1", "targets": ["f1"]}
    assert (await made(business, f"{VTN}/vens", body))["id"] == "home-1"
    return client


async def test_a_home_sees_the_events_of_what_it_consents_to_alone(hub: Running) -> None:
    operator, hanna, program_id = await community(hub)
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    home = await home_as_ven(hub, operator, business)
    await made(business, f"{VTN}/events", event(program_id, "f1"))

    assert (await home.get(f"{VTN}/events")).json() == []
    given = await made(hanna, "/api/v1/homes/home-1/consents", agreement(hub, program_id, devices=[]))
    assert len((await home.get(f"{VTN}/events")).json()) == 1
    await hanna.post(f"/api/v1/consents/{given['id']}/end")
    assert (await home.get(f"{VTN}/events")).json() == []


async def test_no_ven_names_itself_after_a_home(hub: Running) -> None:
    operator, _, _ = await community(hub)
    stranger, _ = await hub.program(operator, *VEN_SCOPES, name="stranger")

    answer = await stranger.post(f"{VTN}/vens", json={"objectType": "VEN_VEN_REQUEST", "venName": "home-1"})

    assert problem(answer) == (403, "a-homes-name")
