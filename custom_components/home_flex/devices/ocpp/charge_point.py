"""A charger that dials in: its connection, and what all its sockets share."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from ...core.model import ChargerStatus, DeviceIdentity
from .charger import OcppCharger
from .configuration import Configuration
from .dialect import V16, Dialect
from .forwarding import Forwarder
from .ladder import Ladder
from .questions import Questions
from .session import Payload, Session
from .settings import ChargerSettings, Patience
from .tag_list import TagList, wanted_tags
from .tasks import finish
from .transactions import TransactionIds
from .transport import ChargerSocket

_LOGGER = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Surroundings:
    """What all chargers of a central system share.

    ``remembered`` is what outlives a restart: how each was told its limits, by identity and connector, and
    which tags it keeps; ``on_remembered`` is called when that has changed. ``on_told`` gets the identity, the
    action and the payload of what only people can make use of.
    """

    clock: Callable[[], datetime]
    monotonic_s: Callable[[], float]
    patience: Patience
    ids: TransactionIds = field(default_factory=TransactionIds)
    remembered: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    on_remembered: Callable[[], None] = lambda: None
    on_told: Callable[[str, str, Payload], None] = lambda _identity, _action, _payload: None


class ChargePoint:
    """A charger by its identity. Its sockets are drivers of their own; one connection serves them all."""

    def __init__(
        self,
        identity: str,
        surroundings: Surroundings,
        *,
        on_identity: Callable[[DeviceIdentity], None] = lambda _: None,
    ) -> None:
        """Have no socket yet; ``on_identity`` is called at each BootNotification."""
        self.identity: DeviceIdentity | None = None
        self.session: Session | None = None
        self.configuration = Configuration()
        self.fault: str | None = None
        self.is_asked = False
        self.polls = True
        self.forwarder: Forwarder | None = None
        self.clock, self.monotonic_s = surroundings.clock, surroundings.monotonic_s
        self.patience = surroundings.patience
        self._identity = identity
        self._surroundings = surroundings
        self._on_identity = on_identity
        self._chargers: dict[int, OcppCharger] = {}
        self._boot = asyncio.Event()
        self._wake = asyncio.Event()
        self._asks_who = False
        self._questions = Questions()
        self._told: set[int] = set()
        self._tag_list = TagList(surroundings.remembered.get(f"{identity}/tags"), self._keep_tag_list)
        self._must_list = asyncio.Event()

    @property
    def sockets(self) -> Mapping[int, OcppCharger]:
        """Its sockets that are used, by the number they were set up with."""
        return self._chargers

    def add(self, settings: ChargerSettings) -> OcppCharger:
        """Use one more socket."""
        document = self._surroundings.remembered.get(_key(settings))
        charger = OcppCharger(settings, self, Ladder(document))
        self._chargers[settings.connector_id] = charger
        self._tell_abilities()
        return charger

    def socket(self, connector_id: int) -> OcppCharger | None:
        """Return who takes what is told of a connector, as the charger numbers it.

        A charger with one socket may give it any number, and tell things of the whole charger only.
        """
        charger = self._chargers.get(connector_id)
        if charger is None and len(self._chargers) == 1:
            (only,) = self._chargers.values()
            if self.configuration.connectors == 1 and only.connector.wire_id not in self._told:
                only.connector.wire_id = connector_id or only.connector.wire_id
            is_only = connector_id == 0 and only.connector.wire_id not in self._told
            charger = only if is_only or connector_id == only.connector.wire_id else None
        if charger is not None and connector_id:
            self._told.add(connector_id)
        return charger

    def booted(self, identity: DeviceIdentity) -> None:
        """Note who it is; unless we asked, it has started anew and is set up again."""
        self.identity = identity
        for charger in self._chargers.values():
            charger.identity = identity
        if self._asks_who:
            self._asks_who = False
        else:
            for charger in self._chargers.values():
                charger.connector.boot(self.monotonic_s())
                charger.limiter.ladder.boot()
            self._boot.set()
            self.wake()
        self._on_identity(identity)

    def told(self, action: str, payload: Payload) -> None:
        """Pass on what only people can make use of."""
        self._surroundings.on_told(self._identity, action, payload)

    def wake(self) -> None:
        """Have what is due done now."""
        self._wake.set()

    def keep_ladders(self) -> None:
        """Remember how each socket was told its limits, when that is another way than before."""
        ladders, changed = self._surroundings.remembered, False
        for charger in self._chargers.values():
            key, document = _key(charger.settings), charger.limiter.ladder.document()
            if document and ladders.get(key) != document:
                ladders[key], changed = document, True
        if changed:
            self._surroundings.on_remembered()

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return what is known of each socket, and how it is told its limits."""
        identity, configuration = self.identity, self.configuration
        return [
            {
                "identity": self._identity,
                "connector": charger.connector.wire_id,
                "connected": self.session is not None,
                "model": None if identity is None else f"{identity.manufacturer} {identity.model}",
                "firmware": None if identity is None else identity.firmware,
                "fault": charger.connector.fault or self.fault,
                "highest_stack_level": configuration.highest_level,
                "units": sorted(configuration.units),
                "features": sorted(configuration.features),
                "polled": self.polls,
                "shapes": charger.limiter.ladder.document(),
                "obeys": not charger.limiter.ladder.is_at_its_end,
                "ignored_values": charger.ignored_values,
                "ignored_messages": charger.ignored_messages,
                "tag_list": self._tag_list.diagnostics(),
                "forwarding": None if self.forwarder is None else self.forwarder.diagnostics(),
            }
            for charger in self._chargers.values()
        ]

    async def serve(self, socket: ChargerSocket, dialect: Dialect = V16) -> None:
        """Serve a new connection until it ends; it takes the place of an older one, maybe half dead."""
        requests = dialect.requests(
            self,
            identity=self._identity,
            clock=self.clock,
            monotonic_s=self.monotonic_s,
            heartbeat_s=self.patience.heartbeat_s,
            ids=self._surroundings.ids,
        )
        session = Session(
            socket, requests.handlers, dialect, on_answered=self._answered, questions=self._questions
        )
        previous, self.session = self.session, session
        if previous is not None:
            self._questions.ended()
            previous.end()
        self._boot.clear()
        self._asks_who = False
        for charger in self._chargers.values():
            charger.connector.connect()
        keeping = asyncio.create_task(self._keep(session, socket), name="home_flex ocpp upkeep")
        forwarding = asyncio.create_task(self._forward(session), name="home_flex ocpp forwarding")
        listing = asyncio.create_task(self._list_tags(session), name="home_flex ocpp tag list")
        try:
            await session.serve()
        finally:
            await finish(keeping, forwarding, listing)
            if self.session is session:
                self._questions.ended()
                self.session = None
                for charger in self._chargers.values():
                    charger.lose_link()

    def disconnect(self) -> None:
        """End the connection, if there is one; the charger will dial in again."""
        if self.session is not None:
            self.session.end()

    def _answered(self, action: str, payload: Payload, answer: Payload, length: int) -> None:
        if self.forwarder is not None:
            self.forwarder.heard(action, payload, answer, length)

    async def _forward(self, session: Session) -> None:
        """Tell a second back end what is heard in this connection, where there is one."""
        if self.forwarder is not None:
            ask = partial(session.request, timeout_s=self.patience.set_up_s)
            await self.forwarder.run(session.dialect.version, ask)

    def _keep_tag_list(self, document: Mapping[str, Any]) -> None:
        self._surroundings.remembered[f"{self._identity}/tags"] = document
        self._surroundings.on_remembered()

    async def _list_tags(self, session: Session) -> None:
        """Have the charger keep who may charge, after each time it was set up: a limit never waits for it."""
        while True:
            await self._must_list.wait()
            self._must_list.clear()
            settings = [each.settings for each in self._chargers.values()]
            await self._tag_list.push(session, self.patience, wanted_tags(settings))

    async def _keep(self, session: Session, socket: ChargerSocket) -> None:
        """Set the charger up at each boot, and watch over its connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience.boot_s):
                await self._boot.wait()
        is_up = True
        while is_up:
            self._boot.clear()
            await self._set_up(session)
            is_up = await self._watch(session, socket)

    async def _set_up(self, session: Session) -> None:
        """Tell the limits first, then ask for all that matters."""
        chargers = tuple(self._chargers.values())
        self._questions.begin()
        for charger in chargers:
            await charger.tell_again(session)
        if self.identity is None:
            # It may come before the answer.
            self._asks_who = True
            self._asks_who = (
                await session.dialect.ask_who_it_is(session, self.patience) and self.identity is None
            )
        for charger in chargers:
            await session.dialect.ask_for_news(session, self.patience, charger.connector.wire_id)
        self.configuration = await session.dialect.read_configuration(session, self.patience)
        self._tell_abilities()
        await session.dialect.configure(session, self.patience)
        self.is_asked = self.polls = True
        for charger in chargers:
            if charger.connector.status is ChargerStatus.UNAVAILABLE:
                await session.dialect.make_operative(session, self.patience, charger.connector.wire_id)
            charger.limiter.default.connected()
            await charger.renew(session)
            charger.news()
        self._questions.finish()
        self._must_list.set()

    async def _watch(self, session: Session, socket: ChargerSocket) -> bool:
        """Do what is due; return True once the charger started anew, False when it is silent for too long."""
        silence_s = self.patience.silence_s
        while not self._boot.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(silence_s / 12):
                    await self._wake.wait()
            self._wake.clear()
            if self._boot.is_set():
                break
            for charger in tuple(self._chargers.values()):
                await charger.tend(session)
            silent_s = asyncio.get_running_loop().time() - socket.last_heard
            if silent_s >= silence_s:
                _LOGGER.debug("Charger %s was silent for %d s", self._identity, silent_s)
                session.end()
                return False
            if silent_s >= silence_s * 2 / 3:
                await session.dialect.prove_alive(session, self.patience)
        return True

    def _tell_abilities(self) -> None:
        abilities = self.configuration.abilities(shares=len(self._chargers) > 1)
        for charger in self._chargers.values():
            charger.limiter.abilities = abilities


def _key(settings: ChargerSettings) -> str:
    return f"{settings.identity}/{settings.connector_id}"
