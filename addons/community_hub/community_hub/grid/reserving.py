"""Homes are kept for what was offered of them, so that nobody else calls them for the same flexibility."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from ..flexibility.direction import Direction
from ..store.tables import FlexReservation
from .portfolio import Option, Place
from .rules import Need


async def reserve(
    session: AsyncSession,
    now: datetime,
    *,
    offer_id: str,
    place: Place,
    need: Need,
    options: Sequence[Option],
    until: datetime,
) -> None:
    """Keep the homes of an offer's options for it until it ends; of options one is ordered at most."""
    await session.execute(delete(FlexReservation).where(FlexReservation.until <= now))
    numbers = {number for option in options for number in option.power_w}
    rows = [
        {
            "offer_id": offer_id,
            "ven_id": ven_id,
            "program_id": place.program_id,
            "direction": (Direction.LESS if need.asks_less else Direction.MORE).value,
            "starts_at": need.day.start_of(min(numbers)),
            "ends_at": need.day.start_of(max(numbers) + 1),
            "until": until,
        }
        for ven_id in sorted({ven_id for option in options for ven_id in option.ven_ids})
    ]
    if rows:
        await session.execute(insert(FlexReservation), rows)


async def release(session: AsyncSession, offer_id: str) -> None:
    """Let the homes of an offer go: it was ordered, taken back or turned down."""
    await session.execute(delete(FlexReservation).where(FlexReservation.offer_id == offer_id))
