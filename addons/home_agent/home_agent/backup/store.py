"""The operator's folder of backups: HTTPS PUT and GET."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Final

import aiohttp

_LOGGER = logging.getLogger(__name__)

# A large backup on a thin line takes hours; what counts is that something moves.
_TIMEOUT = aiohttp.ClientTimeout(total=12 * 3600, sock_connect=30, sock_read=300)
PAUSES_S: Final = (30.0, 120.0, 600.0)
_PIECE_BYTES = 256 * 1024
# Asking again cannot help. The folder moves nowhere by itself: its address holds a password.
_FINAL = frozenset({301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 411, 413})


class StoreError(Exception):
    """The folder does not answer or refuses; the message does not name its address."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        """Keep whether trying again is of no use."""
        super().__init__(message)
        self.final = final


class BackupStore:
    """Puts sealed backups into the folder and gets them back."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, pauses_s: tuple[float, ...] = PAUSES_S
    ) -> None:
        """Use ``session``, which the caller closes; wait ``pauses_s`` between attempts."""
        self._session = session
        self._url = url
        self._pauses_s = pauses_s

    async def put(self, name: str, content: Callable[[], AsyncIterator[bytes]], size: int) -> None:
        """Upload; ``content`` begins the ``size`` bytes anew at each attempt. Raises StoreError."""
        for pause_s in (*self._pauses_s, None):
            try:
                return await self._put_once(name, content(), size)
            except StoreError as error:
                if pause_s is None or error.final:
                    raise
                _LOGGER.warning("%s; again in %.0f s", error, pause_s)
            await asyncio.sleep(pause_s)
        return None

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Yield a sealed backup. Raises StoreError."""
        try:
            async with self._session.get(
                f"{self._url}/{name}", timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    raise StoreError(f"The folder of backups answers {answer.status}")
                async for piece in answer.content.iter_chunked(_PIECE_BYTES):
                    yield piece
        except aiohttp.ClientError, TimeoutError, OSError:
            # Not ``from`` the error, which names the address: a traceback would show it.
            raise StoreError("The folder of backups broke off") from None

    async def _put_once(self, name: str, content: AsyncIterator[bytes], size: int) -> None:
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        try:
            async with self._session.put(
                f"{self._url}/{name}", data=content, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
        except aiohttp.ClientError, TimeoutError, OSError:
            raise StoreError("The folder of backups does not answer") from None
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise StoreError(f"The folder of backups refused: {status}", final=status in _FINAL)
