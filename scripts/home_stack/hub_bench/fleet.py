"""Many homes in one process, which come back when their connections are lost."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from .home import Home

CONNECTS_AT_ONCE: Final = 200
CONNECT_TIMEOUT_S: Final = 60.0
# Longer than the hub lets homes wait for its word.
ASK_S: Final = 45.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Where homes connect; over TLS with ``context``, or by ``own`` each with its own certificate."""

    port: int
    context: ssl.SSLContext | None = None
    own: Mapping[str, ssl.SSLContext] = field(default_factory=dict)


class Fleet:
    """Homes; ``running`` keeps them connected to a door."""

    def __init__(
        self, ven_ids: list[str], door: Door, hears: Callable[[Home, dict[str, Any]], None] | None = None
    ) -> None:
        """Prepare; ``hears`` is given what homes are told of events."""
        self.homes = [Home(ven_id, self._lost, hears) for ven_id in ven_ids]
        self.door = door
        self._waiting: asyncio.Queue[Home] = asyncio.Queue()
        self._is_away = False

    @classmethod
    @asynccontextmanager
    async def running(
        cls, ven_ids: list[str], door: Door, hears: Callable[[Home, dict[str, Any]], None] | None = None
    ) -> AsyncIterator[Self]:
        """Give a fleet all of which is connected, and let it go after."""
        fleet = cls(ven_ids, door, hears)
        tasks = [asyncio.create_task(fleet._connect()) for _ in range(CONNECTS_AT_ONCE)]  # its own
        tasks.append(asyncio.create_task(fleet._ask()))  # its own
        try:
            await fleet.come_back()
            yield fleet
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await fleet.go_away()

    async def go_away(self) -> None:
        """Let all connections go, and none come back."""
        self._is_away = True
        for home in self.homes:
            home.drop()
        while any(home.opened is not None for home in self.homes):  # noqa: ASYNC110 # homes change one by one
            await asyncio.sleep(0.02)

    async def come_back(self) -> None:
        """Connect all; return when the broker has said yes to each."""
        self._is_away = False
        for home in self.homes:
            self._waiting.put_nowait(home)
        while not all(home.is_connected for home in self.homes):  # noqa: ASYNC110 # homes change one by one
            await asyncio.sleep(0.02)

    def is_heard(self) -> bool:
        """Return whether the hub has said of all reports that it has them."""
        return not any(home.kept or home.to_send for home in self.homes)

    def _lost(self, home: Home) -> None:
        if not self._is_away:
            self._waiting.put_nowait(home)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            home = await self._waiting.get()
            if self._is_away or home.opened is not None:
                continue
            home.opened = loop.create_future()
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    await loop.create_connection(
                        lambda home=home: home,
                        "127.0.0.1",
                        self.door.port,
                        ssl=self.door.own.get(home.ven_id, self.door.context),
                    )
                    await asyncio.wait([home.opened])
            except OSError, TimeoutError:
                home.opened = None
                await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 # no secret
                self._waiting.put_nowait(home)

    async def _ask(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(ASK_S / 2)
            now_s = loop.time()
            for home in self.homes:
                if home.kept and home.is_connected and now_s - home.heard_s > ASK_S:
                    home.heard_s = now_s
                    home.ask()
