"""Leaving, and taking one's data along."""

import json
from typing import Any

import httpx
from community_hub.accounts import housekeeping

from ..flexibility.communities import flexible
from ..running import BUSINESS_SCOPES, PASSWORD, VEN_SCOPES, VTN, Running, made, person_id, problem


async def household(hub: Running) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """Return the operator and a household with a home."""
    operator = await hub.operator()
    hanna = await hub.person(operator, "household")
    body = {"ven_id": "home-1", "name": "Hanna's", "owner_id": await person_id(hanna), "feeder": "f1"}
    await made(operator, "/api/v1/homes", body)
    return operator, hanna


async def leave(visitor: httpx.AsyncClient) -> httpx.Response:
    return await visitor.post("/api/v1/account/leave", json={"password": PASSWORD})


async def homes(operator: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await operator.get("/api/v1/homes")).json()
    return found


async def test_who_leaves_can_take_it_back_for_fifteen_days(hub: Running) -> None:
    _, hanna = await household(hub)
    assert (await leave(hanna)).status_code == 204
    hub.clock.go_on(days=14.9)
    await housekeeping.once(hub.hub)

    operator = await hub.signed_in("olga@hub.example")
    again = await hub.signed_in("hanna@hub.example")
    assert [home["state"] for home in await homes(operator)] == ["leaving"]
    assert problem(await again.get("/api/v1/homes")) == (403, "not-allowed")
    assert (await again.post("/api/v1/account/stay")).status_code == 204
    assert [home["state"] for home in await homes(operator)] == ["active"]


async def test_after_fifteen_days_what_is_personal_is_gone(hub: Running) -> None:
    _, hanna = await household(hub)
    identifier = await person_id(hanna)
    await leave(hanna)
    hub.clock.go_on(days=15)

    await housekeeping.once(hub.hub)

    operator = await hub.signed_in("olga@hub.example")
    assert await homes(operator) == []
    assert [each["name"] for each in (await operator.get("/api/v1/people")).json()] == ["Olga"]
    log = (await operator.get("/api/v1/audit")).json()
    assert "Hanna" not in str(log)
    assert ("account.delete", identifier) in [(entry["act"], entry["object"]) for entry in log]
    assert (await operator.get("/api/v1/audit/head")).json()["is_whole"]


async def test_what_a_home_that_left_was_to_the_vtn_is_gone_too(hub: Running) -> None:
    operator, hanna = await household(hub)
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    client, client_id = await hub.program(operator, *VEN_SCOPES, name="home-1")
    ven = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": "home-1", "targets": ["f1"]}
    await made(business, f"{VTN}/vens", ven)
    device = {"objectType": "VEN_RESOURCE_REQUEST", "resourceName": "car", "venID": "home-1"}
    await made(client, f"{VTN}/resources", device)
    await leave(hanna)
    hub.clock.go_on(days=15)

    await housekeeping.once(hub.hub)

    assert (await client.get(f"{VTN}/vens")).status_code == 401
    operator = await hub.signed_in("olga@hub.example")
    business, _ = await hub.program(operator, *BUSINESS_SCOPES, name="later")
    for path in ("vens", "resources", "reports"):
        assert (await business.get(f"{VTN}/{path}")).json() == []
    clients = (await operator.get("/api/v1/clients")).json()
    assert client_id not in [each["client_id"] for each in clients]


async def test_a_household_takes_along_what_its_homes_reported_and_nobody_elses(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    await here.say("home-1", "event-1", "status", {"INSTRUCTION_STATUS": "STARTED"})
    quarter = {"id": 0, "payloads": [{"type": "USAGE", "values": [0.25]}]}
    site = {"resourceName": "SITE", "intervals": [quarter]}
    period = {"start": "2026-11-29T10:00:00Z", "duration": "PT15M"}
    report = here.report("home-1", "none", "metering", [site | {"intervalPeriod": period}])
    await here.take("home-1", report)
    hugo = await hub.person(here.operator, "household", "Hugo")

    path = (await here.household.get("/api/v1/account/export")).json()["reports"]
    taken = [json.loads(line) for line in (await here.household.get(path)).text.splitlines()]

    reports = [each["report"] for each in taken if "report" in each]
    assert sorted(each["told"]["object"]["reportName"] for each in reports) == [
        "forecast",
        "metering",
        "status",
    ]
    [day] = [each["metered_day"] for each in taken if "metered_day" in each]
    told = {"start": "2026-11-29T10:00:00Z", "import_wh": 250, "export_wh": 0, "quality": "measured"}
    assert (day["day"], day["quarter_hours"]) == ("2026-11-29", [told])
    assert (await hugo.get(path)).text == ""


async def test_leaving_asks_for_the_password(hub: Running) -> None:
    _, hanna = await household(hub)

    answer = await hanna.post("/api/v1/account/leave", json={"password": "guessed"})

    assert problem(answer) == (403, "wrong-password")


async def test_the_last_operator_stays(hub: Running) -> None:
    operator = await hub.operator()

    assert problem(await leave(operator)) == (409, "last-operator")


async def test_an_export_holds_ones_own_and_nobody_elses(hub: Running) -> None:
    _, hanna = await household(hub)

    export = (await hanna.get("/api/v1/account/export")).json()

    assert export["person"]["email"] == "hanna@hub.example"
    assert [home["ven_id"] for home in export["homes"]] == ["home-1"]
    assert [act["act"] for act in export["acts"]] == ["code.redeem", "sign_in"]
    assert "Olga" not in str(export)
    assert "hash" not in str(export["person"])
