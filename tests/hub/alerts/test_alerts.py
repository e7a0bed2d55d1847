"""What lasts too long is told to the operators once, again after a day, and when it is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from unittest.mock import AsyncMock

import pytest
from community_hub.alerts.rules import RULES
from community_hub.alerts.watching import AlertWatch
from community_hub.hub import Hub
from community_hub.mail.relay import Relay
from community_hub.metrics.status import services
from community_hub.store.tables import DeliverySample, Leader, Mail
from sqlalchemy import select

from ..flexibility.communities import flexible
from ..running import SETTINGS, Running, problem

RELAY: Final = Relay(host="mail.example.org", port=465, is_tls=True, sender="hub@example.org")


def watch(hub: Running, *names: str, relay: Relay | None = RELAY) -> AlertWatch:
    settings = replace(SETTINGS, relay=relay)
    parts = Hub(settings=settings, store=hub.store, vault=hub.hub.vault, clock=hub.clock)
    return AlertWatch(hub=parts, rules=[rule for rule in RULES if rule.name in names])


async def mails(hub: Running) -> list[tuple[str, str]]:
    async with hub.store.reading() as session:
        rows = await session.scalars(select(Mail).order_by(Mail.due_at, Mail.id))
        return [(row.recipient, row.subject.partition("] ")[2]) for row in rows]


async def alerts(visitor: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await visitor.get("/api/v1/alerts")).json()
    return found


async def test_a_turn_asks_once_for_the_state_of_the_services(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = AsyncMock(wraps=services)
    monkeypatch.setattr("community_hub.alerts.watching.services", asked)
    await watch(hub, *(rule.name for rule in RULES)).once()
    assert asked.await_count == 1


async def test_what_lasts_is_told_once_again_after_a_day_and_when_it_is_over(hub: Running) -> None:
    operator = await hub.operator()
    await hub.person(operator, "household")
    watching = watch(hub, "wire_down")
    began = hub.clock()
    await watching.once()
    assert await mails(hub) == []
    assert [each["told_at"] for each in await alerts(operator)] == [None]

    for minutes in (5, 1, 10):
        hub.clock.go_on(minutes=minutes)
        await watching.once()
    assert await mails(hub) == [("olga@hub.example", "wire_down")]
    operator = await hub.signed_in("olga@hub.example")
    (standing,) = await alerts(operator)
    assert standing["since"] == began.isoformat().replace("+00:00", "Z")

    hub.clock.go_on(days=1)
    await watching.once()
    async with hub.store.writing() as session:
        session.add(Leader(task="wire", holder="worker-1", beat=1))
    hub.clock.go_on(minutes=1)
    await watching.once()

    assert [subject for _, subject in await mails(hub)] == ["wire_down", "wire_down", "over: wire_down"]
    assert await alerts(operator) == []


async def test_what_passes_by_itself_is_told_to_nobody(hub: Running) -> None:
    await hub.operator()
    watching = watch(hub, "wire_down")
    await watching.once()
    async with hub.store.writing() as session:
        session.add(Leader(task="wire", holder="worker-1", beat=1))
    hub.clock.go_on(minutes=6)
    await watching.once()

    assert await mails(hub) == []


async def test_without_mail_it_stands_in_the_list_alone(hub: Running) -> None:
    operator = await hub.operator()
    watching = watch(hub, "wire_down", relay=None)
    await watching.once()
    hub.clock.go_on(minutes=6)
    await watching.once()

    assert await mails(hub) == []
    assert [each["rule"] for each in await alerts(operator)] == ["wire_down"]


async def test_homes_that_consent_and_fell_silent_are_named(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2", "home-3")
    await here.offer("home-1", 2.0)
    hub.clock.go_on(hours=1, minutes=30)
    await here.offer("home-2", 2.0)
    hub.clock.go_on(hours=1)

    await watch(hub, "homes_silent").once()

    assert [each["text"] for each in await alerts(here.operator)] == ["Not heard for two hours: home-1."]


@pytest.mark.parametrize(("delivered_w", "is_told"), [(None, True), (900, True), (950, False)])
async def test_a_dispatch_of_which_too_little_comes_is_told(
    hub: Running, delivered_w: int | None, is_told: bool
) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    made = await here.dispatch(1.0)
    hub.clock.go_on(minutes=40)
    async with hub.store.writing() as session:
        session.add(
            DeliverySample(
                dispatch_id=made["id"],
                at=hub.clock() - timedelta(minutes=1),
                needed_w=1000,
                delivered_w=delivered_w,
            )
        )

    await watch(hub, "dispatch_short").once()

    assert [each["rule"] for each in await alerts(here.operator)] == (["dispatch_short"] if is_told else [])


async def test_of_two_workers_that_look_one_tells(hub: Running) -> None:
    await hub.operator()
    for _ in range(2):
        await watch(hub, "wire_down").once()
    hub.clock.go_on(minutes=6)
    for _ in range(2):
        await watch(hub, "wire_down").once()

    assert len(await mails(hub)) == 1


async def test_only_who_may_read_figures_reads_alerts(hub: Running) -> None:
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    assert problem(await household.get("/api/v1/alerts")) == (403, "not-allowed")
