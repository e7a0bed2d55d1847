"""One worker of the wire: it waits until it holds the line, and then takes reports in and lets events out."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from home_common.retry import BackOff
from sqlalchemy.exc import SQLAlchemyError

from ..store import Store
from . import intake, outbox
from .intake import TELL_EACH_S, Intake
from .leading import Leading, NoLeaderError
from .lines import Lines
from .mqtt5 import Opening
from .outbox import OutboxSender
from .session import Broker, SessionLostError, TakenOverError, opened

# Up to half of each wait is left out.
_FIRST_WAIT_S: Final = 0.4
_LONGEST_WAIT_S: Final = 10.0
_STABLE_S: Final = 10.0
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who a session signs in as; None: the broker asks nobody."""

    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """A worker. ``reads`` and ``writes`` are its two accounts, each with the least that it needs."""

    store: Store
    broker: Broker
    prefix: str
    leading: Leading
    clock: Callable[[], datetime]
    tell_each_s: float = TELL_EACH_S
    reads: Account = Account()
    writes: Account = Account()

    async def run(self) -> None:
        """Work until cancelled, then let another take over."""
        loop = asyncio.get_running_loop()
        back_off = BackOff(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        try:
            while True:
                began_s = loop.time()
                try:
                    await self.leading.wait()
                    began_s = loop.time()
                    _LOG.info("This worker holds the line to the broker")
                    await self._lead()
                except* NoLeaderError, TakenOverError:
                    _LOG.warning("Another worker has taken the line over; this one waits")
                except* SessionLostError as lost:
                    _LOG.warning("The line is lost, trying again: %s", _first(lost))
                except* (SQLAlchemyError, OSError) as failed:
                    # What came meanwhile is not acknowledged, and comes again.
                    _LOG.error("The database fails, trying again: %s", _first(failed))
                if loop.time() - began_s > _STABLE_S:
                    back_off.reset()
                await asyncio.sleep(back_off.next_s())
        finally:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self.leading.give_up()

    async def _lead(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.leading.beat())
            tasks.create_task(self._work())

    async def _work(self) -> None:
        """Take in over one session and let out over the other, each with its own account."""
        reading = Opening(
            client_id=intake.CLIENT_ID,
            username=self.reads.username,
            password=self.reads.password,
            session_expiry_s=intake.SESSION_EXPIRY_S,
            receive_maximum=intake.RECEIVE_MAXIMUM,
        )
        taking = Intake(
            store=self.store,
            leading=self.leading,
            prefix=self.prefix,
            clock=self.clock,
            tell_each_s=self.tell_each_s,
        )
        writing = Opening(
            client_id=outbox.CLIENT_ID, username=self.writes.username, password=self.writes.password
        )
        sender = OutboxSender(store=self.store, leading=self.leading, clock=self.clock)
        async with (
            Lines.opened(self.broker, writing) as out,
            opened(self.broker, reading) as incoming,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(sender.run(out))
            tasks.create_task(taking.run(incoming, out))


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what went wrong first, out of groups in groups."""
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
