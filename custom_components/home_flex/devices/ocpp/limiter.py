"""Writes the newest current limit to a charger, in the way this charger understands."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..driver import DeviceError
from .charging_profiles import (
    LONGEST_LIMIT_S,
    PROFILE_IDS,
    clear_limit,
    permitted_current_a,
    purposes,
    set_limit,
)
from .connector import Connector
from .lasting_default import LastingDefault
from .session import Session
from .settings import Patience

# How long a charger stays above its lasting default without us.
LIFT_S = 300.0


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit the charger accepted, in A per phase, and when it ends by itself."""

    current_a: float
    expires: datetime


class CurrentLimiter:
    """The limit of one charger, whichever connection it has. One write at a time; the newest wins."""

    def __init__(
        self,
        *,
        connector: Connector,
        clock: Callable[[], datetime],
        patience: Patience,
        default: LastingDefault,
    ) -> None:
        """Start without a limit; ``default`` is what the charger falls back to."""
        self._connector = connector
        self._clock = clock
        self._patience = patience
        self._default = default
        self._limit: _Limit | None = None
        self._lifted_until: datetime | None = None
        self._in_force: set[str] = set()
        self._turn = asyncio.Lock()
        self._newest = 0
        self.stack_level = 0
        self.phases = connector.settings.phases

    @property
    def current_a(self) -> float | None:
        """The accepted limit in A per phase; None without one, and once it ended by itself."""
        return self._limit.current_a if self._limit and self._clock() < self._limit.expires else None

    async def write(self, session: Session, current_a: float | None, *, expires_in_s: float) -> None:
        """Write a limit (None: take ours away). Raises DeviceError (``superseded``: a newer one came)."""
        self._newest += 1
        number = self._newest
        async with self._one_at_a_time():
            if number != self._newest:
                raise DeviceError("superseded", "a newer limit took the place of this one")
            if current_a is None:
                await self._hand_back(session)
            else:
                await self._limit_to(session, current_a, expires_in_s)

    async def write_again(self, session: Session) -> None:
        """Write the limit that is still in force: after a new connection, or for a new transaction."""
        async with self._one_at_a_time():
            if self._limit is not None and self.current_a is not None:
                remaining_s = (self._limit.expires - self._clock()).total_seconds()
                await self._limit_to(session, self._limit.current_a, remaining_s)
            else:
                await self._lift(session)

    async def renew(self, session: Session) -> None:
        """Tell the lasting default if that is due, and stand above it as long as no limit does."""
        if self._default.is_due:
            async with self._one_at_a_time():
                await self._default.write(session, self.stack_level)
        half = timedelta(seconds=LIFT_S / 2)
        if self.current_a is None and (
            self._lifted_until is None or self._clock() >= self._lifted_until - half
        ):
            async with self._one_at_a_time():
                await self._lift(session)

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """Wait for the turn; turn and write together take ``write_s`` at most."""
        try:
            async with asyncio.timeout(self._patience.write_s), self._turn:
                yield
        except TimeoutError:
            raise DeviceError("timeout", "the charger was too slow to take a limit") from None

    async def _limit_to(self, session: Session, current_a: float, expires_in_s: float) -> None:
        if not math.isfinite(current_a) or current_a < 0.0 or not expires_in_s > 0.0:
            raise DeviceError("write_refused", f"no charger can draw {current_a} A for {expires_in_s} s")
        settings = self._connector.settings
        permitted = permitted_current_a(
            current_a, min_current_a=settings.min_current_a, max_current_a=settings.max_current_a
        )
        duration_s = min(expires_in_s, LONGEST_LIMIT_S)
        await self._set(session, permitted, duration_s)
        self._limit = _Limit(permitted, self._clock() + timedelta(seconds=duration_s))

    async def _set(self, session: Session, current_a: float, duration_s: float) -> None:
        """Set the first profile the charger accepts, and take our other ones away: only one counts."""
        transaction_id = self._connector.transaction_id
        for purpose in purposes(transaction_id):
            message = set_limit(
                purpose=purpose,
                current_a=current_a,
                phases=self.phases,
                transaction_id=transaction_id,
                stack_level=self.stack_level,
                now=self._clock(),
                duration_s=duration_s,
            )
            if await _is_taken(session, message, {"Accepted"}, self._patience.limit_s):
                others = self._in_force - {purpose}
                self._in_force.add(purpose)
                for other in others:
                    with suppress(DeviceError):
                        await self._clear(session, other)
                return
        raise DeviceError("write_refused", "the charger accepts no charging profile")

    async def _hand_back(self, session: Session) -> None:
        """Clear our profiles; where the charger cannot, allow all its circuit can carry."""
        self._limit = None
        # Sorted, so that a hand-back always looks the same on the wire.
        for purpose in sorted(self._in_force or PROFILE_IDS):
            await self._clear(session, purpose)
        if self._in_force:
            await self._set(session, self._connector.settings.max_current_a, LONGEST_LIMIT_S)
        else:
            await self._lift(session)

    async def _lift(self, session: Session) -> None:
        """While we are here a car under its own control draws what it likes, not the lasting default."""
        self._lifted_until = None
        if self._default.narrows_to_a is None or not self._connector.is_occupied:
            return
        await self._set(session, self._connector.settings.max_current_a, LIFT_S)
        self._lifted_until = self._clock() + timedelta(seconds=LIFT_S)

    async def _clear(self, session: Session, purpose: str) -> None:
        """Clear one profile; that the charger has no such profile is fine too."""
        if await _is_taken(session, clear_limit(purpose), {"Accepted", "Unknown"}, self._patience.set_up_s):
            self._in_force.discard(purpose)


async def _is_taken(session: Session, message: object, good: set[str], timeout_s: float) -> bool:
    """Call the charger: whether its status is good. A CALLERROR is a no; silence and a lost link raise."""
    try:
        answer = await session.call(message, timeout_s=timeout_s)
    except DeviceError as error:
        if error.reason != "write_refused":
            raise
        return False
    return answer.get("status") in good
