"""Homes are let go so that what comes back makes no new peak, by events of their own."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ..running import Running
from .communities import Flexible, flexible


async def peaked(hub: Running, homes: int = 4) -> Flexible:
    """Return homes of 2 kW each on one feeder, both ways, whose load falls after the event."""
    names = [f"home-{number}" for number in range(homes)]
    here = await flexible(hub, *names)
    # 3 kW before the event and without it, then 2 kW.
    baseline = [3.0] * 2 + [2.0] * 22
    for ven_id in names:
        await here.offer(ven_id, 2.0, down_kw=2.0, baseline_kw=baseline)
    return here


async def held(here: Flexible, dispatch: Any) -> dict[str, timedelta]:
    """Return for how long each home is held beyond the end."""
    end = datetime.fromisoformat(dispatch["end"])
    rows = await here.homes_of(dispatch["id"])
    return {
        ven_id: datetime.fromisoformat(row["held_until"]) - end if row["held_until"] else timedelta(0)
        for ven_id, row in rows.items()
    }


async def test_homes_are_let_go_one_after_the_other(hub: Running) -> None:
    here = await peaked(hub)

    dispatch = await here.dispatch(8.0, shaped=True)

    assert dispatch["shaped"]
    # Of four homes that each take 2 kW more for half an hour, two fit under the peak of 12 kW at a time.
    assert sorted((await held(here, dispatch)).values())[:2] == [timedelta(0), timedelta(0)]
    assert max((await held(here, dispatch)).values()) > timedelta(0)


async def test_who_is_held_is_told_by_an_event_of_its_own_that_pays_nothing(hub: Running) -> None:
    here = await peaked(hub)
    dispatch = await here.dispatch(8.0, shaped=True, price_per_kwh="0.25")

    waiting = [ven_id for ven_id, length in (await held(here, dispatch)).items() if length]
    holding = [event for _, event in await here.told() if "LIMIT" in str(event["payloadDescriptors"])]

    assert sorted(event["targets"][0] for event in holding) == sorted(waiting)
    for event in holding:
        [interval] = event["intervals"]
        assert interval["payloads"] == [{"type": "IMPORT_CAPACITY_LIMIT", "values": [2.0]}]
        assert event["intervalPeriod"]["start"] == dispatch["end"]


@pytest.mark.parametrize(
    ("direction", "reason"), [("more", "called_the_other_way"), ("less", "called_already")]
)
async def test_who_is_held_is_called_for_nothing_else_until_it_is_let_go(
    hub: Running, direction: str, reason: str
) -> None:
    here = await peaked(hub)
    dispatch = await here.dispatch(8.0, shaped=True)
    waiting = {ven_id for ven_id, length in (await held(here, dispatch)).items() if length}

    then = await here.dispatch(8.0, direction=direction, start=dispatch["end"])

    assert set(await here.homes_of(then["id"])) == {"home-0", "home-1", "home-2", "home-3"} - waiting
    left_out = await here.homes_of(then["id"], "left_out")
    assert {ven_id: row["reason"] for ven_id, row in left_out.items()} == dict.fromkeys(waiting, reason)


async def test_a_dispatch_that_is_cancelled_holds_nobody(hub: Running) -> None:
    here = await peaked(hub)
    dispatch = await here.dispatch(8.0, shaped=True)

    await here.operator.post(f"/api/v1/dispatches/{dispatch['id']}/cancel")

    topics = [topic for topic, _ in await here.told()]
    made, deleted = ([topic for topic in topics if topic.endswith(end)] for end in ("create", "delete"))
    assert len(made) == len(deleted) > 4


async def test_where_what_comes_back_fits_nowhere_fewer_are_called(hub: Running) -> None:
    here = await flexible(hub, "home-1", "home-2")
    for ven_id in ("home-1", "home-2"):
        # The load is as high after the event as before it, so that nothing more fits.
        await here.offer(ven_id, 2.0, baseline_kw=2.0, hours=2)

    answer = await here.operator.post("/api/v1/dispatches", json=here.need(4.0, shaped=True))

    assert answer.status_code == 409
    assert "2 homes: rebound" in answer.json()["detail"]


async def test_where_too_little_is_told_of_the_time_after_it_all_are_let_go_at_the_end(hub: Running) -> None:
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0, hours=1)

    dispatch = await here.dispatch(1.0, shaped=True)

    assert not dispatch["shaped"]
    assert await held(here, dispatch) == {"home-1": timedelta(0)}
