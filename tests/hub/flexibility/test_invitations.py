"""Homes are invited, residents answer and nobody else; who said yes is called for what they promised."""

from datetime import timedelta
from typing import Any, Final

import pytest

from ..running import Running, made, person_id, problem
from .communities import Flexible, flexible


def invitation(here: Flexible, **changed: Any) -> dict[str, Any]:
    """Return an invitation to 3 kWh in an hour, two hours from now."""
    return {
        "program_id": here.program_id,
        "event_time": (here.hub.clock() + timedelta(hours=2)).isoformat(),
        "load_kwh": 3.0,
        "duration_minutes": 60,
    } | changed


async def invited(here: Flexible, **changed: Any) -> Any:
    return await made(here.operator, "/api/v1/invitations", invitation(here, **changed))


async def say(here: Flexible, invitation_id: str, ven_id: str, **said: Any) -> Any:
    return await here.household.put(f"/api/v1/invitations/{invitation_id}/answers/{ven_id}", json=said)


async def answers(here: Flexible, invitation_id: str) -> dict[str, Any]:
    rows = (await here.operator.get(f"/api/v1/invitations/{invitation_id}/answers")).json()
    return {row["ven_id"]: row for row in rows}


async def test_an_invitation_asks_each_home_for_its_part_and_waits_for_its_resident(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2", "home-3")
    await here.join("stranger", consents=False)

    made_ = await invited(here, load_kwh=3.001)

    assert made_["counts"] == {"asked": 3, "unanswered": 3, "yes": 0, "partly": 0, "no": 0}
    rows = await answers(here, made_["id"])
    assert sorted(row["asked_kwh"] for row in rows.values()) == [1.0, 1.0, 1.001]
    assert {(row["state"], row["answered_by"]) for row in rows.values()} == {("unanswered", None)}
    assert await here.told() == []


async def test_residents_answer_yes_no_and_partly_and_may_think_better_of_it(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2", "home-3")
    made_ = await invited(here)

    await say(here, made_["id"], "home-1", answer="no")
    await say(here, made_["id"], "home-1", answer="yes")
    await say(here, made_["id"], "home-2", answer="partly", promised_kwh=0.4)

    told = (await here.operator.get(f"/api/v1/invitations/{made_['id']}")).json()
    assert told["counts"] == {"asked": 3, "unanswered": 1, "yes": 1, "partly": 1, "no": 0}
    assert told["promised_kwh"] == 1.4
    rows = await answers(here, made_["id"])
    assert [(row["ven_id"], row["rank"]) for row in rows.values()] == [
        ("home-1", 0),
        ("home-2", 1),
        ("home-3", 2),
    ]
    assert rows["home-1"]["answered_by"] == "resident"
    assert len(await here.acts("invitation.answer")) == 3


async def test_a_residents_rule_answers_by_itself_and_that_is_shown(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2", "home-3", "home-4")
    rules = {
        "home-1": {"answer": "yes"},
        "home-2": {"answer": "yes", "most_kwh": 0.5},
        "home-3": {"answer": "no"},
        "home-4": {"answer": "ask"},
    }
    for ven_id, rule in rules.items():
        path = f"/api/v1/homes/{ven_id}/answer-rules/{here.program_id}"
        assert (await here.household.put(path, json=rule)).status_code == 200

    rows = await answers(here, (await invited(here, load_kwh=4.0))["id"])

    assert {
        ven_id: (row["state"], row["promised_kwh"], row["answered_by"]) for ven_id, row in rows.items()
    } == {
        "home-1": ("yes", 1.0, "rule"),
        "home-2": ("partly", 0.5, "rule"),
        "home-3": ("no", 0.0, "rule"),
        "home-4": ("unanswered", 0.0, None),
    }


async def test_a_rule_of_less_than_a_watt_hour_is_none_and_not_a_rule_without_a_bound(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    path = f"/api/v1/homes/home-1/answer-rules/{here.program_id}"

    answer = await here.household.put(path, json={"answer": "yes", "most_kwh": 0.0004})

    assert problem(answer) == (400, "invalid-request")
    assert (await answers(here, (await invited(here))["id"]))["home-1"]["state"] == "unanswered"


async def test_a_household_does_not_see_who_else_was_invited_and_said_yes(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    nina = await hub.person(here.operator, "household", "Nina")
    home = {"ven_id": "home-2", "name": "Nina's", "owner_id": await person_id(nina)}
    await made(here.operator, "/api/v1/homes", home)
    until = (hub.clock() + timedelta(days=9)).isoformat()
    agreed = {"program_id": here.program_id, "valid_until": until, "text": "Yes."}
    await made(nina, "/api/v1/homes/home-2/consents", agreed)
    made_ = await invited(here, targets={"ven_ids": ["home-1", "home-2"]})
    await say(here, made_["id"], "home-1", answer="yes")
    await nina.put(f"/api/v1/invitations/{made_['id']}/answers/home-2", json={"answer": "yes"})
    dispatch = await made(here.operator, f"/api/v1/invitations/{made_['id']}/dispatch", {})

    for path in (f"invitations/{made_['id']}", "invitations", f"dispatches/{dispatch['id']}", "dispatches"):
        told = (await nina.get(f"/api/v1/{path}")).text
        assert "home-2" in told, path
        assert "home-1" not in told, path


@pytest.mark.parametrize("role", ["operator", "aggregator", "auditor", "household"])
async def test_nobody_answers_for_another_or_makes_their_rule(hub: Running, role: str) -> None:
    here = await flexible(hub, "home-1")
    made_ = await invited(here)
    otto = await hub.person(here.operator, role, "Otto")

    answer = await otto.put(f"/api/v1/invitations/{made_['id']}/answers/home-1", json={"answer": "yes"})
    rule = await otto.put(f"/api/v1/homes/home-1/answer-rules/{here.program_id}", json={"answer": "yes"})

    assert (problem(answer), problem(rule)) == ((404, "no-such-home"), (404, "no-such-home"))
    assert (await answers(here, made_["id"]))["home-1"]["state"] == "unanswered"


async def test_those_that_nobody_answered_are_listed_and_no_others(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    waiting, answered, withdrawn = [(await invited(here))["id"] for _ in range(3)]
    await say(here, answered, "home-1", answer="no")
    await here.operator.post(f"/api/v1/invitations/{withdrawn}/withdraw")

    for who in (here.operator, here.household):
        found = (await who.get("/api/v1/invitations", params={"state": "unanswered"})).json()
        assert [each["id"] for each in found] == [waiting]
    hub.clock.go_on(hours=2)
    assert (await here.operator.get("/api/v1/invitations", params={"state": "unanswered"})).json() == []
    over = (await here.operator.get("/api/v1/invitations", params={"state": "over"})).json()
    assert {each["id"] for each in over} == {waiting, answered}


async def test_who_said_yes_is_called_for_what_they_promised(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2", "home-3")
    made_ = await invited(here)
    await say(here, made_["id"], "home-1", answer="yes")
    await say(here, made_["id"], "home-2", answer="partly", promised_kwh=0.4)

    dispatch = await made(
        here.operator, f"/api/v1/invitations/{made_['id']}/dispatch", {"price_per_kwh": "0.30"}
    )

    homes = await here.homes_of(dispatch["id"])
    assert {ven_id: row["called_kw"] for ven_id, row in homes.items()} == {"home-1": [1.0], "home-2": [0.4]}
    assert (dispatch["need_kw"], dispatch["short_kw"], dispatch["invitation_id"]) == (
        [3.0],
        [1.6],
        made_["id"],
    )
    assert [topic for topic, _ in await here.told()] == ["home-1/events/create", "home-2/events/create"]
    told = (await here.operator.get(f"/api/v1/invitations/{made_['id']}")).json()
    assert (told["state"], told["dispatch_id"]) == ("dispatched", dispatch["id"])


async def test_a_consent_that_ended_after_the_answer_is_not_called(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    made_ = await invited(here)
    for ven_id in ("home-1", "home-2"):
        await say(here, made_["id"], ven_id, answer="yes")
    [consent] = (await here.household.get("/api/v1/homes/home-1/consents")).json()
    await here.household.post(f"/api/v1/consents/{consent['id']}/end")

    dispatch = await made(here.operator, f"/api/v1/invitations/{made_['id']}/dispatch", {})

    assert list(await here.homes_of(dispatch["id"])) == ["home-2"]
    assert (await here.homes_of(dispatch["id"], "left_out"))["home-1"]["reason"] == "no_consent"


async def test_an_invitation_that_nobody_accepted_calls_nobody(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    made_ = await invited(here)

    answer = await here.operator.post(f"/api/v1/invitations/{made_['id']}/dispatch", json={})

    assert problem(answer) == (409, "nobody-said-yes")
    assert await here.told() == []


async def test_an_answer_after_its_time_or_for_too_much_is_refused(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    made_ = await invited(here, answer_by=(hub.clock() + timedelta(hours=1)).isoformat())

    too_much = await say(here, made_["id"], "home-1", answer="partly", promised_kwh=3.1)
    without = await say(here, made_["id"], "home-1", answer="partly")
    hub.clock.go_on(hours=1)
    late = await say(here, made_["id"], "home-1", answer="yes")

    assert problem(too_much) == (400, "too-much")
    assert problem(without) == (400, "invalid-request")
    assert problem(late) == (409, "invitation-closed")
    assert (await answers(here, made_["id"]))["home-1"]["state"] == "unanswered"


async def test_homes_whose_consent_is_for_other_devices_are_not_asked(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.consent("home-1", here.program_id, devices=["battery"])
    await here.join("home-2")

    made_ = await invited(here, devices=["car"])

    assert list(await answers(here, made_["id"])) == ["home-2"]


async def test_a_home_that_consents_with_a_device_is_called_for_that_device_alone(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    await here.consent("home-1", here.program_id, devices=["battery", "boiler"])
    made_ = await invited(here, devices=["battery", "car"])
    for ven_id in ("home-1", "home-2"):
        await say(here, made_["id"], ven_id, answer="yes")

    await made(here.operator, f"/api/v1/invitations/{made_['id']}/dispatch", {})

    assert {topic: event["targets"] for topic, event in await here.told()} == {
        "home-1/events/create": ["battery"],
        "home-2/events/create": ["home-2"],
    }


async def test_an_invitation_of_whole_homes_asks_none_that_consents_with_single_devices(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    await here.consent("home-1", here.program_id, devices=["battery"])

    assert list(await answers(here, (await invited(here))["id"])) == ["home-2"]


WRONG: Final[list[dict[str, Any]]] = [
    {"load_kwh": 0},
    {"load_kwh": True},
    {"load_kwh": "Infinity"},
    {"duration_minutes": -5},
    {"event_time": "2026-11-28T12:00:00Z"},
    {"answer_by": "2026-11-29T18:00:00Z"},
    {"devices": ["a\u0000b"]},
    {"load_kwh": 0.0004},
    {"answer_by": "0001-01-01T00:00:00+14:00"},
]


async def test_an_invitation_that_cannot_be_is_refused(hub: Running) -> None:
    here = await flexible(hub, "home-1")

    for wrong in WRONG:
        answer = await here.operator.post("/api/v1/invitations", json=invitation(here) | wrong)

        assert answer.status_code == 400, wrong

    assert (await here.operator.get("/api/v1/invitations")).json() == []
