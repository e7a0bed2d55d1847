"""Deletes what is over: who left, sessions, codes, clients' tokens, what others told and were told.

And makes series of days that are over, and publishes what is due of the community.
"""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from ..flexibility import standing
from ..homes import rooms
from ..hub import Hub
from ..outcomes import telling
from ..repeating import repeat
from ..statistics import ahead, months, publishing
from ..store.tables import Mail, WebhookDelivery
from ..wire import keeping, metering, outbox
from . import codes, leaving, sessions, tokens
from .openid_connect import attempts
from .passkeys import challenges

EACH_S: Final = 3600.0
# Who starts the hub is answered first.
FIRST_S: Final = 30.0
_TOLD_KEPT: Final = timedelta(days=30)
_LOG: Final = logging.getLogger(__name__)


async def run(hub: Hub) -> None:
    """Do it once an hour, until cancelled."""
    await repeat(lambda: once(hub), each_s=EACH_S, first_s=FIRST_S, what="Deleting what is over")


async def once(hub: Hub) -> None:
    """Do it now."""
    now = hub.clock()
    async with hub.store.writing() as session:
        gone = await leaving.purge(session, now)
        for room in (sessions, codes, tokens, challenges, attempts):
            await room.forget_expired(session, now)
        await outbox.forget(session, now - _TOLD_KEPT)
        await standing.forget(session, now - hub.settings.keep_reports)
        await telling.forget(session, now)
        await rooms.forget(session, now, now - hub.settings.keep_reports)
        for told in (WebhookDelivery, Mail):
            await session.execute(delete(told).where(told.ended_at <= now - _TOLD_KEPT))
    await metering.fold(hub.store, now)
    await publishing.publish_days(hub.store, now)
    await ahead.publish_ahead(hub.store, now)
    await months.publish_months(hub.store, now)
    await keeping.forget(hub.store, now - hub.settings.keep_reports)
    if gone:
        _LOG.info("Deleted %d accounts whose grace was over", gone)
