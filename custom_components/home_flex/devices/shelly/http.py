"""Asking a Shelly over HTTP, with its password where it has one."""

import asyncio
from collections.abc import Mapping
from json import JSONDecodeError, loads
from typing import Any

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DigestAuthMiddleware,
    encode_basic_auth,
)
from yarl import URL

from ..driver import DeviceError

_TIMEOUT = ClientTimeout(total=5.0)
_MOST_BYTES = 128 * 1024
# Gen2 and later know one user; the first generation's is free, and this is its usual one.
_USER = "admin"


class ShellyHttp:
    """Requests to one Shelly, one at a time: few connections are all it serves."""

    def __init__(self, session: ClientSession, host: str, password: str | None) -> None:
        """Remember where it is; raises ValueError for a host that is none."""
        self._session = session
        self._root = URL.build(scheme="http", authority=host, path="/")
        self._password = password
        self._digest = None if password is None else DigestAuthMiddleware(_USER, password)
        self._turn = asyncio.Lock()

    async def ask(
        self, path: str, query: Mapping[str, str] | None = None, *, is_first_generation: bool = False
    ) -> Mapping[str, Any]:
        """Return the JSON object of an answer.

        Raises DeviceError: ``unreachable``, ``timeout``, ``not_shelly``, ``password_needed``,
        ``wrong_password``, ``busy``, ``write_refused`` (it answers with an error of its own).
        """
        url = self._root.join(URL(path)).with_query(query or {})
        auth: dict[str, Any] = {}
        if self._password is not None and is_first_generation:
            auth = {"headers": {"Authorization": encode_basic_auth(_USER, self._password)}}
        elif self._digest is not None:
            auth = {"middlewares": (self._digest,)}
        try:
            async with (
                self._turn,
                self._session.get(url, timeout=_TIMEOUT, allow_redirects=False, **auth) as response,
            ):
                return await self._object(response)
        except TimeoutError as error:
            raise DeviceError("timeout", f"{self._root}: no answer in time") from error
        except (ClientError, OSError) as error:
            raise DeviceError("unreachable", f"{self._root}: {error}") from error

    async def _object(self, response: ClientResponse) -> Mapping[str, Any]:
        where = response.url.path
        if response.status == 401:
            reason = "password_needed" if self._password is None else "wrong_password"
            raise DeviceError(reason, f"{where}: needs its password")
        if response.status in {429, 503}:
            raise DeviceError("busy", f"{where}: answers {response.status}")
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > _MOST_BYTES:
                raise DeviceError("not_shelly", f"{where}: an endless answer")
        try:
            found = loads(body.decode("utf-8", "replace"))
        except (JSONDecodeError, RecursionError) as error:
            raise DeviceError("not_shelly", f"{where}: no JSON, status {response.status}") from error
        if not isinstance(found, dict):
            raise DeviceError("not_shelly", f"{where}: no JSON object")
        if response.status != 200:
            raise DeviceError("write_refused", f"{where}: {response.status} {found.get('message', '')}")
        return found
