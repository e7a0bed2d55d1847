"""A charger that dials in, as a driver: what it last said, and the current limit it was given."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from ...core.model import ChargerStatus, DeviceIdentity
from ..driver import DeviceError, LinkDown, Publish
from .connector import Connector
from .lasting_default import LastingDefault
from .limiter import CurrentLimiter
from .requests import CONNECTOR_ID, Requests
from .session import Session
from .settings import ChargerSettings, Patience
from .tasks import finish
from .transport import ChargerSocket
from .upkeep import ask_for_news, configure, highest_stack_level, prove_alive, switches_phases

_LOGGER = logging.getLogger(__name__)


class OcppCharger:
    """A Driver that LimitsCurrent. It lives as long as its settings; its connections come and go."""

    def __init__(
        self,
        settings: ChargerSettings,
        *,
        clock: Callable[[], datetime],
        patience: Patience,
        on_identity: Callable[[DeviceIdentity], None] = lambda _: None,
    ) -> None:
        """Know nothing yet; ``on_identity`` is called at each BootNotification."""
        self.settings = settings
        self.identity: DeviceIdentity | None = None
        self._clock = clock
        self._patience = patience
        self._on_identity = on_identity
        self._connector = Connector(settings=settings)
        self._default = LastingDefault(settings, patience)
        self._limiter = CurrentLimiter(
            connector=self._connector, clock=clock, patience=patience, default=self._default
        )
        self._boot_seen = asyncio.Event()
        self._transaction_began = asyncio.Event()
        self._requests = Requests(
            connector=self._connector,
            clock=clock,
            heartbeat_s=patience.heartbeat_s,
            on_boot=self._booted,
            on_transaction=self._transaction_began.set,
            on_news=self._publish_reading,
        )
        self._session: Session | None = None
        self._publish: Publish | None = None
        self._is_up = False
        self._is_asked = False
        self._switches_phases = False

    @property
    def ignored_values(self) -> int:
        """How many meter values could not be true, or not be read, since the start."""
        return self._connector.ignored_values

    @property
    def ignored_messages(self) -> int:
        """How many messages of the present connection were no OCPP-J, broke a rule, or answered nothing."""
        return 0 if self._session is None else self._session.ignored_messages

    async def run(self, publish: Publish) -> None:
        """Publish readings as the charger sends them, and LinkDown once per loss, until cancelled."""
        self._publish = publish
        try:
            if self._session is not None and self._connector.status is not None:
                self._publish_reading()
            await asyncio.Event().wait()
        finally:
            self._publish = None
            self._is_up = False

    async def set_current_limit(self, current_a: float | None, *, expires_in_s: float) -> None:
        """Draw at most ``current_a`` A per phase for ``expires_in_s``; 0 pauses, None lifts the limit.

        A current below the charger's smallest pauses; one above its largest is the largest. Accepted is no
        proof: only the measured power is. Raises DeviceError: ``charger_not_connected``, ``timeout``,
        ``write_refused``, ``superseded``.
        """
        if self._session is None:
            raise DeviceError("charger_not_connected", f"charger {self.settings.identity} is not connected")
        await self._limiter.write(self._session, current_a, expires_in_s=expires_in_s)
        if self._connector.status is not None:
            self._publish_reading()

    @property
    def current_range_a(self) -> tuple[float, float]:
        """The smallest and the largest current per phase that it can be told."""
        return self.settings.min_current_a, self.settings.max_current_a

    @property
    def default_kept(self) -> bool | None:
        """Whether the charger keeps the lasting default, as it reads back; None while that is not known."""
        return self._default.kept

    def keep_default(self, current_a: float) -> None:
        """Have the charger fall back to ``current_a`` A per phase when nobody tells it anything any more."""
        self._default.want(current_a)

    @property
    def phase_counts(self) -> tuple[int, ...]:
        """How many phases it can be told to use: one or three where it says that it switches."""
        return (1, 3) if self._switches_phases and self.settings.phases == 3 else (self.settings.phases,)

    def use_phases(self, phases: int) -> None:
        """Connect so many phases with the next limit, for a charger that switches."""
        if phases in self.phase_counts:
            self._limiter.phases = phases

    async def serve(self, socket: ChargerSocket) -> None:
        """Serve a new connection until it ends; it takes the place of an older one, maybe half dead."""
        session = Session(socket, self._requests.handlers)
        previous, self._session = self._session, session
        if previous is not None:
            previous.end()
        self._boot_seen = asyncio.Event()
        keeping = asyncio.create_task(self._keep(session, socket), name="home_flex ocpp upkeep")
        try:
            await session.serve()
        finally:
            await finish(keeping)
            if self._session is session:
                self._session = None
                self._lose_link()

    def disconnect(self) -> None:
        """End the connection, if there is one; the charger will dial in again."""
        if self._session is not None:
            self._session.end()

    async def _keep(self, session: Session, socket: ChargerSocket) -> None:
        """Set the charger up and watch over its connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.boot_s):
                await self._boot_seen.wait()
        await self._write_limit_again(session)
        await ask_for_news(session, self._patience, CONNECTOR_ID, identity_known=self.identity is not None)
        self._limiter.stack_level = await highest_stack_level(session, self._patience)
        self._switches_phases = await switches_phases(session, self._patience)
        await configure(session, self._patience)
        self._is_asked = True
        self._default.connected()
        await self._renew(session)
        if self._connector.status is not None:
            self._publish_reading()
        await self._watch(session, socket)

    async def _watch(self, session: Session, socket: ChargerSocket) -> None:
        """End a connection that is silent for too long; limit a transaction as soon as it begins."""
        silence_s = self._patience.silence_s
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(silence_s / 12):
                    await self._transaction_began.wait()
            if self._transaction_began.is_set():
                await self._write_limit_again(session)
            await self._renew(session)
            silent_s = asyncio.get_running_loop().time() - socket.last_heard
            if silent_s >= silence_s:
                _LOGGER.debug("Charger %s was silent for %d s", self.settings.identity, silent_s)
                session.end()
                return
            if silent_s >= silence_s * 2 / 3:
                await prove_alive(session, self._patience)

    async def _write_limit_again(self, session: Session) -> None:
        self._transaction_began.clear()
        try:
            await self._limiter.write_again(session)
        except DeviceError as error:
            _LOGGER.debug("Charger %s did not take its limit again: %s", self.settings.identity, error)

    async def _renew(self, session: Session) -> None:
        try:
            await self._limiter.renew(session)
        except DeviceError as error:
            _LOGGER.debug("Charger %s did not take its lasting default: %s", self.settings.identity, error)

    def _booted(self, identity: DeviceIdentity) -> None:
        self.identity = identity
        self._boot_seen.set()
        self._on_identity(identity)

    def _publish_reading(self) -> None:
        """Publish; a car that charges before its power was told is not one that draws nothing.

        A charger that was asked and tells none is taken as it is.
        """
        charges = self._connector.status is ChargerStatus.CHARGING
        if charges and not self._connector.is_sampled and not self._is_asked:
            return
        if self._publish is not None:
            self._is_up = True
            self._publish(
                self._connector.reading(self._clock(), self._limiter.current_a, self._limiter.phases)
            )

    def _lose_link(self) -> None:
        if self._publish is not None and self._is_up:
            self._is_up = False
            self._publish(LinkDown("charger_not_connected", f"charger {self.settings.identity} hung up"))
