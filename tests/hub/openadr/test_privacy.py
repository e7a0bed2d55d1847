"""Who sees what of the VTN, and who may write."""

from typing import Any

import httpx

from ..running import BUSINESS_SCOPES, VEN_SCOPES, VTN, Running, made, problem


async def ven(
    hub: Running, operator: httpx.AsyncClient, business: httpx.AsyncClient, name: str, *targets: str
) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """Admit a VEN to which the business gives targets."""
    client, client_id = await hub.program(operator, *VEN_SCOPES, name=name)
    body = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": name, "targets": list(targets)}
    return client, await made(business, f"{VTN}/vens", body)


async def two_vens(hub: Running) -> tuple[httpx.AsyncClient, httpx.AsyncClient, httpx.AsyncClient, str]:
    """Return business logic, a VEN with targets f1 and evening, one with f2; and a programme's id."""
    operator = await hub.operator()
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    anna, _ = await ven(hub, operator, business, "anna", "f1", "evening")
    bert, _ = await ven(hub, operator, business, "bert", "f2")
    program = await made(business, f"{VTN}/programs", {"programName": "p"})
    return business, anna, bert, program["id"]


async def names(client: httpx.AsyncClient, path: str, field: str, **query: Any) -> list[str]:
    answer = await client.get(f"{VTN}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return [each[field] for each in answer.json()]


async def test_a_ven_sees_the_events_whose_targets_its_own_cover(hub: Running) -> None:
    business, anna, bert, program_id = await two_vens(hub)
    for name, targets in (
        ("all", []),
        ("f1", ["f1"]),
        ("f1 evening", ["f1", "evening"]),
        ("f1 f2", ["f1", "f2"]),
        ("f2", ["f2"]),
    ):
        await made(
            business, f"{VTN}/events", {"programID": program_id, "eventName": name, "targets": targets}
        )

    assert await names(anna, "events", "eventName") == ["all", "f1", "f1 evening"]
    assert await names(bert, "events", "eventName") == ["all", "f2"]
    assert await names(anna, "events", "eventName", targets=["f1"]) == ["f1", "f1 evening"]
    assert await names(anna, "events", "eventName", targets=["f2"]) == []
    assert len(await names(business, "events", "eventName")) == 5


async def test_what_a_ven_may_not_see_is_not_there_for_it(hub: Running) -> None:
    business, anna, bert, program_id = await two_vens(hub)
    event = await made(business, f"{VTN}/events", {"programID": program_id, "targets": ["f1"]})

    assert (await anna.get(f"{VTN}/events/{event['id']}")).status_code == 200
    assert problem(await bert.get(f"{VTN}/events/{event['id']}")) == (404, "not-found")
    report = {"eventID": event["id"], "clientName": "bert", "resources": []}
    assert problem(await bert.post(f"{VTN}/reports", json=report)) == (409, "conflict")


async def test_an_event_is_no_more_public_than_its_programme(hub: Running) -> None:
    business, anna, bert, _ = await two_vens(hub)
    program = await made(business, f"{VTN}/programs", {"programName": "of f1", "targets": ["f1"]})
    await made(business, f"{VTN}/events", {"programID": program["id"], "eventName": "e"})

    assert await names(anna, "events", "eventName") == ["e"]
    assert await names(bert, "events", "eventName") == []
    assert await names(bert, "programs", "programName") == ["p"]


async def test_an_event_for_one_ven_names_it(hub: Running) -> None:
    business, anna, bert, program_id = await two_vens(hub)
    [ven_id] = await names(anna, "vens", "id")
    await made(business, f"{VTN}/events", {"programID": program_id, "eventName": "e", "targets": [ven_id]})

    assert [await names(client, "events", "eventName") for client in (anna, bert)] == [["e"], []]


async def test_targets_of_a_resource_count_for_its_ven(hub: Running) -> None:
    business, anna, bert, program_id = await two_vens(hub)
    [own] = (await bert.get(f"{VTN}/vens")).json()
    body = {
        "objectType": "BL_RESOURCE_REQUEST",
        "clientID": own["clientID"],
        "venID": own["id"],
        "resourceName": "car",
        "targets": ["cars"],
    }
    await made(business, f"{VTN}/resources", body)
    await made(business, f"{VTN}/events", {"programID": program_id, "eventName": "e", "targets": ["cars"]})

    assert [await names(client, "events", "eventName") for client in (anna, bert)] == [[], ["e"]]


async def test_a_ven_gives_itself_no_targets(hub: Running) -> None:
    _, anna, _, _ = await two_vens(hub)
    [own] = (await anna.get(f"{VTN}/vens")).json()

    as_business = own | {"objectType": "BL_VEN_REQUEST", "targets": ["f2"]}
    assert problem(await anna.put(f"{VTN}/vens/{own['id']}", json=as_business)) == (403, "only-business")
    as_ven = {"objectType": "VEN_VEN_REQUEST", "venName": "anna", "targets": ["f2"]}
    answer = await anna.put(f"{VTN}/vens/{own['id']}", json=as_ven)
    assert answer.json()["targets"] == ["f1", "evening"]


async def test_a_ven_sees_and_changes_only_its_own_reports_and_devices(hub: Running) -> None:
    business, anna, bert, program_id = await two_vens(hub)
    event = await made(business, f"{VTN}/events", {"programID": program_id})
    [own] = (await anna.get(f"{VTN}/vens")).json()
    device = {"objectType": "VEN_RESOURCE_REQUEST", "resourceName": "d", "venID": own["id"]}
    report = {"eventID": event["id"], "clientName": "anna", "resources": []}
    for path, body in (("reports", report), ("resources", device)):
        made_object = await made(anna, f"{VTN}/{path}", body)
        there = f"{VTN}/{path}/{made_object['id']}"
        assert (await bert.get(f"{VTN}/{path}")).json() == []
        assert len((await business.get(f"{VTN}/{path}")).json()) == 1
        for answer in (await bert.get(there), await bert.put(there, json=body), await bert.delete(there)):
            assert problem(answer) == (404, "not-found")
        assert (await anna.put(there, json=body)).status_code == 200
    assert problem(await bert.post(f"{VTN}/resources", json=device)) == (403, "another-ven")


async def test_a_client_is_one_ven(hub: Running) -> None:
    _, anna, _, _ = await two_vens(hub)

    answer = await anna.post(f"{VTN}/vens", json={"objectType": "VEN_VEN_REQUEST", "venName": "anna too"})

    assert problem(answer) == (400, "conflict")


async def test_a_ven_may_not_what_is_the_businesss(hub: Running) -> None:
    _, anna, _, _ = await two_vens(hub)
    for path in ("programs", "events"):
        answers = [await anna.post(f"{VTN}/{path}", json={})]
        answers += [await anna.request(method, f"{VTN}/{path}/x", json={}) for method in ("PUT", "DELETE")]
        assert [problem(answer) for answer in answers] == [(403, "missing-scope")] * 3

    topics = await anna.get(f"{VTN}/notifiers/mqtt/topics/vens/another/events")
    assert problem(topics) == (403, "another-ven")


async def test_nothing_is_told_without_a_token(hub: Running) -> None:
    visitor = hub.visitor()
    for path in ("programs", "events", "reports", "subscriptions", "vens", "resources", "notifiers"):
        for header in ("", "Bearer", "Bearer x", "Basic eDp5", "Bearer hf_ven_" + "0" * 32):
            answer = await visitor.get(f"{VTN}/{path}", headers={"Authorization": header})

            assert problem(answer) == (401, "no-token"), (path, header)


async def test_a_ven_learns_its_topics(hub: Running) -> None:
    _, anna, _, _ = await two_vens(hub)
    [ven_id] = await names(anna, "vens", "id")

    notifiers = (await anna.get(f"{VTN}/notifiers")).json()
    topics = (await anna.get(f"{VTN}/notifiers/mqtt/topics/vens/{ven_id}/events")).json()["topics"]

    assert notifiers["WEBHOOK"] is True
    assert notifiers["MQTT"]["URIS"] == ["mqtts://hub.example:8883"]
    assert topics["CREATE"] == f"home_flex/vens/{ven_id}/events/create"
    nothing = await anna.get(f"{VTN}/notifiers/mqtt/topics/vens/{ven_id}/programs")
    assert problem(nothing) == (404, "no-topic")
