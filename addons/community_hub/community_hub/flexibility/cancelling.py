"""A dispatch is taken back: its events are deleted, and each home is told."""

from http import HTTPStatus

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..openadr.issuing import Issuing
from ..store.audit import Act, record
from ..store.tables import Dispatch, DispatchedHome
from ..web import Problem
from .calls_in_parts import take_back_waiting


async def cancel(session: AsyncSession, issuing: Issuing, made: Dispatch, *, actor: str) -> None:
    """Take a dispatch back. Raises Problem 409 for one that is over or cancelled."""
    now = issuing.hub.clock()
    if made.cancelled_at is not None or now >= made.ends_at:
        raise Problem(HTTPStatus.CONFLICT, "dispatch-over", "This dispatch is over or cancelled.")
    await take_back_waiting(session, made.id)
    query = select(DispatchedHome.event_id, DispatchedHome.hold_event_id).where(
        DispatchedHome.dispatch_id == made.id
    )
    for events in (await session.execute(query)).all():
        for event_id in events:
            if event_id is not None:
                await issuing.delete(session, event_id)
    made.cancelled_at = now
    details = {"program_id": made.program_id, "correlation_id": made.correlation_id}
    await record(session, now, Act(actor=actor, act="dispatch.cancel", object=made.id, details=details))
