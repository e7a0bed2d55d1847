"""What an operator asks of a home of their own is an event that it obeys or refuses by its own order."""

from typing import Any, Final

import pytest

from custom_components.home_flex.core.events.model import PayloadType
from custom_components.home_flex.core.events.refusal import Refusal, RefusalReason
from tests.asyncapi import validate
from tests.core.events.samples import read_event

from ..running import Running, made, problem
from .communities import HALF_HOUR, Flexible, flexible


def path(request_id: str = "") -> str:
    return f"/api/v1/homes/home-1/requests{'/' if request_id else ''}{request_id}"


async def ask(here: Flexible, **body: Any) -> Any:
    asked = {"program_id": here.program_id, "duration_minutes": 30} | body
    return await made(here.operator, path(), asked)


ASKED = [
    ({"kind": "battery_power", "power_kw": 2.5}, [(PayloadType.DISPATCH_SETPOINT_RELATIVE, 2500.0)]),
    ({"kind": "battery_power", "power_kw": -2.5}, [(PayloadType.DISPATCH_SETPOINT_RELATIVE, -2500.0)]),
    (
        {"kind": "battery_power", "power_kw": -2.5, "group": "batteries"},
        [(PayloadType.DISPATCH_SETPOINT, -2500.0)],
    ),
    ({"kind": "charge_state", "level": 0.8}, [(PayloadType.CHARGE_STATE_SETPOINT, 0.8)]),
    ({"kind": "setpoint", "power_kw": 1.0}, [(PayloadType.DISPATCH_SETPOINT, 1000.0)]),
    (
        {"kind": "power_limit", "import_kw": 4.0, "export_kw": 0.0},
        [(PayloadType.IMPORT_CAPACITY_LIMIT, 4000.0), (PayloadType.EXPORT_CAPACITY_LIMIT, 0.0)],
    ),
    ({"kind": "optimise"}, [(PayloadType.SIMPLE, 0.0)]),
]


@pytest.mark.parametrize(("asked", "read"), ASKED, ids=[str(asked) for asked, _ in ASKED])
async def test_each_kind_of_request_is_an_event_that_homes_read(
    hub: Running, asked: dict[str, Any], read: list[tuple[PayloadType, float]]
) -> None:
    here = await flexible(hub, "home-1")

    request = await ask(here, **asked)

    [(topic, event)] = await here.told()
    assert topic == "home-1/events/create"
    validate("events/create", {"objectType": "EVENT", "operation": "CREATE", "object": event})
    [interval] = read_event(event, now=hub.clock(), group_ids=frozenset({"batteries"})).intervals
    assert [(payload.type, payload.value) for payload in interval.payloads] == read
    assert (request["state"], request["event_id"]) == ("sent", event["id"])


async def test_a_schedule_is_one_event_of_several_intervals(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    steps = [{"duration_minutes": 15, "power_kw": 2.0}, {"duration_minutes": 30, "power_kw": -1.0}]
    body = {"program_id": here.program_id, "kind": "schedule", "steps": steps}

    request = await made(here.operator, path(), body)

    [(_, event)] = await here.told()
    periods = [interval["intervalPeriod"] for interval in event["intervals"]]
    assert [(each["start"], each["duration"]) for each in periods] == [
        ("2026-11-29T12:00:00Z", "PT900S"),
        ("2026-11-29T12:15:00Z", "PT1800S"),
    ]
    assert request["end"] == "2026-11-29T12:45:00Z"


@pytest.mark.parametrize(
    ("name", "values", "state", "reason"),
    [
        ("acknowledgement", {"ACK": True, "INSTRUCTION_STATUS": "ACCEPTED"}, "accepted", None),
        (
            "refusal",
            {"ACK": False, "INSTRUCTION_STATUS": "REJECTED", "REASON": "not_possible"},
            "refused",
            "not_possible",
        ),
        (
            "acknowledgement",
            {"INSTRUCTION_STATUS": "ACCEPTED", "OPERATING_STATE": "IDLE_OPTED_OUT", "REASON": "quiet_hours"},
            "asked",
            "quiet_hours",
        ),
        (
            "status",
            {"INSTRUCTION_STATUS": "STARTED", "OPERATING_STATE": "RUNNING_OPTED_OUT", "REASON": "opted_out"},
            "refused",
            "opted_out",
        ),
        ("status", {"INSTRUCTION_STATUS": "STARTED"}, "running", None),
        ("status", {"INSTRUCTION_STATUS": "SUCCEEDED"}, "done", None),
    ],
)
async def test_what_becomes_of_a_request_is_what_the_home_says(
    hub: Running, name: str, values: dict[str, Any], state: str, reason: str | None
) -> None:
    here = await flexible(hub, "home-1")
    request = await ask(here, kind="setpoint", power_kw=1.0)

    await here.say("home-1", request["event_id"], name, values)

    told = (await here.operator.get(path(request["id"]))).json()
    assert (told["state"], told["reason"]) == (state, reason)


async def test_without_consent_nothing_is_asked_of_a_home(hub: Running) -> None:
    here = await flexible(hub)
    await here.join("home-1", consents=False)
    body = {"program_id": here.program_id, "kind": "setpoint", "power_kw": 1.0, "duration_minutes": 30}

    assert problem(await here.operator.post(path(), json=body)) == (403, "no-consent")
    assert await here.told() == []


async def test_a_consent_for_some_devices_is_none_for_the_whole_home(hub: Running) -> None:
    here = await flexible(hub)
    await here.join("home-1", consents=False)
    await here.consent("home-1", here.program_id, devices=["battery"])
    body = {"program_id": here.program_id, "kind": "setpoint", "power_kw": 1.0, "duration_minutes": 30}

    whole = await here.operator.post(path(), json=body)
    other = await here.operator.post(path(), json=body | {"group": "cars"})
    group = await here.operator.post(path(), json=body | {"group": "battery"})

    assert [problem(answer) for answer in (whole, other)] == [(403, "no-consent")] * 2
    assert group.status_code == 201
    [(_, event)] = await here.told()
    assert event["targets"] == ["battery"]


async def test_a_home_without_the_group_refuses_what_is_asked_of_it_alone(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await ask(here, kind="setpoint", power_kw=1.0, group="battery")

    [(_, event)] = await here.told()
    with pytest.raises(Refusal) as refused:
        read_event(event, now=hub.clock(), group_ids=frozenset({"cars"}))
    assert refused.value.reason is RefusalReason.NOT_FOR_THIS_VEN


async def test_a_home_that_is_called_by_an_aggregator_is_not_asked_for_something_else(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    own = await made(here.operator, "/api/v1/programs", {"name": "own building"})
    await here.consent("home-1", own["id"])
    await here.dispatch(1.0)
    start = (hub.clock() + HALF_HOUR).isoformat()
    body = {"kind": "battery_power", "power_kw": 2.0, "duration_minutes": 30, "start": start}

    answer = await here.operator.post(path(), json={"program_id": own["id"]} | body)

    assert problem(answer) == (409, "called-the-other-way")


async def test_a_request_that_is_withdrawn_is_deleted_in_the_home(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    request = await ask(here, kind="setpoint", power_kw=1.0)

    answer = await here.operator.post(f"{path(request['id'])}/withdraw")

    assert answer.json()["state"] == "withdrawn"
    assert [topic for topic, _ in await here.told()] == ["home-1/events/create", "home-1/events/delete"]


@pytest.mark.parametrize("role", ["aggregator", "grid_operator", "household", "auditor"])
async def test_only_an_operator_asks_single_homes(hub: Running, role: str) -> None:
    here = await flexible(hub, "home-1")
    otto = await hub.person(here.operator, role, "Otto")
    body = {"program_id": here.program_id, "kind": "setpoint", "power_kw": 1.0, "duration_minutes": 30}

    assert (await otto.post(path(), json=body)).status_code in {403, 404}
    assert await here.told() == []


async def test_a_resident_reads_what_was_asked_of_the_own_home(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    hugo = await hub.person(here.operator, "household", "Hugo")
    request = await ask(here, kind="setpoint", power_kw=1.0)

    assert [each["id"] for each in (await here.household.get(path())).json()] == [request["id"]]
    assert problem(await hugo.get(path())) == (404, "no-such-home")


WRONG: Final[list[dict[str, Any]]] = [
    {"kind": "explode"},
    {"kind": "battery_power", "power_kw": "NaN"},
    {"kind": "battery_power", "power_kw": 1e6},
    {"kind": "battery_power", "power_kw": True},
    {"kind": "charge_state", "level": 1.1},
    {"kind": "charge_state", "level": True},
    {"kind": "power_limit"},
    {"kind": "setpoint", "power_kw": 1.0, "start": "2026-11-28T12:00:00Z"},
    {"kind": "setpoint", "power_kw": 1.0, "group": "a b"},
    {"kind": "schedule", "steps": []},
]


async def test_a_request_that_cannot_be_is_refused(hub: Running) -> None:
    here = await flexible(hub, "home-1")

    for wrong in WRONG:
        answer = await here.operator.post(
            path(), json={"program_id": here.program_id, "duration_minutes": 30} | wrong
        )

        assert answer.status_code == 400, wrong

    assert await here.told() == []
