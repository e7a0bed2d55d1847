"""Events of the VTN on their way to the homes that see them."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from community_hub.store.tables import OutgoingMessage
from sqlalchemy import select

from tests.asyncapi import validate

from ..running import BUSINESS_SCOPES, VEN_SCOPES, VTN, Running, made, person_id, problem

START: Final = "2026-11-29T17:00:00Z"


@dataclass
class Community:
    """home-1 and home-2 consent to the programme, home-3 does not."""

    hub: Running
    operator: httpx.AsyncClient
    business: httpx.AsyncClient
    household: httpx.AsyncClient
    program_id: str

    def event(self, **changes: Any) -> dict[str, Any]:
        descriptor = {
            "objectType": "EVENT_PAYLOAD_DESCRIPTOR",
            "payloadType": "IMPORT_CAPACITY_LIMIT",
            "units": "KW",
        }
        payload = {"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}
        return {
            "programID": self.program_id,
            "eventName": "peak",
            "payloadDescriptors": [descriptor],
            "intervalPeriod": {"start": START, "duration": "PT1H"},
            "intervals": [{"id": 0, "payloads": [payload]}],
        } | changes

    async def create(self, **changes: Any) -> str:
        created = await made(self.business, f"{VTN}/events", self.event(**changes))
        identifier: str = created["id"]
        return identifier

    async def update(self, identifier: str, **changes: Any) -> None:
        answer = await self.business.put(f"{VTN}/events/{identifier}", json=self.event(**changes))
        assert answer.status_code == 200, answer.text

    async def gone_out(self) -> list[OutgoingMessage]:
        async with self.hub.store.reading() as session:
            return list(await session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.number)))

    async def told(self) -> list[str]:
        return [each.topic.removeprefix("home_flex/vens/") for each in await self.gone_out()]


async def community(hub: Running) -> Community:
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    owner_id = await person_id(household)
    business, _ = await hub.program(operator, *BUSINESS_SCOPES)
    program = await made(business, f"{VTN}/programs", {"programName": "evening"})
    until = (hub.clock() + timedelta(days=100)).isoformat()
    agreement = {"program_id": program["id"], "devices": [], "valid_until": until, "text": "Yes."}
    for ven_id in ("home-1", "home-2", "home-3"):
        home = {"ven_id": ven_id, "name": ven_id, "owner_id": owner_id}
        await made(operator, "/api/v1/homes", home)
        if ven_id != "home-3":
            await made(household, f"/api/v1/homes/{ven_id}/consents", agreement)
    return Community(hub, operator, business, household, program["id"])


async def test_an_event_for_one_home_goes_to_it_alone_and_ends_with_the_event(hub: Running) -> None:
    here = await community(hub)

    identifier = await here.create(targets=["home-1"])

    [message] = await here.gone_out()
    notification = json.loads(message.payload)
    assert message.topic == "home_flex/vens/home-1/events/create"
    assert message.expires_at == datetime.fromisoformat("2026-11-29T18:00:00Z")
    assert notification["object"]["id"] == identifier
    validate("events/create", notification)


async def test_an_event_without_targets_goes_to_all_who_consent(hub: Running) -> None:
    here = await community(hub)

    await here.create()

    assert await here.told() == ["home-1/events/create", "home-2/events/create"]


async def test_targets_are_those_of_the_home_as_a_ven_and_of_its_devices(hub: Running) -> None:
    here = await community(hub)
    _, client_id = await hub.program(here.operator, *VEN_SCOPES, name="home-2")
    body = {
        "objectType": "BL_VEN_REQUEST",
        "clientID": client_id,
        "venName": "home-2",
        "targets": ["feeder-7"],
    }
    ven = await made(here.business, f"{VTN}/vens", body)
    device = {
        "objectType": "BL_RESOURCE_REQUEST",
        "clientID": client_id,
        "venID": ven["id"],
        "resourceName": "car",
        "targets": ["cars"],
    }
    await made(here.business, f"{VTN}/resources", device)

    await here.create(targets=["feeder-7", "cars"])
    await here.create(targets=["feeder-7", "batteries"])

    assert await here.told() == ["home-2/events/create"]


async def test_a_consent_with_a_device_sees_what_names_that_device_alone(hub: Running) -> None:
    here = await community(hub)
    _, client_id = await hub.program(here.operator, *VEN_SCOPES, name="home-2")
    body = {"objectType": "BL_VEN_REQUEST", "clientID": client_id, "venName": "home-2", "targets": ["cars"]}
    await made(here.business, f"{VTN}/vens", body)
    whole = await here.create()
    until = (hub.clock() + timedelta(days=100)).isoformat()
    agreement = {"program_id": here.program_id, "devices": ["cars"], "valid_until": until, "text": "Yes."}
    await made(here.household, "/api/v1/homes/home-2/consents", agreement)

    await here.create(targets=["cars"])
    await here.create()
    named = await here.business.post(f"{VTN}/events", json=here.event(targets=["home-2"]))

    assert problem(named) == (403, "no-consent")
    assert [each for each in await here.told() if each.startswith("home-2")] == [
        "home-2/events/create",
        "home-2/events/delete",
        "home-2/events/create",
    ]
    gone = (await here.gone_out())[2]
    assert (gone.ven_id, gone.event_id) == ("home-2", whole)


async def test_a_change_and_a_deletion_go_to_those_who_were_told(hub: Running) -> None:
    here = await community(hub)
    identifier = await here.create(targets=["home-1"])

    await here.update(identifier, targets=["home-1"], priority=1)
    await here.business.delete(f"{VTN}/events/{identifier}")

    assert await here.told() == [f"home-1/events/{each}" for each in ("create", "update", "delete")]
    for message, kind in zip(await here.gone_out(), ("create", "update", "delete"), strict=True):
        validate(f"events/{kind}", json.loads(message.payload))


async def test_a_home_that_is_no_longer_meant_is_told_that_the_event_is_gone(hub: Running) -> None:
    here = await community(hub)
    identifier = await here.create(targets=["home-1"])

    await here.update(identifier, targets=["home-2"])

    assert (await here.told())[1:] == ["home-1/events/delete", "home-2/events/create"]


async def test_what_is_refused_is_told_to_nobody(hub: Running) -> None:
    here = await community(hub)

    answer = await here.business.post(f"{VTN}/events", json=here.event(targets=["home-3"]))

    assert answer.status_code == 403
    assert await here.gone_out() == []
