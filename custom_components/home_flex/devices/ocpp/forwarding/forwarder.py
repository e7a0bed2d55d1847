"""Tells a second back end what a charger does, for as long as the charger is there."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from aiohttp import ClientSession

from ...backoff import Backoff
from ...driver import DeviceError, Forwarding
from ...kept import KeptDocument
from .. import fields
from ..session import CallRefusedError, Payload
from .books import Books
from .link import Link, connected
from .notices import Notices
from .outbox import Notice, Outbox
from .permits import Ask, Permits
from .settings import ForwardSettings

_LOGGER = logging.getLogger(__name__)

_REFUSED: Final = "forwarding_refused"
_AFTER_REFUSAL_S: Final = 60.0
_SHORTEST_S: Final = 10.0
_LONGEST_S: Final = 3600.0
# A charger that came back without having started is asked who it is, and may not say.
_BOOT_S: Final = 10.0


class Forwarder:
    """Keeps what is to be told, and tells it when it can: whoever charges never waits for it.

    The back end is told what the charger was answered already. What begins or ends a transaction is told in
    the end, also after a restart; statuses and values are told while it listens.
    """

    def __init__(
        self,
        charger: str,
        settings: ForwardSettings,
        *,
        http: ClientSession,
        kept: KeptDocument,
        clock: Callable[[], datetime],
        monotonic_s: Callable[[], float],
    ) -> None:
        """Have nothing to tell yet of ``charger``, by its identity; ``kept`` is what outlives a restart.

        ``clock`` gives the aware UTC time.
        """
        self._charger = charger
        self.settings = settings
        self._http = http
        self._kept = kept
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._notices, self._outbox, self._books = Notices(), Outbox(), Books()
        self._version: str | None = None
        self._is_restored = False
        self._news = asyncio.Event()
        self._booted = asyncio.Event()
        self._must_boot = False
        self._must_beat = False
        self._heartbeat_s = _LONGEST_S
        self._state = Forwarding(is_connected=False)
        self._refused = 0

    @property
    def troubles(self) -> frozenset[str]:
        """What only somebody can change: it does not let the charger in."""
        return frozenset({_REFUSED} & {self._state.reason})

    @property
    def state(self) -> Forwarding:
        """Whether it listens, and since when."""
        return self._state

    def diagnostics(self) -> dict[str, Any]:
        """Return how it goes, without who or where."""
        return {
            "connected": self._state.is_connected,
            "trouble": self._state.reason,
            "waiting": len(self._outbox),
            "dropped": self._outbox.dropped,
            "refused": self._refused,
        }

    def heard(self, action: str, payload: Payload, answer: Payload, length: int) -> None:
        """Take what the charger called and was answered; ``length`` is that of its message."""
        notice = self._notices.of(action, payload, answer, length, self._monotonic_s())
        if action == "BootNotification":
            self._must_boot = True
            self._booted.set()
            self._keep()
        number = None if notice is None else notice.transaction
        is_again = number is not None and (self._books.knows(number) or self._outbox.begins(number))
        if notice is not None and not is_again:
            self._outbox.add(notice)
            if notice.lasting:
                self._keep()
        self._news.set()

    async def run(self, version: str, ask: Ask) -> None:
        """Tell in ``version`` of OCPP until cancelled; ``ask`` calls the charger."""
        await self._restore(version)
        backoff = Backoff()
        while True:
            wait_s = backoff.next_s()
            try:
                async with connected(self._http, self.settings, version) as socket:
                    await self._speak(socket, version, ask, backoff)
                self._note(DeviceError("cannot_connect", "it hung up"))
            except DeviceError as error:
                self._note(error)
                wait_s = _AFTER_REFUSAL_S if error.reason == _REFUSED else wait_s
            except asyncio.CancelledError:
                self._note(DeviceError("charger_not_connected", "the charger is not connected"))
                raise
            await asyncio.sleep(wait_s)

    async def _restore(self, version: str) -> None:
        """Go on where it was left, unless the charger speaks another version by now."""
        if self._version == version:
            return
        if self._version is not None:
            self._notices, self._outbox, self._books = Notices(), Outbox(), Books()
        self._version, self._is_restored = version, False
        document = await self._kept.load() or {}
        if document.get("ocpp") == version:
            boot = document.get("boot")
            self._notices.boot = self._notices.boot or (boot if isinstance(boot, dict) else None)
            self._outbox.restore(document.get("waiting"))
            self._books.restore(document.get("books"))
        self._is_restored = True
        self._keep()

    def _keep(self) -> None:
        """Keep what outlives a restart. Before what was kept is read nothing is written over it."""
        if self._is_restored:
            self._kept.put(
                {
                    "version": 1,
                    "ocpp": self._version,
                    "boot": self._notices.boot,
                    "waiting": self._outbox.document(),
                    "books": self._books.document(),
                }
            )

    async def _speak(self, socket: Any, version: str, ask: Ask, backoff: Backoff) -> None:
        """Tell and answer until the connection ends. Raises DeviceError."""
        permits = Permits(self.settings, version=version, books=self._books, ask=ask, repeat=self._repeat)
        link = Link(socket, permits.answer)
        parts = (
            asyncio.create_task(link.read(), name="home_flex ocpp forwarding read"),
            asyncio.create_task(self._tell(link, backoff), name="home_flex ocpp forwarding tell"),
        )
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        for part in done:
            part.result()

    async def _tell(self, link: Link, backoff: Backoff) -> None:
        await self._boot(link)
        backoff.reset()
        self._note(None)
        self._repeat("StatusNotification")
        while True:
            self._news.clear()
            if self._must_boot:
                await self._boot(link)
            if self._must_beat:
                await self._beat(link)
            if (notice := self._outbox.first) is not None:
                await self._tell_one(link, notice)
                continue
            try:
                async with asyncio.timeout(self._heartbeat_s):
                    await self._news.wait()
            except TimeoutError:
                await self._beat(link)

    async def _boot(self, link: Link) -> None:
        """Tell who it is, until the back end takes it."""
        if self._notices.boot is None:
            try:
                async with asyncio.timeout(_BOOT_S):
                    await self._booted.wait()
            except TimeoutError:
                self._notices.boot = self._some_boot()
        while True:
            self._must_boot = False
            answer = await link.call("BootNotification", self._notices.boot or self._some_boot())
            wanted_s = fields.number(answer.get("interval")) or _LONGEST_S
            interval_s = min(_LONGEST_S, max(_SHORTEST_S, wanted_s))
            if answer.get("status") == "Accepted":
                self._heartbeat_s = interval_s
                return
            self._note(DeviceError(_REFUSED, "it does not accept the charger"))
            await asyncio.sleep(interval_s)

    def _some_boot(self) -> Payload:
        """Return a BootNotification for a charger that does not say who it is."""
        if self._version == "1.6":
            return {"chargePointVendor": "unknown", "chargePointModel": "unknown"}
        station = {"vendorName": "unknown", "model": "unknown"}
        return {"reason": "Unknown", "chargingStation": station}

    async def _beat(self, link: Link) -> None:
        self._must_beat = False
        await link.call("Heartbeat", {})

    async def _tell_one(self, link: Link, notice: Notice) -> None:
        """Tell one; what is refused is not told again."""
        payload = self._books.worded(notice, self.settings.id_tag)
        if payload is not None:
            try:
                answer = await link.call(notice.action, payload)
            except CallRefusedError as error:
                self._refused += 1
                _LOGGER.debug("The second back end refuses %s: %s", notice.action, error)
            else:
                self._books.told(notice, answer)
        self._outbox.remove(notice)
        if notice.lasting:
            self._keep()

    def _repeat(self, what: str) -> bool:
        """Have something told again; whether there is such a thing."""
        match what:
            case "BootNotification":
                self._must_boot = True
            case "Heartbeat":
                self._must_beat = True
            case "StatusNotification" | "MeterValues":
                known = self._notices.statuses if what == "StatusNotification" else self._notices.values
                self._outbox.forget(what)
                for payload in known.values():
                    self._outbox.add(Notice(action=what, payload=payload))
            case _:
                return False
        self._news.set()
        return True

    def _note(self, error: DeviceError | None) -> None:
        """Note how it goes since when, and log what is new."""
        was, reason = self._state, None if error is None else error.reason
        is_connected = error is None
        since = was.since if is_connected is was.is_connected and was.since else self._clock()
        self._state = Forwarding(is_connected=is_connected, since=since, reason=reason)
        if reason != was.reason:
            level = logging.WARNING if reason == _REFUSED else logging.INFO
            told = "it listens" if error is None else str(error)
            _LOGGER.log(level, "The second back end of charger %s: %s", self._charger, told)
