"""A rehearsal says what a dispatch would bring and who, and nobody is told of it."""

import asyncio
from typing import Any

import pytest
from community_hub.rehearsal import running
from community_hub.store.tables import Dispatch
from sqlalchemy import func, select

from ..flexibility.communities import Flexible, flexible
from ..running import Running, problem
from ..settlement.test_closing import settle, tell


async def rehearsed(here: Flexible, need_kw: float, seed: int = 1, **changed: Any) -> Any:
    answer = await here.operator.post(
        "/api/v1/rehearsals", params={"seed": seed}, json=here.need(need_kw, **changed)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def offering(hub: Running, *homes: str) -> Flexible:
    here = await flexible(hub, *homes)
    for ven_id in homes:
        await here.offer(ven_id, 2.0)
    return here


async def test_it_tells_what_would_come_and_by_whom(hub: Running) -> None:
    here = await offering(hub, "home-1", "home-2", "home-3")

    told = await rehearsed(here, 4.0)

    assert (told["homes_offering"], told["needed_kwh"]) == (3, 2.0)
    assert 0 < told["delivered_kwh"] <= 3.0
    by_home = {row["ven_id"]: row["delivered_kwh"] for row in told["by_home"]}
    assert sum(by_home.values()) == told["delivered_kwh"]


async def test_nothing_of_it_is_stored_sent_or_noted(hub: Running) -> None:
    here = await offering(hub, "home-1")

    await rehearsed(here, 1.0)

    assert await here.told() == []
    assert await here.acts("dispatch.make") == []
    async with hub.store.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Dispatch)) == 0


async def test_the_same_seed_is_the_same_rehearsal(hub: Running) -> None:
    here = await offering(hub, "home-1", "home-2", "home-3")

    assert await rehearsed(here, 4.0, seed=7) == await rehearsed(here, 4.0, seed=7)


async def test_tomorrows_event_is_tried_with_what_was_forecast_for_the_same_hour_today(hub: Running) -> None:
    here = await offering(hub, "home-1", "home-2")

    told = await rehearsed(here, 2.0, start="2026-11-30T17:00:00Z")

    assert told["start"] == "2026-11-30T17:00:00Z"
    assert told["homes_called"] > 0


async def test_a_home_that_always_left_is_made_up_for_by_others_in_the_rehearsal_too(hub: Running) -> None:
    here = await offering(hub, "home-1", "home-2")
    for _ in range(3):
        dispatch = await here.dispatch(4.0, price_per_kwh="0.40")
        called = await here.homes_of(dispatch["id"])
        await here.say("home-1", called["home-1"]["event_id"], "refusal", {"INSTRUCTION_STATUS": "REJECTED"})
        hub.clock.go_on(hours=1, minutes=1)
        await tell(here, called, "home-2", kwh=1.0)
        await settle(here, dispatch)
        for ven_id in ("home-1", "home-2"):
            await here.offer(ven_id, 2.0)

    told = [await rehearsed(here, 4.0, seed=seed) for seed in range(3)]

    delivered = {
        ven_id: sum(
            row["delivered_kwh"] for each in told for row in each["by_home"] if row["ven_id"] == ven_id
        )
        for ven_id in ("home-1", "home-2")
    }
    assert delivered["home-1"] < delivered["home-2"]


async def test_a_rehearsal_that_a_worker_could_not_reckon_is_refused(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await offering(hub, "home-1", "home-2")
    monkeypatch.setattr(running, "MOST_HOME_MINUTES", 2 * 60)

    answers = [
        await here.operator.post("/api/v1/rehearsals", json=here.need(1.0, duration_minutes=minutes))
        for minutes in (60, 61)
    ]

    assert answers[0].status_code == 200
    assert problem(answers[1]) == (409, "too-long")


async def test_a_worker_rehearses_once_at_a_time(hub: Running) -> None:
    here = await offering(hub, "home-1")

    answers = await asyncio.gather(
        *(here.operator.post("/api/v1/rehearsals", json=here.need(1.0)) for _ in range(3))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 503, 503]
    assert (await here.operator.post("/api/v1/rehearsals", json=here.need(1.0))).status_code == 200


async def test_a_home_without_consent_is_in_no_rehearsal(hub: Running) -> None:
    here = await flexible(hub)
    await here.join("stranger", consents=False)
    await here.offer("stranger", 2.0)

    answer = await here.operator.post("/api/v1/rehearsals", json=here.need(1.0))

    assert problem(answer) == (409, "nobody-to-call")
