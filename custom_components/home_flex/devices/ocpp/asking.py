"""Asks a charger for something that it may refuse or pass over in silence."""

import asyncio
import logging

from ..driver import DeviceError
from .session import Payload, Session
from .settings import Patience

_LOGGER = logging.getLogger(__name__)


async def ask(session: Session, message: object, patience: Patience) -> Payload:
    """Return the answer, or an empty one when the charger refuses or keeps silent."""
    try:
        async with asyncio.timeout(2 * patience.limit_s):
            return await session.call(message, timeout_s=patience.set_up_s)
    except (DeviceError, TimeoutError) as error:
        _LOGGER.debug("A charger did not take %s: %s", type(message).__name__, error)
        return {}
