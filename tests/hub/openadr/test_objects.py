"""The objects of OpenADR 3.1: made, found, changed, deleted."""

from datetime import datetime
from typing import Any

import httpx

from ..running import BUSINESS_SCOPES, VEN_SCOPES, VTN, Running, made, problem

START = "2026-11-30T17:00:00+01:00"


def event(program_id: str, **changed: Any) -> dict[str, Any]:
    return {
        "programID": program_id,
        "eventName": "evening",
        "priority": 1,
        "intervalPeriod": {"start": START, "duration": "PT15M"},
        "payloadDescriptors": [
            {"objectType": "EVENT_PAYLOAD_DESCRIPTOR", "payloadType": "PRICE", "units": "KWH"}
        ],
        "intervals": [{"id": 0, "payloads": [{"type": "PRICE", "values": [0.17, 1, "x", True]}]}],
    } | changed


async def business(hub: Running) -> httpx.AsyncClient:
    client, _ = await hub.program(await hub.operator(), *BUSINESS_SCOPES, "write_reports")
    return client


async def with_program(hub: Running, **fields: Any) -> tuple[httpx.AsyncClient, str]:
    client = await business(hub)
    program = await made(client, f"{VTN}/programs", {"programName": "p"} | fields)
    return client, program["id"]


async def test_an_object_comes_back_as_it_was_sent_with_what_the_vtn_adds(hub: Running) -> None:
    client, program_id = await with_program(hub)

    sent = event(program_id)
    answer = await made(client, f"{VTN}/events", sent)

    assert (await client.get(f"{VTN}/events/{answer['id']}")).json() == answer
    metadata = {
        "createdDateTime": "2026-11-29T12:00:00Z",
        "modificationDateTime": "2026-11-29T12:00:00Z",
        "objectType": "EVENT",
    }
    period = {"start": "2026-11-30T16:00:00Z", "duration": "PT15M"}
    assert answer == sent | metadata | {"id": answer["id"], "intervalPeriod": period}
    values = answer["intervals"][0]["payloads"][0]["values"]
    assert [type(value) for value in values] == [float, int, str, bool]


async def test_null_is_the_same_as_absent_and_what_is_unknown_is_dropped(hub: Running) -> None:
    client, program_id = await with_program(hub)

    answer = await made(
        client,
        f"{VTN}/events",
        {"programID": program_id, "priority": None, "intervalPeriod": None, "targets": None, "mine": 1},
    )

    assert set(answer) == {"id", "createdDateTime", "modificationDateTime", "objectType", "programID"}


async def test_an_event_of_another_shape_is_refused_and_not_stored(hub: Running) -> None:
    client, program_id = await with_program(hub)

    answer = await client.post(f"{VTN}/events", json=event(program_id, priority="first"))

    assert problem(answer) == (400, "invalid-request")
    assert "priority" in answer.json()["detail"]
    assert (await client.get(f"{VTN}/events")).json() == []


async def test_names_are_taken_once(hub: Running) -> None:
    client, _ = await with_program(hub)

    assert problem(await client.post(f"{VTN}/programs", json={"programName": "p"})) == (409, "conflict")
    assert len((await client.get(f"{VTN}/programs")).json()) == 1


async def test_an_event_of_no_programme_is_a_conflict(hub: Running) -> None:
    client = await business(hub)

    assert problem(await client.post(f"{VTN}/events", json=event("nothing"))) == (409, "conflict")


async def test_a_change_is_later_than_all_before_it(hub: Running) -> None:
    client, program_id = await with_program(hub)
    made_event = await made(client, f"{VTN}/events", event(program_id))
    stamps = [made_event["modificationDateTime"]]
    for priority in range(3):
        answer = await client.put(
            f"{VTN}/events/{made_event['id']}", json=event(program_id, priority=priority)
        )
        stamps.append(answer.json()["modificationDateTime"])
        assert answer.json()["createdDateTime"] == made_event["createdDateTime"]

    assert sorted(map(datetime.fromisoformat, stamps)) == list(map(datetime.fromisoformat, stamps))
    assert len(set(stamps)) == 4


async def test_an_event_stays_in_its_programme(hub: Running) -> None:
    client, program_id = await with_program(hub)
    other = await made(client, f"{VTN}/programs", {"programName": "q"})
    made_event = await made(client, f"{VTN}/events", event(program_id))

    answer = await client.put(f"{VTN}/events/{made_event['id']}", json=event(other["id"]))

    assert problem(answer) == (409, "conflict")
    assert (await client.get(f"{VTN}/events/{made_event['id']}")).json() == made_event


async def test_what_is_deleted_is_gone_with_what_belongs_to_it(hub: Running) -> None:
    client, program_id = await with_program(hub)
    made_event = await made(client, f"{VTN}/events", event(program_id, targets=["g"]))
    report = {"eventID": made_event["id"], "clientName": "v", "resources": []}
    await made(client, f"{VTN}/reports", report)

    answer = await client.delete(f"{VTN}/programs/{program_id}")

    assert answer.json()["id"] == program_id
    for path in ("programs", "events", "reports"):
        assert (await client.get(f"{VTN}/{path}")).json() == []
    assert problem(await client.delete(f"{VTN}/programs/{program_id}")) == (404, "not-found")


async def test_pages_are_in_order_and_hold_fifty_at_most(hub: Running) -> None:
    client, program_id = await with_program(hub)
    ids = [(await made(client, f"{VTN}/events", {"programID": program_id}))["id"] for _ in range(52)]

    async def page(**query: int) -> list[str]:
        return [each["id"] for each in (await client.get(f"{VTN}/events", params=query)).json()]

    assert await page() == ids[:50]
    assert await page(skip=50) == ids[50:]
    assert await page(skip=10, limit=3) == ids[10:13]
    assert await page(limit=0) == []
    assert await page(skip=2**31 - 1) == []


async def test_a_query_that_cannot_be_is_refused(hub: Running) -> None:
    client = await business(hub)
    for query in (
        "limit=51",
        "limit=-1",
        "skip=-1",
        "skip=x",
        "skip=2147483648",
        "active=perhaps",
        "programID=%00",
        "targets=%00",
        "targets=",
    ):
        answer = await client.get(f"{VTN}/events?{query}")

        assert problem(answer) == (400, "invalid-request"), query


async def test_active_events_are_those_that_are_not_over(hub: Running) -> None:
    client, program_id = await with_program(hub)
    ended, open_end = [
        (await made(client, f"{VTN}/events", body))["id"]
        for body in (event(program_id), event(program_id, intervals=None))
    ]

    async def active() -> list[str]:
        return [each["id"] for each in (await client.get(f"{VTN}/events?active=true")).json()]

    assert await active() == [ended, open_end]
    hub.clock.go_on(days=1, hours=4, minutes=15)
    client, _ = await hub.program(await hub.signed_in("olga@hub.example"), "read_all", name="later")
    assert await active() == [open_end]
    assert len((await client.get(f"{VTN}/events?active=false")).json()) == 2


async def test_targets_of_a_query_must_all_be_on_the_object(hub: Running) -> None:
    client, program_id = await with_program(hub)
    for name, targets in (("none", []), ("a", ["a"]), ("ab", ["a", "b"])):
        await made(client, f"{VTN}/events", event(program_id, eventName=name, targets=targets))

    async def found(*targets: str) -> list[str]:
        answer = await client.get(f"{VTN}/events", params={"targets": list(targets)})
        return [each["eventName"] for each in answer.json()]

    assert await found() == ["none", "a", "ab"]
    assert await found("a") == ["a", "ab"]
    assert await found("a", "b") == ["ab"]
    assert await found("a", "c") == []


async def test_reports_are_found_by_event_programme_and_who_reports(hub: Running) -> None:
    client, program_id = await with_program(hub)
    ids = [(await made(client, f"{VTN}/events", event(program_id)))["id"] for _ in range(2)]
    for event_id, name in ((ids[0], "v"), (ids[1], "w")):
        await made(client, f"{VTN}/reports", {"eventID": event_id, "clientName": name, "resources": []})

    async def found(**query: str) -> list[str]:
        answer = await client.get(f"{VTN}/reports", params=query)
        return [each["clientName"] for each in answer.json()]

    assert await found(eventID=ids[1]) == ["w"]
    assert await found(clientName="v") == ["v"]
    assert await found(programID=program_id) == ["v", "w"]
    assert await found(programID="another") == []


async def test_subscriptions_are_found_by_what_they_are_about(hub: Running) -> None:
    client = await business(hub)
    for name, objects in (("a", ["EVENT"]), ("b", ["EVENT", "PROGRAM"]), ("c", ["REPORT"])):
        operation = {"objects": objects, "operations": ["CREATE"], "callbackUrl": "https://x.example/"}
        await made(client, f"{VTN}/subscriptions", {"clientName": name, "objectOperations": [operation]})

    async def found(query: str) -> list[str]:
        return [each["clientName"] for each in (await client.get(f"{VTN}/subscriptions?{query}")).json()]

    assert await found("objects=EVENT") == ["a", "b"]
    assert await found("objects=PROGRAM&objects=REPORT") == ["b", "c"]
    assert await found("clientName=c") == ["c"]


async def test_a_venid_and_a_resource_are_told_with_their_object_type(hub: Running) -> None:
    operator = await hub.operator()
    client, client_id = await hub.program(operator, *VEN_SCOPES)

    ven = await made(client, f"{VTN}/vens", {"objectType": "VEN_VEN_REQUEST", "venName": "v"})
    resource = await made(
        client,
        f"{VTN}/resources",
        {"objectType": "VEN_RESOURCE_REQUEST", "resourceName": "battery", "venID": ven["id"]},
    )

    assert (ven["objectType"], ven["clientID"]) == ("VEN", client_id)
    assert (resource["objectType"], resource["clientID"]) == ("RESOURCE", client_id)


async def test_what_looks_like_code_is_a_name_like_any_other(hub: Running) -> None:
    client = await business(hub)
    names = ["'; DROP TABLE programs; --", "{{7*7}}", "<script>", "%00", "🌞"]

    for name in names:
        await made(client, f"{VTN}/programs", {"programName": name})

    listed = (await client.get(f"{VTN}/programs")).json()
    assert [program["programName"] for program in listed] == names
