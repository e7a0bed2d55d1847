"""The market over HTTP: who places what, what a quarter-hour is cleared at, rules side by side."""

import asyncio
from datetime import datetime

import httpx
import pytest
from community_hub.market.book import Placing, place
from community_hub.market.orders import Side

from ..running import Running, made, person_id, problem

START = "2026-11-29T12:15:00Z"
SLOT = {"interval_start": START}


async def home_of(hub: Running, operator: httpx.AsyncClient, name: str, ven_id: str) -> httpx.AsyncClient:
    household = await hub.person(operator, "household", name)
    body = {"ven_id": ven_id, "name": ven_id, "owner_id": await person_id(household)}
    await made(operator, "/api/v1/homes", body)
    return household


def order(ven_id: str, side: str, price: str, kwh: float) -> dict[str, object]:
    return SLOT | {"ven_id": ven_id, "side": side, "price_per_kwh": price, "quantity_kwh": kwh}


async def test_a_quarter_hour_is_cleared_at_one_price_and_each_household_sees_its_own_orders(
    hub: Running,
) -> None:
    operator = await hub.operator()
    buyer = await home_of(hub, operator, "Anna", "home-1")
    seller = await home_of(hub, operator, "Bert", "home-2")
    await made(buyer, "/api/v1/market/orders", order("home-1", "bid", "0.25", 0.6))
    await made(seller, "/api/v1/market/orders", order("home-2", "ask", "0.15", 0.4))

    cleared = await made(operator, "/api/v1/market/clearings", SLOT)

    assert (cleared["price_per_kwh"], cleared["volume_kwh"], cleared["orders"]) == ("0.2", 0.4, 2)
    (own,) = (await buyer.get("/api/v1/market/orders")).json()
    assert (own["ven_id"], own["filled_kwh"]) == ("home-1", 0.4)
    assert len((await operator.get("/api/v1/market/orders")).json()) == 2
    assert (await seller.get("/api/v1/market/clearings")).json() == [cleared]


async def test_a_quarter_hour_is_cleared_once_and_takes_nothing_after(hub: Running) -> None:
    operator = await hub.operator()
    buyer = await home_of(hub, operator, "Anna", "home-1")
    assert problem(await operator.post("/api/v1/market/clearings", json=SLOT)) == (409, "no-orders")
    await made(buyer, "/api/v1/market/orders", order("home-1", "bid", "0.25", 0.6))
    await made(operator, "/api/v1/market/clearings", SLOT)

    again = await operator.post("/api/v1/market/clearings", json=SLOT)
    late = await buyer.post("/api/v1/market/orders", json=order("home-1", "bid", "0.25", 0.6))

    assert (problem(again), problem(late)) == ((409, "cleared-already"), (409, "book-closed"))


async def test_of_two_orders_at_one_instant_a_connection_carries_one(hub: Running) -> None:
    buyer = await home_of(hub, await hub.operator(), "Anna", "home-1")
    bids = [buyer.post("/api/v1/market/orders", json=order("home-1", "bid", "0.25", 2.5)) for _ in range(4)]

    answers = await asyncio.gather(*bids)

    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]


async def test_an_order_is_placed_before_the_clearing_of_its_quarter_hour_or_refused(hub: Running) -> None:
    operator = await hub.operator()
    buyer = await home_of(hub, operator, "Anna", "home-1")
    await made(buyer, "/api/v1/market/orders", order("home-1", "bid", "0.25", 0.5))
    placing = Placing(
        ven_id="home-1",
        interval_start=datetime.fromisoformat(START),
        side=Side.BID,
        price_micro=250_000,
        quantity_wh=500,
    )

    async with hub.store.writing() as session:
        await place(session, hub.clock(), placing, actor="Anna")
        clearing = asyncio.create_task(operator.post("/api/v1/market/clearings", json=SLOT))
        await asyncio.sleep(0.3)

    assert (await clearing).json()["orders"] == 2
    orders = (await buyer.get("/api/v1/market/orders")).json()
    assert [each["filled_kwh"] for each in orders] == [0.0, 0.0]


async def test_of_two_clearings_at_one_instant_one_is_refused(hub: Running) -> None:
    operator = await hub.operator()
    buyer = await home_of(hub, operator, "Anna", "home-1")
    await made(buyer, "/api/v1/market/orders", order("home-1", "bid", "0.25", 0.5))

    clearings = [operator.post("/api/v1/market/clearings", json=SLOT) for _ in range(3)]
    answers = await asyncio.gather(*clearings)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"quantity_kwh": 4.4}, (400, "order-above-connection")),
        ({"price_per_kwh": "0.2505"}, (400, "order-price-not-on-tick")),
        ({"price_per_kwh": "9"}, (400, "order-price-out-of-bounds")),
        ({"quantity_kwh": 0.005}, (400, "order-quantity-not-in-units")),
        ({"quantity_kwh": -1}, (400, "invalid-request")),
        ({"interval_start": "2026-11-29T12:20:00Z"}, (400, "no-quarter-hour")),
        ({"interval_start": "2026-11-29T12:00:00Z"}, (409, "book-closed")),
        ({"interval_start": "9999-12-31T23:45:00-14:00"}, (400, "invalid-request")),
        ({"interval_start": 1_795_953_600}, (400, "invalid-request")),
        ({"interval_start": "1795953600"}, (400, "invalid-request")),
        ({"ven_id": "home-2"}, (404, "no-such-home")),
    ],
)
async def test_an_order_that_the_book_does_not_take_is_refused_and_not_kept(
    hub: Running, changes: dict[str, object], refused: tuple[int, str]
) -> None:
    operator = await hub.operator()
    buyer = await home_of(hub, operator, "Anna", "home-1")
    await home_of(hub, operator, "Bert", "home-2")

    answer = await buyer.post("/api/v1/market/orders", json=order("home-1", "bid", "0.25", 0.6) | changes)

    assert problem(answer) == refused
    assert (await operator.get("/api/v1/market/orders")).json() == []


@pytest.mark.parametrize(
    ("start", "status"),
    [("2026-12-30T12:00:00Z", 201), ("2026-12-30T12:15:00Z", 400), ("9000-01-01T00:00:00Z", 400)],
)
async def test_an_order_is_for_a_quarter_hour_within_31_days(hub: Running, start: str, status: int) -> None:
    buyer = await home_of(hub, await hub.operator(), "Anna", "home-1")
    body = order("home-1", "bid", "0.25", 0.5) | {"interval_start": start}

    answer = await buyer.post("/api/v1/market/orders", json=body)

    assert answer.status_code == status


async def test_nobody_places_orders_for_a_household(hub: Running) -> None:
    operator = await hub.operator()
    await home_of(hub, operator, "Anna", "home-1")

    answer = await operator.post("/api/v1/market/orders", json=order("home-1", "bid", "0.25", 0.6))

    assert problem(answer) == (403, "not-allowed")


def csv(*rows: str) -> str:
    return "\n".join(["home,start,import_wh,export_wh", *rows])


def comparing(text: str) -> dict[str, str]:
    return {"quarter_hours": text, "buy_per_kwh": "0.30", "feed_in_per_kwh": "0.10", "currency": "EUR"}


async def test_rules_of_sharing_are_laid_side_by_side(hub: Running) -> None:
    operator = await hub.operator()
    text = csv(
        *(f"{home},{START},{wh}" for home, wh in (("ann", "300,0"), ("bob", "100,0"), ("cy", "0,200")))
    )

    told = (await operator.post("/api/v1/market/sharing/compare", json=comparing(text))).json()

    assert (told["homes"], told["slots"], told["currency"]) == (3, 1, "EUR")
    found = {figures["rule"]: figures for figures in told["rules"]}
    assert set(found) == {"static", "pro_rata", "mid_market", "double_auction", "cost_causation"}
    assert (found["pro_rata"]["saving"], found["pro_rata"]["found_share"]) == ("0.04", 1.0)
    assert all(figures["worse_off"] == 0 for figures in found.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "start,import_wh,export_wh",
        csv(),
        csv(f"ann,{START},1,0", f"bob,{START},1,0", "bob,2026-11-29T12:30:00Z,1,0"),
        csv(f"ann,{START},1,0", "ann,2026-11-29T12:45:00Z,1,0"),
        csv(f"ann,{START},-1,0"),
        csv(f"ann,{START},{10**30},0"),
        csv(f"ann,{START},1,0", f"ann,{START},1,0"),
    ],
)
async def test_quarter_hours_that_are_not_whole_are_refused(hub: Running, text: str) -> None:
    operator = await hub.operator()

    answer = await operator.post("/api/v1/market/sharing/compare", json=comparing(text))

    assert problem(answer) == (400, "no-quarter-hours")


async def test_the_market_is_closed_to_who_has_no_part_in_it(hub: Running) -> None:
    grid_operator = await hub.person(await hub.operator(), "grid_operator", "Gerd")

    for path in ("orders", "clearings"):
        assert problem(await grid_operator.get(f"/api/v1/market/{path}")) == (403, "not-allowed")
