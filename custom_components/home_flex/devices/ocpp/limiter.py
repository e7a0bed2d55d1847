"""Writes the newest current limit to a charger, in the way this charger understands."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..driver import DeviceError
from .charging_profiles import LONGEST_LIMIT_S, Place, permitted_current_a
from .connector import Connector
from .following import Following
from .ladder import Ladder
from .lasting_default import LastingDefault
from .session import CallRefusedError, Session
from .settings import Patience
from .shapes import LASTING, Abilities, Purpose, Shape, Unit

_LOGGER = logging.getLogger(__name__)

# How long a charger stays above its lasting default without us.
LIFT_S = 300.0
# So many refusals in a row are one failed write; the next one goes on from there.
_TRIES: Final = 10
# Beyond this a clock shows no time at all.
_FURTHEST_CLOCK: Final = timedelta(days=100 * 366)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit the charger accepted, in A per phase, and when it ends by itself (monotonic)."""

    current_a: float
    expires_s: float


class CurrentLimiter:
    """The limit of one connector, whichever connection it has. One write at a time; the newest wins."""

    def __init__(
        self,
        *,
        connector: Connector,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
        patience: Patience,
        ladder: Ladder,
    ) -> None:
        """Start without a limit."""
        self._connector = connector
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._patience = patience
        self.ladder = ladder
        self.default = LastingDefault(connector.settings, patience)
        self.abilities = Abilities()
        self.phases = connector.settings.phases
        self._following = Following(obeys_s=patience.obeys_s)
        self._limit: _Limit | None = None
        self._lifted_until_s: float | None = None
        self._in_force: set[Purpose] = set()
        self._turn = asyncio.Lock()
        self._newest = 0
        self._told_phases: int | None = None
        self._lasts = False
        # Whether in a transaction, or without one: a limit of nothing is refused there.
        self._refuses_none: set[bool] = set()
        # What an earlier run told, and the charger does not end, is still there.
        self._is_left = ladder.lasts

    @property
    def current_a(self) -> float | None:
        """The accepted limit in A per phase; None without one, and once it ended by itself."""
        return self._limit.current_a if self._limit and self._monotonic_s() < self._limit.expires_s else None

    def is_disobeyed(self) -> bool:
        """Take note of the newest sample; whether the limit was accepted and is not followed."""
        currents = self._connector.phase_current_a
        most_a = max(currents) if currents else self._connector.power_w / (230.0 * max(1, self.phases))
        if self.current_a is None:
            self._following.told(None, self._monotonic_s())
        return self._following.sample(most_a, self._monotonic_s())

    @property
    def is_told_for_other_phases(self) -> bool:
        """Whether the limit was reckoned in W for other phases than those the vehicle is seen to use."""
        drawing = self._connector.active_phases
        return self._told_phases is not None and drawing is not None and drawing != self._told_phases

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
                remaining_s = self._limit.expires_s - self._monotonic_s()
                await self._limit_to(session, self._limit.current_a, remaining_s)
            elif self._is_left:
                await self._hand_back(session)
            else:
                await self._lift(session)

    async def step(self, session: Session) -> None:
        """Tell the limit that is not followed in the next shape; once none is left it is said, and left."""
        was_at_its_end = self.ladder.is_at_its_end
        in_transaction = self._connector.transactions.running is not None
        if self.ladder.step(in_transaction=in_transaction):
            await self.write_again(session)
        elif not was_at_its_end:
            _LOGGER.warning("Charger %s accepts limits and obeys none", self._connector.settings.identity)
        self._following.told(self.current_a, self._monotonic_s(), anew=True)

    async def renew(self, session: Session) -> None:
        """Tell the lasting default if that is due, and stand above it as long as no limit does."""
        if self.default.is_due:
            async with self._one_at_a_time():
                await self.default.write(session, self._place(), self.abilities)
        if self._is_left_behind:
            async with self._one_at_a_time():
                await self._hand_back(session)
        due_s = None if self._lifted_until_s is None else self._lifted_until_s - LIFT_S / 2
        if self.current_a is None and (due_s is None or self._monotonic_s() >= due_s):
            async with self._one_at_a_time():
                await self._lift(session)

    @property
    def _is_left_behind(self) -> bool:
        """Whether a limit is over that the charger does not end by itself."""
        return self._limit is not None and self.current_a is None and self._lasts

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """Wait for the turn; turn and write together take ``write_s`` at most."""
        try:
            async with asyncio.timeout(self._patience.write_s), self._turn:
                yield
        except TimeoutError:
            raise DeviceError("timeout", "the charger was too slow to take a limit") from None

    def _place(self) -> Place:
        drawing = self._connector.active_phases
        return Place(
            connector_id=self._connector.wire_id,
            highest_level=self.abilities.highest_level,
            phases=self.phases,
            drawing_phases=min(drawing or self.phases, self.phases),
            transaction_id=self._connector.transactions.running,
            transaction_name=self._connector.transaction_name,
            ahead=self._ahead(),
        )

    def _ahead(self) -> timedelta:
        its_time = self._connector.its_time(self._monotonic_s())
        ahead = timedelta() if its_time is None else its_time - self._clock()
        return ahead if abs(ahead) < _FURTHEST_CLOCK else timedelta()

    async def _limit_to(self, session: Session, current_a: float, expires_in_s: float) -> None:
        if not math.isfinite(current_a) or current_a < 0.0 or not expires_in_s > 0.0:
            raise DeviceError("write_refused", f"no charger can draw {current_a} A for {expires_in_s} s")
        settings = self._connector.settings
        permitted = permitted_current_a(
            current_a, min_current_a=settings.min_current_a, max_current_a=settings.max_current_a
        )
        duration_s = min(expires_in_s, LONGEST_LIMIT_S)
        if permitted > 0.0:
            await self._set(session, permitted, duration_s)
        else:
            permitted = await self._pause(session, duration_s)
        self._limit = _Limit(permitted, self._monotonic_s() + duration_s)
        self._following.told(permitted, self._monotonic_s())

    async def _pause(self, session: Session, duration_s: float) -> float:
        """Set no current, or the smallest one where the charger refuses none; return which of both."""
        smallest_a = self._connector.settings.min_current_a
        in_transaction = self._connector.transactions.running is not None
        if in_transaction not in self._refuses_none:
            try:
                await self._set(session, 0.0, duration_s)
            except DeviceError as error:
                if error.reason != "write_refused":
                    raise
            else:
                return 0.0
        await self._set(session, smallest_a, duration_s)
        if in_transaction not in self._refuses_none:
            self._refuses_none.add(in_transaction)
            identity = self._connector.settings.identity
            _LOGGER.warning("Charger %s refuses to pause: it is told %g A instead", identity, smallest_a)
        return smallest_a

    async def _set(self, session: Session, current_a: float, duration_s: float) -> None:
        """Set the first profile the charger accepts, and take our other ones away: only one counts."""
        place = self._place()
        in_transaction = place.transaction_id is not None
        before = self.ladder.taken(in_transaction=in_transaction)
        for shape in self.ladder.to_try(self.abilities, in_transaction=in_transaction)[:_TRIES]:
            message = session.dialect.set_limit(
                shape, place, current_a, now=self._clock(), duration_s=duration_s
            )
            if not await _is_taken(session, message, {"Accepted"}, self._patience.limit_s):
                self.ladder.refused(shape)
                continue
            self.ladder.took(shape, in_transaction=in_transaction)
            self._told_phases = place.drawing_phases if shape.unit is Unit.WATTS else None
            self._lasts = shape.timing in LASTING
            self._following.told(self.current_a, self._monotonic_s(), anew=shape != before)
            await self._clear_others(session, shape)
            return
        raise DeviceError("write_refused", "the charger accepts no charging profile")

    async def _clear_others(self, session: Session, shape: Shape) -> None:
        others = self._in_force - {shape.purpose}
        self._in_force.add(shape.purpose)
        for other in sorted(others):
            with suppress(DeviceError):
                await self._clear(session, other)

    async def _hand_back(self, session: Session) -> None:
        """Clear our profiles; where the charger cannot, allow all its circuit can carry."""
        self._limit, self._is_left = None, False
        self._following.told(None, self._monotonic_s())
        # Sorted, so that a hand-back always looks the same on the wire.
        for purpose in sorted(self._in_force or Purpose):
            await self._clear(session, purpose)
        if self._in_force:
            await self._set(session, self._connector.settings.max_current_a, LONGEST_LIMIT_S)
        else:
            await self._lift(session)

    async def _lift(self, session: Session) -> None:
        """While we are here a car under its own control draws what it likes, not the lasting default."""
        self._lifted_until_s = None
        if self.default.narrows_to_a is None or not self._connector.is_occupied:
            return
        await self._set(session, self._connector.settings.max_current_a, LIFT_S)
        self._lifted_until_s = self._monotonic_s() + LIFT_S

    async def _clear(self, session: Session, purpose: Purpose) -> None:
        """Clear one profile; that the charger has no such profile is fine too."""
        message = session.dialect.clear_limit(purpose, self._connector.wire_id)
        if await _is_taken(session, message, {"Accepted", "Unknown"}, self._patience.set_up_s):
            self._in_force.discard(purpose)


async def _is_taken(session: Session, message: object, good: set[str], timeout_s: float) -> bool:
    """Call the charger: whether its status is good. A CALLERROR is a no; silence and a lost link raise."""
    try:
        answer = await session.call(message, timeout_s=timeout_s)
    except CallRefusedError:
        return False
    return answer.get("status") in good
