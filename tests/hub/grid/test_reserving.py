"""What is offered to a grid operator is kept for it, so that the same flexibility is sold once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from community_hub.app import build
from community_hub.grid.hearing import PATH
from community_hub.grid.messages import Message
from community_hub.store.tables import FlexReservation
from shapeshifter_uftp import uftp  # type: ignore[import-untyped] # has no types
from sqlalchemy import func, select
from xsdata.models.datatype import XmlDate

from ..flexibility.communities import Flexible, flexible
from ..running import Running, problem
from .samples import OURS, POINT, THEIRS, flex_order, flex_request, metadata, posted
from .test_conversation import Grid, Homes, registration
from .test_homes import FORESEEN

TODAY = XmlDate(2026, 11, 29)


@dataclass
class Sold:
    """A community that may be called by its operator, and by a grid operator."""

    here: Flexible
    grid: Grid

    async def offered(self, revision: int = 1) -> Message:
        """Return what the grid operator is offered for 3 kW from 13:00 to 13:30 UTC."""
        asked = flex_request(
            ("Requested", -3_000, 0, 57, 2),
            period=TODAY,
            revision=revision,
            expiration_date_time="2026-11-29T12:30:00Z",
        )
        return (await self.grid.ask(asked))[-1]

    async def dispatch(self, **changed: Any) -> httpx.Response:
        """Return what comes of a dispatch of the operator's own for that half-hour."""
        body = self.here.need(2.0, start="2026-11-29T13:00:00Z", **changed)
        return await self.here.operator.post("/api/v1/dispatches", json=body)

    async def kept(self) -> int:
        async with self.here.hub.store.reading() as session:
            return await session.scalar(select(func.count()).select_from(FlexReservation)) or 0


@pytest.fixture
async def sold(hub: Running) -> Sold:
    hub.hub = replace(hub.hub, settings=replace(hub.hub.settings, uftp_domain=OURS))
    hub.app = build(hub.hub)
    here = await flexible(hub, "cheap", "fair")
    for ven_id, price in (("cheap", 0.10), ("fair", 0.20)):
        await here.offer(ven_id, 2.0, price=price, baseline_kw=FORESEEN)
    body = registration(here.program_id, points={POINT: "north"})
    answer = await here.operator.put(f"/api/v1/grid/operators/{THEIRS}", json=body)
    assert answer.status_code == 200, answer.text
    return Sold(here, Grid(hub, here.operator, Homes(), here.program_id))


async def test_what_a_grid_operator_may_order_is_not_called_by_another_and_is_ordered(sold: Sold) -> None:
    offer = await sold.offered()

    assert problem(await sold.dispatch()) == (409, "nobody-to-call")
    (response,) = await sold.grid.ask(flex_order(offer, period=TODAY))

    assert (response.result, response.rejection_reason) == ("Accepted", None)
    assert problem(await sold.dispatch()) == (409, "nobody-to-call")
    assert await sold.kept() == 0


async def test_at_another_time_the_homes_are_free(sold: Sold) -> None:
    await sold.offered()
    body = sold.here.need(2.0, start="2026-11-29T13:30:00Z")

    assert (await sold.here.operator.post("/api/v1/dispatches", json=body)).status_code == 201


async def test_a_later_revision_is_offered_the_homes_that_were_kept_for_the_earlier(sold: Sold) -> None:
    first, second = await sold.offered(), await sold.offered(revision=2)

    assert [each.price for each in second.offer_options] == [each.price for each in first.offer_options]


async def revoked(sold: Sold, offer: Message) -> None:
    await sold.here.operator.post(f"/api/v1/grid/offers/{offer.message_id}/revoke")


async def expired(sold: Sold, _: Message) -> None:
    sold.here.hub.clock.go_on(minutes=31)


async def turned_down(sold: Sold, offer: Message) -> None:
    response = uftp.FlexOfferResponse(
        **metadata(),
        flex_offer_message_id=offer.message_id,
        result=uftp.AcceptedRejected.REJECTED,
        rejection_reason="too dear",
    )
    await sold.grid.ask(response)


@pytest.mark.parametrize("end", [revoked, expired, turned_down])
async def test_an_offer_that_ends_lets_the_homes_go(
    sold: Sold, end: Callable[[Sold, Message], Awaitable[None]]
) -> None:
    await end(sold, await sold.offered())

    assert (await sold.dispatch()).status_code == 201


async def test_an_order_that_calls_nobody_leaves_the_homes_kept_for_the_offer(sold: Sold) -> None:
    offer = await sold.offered()
    kept = await sold.kept()
    sold.here.hub.clock.go_on(minutes=1)
    for ven_id in ("cheap", "fair"):
        await sold.here.offer(ven_id, 0.5, price=0.10, baseline_kw=FORESEEN)

    order = flex_order(offer, period=TODAY)
    visitor = sold.here.hub.visitor()
    await visitor.post(PATH, content=posted(order), headers={"Content-Type": "text/xml"})

    assert kept == 2
    assert await sold.kept() == kept
