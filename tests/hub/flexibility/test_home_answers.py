"""Homes hear over the broker what they are invited to, and what they say themselves is kept exactly once."""

import json
from datetime import datetime, timedelta
from typing import Any

from community_hub.store.tables import Home, RefusedReports
from community_hub.wire.intake import Intake
from community_hub.wire.leading import Leading
from community_hub.wire.mqtt5 import Message
from sqlalchemy import select

from tests.asyncapi import validate

from ..running import Running, made, problem
from .communities import PREFIX, Flexible, flexible
from .test_invitations import answers, invited, say


async def intake(here: Flexible) -> Intake:
    leading = Leading(store=here.hub.store, holder="worker-1", lease_s=0)
    await leading.wait()
    return Intake(store=here.hub.store, leading=leading, prefix=PREFIX, clock=here.hub.clock)


async def said(here: Flexible, *documents: Any, ven_id: str = "home-1") -> list[str]:
    """Let a home send answers at once; return the verdicts on them."""
    messages = [
        Message(
            f"{PREFIX}/vens/{ven_id}/invitations/answer",
            each if isinstance(each, bytes) else json.dumps(each).encode(),
            1,
            (),
        )
        for each in documents
    ]
    verdicts = []
    for publication in await (await intake(here)).judge(messages):
        assert publication.topic == f"{PREFIX}/vens/{ven_id}/invitations/received"
        told = json.loads(publication.payload)
        validate("invitations/received", told)
        verdicts.append(told["verdict"])
    return verdicts


def word(invitation_id: str, at: datetime, said: str = "YES", promised_wh: int = 1000, **more: Any) -> Any:
    document = {
        "objectType": "INVITATION_ANSWER",
        "version": 1,
        "invitationID": invitation_id,
        "said": said,
        "promisedWh": promised_wh,
        "answeredBy": "RESIDENT",
        "saidAt": at.isoformat(),
    }
    return document | more


async def kept(here: Flexible, invitation_id: str, ven_id: str = "home-1") -> tuple[str, float, str | None]:
    row = (await answers(here, invitation_id))[ven_id]
    return row["state"], row["promised_kwh"], row["answered_by"]


async def test_each_home_is_told_what_it_is_asked_and_what_that_pays(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    answer_by = (hub.clock() + timedelta(hours=1)).isoformat()

    made_ = await invited(here, load_kwh=3.0, price_per_kwh="0.25", answer_by=answer_by)

    told = dict(await here.told_invitations())
    assert list(told) == ["home-1", "home-2"]
    for each in told.values():
        validate("invitations/told", each)
    start = hub.clock() + timedelta(hours=2)
    assert told["home-1"] == {
        "objectType": "INVITATION",
        "version": 1,
        "id": made_["id"],
        "programID": here.program_id,
        "modificationDateTime": "2026-11-29T12:00:00Z",
        "state": "OPEN",
        "start": start.isoformat().replace("+00:00", "Z"),
        "end": "2026-11-29T15:00:00Z",
        "askedWh": 1500,
        "direction": "LESS",
        "devices": [],
        "answerBy": "2026-11-29T13:00:00Z",
        "pays": {"perKWh": "0.25", "currency": "EUR"},
    }
    assert (made_["price_per_kwh"], made_["currency"]) == ("0.25", "EUR")


async def test_an_answer_of_a_home_is_shown_like_one_by_web_and_kept_once(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    id_ = (await invited(here, load_kwh=1.0))["id"]
    yes = word(id_, hub.clock())

    assert await said(here, yes, yes) == ["TAKEN", "TAKEN"]
    hub.clock.go_on(minutes=1)
    assert await said(here, yes) == ["TAKEN"]

    assert await kept(here, id_) == ("yes", 1.0, "resident")
    [act] = await here.acts("invitation.answer")
    assert (act["actor"], act["details"]["ven_id"], act["details"]["answer"]) == ("home-1", "home-1", "yes")
    assert (await here.operator.get(f"/api/v1/invitations/{id_}")).json()["counts"]["yes"] == 1


async def test_of_several_answers_the_one_that_was_said_last_counts_in_whatever_order_they_come(
    hub: Running,
) -> None:
    here = await flexible(hub, "home-1")
    id_ = (await invited(here, load_kwh=1.0))["id"]
    first, second = hub.clock(), hub.clock() + timedelta(minutes=1)

    verdicts = await said(here, word(id_, second, "PARTLY", 400), word(id_, first))

    assert verdicts == ["TAKEN", "SUPERSEDED"]
    assert await kept(here, id_) == ("partly", 0.4, "resident")


async def test_a_rule_at_home_answers_as_a_rule_and_never_over_the_resident(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    id_ = (await invited(here, load_kwh=2.0))["id"]
    await say(here, id_, "home-2", answer="no")
    later = hub.clock() + timedelta(minutes=1)
    by_rule = word(id_, later, answeredBy="RULE")

    assert await said(here, by_rule) == ["TAKEN"]
    assert await said(here, by_rule, ven_id="home-2") == ["SUPERSEDED"]

    assert await kept(here, id_) == ("yes", 1.0, "rule")
    assert await kept(here, id_, "home-2") == ("no", 0.0, "resident")


async def test_what_is_said_by_web_is_told_at_home_and_is_the_later_word(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    id_ = (await invited(here, load_kwh=1.0))["id"]
    ahead = hub.clock() + timedelta(minutes=30)
    await said(here, word(id_, ahead))
    hub.clock.go_on(minutes=5)

    await say(here, id_, "home-1", answer="no")

    _, told = (await here.told_invitations())[-1]
    assert (told["answer"]["said"], told["answer"]["answeredBy"]) == ("NO", "RESIDENT")
    assert datetime.fromisoformat(told["answer"]["saidAt"]) > ahead
    assert told["modificationDateTime"] == "2026-11-29T12:05:00Z"
    assert await said(here, word(id_, ahead)) == ["SUPERSEDED"]
    assert await kept(here, id_) == ("no", 0.0, "resident")


async def test_what_comes_too_late_or_to_nothing_changes_nothing_and_says_so(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    answer_by = (hub.clock() + timedelta(hours=1)).isoformat()
    id_ = (await invited(here, load_kwh=2.0, answer_by=answer_by))["id"]
    other = (await invited(here, load_kwh=2.0))["id"]
    taken = word(id_, hub.clock())
    await said(here, taken)
    await here.operator.post(f"/api/v1/invitations/{other}/withdraw")
    now = hub.clock() + timedelta(seconds=1)

    assert await said(here, word("another", now), word(other, now)) == ["UNKNOWN", "CLOSED"]
    assert await said(here, word(id_, now, promised_wh=1001)) == ["TOO_MUCH"]
    hub.clock.go_on(hours=1)
    assert await said(here, taken, word(id_, now, "NO", 0)) == ["TAKEN", "CLOSED"]
    assert await said(here, word(id_, now), ven_id="home-2") == ["CLOSED"]

    assert await kept(here, id_) == ("yes", 1.0, "resident")
    assert await kept(here, id_, "home-2") == ("unanswered", 0.0, None)
    assert await kept(here, other) == ("unanswered", 0.0, None)


async def test_what_cannot_be_read_and_who_is_not_known_is_counted_and_keeps_nobody_out(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    id_ = (await invited(here, load_kwh=1.0))["id"]
    now = hub.clock()
    wrong = [b"", b"[" * 5000, {}, word(id_, now) | {"version": 2}, word(id_, now) | {"promisedWh": "NaN"}]

    assert await said(here, *wrong, word(id_, now)) == ["TAKEN"]
    assert await said(here, word(id_, now), ven_id="stranger") == []
    async with hub.store.writing() as session:
        (await session.get_one(Home, "home-1")).state = "leaving"
    assert await said(here, word(id_, now + timedelta(minutes=1), "NO", 0)) == []

    async with hub.store.reading() as session:
        rows = await session.scalars(select(RefusedReports))
        counted = {(row.ven_id, row.reason): row.times for row in rows}
    assert counted == {
        ("home-1", "wrong_answer"): len(wrong),
        ("stranger", "unknown_home"): 1,
        ("home-1", "unknown_home"): 1,
    }
    assert await kept(here, id_) == ("yes", 1.0, "resident")


async def test_who_said_yes_is_called_for_no_less_pay_than_was_told_and_hears_by_which_event(
    hub: Running,
) -> None:
    here = await flexible(hub, "home-1", "home-2")
    id_ = (await invited(here, load_kwh=2.0, price_per_kwh="0.25"))["id"]
    await said(here, word(id_, hub.clock()))
    hub.clock.go_on(minutes=1)

    less = {"price_per_kwh": "0.24"}
    refused = await here.operator.post(f"/api/v1/invitations/{id_}/dispatch", json=less)
    assert problem(refused) == (400, "less-than-told")
    dispatch = await made(here.operator, f"/api/v1/invitations/{id_}/dispatch", {})

    assert dispatch["price_per_kwh"] == "0.25"
    [(_, event)] = await here.told()
    told = dict(await here.told_invitations())
    assert {ven_id: each["state"] for ven_id, each in told.items()} == {
        "home-1": "DISPATCHED",
        "home-2": "DISPATCHED",
    }
    assert (told["home-1"]["eventID"], "eventID" in told["home-2"]) == (event["id"], False)


async def test_a_home_that_asks_for_its_events_is_told_its_invitations_again(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    id_ = (await invited(here, load_kwh=2.0))["id"]
    gone = (await invited(here, load_kwh=2.0, targets={"ven_ids": ["home-1"]}))["id"]
    hub.clock.go_on(minutes=1)
    await here.operator.post(f"/api/v1/invitations/{gone}/withdraw")
    request = Message(f"{PREFIX}/vens/home-1/events/request", b'{"correlation": "c-1"}', 1, ())

    told = await (await intake(here)).answer([request])

    assert [each.topic.removeprefix(f"{PREFIX}/vens/") for each in told] == [
        "home-1/events/response",
        "home-1/invitations/told",
        "home-1/invitations/told",
    ]
    again = {each["id"]: each for each in (json.loads(each.payload) for each in told[1:])}
    assert {key: each["state"] for key, each in again.items()} == {id_: "OPEN", gone: "WITHDRAWN"}
    before = {each["id"]: each for ven_id, each in await here.told_invitations() if ven_id == "home-1"}
    assert again == before
    hub.clock.go_on(hours=2)
    assert len(await (await intake(here)).answer([request])) == 1
