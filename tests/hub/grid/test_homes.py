"""What UFTP is told of homes that report, consent and are called as they are anywhere in the hub."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from community_hub.grid.homes import Homes
from community_hub.grid.isps import Day
from community_hub.grid.portfolio import Place
from community_hub.grid.rules import Need, Order, Refused
from community_hub.openadr.issuing import Issuing
from community_hub.store.series import Counted, folded
from community_hub.store.tables import DeliverySample, Dispatch, MeteredDay

from ..flexibility.communities import Flexible, flexible
from ..running import Running
from .samples import POINT, ZONE

# The hub's clock of these tests stands at 13:00 in Amsterdam.
TODAY = Day(date=dt.date(2026, 11, 29), zone=ZONE)
# After what is asked for there is room on the feeder for what comes back.
FORESEEN = [2.0, 2.0, 5.0] + [0.5] * 21
LESS = Need(point=POINT, day=TODAY, asks_less=True, power_w={57: 3_000, 58: 3_000})


async def priced(hub: Running) -> tuple[Flexible, Homes, Place]:
    """Return two homes on one feeder: 2 kW at 0.10, 2 kW at 0.20 a kWh."""
    here = await flexible(hub, "cheap", "fair")
    for ven_id, price in (("cheap", 0.10), ("fair", 0.20)):
        await here.offer(ven_id, 2.0, price=price, baseline_kw=FORESEEN)
    place = Place(program_id=here.program_id, feeder="north", currency="EUR")
    return here, Homes(issuing=Issuing(hub=hub.hub, tell=())), place


def order(price: str, need: Need = LESS) -> Order:
    return Order(need=need, reference="order-1", price=Decimal(price))


async def call(hub: Running, homes: Homes, place: Place, ordered: Order) -> Dispatch:
    async with hub.store.writing() as session:
        dispatch_id = await homes.call(session, hub.clock(), place, ordered)
        return await session.get_one(Dispatch, dispatch_id)


async def test_the_whole_and_the_half_are_offered_for_what_the_homes_are_paid(hub: Running) -> None:
    _, homes, place = await priced(hub)

    async with hub.store.reading() as session:
        whole, half = await homes.options(session, hub.clock(), place, LESS)

    # Half an hour of 3 kW, of which the last costs 0.20 a kWh; half an hour of 1.5 kW at 0.10.
    assert (whole.power_w, whole.price) == ({57: 3_000, 58: 3_000}, Decimal("0.3"))
    assert (half.power_w, half.price) == ({57: 1_500, 58: 1_500}, Decimal("0.075"))


async def test_homes_of_other_feeders_and_without_consent_are_not_offered(hub: Running) -> None:
    here, homes, place = await priced(hub)
    await here.join("elsewhere", feeder="south")
    await here.join("silent", consents=False)
    for ven_id in ("elsewhere", "silent"):
        await here.offer(ven_id, 5.0, price=0.01, baseline_kw=FORESEEN)

    async with hub.store.reading() as session:
        whole, _ = await homes.options(session, hub.clock(), place, LESS)

    assert whole.price == Decimal("0.3")


async def test_more_than_the_homes_have_is_not_offered(hub: Running) -> None:
    _, homes, place = await priced(hub)
    need = Need(point=POINT, day=TODAY, asks_less=True, power_w={57: 50_000})

    async with hub.store.reading() as session:
        (option,) = await homes.options(session, hub.clock(), place, need)

    assert option.power_w == {57: 4_000}


async def test_an_order_is_a_dispatch_that_pays_the_homes_what_the_grid_operator_pays(hub: Running) -> None:
    here, homes, place = await priced(hub)

    made = await call(hub, homes, place, order("0.45"))

    assert made.starts_at == TODAY.start_of(57)
    assert made.ends_at == TODAY.start_of(59)
    assert (made.figures["need_w"], made.price_micro) == ([3_000, 3_000], 300_000)
    called = await here.homes_of(made.id)
    assert {ven_id: row["called_kw"] for ven_id, row in called.items()} == {
        "cheap": [2.0, 2.0],
        "fair": [1.0, 1.0],
    }


@pytest.mark.parametrize(
    ("price", "power_w"), [("0.29", 3_000), ("10", 5_000)], ids=["too cheap", "more than there is"]
)
async def test_an_order_that_the_homes_do_not_offer_any_more_calls_nobody(
    hub: Running, price: str, power_w: int
) -> None:
    here, homes, place = await priced(hub)
    need = Need(point=POINT, day=TODAY, asks_less=True, power_w={57: power_w, 58: power_w})

    with pytest.raises(Refused, match="Homes do not offer it any more"):
        await call(hub, homes, place, order(price, need))

    assert await here.told() == []


async def test_what_is_foreseen_is_the_sum_of_all_homes_or_nothing(hub: Running) -> None:
    here, homes, _ = await priced(hub)

    async def foreseen() -> Any:
        async with hub.store.reading() as session:
            return await homes.foreseen_w(session, hub.clock(), "north", TODAY)

    assert (await foreseen())[57] == 10_000
    assert 1 not in await foreseen()
    await here.join("silent")
    assert await foreseen() == {}


async def test_delivery_is_the_mean_of_the_minutes_that_are_known(hub: Running) -> None:
    _, homes, place = await priced(hub)
    made = await call(hub, homes, place, order("0.45"))
    async with hub.store.writing() as session:
        for minute in range(27):
            at = made.starts_at + dt.timedelta(minutes=minute)
            known = minute < 15 or minute > 24
            session.add(
                DeliverySample(
                    dispatch_id=made.id, at=at, needed_w=3_000, delivered_w=2_900 if known else None
                )
            )

    async with hub.store.reading() as session:
        assert await homes.delivered_w(session, made.id, TODAY) == {57: -2_900}


async def test_what_was_metered_is_told_by_the_markets_day(hub: Running) -> None:
    here, homes, _ = await priced(hub)
    quarters = [Counted(quarter, 100, 0) for quarter in range(96)]
    quarters[95] = Counted(95, 250, 0)
    quarters[10] = Counted(10, 0, 50, mark=2)
    async with hub.store.writing() as session:
        for date, known in ((dt.date(2026, 11, 28), quarters), (dt.date(2026, 11, 29), quarters[:40])):
            session.add(
                MeteredDay(
                    ven_id="cheap",
                    day=date,
                    series=folded(None, known),
                    changed_at=hub.clock(),
                    reopened_at=None,
                )
            )

    async with hub.store.reading() as session:
        found = await homes.metered_kw(session, "cheap", TODAY)

    # The day begins with the last four quarter-hours of the UTC day before.
    assert [found[number] for number in (1, 4, 5)] == [Decimal("0.4"), Decimal(1), Decimal("0.4")]
    assert 4 + 11 not in found
    assert max(found) == 44
    assert here.program_id
