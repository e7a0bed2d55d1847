"""Asks a charger for something that it may refuse, pass over in silence, or hang on."""

import asyncio
import logging

from ..driver import DeviceError
from .session import CallRefusedError, Payload, Session
from .settings import Patience

_LOGGER = logging.getLogger(__name__)


async def ask(session: Session, message: object, patience: Patience) -> Payload:
    """Return the answer, or an empty one when the charger refuses, keeps silent, or hung on this before."""
    question = repr(message)
    if not session.questions.may_ask(question):
        return {}
    try:
        async with asyncio.timeout(2 * patience.limit_s):
            answer = await session.call(message, timeout_s=patience.set_up_s)
    except CallRefusedError as error:
        session.questions.answered(question)
        _LOGGER.debug("A charger refuses %s: %s", type(message).__name__, error)
    except (DeviceError, TimeoutError) as error:
        session.questions.unanswered(question)
        _LOGGER.debug("A charger did not take %s: %s", type(message).__name__, error)
    else:
        session.questions.answered(question)
        return answer
    return {}
