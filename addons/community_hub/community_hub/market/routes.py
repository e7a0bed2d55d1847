"""``/api/v1/market``: orders, clearings, and rules of sharing side by side."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from ..accounts.identity import Asking, require
from ..accounts.roles import Reach, Thing, Verb, reach
from ..hub import hub_of
from ..store.tables import Home, MarketClearing, MarketOrder
from ..web import Problem, StrictRoute
from ..web.fields import Limit, Moment, ObjectId
from . import book
from .comparison import compared
from .money import NANO_A_UNIT
from .orders import Side
from .quarter_hours import slots_of

_MICRO: Final = 1_000_000

router = APIRouter(prefix="/api/v1/market", tags=["market"], route_class=StrictRoute)

type Price = Annotated[Decimal, Field(ge=-1000, le=1000, max_digits=10, decimal_places=6)]
type Energy = Annotated[Decimal, Field(gt=0, le=1000, max_digits=10, decimal_places=3)]


class NewOrder(BaseModel):
    """An order of one's own home for a quarter-hour."""

    model_config = ConfigDict(extra="forbid")

    ven_id: ObjectId
    interval_start: Moment
    side: Side
    price_per_kwh: Price
    quantity_kwh: Energy


class NewClearing(BaseModel):
    """The quarter-hour that is cleared."""

    model_config = ConfigDict(extra="forbid")

    interval_start: Moment


class Comparison(BaseModel):
    """The community's quarter-hours as CSV (home, start, import_wh, export_wh), and the supplier's prices."""

    model_config = ConfigDict(extra="forbid")

    quarter_hours: str
    buy_per_kwh: Price
    feed_in_per_kwh: Price
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


@router.get("/orders")
async def list_orders(
    who: Asking,
    request: Request,
    interval_start: Moment | None = None,
    limit: Limit = 200,
) -> list[dict[str, Any]]:
    """List orders, the newest first; a household sees its own."""
    require(who, Verb.READ, Thing.MARKET, owner_id=who.person_id)
    query = select(MarketOrder).order_by(MarketOrder.id.desc()).limit(limit)
    if interval_start is not None:
        query = query.where(MarketOrder.interval_start == interval_start)
    if reach(who, Verb.READ, Thing.MARKET) is not Reach.ANY:
        query = query.join(Home, Home.ven_id == MarketOrder.ven_id).where(Home.owner_id == who.person_id)
    async with hub_of(request).store.reading() as session:
        return [_order(order) for order in await session.scalars(query)]


@router.post("/orders", status_code=HTTPStatus.CREATED)
async def place(who: Asking, body: NewOrder, request: Request) -> dict[str, Any]:
    """Place an order for one's own home; nobody else does."""
    require(who, Verb.GRANT, Thing.MARKET, owner_id=who.person_id)
    hub = hub_of(request)
    placing = book.Placing(
        ven_id=body.ven_id,
        interval_start=body.interval_start,
        side=body.side,
        price_micro=_micro(body.price_per_kwh),
        quantity_wh=int(body.quantity_kwh * 1000),
    )
    async with hub.store.writing() as session:
        home = await session.get(Home, body.ven_id)
        if home is None or home.owner_id != who.person_id:
            raise Problem(HTTPStatus.NOT_FOUND, "no-such-home", "There is no such home.")
        return _order(await book.place(session, hub.clock(), placing, actor=who.person_id))


@router.get("/clearings")
async def list_clearings(who: Asking, request: Request, limit: Limit = 200) -> list[dict[str, Any]]:
    """List what quarter-hours were cleared at, the newest first."""
    require(who, Verb.READ, Thing.MARKET, owner_id=who.person_id)
    query = select(MarketClearing).order_by(MarketClearing.interval_start.desc()).limit(limit)
    async with hub_of(request).store.reading() as session:
        return [_clearing(clearing) for clearing in await session.scalars(query)]


@router.post("/clearings", status_code=HTTPStatus.CREATED)
async def clear(who: Asking, body: NewClearing, request: Request) -> dict[str, Any]:
    """Clear a quarter-hour, once; after that its book takes nothing."""
    require(who, Verb.WRITE, Thing.MARKET)
    hub = hub_of(request)
    async with hub.store.writing() as session:
        return _clearing(await book.close(session, hub.clock(), body.interval_start, actor=who.person_id))


@router.post("/sharing/compare")
async def compare(who: Asking, body: Comparison) -> dict[str, Any]:
    """Reckon what each rule of sharing would have come to; nothing of it is kept."""
    require(who, Verb.READ, Thing.MARKET)
    return await asyncio.to_thread(_compared, body)


def _compared(body: Comparison) -> dict[str, Any]:
    try:
        slots = slots_of(
            body.quarter_hours,
            buy_micro=_micro(body.buy_per_kwh),
            feed_in_micro=_micro(body.feed_in_per_kwh),
        )
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "no-quarter-hours", f"{error}.") from error
    rules = [asdict(figures) for figures in compared(slots)]
    return {
        "homes": len(slots.homes),
        "slots": len(slots.buy_micro),
        "currency": body.currency,
        "rules": [
            {"saving": f"{Decimal(figures.pop('saving_nano')) / NANO_A_UNIT:f}", **figures}
            for figures in rules
        ],
    }


def _micro(price: Decimal) -> int:
    return int(price * _MICRO)


def _price(micro: int | None) -> str | None:
    return None if micro is None else f"{Decimal(micro) / _MICRO:f}"


def _order(order: MarketOrder) -> dict[str, Any]:
    return {
        "id": order.id,
        "ven_id": order.ven_id,
        "interval_start": order.interval_start,
        "side": order.side,
        "price_per_kwh": _price(order.price_micro),
        "quantity_kwh": order.quantity_wh / 1000,
        "filled_kwh": None if order.filled_wh is None else order.filled_wh / 1000,
        "placed_at": order.placed_at,
    }


def _clearing(clearing: MarketClearing) -> dict[str, str | int | float | datetime | None]:
    return {
        "interval_start": clearing.interval_start,
        "price_per_kwh": _price(clearing.price_micro),
        "volume_kwh": clearing.volume_wh / 1000,
        "orders": clearing.orders,
        "cleared_at": clearing.cleared_at,
    }
