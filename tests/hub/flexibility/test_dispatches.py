"""A need becomes events in homes, at least cost, of those that consented and nothing else forbids it."""

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import pytest

from tests.asyncapi import validate

from ..running import BUSINESS_SCOPES, PASSWORD, VTN, Running, made, person_id, problem
from .communities import HALF_HOUR, Flexible, flexible


async def priced(hub: Running) -> Flexible:
    """Return three homes on one feeder: 2 kW at 0.10, 2 kW at 0.20, 2 kW at 0.30."""
    here = await flexible(hub, "cheap", "fair", "dear")
    for ven_id, price in (("cheap", 0.10), ("fair", 0.20), ("dear", 0.30)):
        await here.offer(ven_id, 2.0, price=price)
    return here


async def test_a_need_calls_the_cheapest_homes_and_the_last_one_for_a_part(hub: Running) -> None:
    here = await priced(hub)

    dispatch = await here.dispatch(3.0)

    homes = await here.homes_of(dispatch["id"])
    assert {ven_id: row["called_kw"] for ven_id, row in homes.items()} == {"cheap": [2.0], "fair": [1.0]}
    assert (dispatch["expected_kw"], dispatch["short_kw"]) == ([3.0], [0.0])
    # Half an hour: 1 kWh at 0.10, half a kWh at 0.20.
    assert float(dispatch["cost"]) == 0.2
    assert dispatch["price_per_kwh"] == "0.2"


async def test_each_called_home_gets_an_event_over_the_broker_and_others_none(hub: Running) -> None:
    here = await priced(hub)

    await here.dispatch(3.0, price_per_kwh="0.25")

    told = await here.told()
    assert [topic for topic, _ in told] == ["cheap/events/create", "fair/events/create"]
    event = told[0][1]
    assert event["targets"] == ["cheap"]
    payloads = event["intervals"][0]["payloads"]
    assert payloads == [
        {"type": "DISPATCH_SETPOINT_RELATIVE", "values": [-2.0]},
        {"type": "PRICE", "values": [0.25]},
    ]
    validate("events/create", {"objectType": "EVENT", "operation": "CREATE", "object": event})


async def test_an_event_of_a_dispatch_is_one_of_the_vtn(hub: Running) -> None:
    here = await priced(hub)
    business, _ = await hub.program(here.operator, *BUSINESS_SCOPES)

    dispatch = await here.dispatch(1.0)

    [home] = (await here.homes_of(dispatch["id"])).values()
    event = (await business.get(f"{VTN}/events/{home['event_id']}")).json()
    assert event["targets"] == ["cheap"]
    assert event["programID"] == here.program_id


async def test_homes_without_consent_for_all_of_it_are_not_called(hub: Running) -> None:
    here = await priced(hub)
    await here.join("eager", consents=False)
    await here.offer("eager", 5.0, price=0.01)
    consents = (await here.household.get("/api/v1/homes/cheap/consents")).json()
    until = (hub.clock() + timedelta(minutes=45)).isoformat()
    await here.operator.post(f"/api/v1/consents/{consents[0]['id']}/narrow", json={"valid_until": until})

    dispatch = await here.dispatch(1.0)

    assert list(await here.homes_of(dispatch["id"])) == ["fair"]
    left_out = await here.homes_of(dispatch["id"], "left_out")
    assert {ven_id: row["reason"] for ven_id, row in left_out.items()} == {
        "eager": "no_consent",
        "cheap": "no_consent",
    }


async def test_a_home_called_by_an_aggregator_is_not_called_by_another_at_that_time(hub: Running) -> None:
    here = await priced(hub)
    other = await made(here.operator, "/api/v1/programs", {"name": "another"})
    for ven_id in ("cheap", "fair", "dear"):
        await here.consent(ven_id, other["id"])
    await here.dispatch(2.0)

    again = await here.dispatch(2.0, program_id=other["id"])

    assert list(await here.homes_of(again["id"])) == ["fair"]
    assert (await here.homes_of(again["id"], "left_out"))["cheap"]["reason"] == "called_already"


async def test_two_dispatches_at_one_instant_call_a_home_once(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    other = await made(here.operator, "/api/v1/programs", {"name": "another"})
    await here.consent("home-1", other["id"])
    await here.offer("home-1", 2.0)
    needs = [here.need(2.0, program_id=each) for each in (here.program_id, other["id"])]

    first, second = await asyncio.gather(
        *(here.operator.post("/api/v1/dispatches", json=each) for each in needs)
    )

    refused = first if second.status_code == 201 else second
    assert sorted((first.status_code, second.status_code)) == [201, 409]
    assert problem(refused) == (409, "nobody-to-call")
    assert "called_already" in refused.json()["detail"]
    assert [topic for topic, _ in await here.told()] == ["home-1/events/create"]


async def test_a_home_that_dropped_out_is_not_called_by_another_dispatch_and_paid_twice(hub: Running) -> None:
    here = await priced(hub)
    first = await here.dispatch(2.0)
    event_id = (await here.homes_of(first["id"]))["cheap"]["event_id"]
    await here.say("cheap", event_id, "status", {"INSTRUCTION_STATUS": "REJECTED"})
    await here.operator.post(f"/api/v1/dispatches/{first['id']}/redispatch")

    second = await here.dispatch(2.0)

    assert (await here.homes_of(second["id"])).keys() == {"dear"}
    left_out = await here.homes_of(second["id"], "left_out")
    assert {ven_id: row["reason"] for ven_id, row in left_out.items()} == {
        "cheap": "called_already",
        "fair": "called_already",
    }


async def test_what_a_home_offers_as_a_whole_is_no_offer_of_the_devices_it_consents_with(
    hub: Running,
) -> None:
    here = await flexible(hub, "home-1", "home-2")
    await here.consent("home-1", here.program_id, devices=["battery"])
    for ven_id in ("home-1", "home-2"):
        await here.offer(ven_id, 2.0)

    dispatch = await here.dispatch(4.0)

    assert list(await here.homes_of(dispatch["id"])) == ["home-2"]
    assert (await here.homes_of(dispatch["id"], "left_out"))["home-1"]["reason"] == "only_devices"
    of_program = {"program_id": here.program_id}
    offers = (await here.operator.get("/api/v1/flexibility/current", params=of_program)).json()
    assert [offer["ven_id"] for offer in offers["offers"]] == ["home-2"]


async def test_a_home_that_the_grid_operator_limits_is_not_called_to_draw_more(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    for ven_id in ("home-1", "home-2"):
        await here.offer(ven_id, 0.0, down_kw=3.0)
    limits = await made(here.operator, "/api/v1/programs", {"name": "grid", "kind": "grid_limit"})
    await here.consent("home-1", limits["id"])
    business, _ = await hub.program(here.operator, *BUSINESS_SCOPES)
    await made(
        business,
        f"{VTN}/events",
        {
            "programID": limits["id"],
            "targets": ["home-1"],
            "intervalPeriod": {"start": (hub.clock() + HALF_HOUR).isoformat(), "duration": "PT1H"},
            "intervals": [{"id": 0, "payloads": [{"type": "IMPORT_CAPACITY_LIMIT", "values": [4.0]}]}],
        },
    )

    dispatch = await here.dispatch(1.0, direction="more")

    assert list(await here.homes_of(dispatch["id"])) == ["home-2"]
    assert (await here.homes_of(dispatch["id"], "left_out"))["home-1"]["reason"] == "limit_forbids_it"


async def test_a_need_that_nobody_can_meet_is_refused_with_the_reasons_and_nothing_is_sent(
    hub: Running,
) -> None:
    here = await flexible(hub, "silent")
    await here.join("free", consents=False)

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(1.0))

    assert problem(answer) == (409, "nobody-to-call")
    assert "1 homes: no_consent, 1 homes: no_offer" in answer.json()["detail"]
    assert (await here.operator.get("/api/v1/dispatches")).json() == []
    assert await here.told() == []
    assert await here.acts("dispatch.make") == []


async def test_what_is_lacking_to_the_need_is_told(hub: Running) -> None:
    here = await priced(hub)

    dispatch = await here.dispatch(10.0)

    assert (dispatch["expected_kw"], dispatch["short_kw"]) == ([6.0], [4.0])
    assert dispatch["counts"] == {"called": 3, "dropped": 0, "left_out": 0}


async def test_a_group_is_asked_by_feeder_and_a_feeder_gives_no_more_than_its_cap(hub: Running) -> None:
    here = await priced(hub)
    await here.join("far", feeder="south")
    await here.offer("far", 5.0, price=0.90)

    capped = await here.dispatch(4.0, feeder_caps_kw={"north": 1.5})
    of_south = here.need(1.0, targets={"feeders": ["south"]}, rehearse=True)
    only_far = (await here.operator.post("/api/v1/dispatches", json=of_south)).json()

    homes = await here.homes_of(capped["id"])
    assert {ven_id: row["called_kw"] for ven_id, row in homes.items()} == {"cheap": [1.5], "far": [2.5]}
    assert only_far["counts"] == {"called": 0, "dropped": 0, "left_out": 1}


async def test_half_hours_exclude_each_other_so_that_a_home_gives_the_energy_of_one(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    for ven_id in ("home-1", "home-2"):
        await here.offer(ven_id, 2.0)

    dispatch = await here.dispatch([2.0, 2.0], duration_minutes=60)

    homes = await here.homes_of(dispatch["id"])
    assert all(sum(row["called_kw"]) <= 2.0 for row in homes.values())
    assert sum(dispatch["called_kw"]) == pytest.approx(4.0)


async def test_an_offer_that_is_too_old_is_none(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0, ago=timedelta(hours=2, minutes=1))

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(1.0))

    assert problem(answer) == (409, "nobody-to-call")


async def test_a_rehearsal_tells_who_would_be_called_and_sends_nothing(hub: Running) -> None:
    here = await priced(hub)

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(3.0, rehearse=True))

    assert answer.status_code == 200
    assert answer.json()["id"] is None
    assert answer.json()["counts"]["called"] == 2
    assert await here.told() == []


NEEDS_THAT_CANNOT_BE: Final[list[dict[str, Any]]] = [
    {"need_kw": -1.0},
    {"need_kw": 1e9},
    {"need_kw": "NaN"},
    {"need_kw": True},
    {"need_kw": "1.0"},
    {"need_kw": [True]},
    {"duration_minutes": True, "interval_minutes": True},
    {"duration_minutes": "30"},
    {"need_kw": [1.0, 1.0, 1.0], "duration_minutes": 31},
    {"duration_minutes": 0},
    {"interval_minutes": 7},
    {"start": "2026-11-29T12:30:00"},
    {"start": "2026-11-28T12:00:00Z"},
    {"start": "2027-01-29T12:00:00Z"},
    {"direction": "sideways"},
    {"targets": {"feeder": ["north"]}},
    {"targets": {"feeders": ["'; DROP TABLE homes; --"]}},
    {"price_per_kwh": "-0.10"},
    {"currency": "euros"},
    {"unknown": 1},
]


async def test_a_need_that_cannot_be_is_refused_and_nothing_is_stored(hub: Running) -> None:
    here = await priced(hub)

    for wrong in NEEDS_THAT_CANNOT_BE:
        answer = await here.operator.post("/api/v1/dispatches", json=here.need(1.0) | wrong)

        assert answer.status_code == 400, wrong
        assert problem(answer)[1] in {"invalid-request", "wrong-time"}

    assert (await here.operator.get("/api/v1/dispatches")).json() == []


async def test_a_dispatch_of_no_programme_is_refused(hub: Running) -> None:
    here = await priced(hub)

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(1.0, program_id="none"))

    assert problem(answer) == (409, "no-such-program")


async def test_a_dispatch_that_is_cancelled_takes_its_events_back(hub: Running) -> None:
    here = await priced(hub)
    dispatch = await here.dispatch(1.0)

    answer = await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")

    assert answer.json()["state"] == "cancelled"
    assert [topic for topic, _ in await here.told()] == ["cheap/events/create", "cheap/events/delete"]
    again = await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")
    assert problem(again) == (409, "dispatch-over")


@pytest.mark.parametrize("act", ["ends", "narrows", "leaves"])
async def test_who_does_not_consent_any_more_is_told_that_their_event_is_deleted(
    hub: Running, act: str
) -> None:
    here = await priced(hub)
    await here.dispatch(2.0)
    [(_, event)] = await here.told()
    [consent] = (await here.household.get("/api/v1/homes/cheap/consents")).json()

    path = f"/api/v1/consents/{consent['id']}"
    match act:
        case "ends":
            await here.household.post(f"{path}/end")
        case "narrows":
            until = (hub.clock() + timedelta(minutes=45)).isoformat()
            await here.household.post(f"{path}/narrow", json={"valid_until": until})
        case _:
            await here.household.post("/api/v1/account/leave", json={"password": PASSWORD})

    assert [(topic, told["id"]) for topic, told in await here.told()] == [
        ("cheap/events/create", event["id"]),
        ("cheap/events/delete", event["id"]),
    ]


async def test_a_consent_that_stays_long_enough_takes_no_event_back(hub: Running) -> None:
    here = await priced(hub)
    await here.dispatch(2.0)
    [consent] = (await here.household.get("/api/v1/homes/cheap/consents")).json()
    [other] = (await here.household.get("/api/v1/homes/fair/consents")).json()

    until = (hub.clock() + timedelta(hours=1)).isoformat()
    await here.household.post(f"/api/v1/consents/{consent['id']}/narrow", json={"valid_until": until})
    await here.household.post(f"/api/v1/consents/{other['id']}/end")

    assert [topic for topic, _ in await here.told()] == ["cheap/events/create"]


async def test_a_household_sees_dispatches_of_its_own_homes_alone(hub: Running) -> None:
    here = await priced(hub)
    hugo = await hub.person(here.operator, "household", "Hugo")
    dispatch = await here.dispatch(3.0)

    path = f"/api/v1/dispatches/{dispatch['id']}"
    own = (await here.household.get(f"{path}/homes")).json()
    assert [row["ven_id"] for row in own] == ["cheap", "fair"]
    assert problem(await hugo.get(path)) == (404, "no-such-dispatch")
    assert (await hugo.get("/api/v1/dispatches")).json() == []


async def test_a_household_does_not_see_which_other_homes_were_meant(hub: Running) -> None:
    here = await priced(hub)
    await made(
        here.operator,
        "/api/v1/homes",
        {
            "ven_id": "nina",
            "name": "Nina",
            "owner_id": await person_id(await hub.person(here.operator, "household", "Nina")),
        },
    )
    dispatch = await here.dispatch(3.0, targets={"ven_ids": ["cheap", "fair", "nina"]})

    path = "/api/v1/dispatches"
    for told in (
        (await here.household.get(path)).json()[0],
        (await here.household.get(f"{path}/{dispatch['id']}")).json(),
    ):
        assert told["targets"]["ven_ids"] == ["cheap", "fair"]
    assert (await here.operator.get(path)).json()[0]["targets"]["ven_ids"] == ["cheap", "fair", "nina"]


async def test_a_start_with_another_offset_than_utc_is_the_same_moment(hub: Running) -> None:
    here = await priced(hub)
    start = datetime.fromisoformat(here.need(3.0)["start"]).astimezone(timezone(timedelta(hours=1)))

    dispatch = await here.dispatch(3.0, start=start.isoformat())

    assert datetime.fromisoformat(dispatch["start"]) == start


@pytest.mark.parametrize(
    ("role", "reads", "makes"),
    [
        ("aggregator", True, True),
        ("auditor", True, False),
        ("grid_operator", False, False),
        ("household", True, False),
    ],
)
async def test_who_may_dispatch(hub: Running, role: str, reads: bool, makes: bool) -> None:
    here = await priced(hub)
    otto = await hub.person(here.operator, role, "Otto")

    read = await otto.get("/api/v1/dispatches")
    asked = await otto.post("/api/v1/dispatches", json=here.need(1.0))

    assert (read.status_code == 200, asked.status_code == 201) == (reads, makes)
    assert len(await here.told()) == makes


async def test_a_dispatch_carries_the_correlation_of_its_request_into_the_audit_log(hub: Running) -> None:
    here = await priced(hub)

    answer = await here.operator.post(
        "/api/v1/dispatches", json=here.need(1.0), headers={"X-Correlation-ID": "evening-1"}
    )

    assert answer.json()["correlation_id"] == "evening-1"
    [act] = await here.acts("dispatch.make")
    assert act["details"]["correlation_id"] == "evening-1"
    assert act["object"] == answer.json()["id"]
