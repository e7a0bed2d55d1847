"""What came of a month: each home's own, and of all homes what may be told to everybody."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from community_hub.statistics.months import PATIENCE, publish_months
from community_hub.store import Store
from community_hub.store.tables import PublishedMonth, Settlement, SettlementLine

from ..flexibility.communities import flexible
from ..running import Running, problem
from ..settlement.test_closing import over, settle, tell

DECEMBER: Final = datetime(2026, 12, 1, tzinfo=UTC)


async def settled(store: Store, *delivered_wh: int, dispatch_id: str, currency: str = "EUR") -> None:
    """Let a dispatch have been settled in November, with a line for each home."""
    async with store.writing() as session:
        session.add(
            Settlement(
                id=f"settlement-{dispatch_id}",
                dispatch_id=dispatch_id,
                program_id="program-1",
                rule="pay_for_what_came",
                currency=currency,
                price_micro=400_000,
                delivered_wh=sum(delivered_wh),
                amount=0,
                digest="",
                made_at=DECEMBER - timedelta(hours=1),
                made_by="somebody",
            )
        )
        await session.flush()
        for number, each in enumerate(delivered_wh):
            session.add(
                SettlementLine(
                    settlement_id=f"settlement-{dispatch_id}",
                    ven_id=f"other-{number}",
                    event_id="event",
                    state="settled",
                    agreed_wh=each,
                    delivered_wh=each,
                    amount=each // 25,
                    statement={},
                )
            )


async def month(hub: Running, *delivered_wh: int) -> dict[str, Any]:
    """Return what everybody is told of November."""
    here = await flexible(hub, "home-1")
    await here.offer("home-1", 2.0)
    dispatch = await here.dispatch(1.0)
    await settled(hub.store, *delivered_wh, dispatch_id=dispatch["id"])
    await publish_months(hub.store, DECEMBER + PATIENCE)
    answer = await here.household.get(
        "/api/v1/community/statistics", params={"start": "2026-11-01T00:00:00Z"}
    )
    (told,) = answer.json()["months"]
    found: dict[str, Any] = told
    return found


async def test_of_fifteen_homes_a_month_is_told_rounded(hub: Running) -> None:
    # 15 x 1,210 Wh are 18.15 kWh, in steps of 0.1 kWh a home; 15 x 0.48 is 7.20.
    assert await month(hub, *[1_210] * 15) == {
        "month": "2026-11",
        "currency": "EUR",
        "homes": 15,
        "delivered_kwh": 18.0,
        "amount": "7.00",
        "withheld": None,
    }


async def test_of_fewer_the_reason_is_told_and_no_figure(hub: Running) -> None:
    told = await month(hub, *[1_210] * 14)
    assert (told["withheld"], told["homes"], told["delivered_kwh"], told["amount"]) == (
        "too_few_homes",
        None,
        None,
        None,
    )


async def test_where_one_earned_most_of_it_nothing_is_told(hub: Running) -> None:
    assert (await month(hub, 9_000, *[1_000] * 14))["withheld"] == "one_stands_out"


async def test_a_month_is_published_once_and_when_it_is_over(store: Store, hub: Running) -> None:
    await month(hub, *[1_210] * 15)
    async with store.writing() as session:
        row = await session.get_one(PublishedMonth, (DECEMBER.date() - timedelta(days=30), "EUR"))
        row.homes = 99

    await publish_months(store, DECEMBER + PATIENCE + timedelta(days=40))

    async with store.reading() as session:
        kept = await session.get_one(PublishedMonth, (DECEMBER.date() - timedelta(days=30), "EUR"))
    assert kept.homes == 99


async def test_a_household_reads_its_own_benefits_of_a_month_and_the_operator_all(hub: Running) -> None:
    here, dispatch, called = await over(hub, "home-1", "home-2")
    await tell(here, called, "home-1")
    await tell(here, called, "home-2")
    settlement = await settle(here, dispatch)
    other = await hub.person(here.operator, "household", "Hugo")

    own = (await here.household.get("/api/v1/benefits", params={"month": "2026-11"})).json()

    assert own[0] == {
        "month": "2026-11",
        "ven_id": "home-1",
        "currency": "EUR",
        "events": 1,
        "unknown": 0,
        "delivered_kwh": 1.2,
        "amount": "0.48",
        "settlements": [settlement["id"]],
    }
    assert (await here.operator.get("/api/v1/benefits")).json() == own
    assert (await other.get("/api/v1/benefits")).json() == []
    assert (await here.operator.get("/api/v1/benefits", params={"month": "2026-10"})).json() == []
    refused = await here.operator.get("/api/v1/benefits", params={"month": "2026-13"})
    assert problem(refused) == (400, "invalid-request")
