"""How the hub's services are, its figures as JSON, and the community at a glance."""

from datetime import timedelta
from typing import Any

from community_hub.metrics.figures import FIGURES
from community_hub.store.tables import Leader, Subscription, WebhookDelivery

from ..flexibility.communities import flexible
from ..running import Running, problem


async def states(hub: Running, operator: Any) -> dict[str, str]:
    answer = await operator.get("/services/status")
    assert answer.status_code == 200, answer.text
    return {each["name"]: each["state"] for each in answer.json()["services"]}


async def test_a_service_that_nobody_does_is_down_and_one_that_is_not_set_up_is_off(hub: Running) -> None:
    operator = await hub.operator()
    assert await states(hub, operator) == {
        "database": "ok",
        "wire": "down",
        "webhooks": "ok",
        "grid_operators": "off",
        "mail": "off",
    }
    assert (await operator.get("/services/status")).json()["is_well"] is False
    async with hub.store.writing() as session:
        session.add(Leader(task="wire", holder="worker-1", beat=1))

    assert (await states(hub, operator))["wire"] == "ok"
    assert (await operator.get("/services/status")).json()["is_well"] is True


async def test_what_expired_before_it_went_out_makes_the_wire_late(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    await here.dispatch(1.0)
    assert (await states(hub, here.operator))["wire"] == "ok"

    hub.clock.go_on(hours=2)

    assert (await states(hub, here.operator))["wire"] == "late"


async def test_what_was_tried_in_vain_for_minutes_is_late(hub: Running) -> None:
    operator = await hub.operator()
    now = hub.clock()
    async with hub.store.writing() as session:
        session.add(
            Subscription(
                id="subscription-1",
                created_at=now,
                modified_at=now,
                client_id="c",
                client_name="c",
                object_types=" EVENT ",
                bearer_tokens_sealed=b"",
                document={},
            )
        )
        await session.flush()
        session.add(
            WebhookDelivery(
                id="delivery-1",
                subscription_id="subscription-1",
                operation=0,
                notification={},
                attempts=6,
                due_at=now + timedelta(minutes=5),
            )
        )

    assert (await states(hub, operator))["webhooks"] == "late"


async def test_the_figures_are_the_same_as_json(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")

    told = (await here.operator.get("/stats")).json()

    assert set(told) == {figure.name for figure in FIGURES}
    assert told["homes"]["values"] == [{"labels": {"state": "active"}, "value": 2.0}]


async def test_a_household_sees_its_own_homes_at_a_glance_and_the_operator_all(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    await here.offer("home-1", 2.0)
    await here.dispatch(1.0)
    other = await hub.person(here.operator, "household", "Hugo")

    told = (await here.operator.get("/api/v1/overview")).json()

    assert told["homes"] == {"active": 2}
    assert (told["homes_heard"], told["consents_in_force"]) == (1, 2)
    assert told["dispatches"] == {"announced": 1, "running": 0}
    assert (await here.household.get("/api/v1/overview")).json() == told
    nothing = (await other.get("/api/v1/overview")).json()
    assert (nothing["homes"], nothing["dispatches"]) == ({}, {"announced": 0, "running": 0})


async def test_only_who_may_read_figures_is_told_of_services(hub: Running) -> None:
    operator = await hub.operator()
    household = await hub.person(operator, "household")
    auditor = await hub.person(operator, "auditor", "Adam")

    answers = [
        await household.get("/services/status"),
        await household.get("/stats"),
        await auditor.get("/api/v1/overview"),
    ]

    assert [problem(answer) for answer in answers] == [(403, "not-allowed")] * 3
    assert (await hub.visitor().get("/services/status")).status_code == 401
