"""How long reports are kept: what an event came to is in its settlement by then."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from ..store import Store
from ..store.tables import ReceivedReport

# One transaction of so many holds the others up for a moment only.
AT_ONCE: Final = 5000


async def forget(store: Store, before: datetime) -> None:
    """Delete what was received before, some at a time."""
    received_at = ReceivedReport.received_at
    some = select(received_at).order_by(received_at).offset(AT_ONCE - 1).limit(1)
    while True:
        async with store.writing() as session:
            last = await session.scalar(some)
            is_all = last is None or last >= before
            which = received_at < before if is_all else received_at <= last
            await session.execute(delete(ReceivedReport).where(which))
        if is_all:
            return
