"""Home Assistant's own interface, as its user interface speaks it: REST and WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Self

import aiohttp

type Json = dict[str, Any]

_TIMEOUT = aiohttp.ClientTimeout(total=60)


class ApiError(Exception):
    """Home Assistant does not answer, or refuses; the message holds nothing that was sent."""

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        """Keep the HTTP status of a REST call, or the code a WebSocket command was refused with."""
        super().__init__(message)
        self.status = status
        self.code = code


class HomeAssistantApi:
    """One visitor; an administrator as soon as ``token`` is set."""

    def __init__(self, url: str) -> None:
        """Prepare."""
        # The owner of a code and of a token, after IndieAuth: an address of the same host.
        self.client_id = f"{url}/"
        self.token: str | None = None
        self._session = aiohttp.ClientSession(url, timeout=_TIMEOUT)

    async def __aenter__(self) -> Self:
        """Use as a context that closes the connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def get(self, path: str) -> Any:
        """GET a path. Raises ApiError."""
        return await self._request("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST a JSON body. Raises ApiError."""
        return await self._request("POST", path, json=body)

    async def post_form(self, path: str, fields: Mapping[str, str]) -> Any:
        """POST form fields. Raises ApiError."""
        return await self._request("POST", path, data=fields)

    async def delete(self, path: str) -> Any:
        """DELETE a path. Raises ApiError."""
        return await self._request("DELETE", path)

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send one WebSocket command and return its result. Raises ApiError."""
        try:
            async with (
                asyncio.timeout(60),
                self._session.ws_connect("/api/websocket", max_msg_size=0) as link,
            ):
                await link.receive_json()
                await link.send_json({"type": "auth", "access_token": self.token})
                if (await link.receive_json())["type"] != "auth_ok":
                    raise ApiError("Home Assistant does not accept the token", status=HTTPStatus.UNAUTHORIZED)
                await link.send_json({"id": 1, "type": kind, **fields})
                answer = await link.receive_json()
        except (aiohttp.ClientError, TimeoutError, TypeError) as error:
            raise ApiError(f"Home Assistant does not answer {kind}") from error
        if not answer["success"]:
            code = answer["error"]["code"]
            raise ApiError(f"Home Assistant refused {kind}: {code}", code=code)
        return answer["result"]

    async def _request(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self._session.request(method, path, headers=headers, **body) as answer:
                if answer.status >= HTTPStatus.BAD_REQUEST:
                    raise ApiError(
                        f"Home Assistant refused {method} {path}: {answer.status}", status=answer.status
                    )
                return await answer.json() if answer.content_type == "application/json" else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiError(f"Home Assistant does not answer {method} {path}") from error


async def eventually(look: Callable[[], Awaitable[bool]], *, timeout_s: float, every_s: float = 0.2) -> bool:
    """Return whether ``look`` found what it looks for in time."""
    try:
        async with asyncio.timeout(timeout_s):
            while not await look():  # noqa: ASYNC110 - another process cannot set an event of ours
                await asyncio.sleep(every_s)
    except TimeoutError:
        return False
    return True
