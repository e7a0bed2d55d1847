"""Who may see the operator's pages: who knows the operator's secret, and administrators of Home Assistant."""

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from hmac import compare_digest
from typing import Final

import aiohttp

from ..home.link import HomeAssistantError, TokenRefusedError, connected

_LOGGER = logging.getLogger(__name__)

USERNAME: Final = "operator"
KEPT_S: Final = 60.0
# Home Assistant bans an address after some refused log-ins; ours is needed, so few wrong tokens get there.
MOST_REFUSED: Final = 3
REFUSED_WITHIN_S: Final = 900.0
_MOST_KEPT: Final = 100
_MOST_HEADER_CHARACTERS: Final = 4096


class Visitor(Enum):
    """Who somebody has proved to be."""

    NOBODY = "nobody"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class _Known:
    visitor: Visitor
    until_s: float


class Access:
    """Checks the header ``Authorization``."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        home_assistant_url: str,
        operator_secret: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without an ``operator_secret`` nobody is the operator."""
        self.failures = 0
        self._session = session
        self._url = home_assistant_url
        self._secret = operator_secret
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        self._refused: list[float] = []
        # One at a time: many wrong tokens at once count like many one after another.
        self._asking = asyncio.Lock()

    async def visitor(self, authorization: str | None) -> Visitor:
        """Return who sent this header."""
        if not authorization or len(authorization) > _MOST_HEADER_CHARACTERS:
            return Visitor.NOBODY
        scheme, _, credentials = authorization.partition(" ")
        match scheme.lower():
            case "basic":
                found = Visitor.OPERATOR if self._is_operator(credentials.strip()) else Visitor.NOBODY
            case "bearer":
                async with self._asking:
                    found = await self._of_token(credentials.strip())
            case _:
                found = Visitor.NOBODY
        if found is Visitor.NOBODY:
            self.failures += 1
        return found

    def _is_operator(self, credentials: str) -> bool:
        """Compare in a time that does not depend on what is right."""
        try:
            given = base64.b64decode(credentials, validate=True)
        except binascii.Error, ValueError:
            return False
        if not self._secret:
            return False
        return compare_digest(given, f"{USERNAME}:{self._secret}".encode())

    async def _of_token(self, token: str) -> Visitor:
        now = self._clock()
        self._known = {key: known for key, known in self._known.items() if known.until_s > now}
        key = sha256(token.encode()).digest()
        if (known := self._known.get(key)) is not None:
            return known.visitor
        self._refused = [moment for moment in self._refused if now - moment < REFUSED_WITHIN_S]
        if token.count(".") != 2 or len(self._refused) >= MOST_REFUSED or len(self._known) >= _MOST_KEPT:
            return Visitor.NOBODY
        try:
            visitor = await self._ask(token)
        except TokenRefusedError:
            self._refused.append(now)
            visitor = Visitor.NOBODY
        except HomeAssistantError as error:
            _LOGGER.warning("Nobody can be checked now: %s", error)
            return Visitor.NOBODY
        self._known[key] = _Known(visitor, now + KEPT_S)
        return visitor

    async def _ask(self, token: str) -> Visitor:
        async with connected(self._session, self._url, token) as link:
            user = await link.command("auth/current_user")
        return Visitor.ADMINISTRATOR if user.get("is_admin") is True else Visitor.NOBODY
