"""A listener for HTTP: what every part of the house has in common that is asked over it."""

from abc import ABC, abstractmethod

from aiohttp import web


class HttpListener(ABC):
    """Listens on ``host`` and ``port`` between ``start`` and ``stop``; ``port`` 0 takes a free one."""

    def __init__(self, *, host: str, port: int) -> None:
        """Build one that does not listen yet."""
        self.port = port
        self._host = host
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def _application(self) -> web.Application:
        """Return what answers."""

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the listener and every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
