"""A dispatch of many homes is committed first, and their events are written part after part."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

import pytest
from community_hub.flexibility import calls_in_parts
from community_hub.flexibility.calls_in_parts import issue_waiting
from community_hub.flexibility.routes import dispatches
from community_hub.openadr.issuing import Issuing
from community_hub.wire.leading import Leading
from community_hub.wire.outbox import OutboxSender

from ..running import Running
from ..wire.test_outbox import BrokerOfTest
from .communities import Flexible, flexible

HOMES = tuple(f"home-{number}" for number in range(5))


class KilledError(Exception):
    """The hub ends here."""


@pytest.fixture(autouse=True)
def parts_of_two_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_in_parts, "PART", 2)


@pytest.fixture
def killed_after_the_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def killed(_issuing: Issuing, _dispatch_id: str) -> None:
        """Do nothing, as a hub does that is no more."""

    monkeypatch.setattr(dispatches, "hurry", killed)


async def community(hub: Running) -> Flexible:
    here = await flexible(hub, *HOMES)
    for ven_id in HOMES:
        await here.offer(ven_id, 2.0, price=0.1)
    return here


def issuing_of(hub: Running) -> Issuing:
    return cast("Issuing", hub.app.state.issuing)


async def called(here: Flexible) -> Counter[str]:
    """Return how often each home is told of a call, by events that are no others."""
    told = await here.told()
    assert len({event["id"] for _, event in told}) == len(told)
    return Counter(topic.removesuffix("/events/create") for topic, _ in told)


async def test_all_homes_have_their_events_when_the_dispatch_is_told(hub: Running) -> None:
    here = await community(hub)

    dispatch = await here.dispatch(10.0)

    assert await called(here) == dict.fromkeys(HOMES, 1)
    homes = await here.homes_of(dispatch["id"])
    assert {event["id"] for _, event in await here.told()} == {row["event_id"] for row in homes.values()}


@pytest.mark.usefixtures("killed_after_the_choice")
async def test_a_hub_that_is_killed_between_two_parts_goes_on_and_tells_nobody_twice(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await community(hub)
    dispatch = await here.dispatch(10.0)
    assert await called(here) == dict.fromkeys(HOMES[:2], 1)
    writes = Issuing.calls

    async def killed_before_the_commit(*arguments: Any) -> None:
        await writes(*arguments)
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Issuing, "calls", killed_before_the_commit)
        with pytest.raises(KilledError):
            await issue_waiting(issuing_of(hub))
    assert await called(here) == dict.fromkeys(HOMES[:2], 1)

    await issue_waiting(issuing_of(hub))
    await issue_waiting(issuing_of(hub))

    assert await called(here) == dict.fromkeys(HOMES, 1)
    assert len(await here.homes_of(dispatch["id"])) == len(HOMES)
    assert len(await here.acts("dispatch.make")) == 1


@pytest.mark.usefixtures("killed_after_the_choice")
async def test_of_several_that_go_on_with_it_none_writes_what_another_has(hub: Running) -> None:
    here = await community(hub)
    await here.dispatch(10.0)

    await asyncio.gather(*(issue_waiting(issuing_of(hub)) for _ in range(3)))

    assert await called(here) == dict.fromkeys(HOMES, 1)


@pytest.mark.usefixtures("killed_after_the_choice")
async def test_an_operator_sees_how_many_homes_the_call_is_not_out_to(hub: Running) -> None:
    here = await community(hub)
    dispatch = await here.dispatch(10.0)
    assert dispatch["not_out"] == 5

    await publish(hub)
    assert await not_out(here, dispatch["id"]) == [3, 3]

    await issue_waiting(issuing_of(hub))
    await publish(hub)
    assert await not_out(here, dispatch["id"]) == [0, 0]
    told = await here.household.get(f"/api/v1/dispatches/{dispatch['id']}")
    assert told.json()["not_out"] is None


async def publish(hub: Running) -> None:
    leading = Leading(store=hub.store, holder="worker-1", lease_s=0)
    await leading.wait()
    await OutboxSender(store=hub.store, leading=leading, clock=hub.clock).once(BrokerOfTest())


async def not_out(here: Flexible, dispatch_id: str) -> Iterable[int]:
    one = (await here.operator.get(f"/api/v1/dispatches/{dispatch_id}")).json()
    [listed] = (await here.operator.get("/api/v1/dispatches")).json()
    return [one["not_out"], listed["not_out"]]


@pytest.mark.parametrize("how", ["end", "narrow"])
@pytest.mark.usefixtures("killed_after_the_choice")
async def test_who_does_not_consent_any_more_when_its_part_is_written_gets_no_event(
    hub: Running, how: str
) -> None:
    here = await community(hub)
    dispatch = await here.dispatch(10.0)
    consents = (await here.household.get("/api/v1/homes/home-3/consents")).json()
    until = (hub.clock() + timedelta(minutes=45)).isoformat()
    path, body = f"/api/v1/consents/{consents[0]['id']}", {"valid_until": until} if how == "narrow" else {}
    answer = await here.household.post(f"{path}/{how}", json=body)
    assert answer.is_success, answer.text

    await issue_waiting(issuing_of(hub))

    others = [ven_id for ven_id in HOMES if ven_id != "home-3"]
    assert await called(here) == dict.fromkeys(others, 1)
    assert list(await here.homes_of(dispatch["id"])) == others
    left_out = await here.homes_of(dispatch["id"], "left_out")
    assert left_out["home-3"]["reason"] == "no_consent"
    now = (await here.operator.get(f"/api/v1/dispatches/{dispatch['id']}")).json()
    assert (now["expected_kw"], now["short_kw"]) == ([8.0], [2.0])
    [act] = await here.acts("dispatch.leave_out")
    assert (act["details"]["homes"], act["details"]["reason"]) == (1, "no_consent")


@pytest.mark.usefixtures("killed_after_the_choice")
async def test_what_is_cancelled_in_the_middle_is_sent_to_nobody_else(hub: Running) -> None:
    here = await community(hub)
    dispatch = await here.dispatch(10.0)

    await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")
    await issue_waiting(issuing_of(hub))

    topics = [topic for topic, _ in await here.told()]
    assert sorted(topics) == [
        f"{ven_id}/events/{what}" for ven_id in HOMES[:2] for what in ("create", "delete")
    ]
