"""One socket of a charger that dials in, as a driver: what it last said, and the limit it was given."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from ...core.model import ChargerStatus, DeviceIdentity
from ..driver import DeviceError, Forwarding, LinkDown, Publish
from .connector import Connector
from .ladder import Ladder
from .limiter import CurrentLimiter
from .session import Session
from .settings import ChargerSettings
from .tags import OUR_TAG

if TYPE_CHECKING:
    from .charge_point import ChargePoint

_LOGGER = logging.getLogger(__name__)

_MOST_STARTS: Final = 3
_START_AGAIN_S: Final = 60.0


class OcppCharger:
    """A Driver that LimitsCurrent. It lives as long as its settings; connections come and go."""

    guards_counters: Final = True

    def __init__(self, settings: ChargerSettings, station: ChargePoint, ladder: Ladder) -> None:
        """Know nothing yet but how the charger was told its limits before."""
        self.settings = settings
        self.identity: DeviceIdentity | None = station.identity
        self.connector = Connector(settings=settings, wire_id=settings.connector_id)
        self._station = station
        self._patience = station.patience
        self.limiter = CurrentLimiter(
            connector=self.connector,
            clock=station.clock,
            monotonic_s=station.monotonic_s,
            patience=station.patience,
            ladder=ladder,
        )
        self._publish: Publish | None = None
        self._is_up = False
        self._must_tell = False
        self._must_step = False
        self._polled_s = 0.0
        self._plugged_s: float | None = None
        self._starts = 0
        self._ended_in_pause = False

    @property
    def ignored_values(self) -> int:
        """How many meter values could not be true, or not be read, since the start."""
        return self.connector.ignored_values

    @property
    def ignored_messages(self) -> int:
        """How many messages of the present connection were no OCPP-J, broke a rule, or answered nothing."""
        session = self._station.session
        return 0 if session is None else session.ignored_messages

    async def run(self, publish: Publish) -> None:
        """Publish readings as the charger sends them, and LinkDown once per loss, until cancelled."""
        self._publish = publish
        try:
            if self._station.session is not None and self.connector.status is not None:
                self.news()
            await asyncio.Event().wait()
        finally:
            self._publish = None
            self._is_up = False

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:
        """Draw at most ``current_a`` A per phase for ``expires_in_s``; 0 pauses, None lifts the limit.

        A current below the charger's smallest pauses; one above its largest is the largest. Accepted is no
        proof: only the measured power is, and a limit that is not followed is told again in another shape.
        Raises DeviceError: ``charger_not_connected``, ``timeout``, ``write_refused``, ``superseded``.
        """
        session = self._station.session
        if session is None:
            raise DeviceError("charger_not_connected", f"charger {self.settings.identity} is not connected")
        await self.limiter.write(session, current_a, expires_in_s=expires_in_s)
        self._station.keep_ladders()
        self.news()

    @property
    def current_range_a(self) -> tuple[float, float]:
        """The smallest and the largest current per phase that it can be told."""
        return self.settings.min_current_a, self.settings.max_current_a

    @property
    def default_kept(self) -> bool | None:
        """Whether the charger keeps the lasting default, as it reads back; None while that is not known."""
        return self.limiter.default.kept

    @property
    def troubles(self) -> frozenset[str]:
        """What only somebody can change: a second back end lets it not in."""
        forwarder = self._station.forwarder
        return frozenset() if forwarder is None or self.settings.forward is None else forwarder.troubles

    @property
    def forwarding(self) -> Forwarding | None:
        """Whether a second back end listens; None where none is told."""
        forwarder = self._station.forwarder
        return None if forwarder is None or self.settings.forward is None else forwarder.state

    def keep_default(self, current_a: float) -> None:
        """Have the charger fall back to ``current_a`` A per phase when nobody tells it anything any more."""
        self.limiter.default.want(current_a)

    @property
    def phase_counts(self) -> tuple[int, ...]:
        """How many phases it can be told to use: one or three where it switches, and takes their number."""
        limiter = self.limiter
        switches = limiter.abilities.switches_phases and limiter.ladder.tells_phases
        return (1, 3) if switches and self.settings.phases == 3 else (self.settings.phases,)

    def use_phases(self, phases: int) -> None:
        """Connect so many phases with the next limit, for a charger that switches."""
        if phases in self.phase_counts:
            self.limiter.phases = phases

    def news(self) -> None:
        """Publish; a car that charges before its power was told is not one that draws nothing.

        A charger that was asked and tells none is taken as it is, and so is one that tells no status.
        """
        is_known = self.connector.sampled_s is not None or self._station.is_asked
        waits = self.connector.status in {None, ChargerStatus.CHARGING}
        if self._publish is None or (waits and not is_known):
            return
        self._is_up = True
        limiter = self.limiter
        self._publish(self.connector.reading(self._station.clock(), limiter.current_a, limiter.phases))

    def began(self) -> None:
        """Have the limit told to the transaction that began."""
        self._ended_in_pause = False
        self._must_tell = True
        self._station.wake()

    def ended(self) -> None:
        """Note whether it was paused as its transaction ended."""
        self._ended_in_pause = self.limiter.current_a == 0.0

    def sampled(self) -> None:
        """Have the limit told in another way when it is not followed, or was for other phases."""
        if self.limiter.is_disobeyed():
            self._must_step = True
            self._station.wake()
        elif self.limiter.is_told_for_other_phases:
            self._must_tell = True
            self._station.wake()

    def lose_link(self) -> None:
        """Tell the loss of the link, once."""
        if self._publish is not None and self._is_up:
            self._is_up = False
            self._publish(LinkDown("charger_not_connected", f"charger {self.settings.identity} hung up"))

    async def tell_again(self, session: Session) -> None:
        """Tell the limit that is still in force."""
        self._must_tell = False
        try:
            await self.limiter.write_again(session)
        except DeviceError as error:
            _LOGGER.debug("Charger %s did not take its limit again: %s", self.settings.identity, error)

    async def renew(self, session: Session) -> None:
        """Tell the lasting default, and stand above it, when that is due."""
        try:
            await self.limiter.renew(session)
        except DeviceError as error:
            _LOGGER.debug("Charger %s did not take its lasting default: %s", self.settings.identity, error)

    async def tend(self, session: Session) -> None:
        """Do what is due: tell the limit anew, poll what is not sent, start a session for who plugged in."""
        if self._must_step:
            try:
                await self.limiter.step(session)
            except DeviceError as error:
                _LOGGER.debug("Charger %s did not take its limit: %s", self.settings.identity, error)
            # What was measured meanwhile was measured under the shape before.
            self._must_step = False
            self._station.keep_ladders()
        if self._must_tell:
            await self.tell_again(session)
        await self.renew(session)
        await self._poll(session)
        await self._start(session)

    async def _poll(self, session: Session) -> None:
        """Ask for the values of a car that charges, where the charger sends them seldom."""
        now_s = self._station.monotonic_s()
        heard_s = max(self.connector.sampled_s or 0.0, self._polled_s)
        if self.connector.is_charging and now_s - heard_s >= self._patience.poll_s and self._station.polls:
            self._polled_s = now_s
            self._station.polls = await session.dialect.ask_for_values(
                session, self._patience, self.connector.wire_id
            )

    async def _start(self, session: Session) -> None:
        """Start a session for who plugged in, where the resident wants that; a few times, then no more.

        Not while it is paused: some chargers end a session for that, and begin none. Some of them then say
        that they finish until the car leaves: it was no person who ended that session.
        """
        status = self.connector.status
        waits = (
            (
                status is ChargerStatus.PREPARING
                or (status is ChargerStatus.FINISHING and self._ended_in_pause)
            )
            and self.connector.transactions.running is None
            and self.limiter.current_a != 0.0
        )
        if not (waits and self.settings.starts_itself):
            self._plugged_s, self._starts = None, 0
            return
        now_s = self._station.monotonic_s()
        if self._plugged_s is None:
            self._plugged_s = now_s
        due_s = self._plugged_s + self._patience.start_s + self._starts * _START_AGAIN_S
        if self._starts < _MOST_STARTS and now_s >= due_s:
            self._starts += 1
            await session.dialect.start_session(session, self._patience, self.connector.wire_id, OUR_TAG)
