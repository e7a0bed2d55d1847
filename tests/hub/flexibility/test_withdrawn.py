"""Who takes the consent back after the call has gone out is out of the dispatch, whatever the home says."""

from typing import Any, cast

import pytest
from community_hub.flexibility.watching import Watch
from community_hub.openadr.issuing import Issuing

from ..running import Running, made
from .communities import Flexible, flexible


async def called(hub: Running) -> tuple[Flexible, Any]:
    """Return a dispatch by which home-1 is called, and home-2 could be."""
    here = await flexible(hub, "home-1", "home-2")
    for ven_id, price in (("home-1", 0.1), ("home-2", 0.2)):
        await here.offer(ven_id, 2.0, price=price)
    dispatch = await here.dispatch(2.0)
    assert list(await here.homes_of(dispatch["id"])) == ["home-1"]
    return here, dispatch


async def consent_of(here: Flexible, ven_id: str) -> str:
    (consent,) = (await here.household.get(f"/api/v1/homes/{ven_id}/consents")).json()
    identifier: str = consent["id"]
    return identifier


async def takes_back(here: Flexible, ven_id: str) -> None:
    answer = await here.household.post(f"/api/v1/consents/{await consent_of(here, ven_id)}/end")
    assert answer.status_code == 200


async def look(hub: Running) -> None:
    await Watch(issuing=cast("Issuing", hub.app.state.issuing)).once()


async def test_it_is_made_up_for_without_a_word_of_the_home(hub: Running) -> None:
    here, dispatch = await called(hub)

    await takes_back(here, "home-1")
    await look(hub)

    assert list(await here.homes_of(dispatch["id"])) == ["home-2"]
    (gone,) = (await here.homes_of(dispatch["id"], "dropped")).values()
    assert (gone["ven_id"], gone["reason"]) == ("home-1", "left")


@pytest.mark.parametrize("minutes", [0, 40])
async def test_a_consent_that_ends_within_the_event_is_none_for_it(hub: Running, minutes: float) -> None:
    here, dispatch = await called(hub)
    hub.clock.go_on(minutes=minutes)
    until = {"valid_until": "2026-11-29T12:50:00Z"}

    answer = await here.household.post(
        f"/api/v1/consents/{await consent_of(here, 'home-1')}/narrow", json=until
    )

    assert answer.status_code == 200
    told = (await here.operator.get(f"/api/v1/dispatches/{dispatch['id']}/delivery")).json()
    assert [home["left"] for home in told["by_home"]] == [True]


async def test_a_consent_that_is_given_anew_is_not_taken_back(hub: Running) -> None:
    here, dispatch = await called(hub)
    hub.clock.go_on(minutes=40)

    await here.consent("home-1", here.program_id)

    hub.clock.go_on(minutes=5)
    told = (await here.operator.get(f"/api/v1/dispatches/{dispatch['id']}/delivery")).json()
    assert [home["left"] for home in told["by_home"]] == [False]


async def test_it_is_settled_as_left_and_nobody_waits_for_it(hub: Running) -> None:
    here, dispatch = await called(hub)
    hub.clock.go_on(minutes=55)
    await takes_back(here, "home-1")
    hub.clock.go_on(minutes=10)

    settlement = await made(here.operator, "/api/v1/settlements", {"dispatch_id": dispatch["id"]})

    assert settlement["counts"] == {"settled": 0, "contradicted": 0, "unknown": 0, "left": 1}


async def test_who_takes_it_back_after_the_event_had_taken_part(hub: Running) -> None:
    here, dispatch = await called(hub)
    hub.clock.go_on(hours=1, minutes=5)
    await takes_back(here, "home-1")

    told = (await here.operator.get(f"/api/v1/dispatches/{dispatch['id']}/delivery")).json()

    assert [home["left"] for home in told["by_home"]] == [False]
