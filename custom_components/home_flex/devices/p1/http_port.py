"""The P1 port of a HomeWizard P1 meter, asked for telegrams once a second (its local API v1)."""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from ..driver import DeviceError
from .framing import MAX_TELEGRAM_BYTES

_EVERY_S = 1.0
_TIMEOUT = ClientTimeout(total=5.0)
# A reader that is busy for a moment says so; the last telegram is not old yet.
_FAILURES_BORNE = 3


class TelegramPoller:
    """Asks for telegrams until it is closed, and feeds each into ``reader`` as a serial line would."""

    def __init__(self, session: ClientSession, host: str) -> None:
        """Remember where to ask; raises ValueError for a host that is none."""
        self.reader = asyncio.StreamReader()
        self._session = session
        self._url = URL.build(scheme="http", authority=host, path="/api/v1/telegram")
        self._polling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ask once, then go on. Raises DeviceError ``cannot_connect``, ``api_disabled`` or ``not_p1``."""
        try:
            self.reader.feed_data(await self._ask())
        except (ClientError, OSError, TimeoutError) as err:
            raise DeviceError("cannot_connect", f"{self._url}: {str(err) or 'no answer'}") from err
        self._polling = asyncio.create_task(self._poll(), name=f"home_flex poll {self._url.host}")

    def close(self) -> None:
        """Stop asking."""
        if self._polling is not None:
            self._polling.cancel()

    async def wait_closed(self) -> None:
        """Wait until nothing is asked any more."""
        if self._polling is not None:
            with suppress(asyncio.CancelledError):
                await self._polling

    async def _poll(self) -> None:
        failures = 0
        while failures < _FAILURES_BORNE:
            await asyncio.sleep(_EVERY_S)
            try:
                self.reader.feed_data(await self._ask())
                failures = 0
            except (ClientError, OSError, TimeoutError, DeviceError) as err:
                failures += 1
                last = err
        self.reader.set_exception(ConnectionError(f"no telegram {failures} times: {last}"))

    async def _ask(self) -> bytes:
        async with self._session.get(self._url, timeout=_TIMEOUT, allow_redirects=False) as response:
            if response.status == HTTPStatus.FORBIDDEN:
                raise DeviceError("api_disabled", f"{self._url}: the local API is switched off")
            if response.status != HTTPStatus.OK:
                raise DeviceError("not_p1", f"{self._url}: answers {response.status}")
            telegram = bytearray()
            # It comes in as many pieces as the network makes of it.
            async for piece in response.content.iter_any():
                telegram += piece
                if len(telegram) > MAX_TELEGRAM_BYTES:
                    break
            return bytes(telegram[:MAX_TELEGRAM_BYTES]).rstrip(b"\r\n") + b"\r\n"
