"""Home Assistant's own API, as its user interface speaks it: REST and WebSocket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

import aiohttp

from .processes import StackError

type Json = dict[str, Any]

_TIMEOUT = aiohttp.ClientTimeout(total=150)


class HomeAssistantApi:
    """A logged-in administrator."""

    def __init__(self, url: str) -> None:
        """Prepare; ``create_first_user`` comes next."""
        self.url = url
        self.token: str | None = None
        self._session = aiohttp.ClientSession(url, timeout=_TIMEOUT)

    async def __aenter__(self) -> Self:
        """Use as a context that closes the connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def create_first_user(self, *, name: str, username: str, password: str) -> None:
        """Onboard: create the owner, and stay logged in as them for a year (demos are left open)."""
        client_id = f"{self.url}/"
        created = await self.post(
            "/api/onboarding/users",
            {
                "name": name,
                "username": username,
                "password": password,
                "client_id": client_id,
                "language": "en",
            },
        )
        answer = await self._session.post(
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": created["auth_code"],
                "client_id": client_id,
            },
        )
        async with answer:
            self.token = (await answer.json())["access_token"]
        self.token = await self.websocket(
            {"type": "auth/long_lived_access_token", "client_name": "Home stack", "lifespan": 365}
        )

    async def get(self, path: str) -> Any:
        """GET a path. Raises StackError when Home Assistant refuses."""
        return await self._request("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST a JSON body. Raises StackError when Home Assistant refuses."""
        return await self._request("POST", path, body or {})

    async def delete(self, path: str) -> Any:
        """DELETE a path. Raises StackError when Home Assistant refuses."""
        return await self._request("DELETE", path, None)

    async def states(self) -> dict[str, Json]:
        """Return every state by entity id."""
        return {state["entity_id"]: state for state in await self.get("/api/states")}

    async def call(self, domain: str, action: str, data: Mapping[str, Any], *, answers: bool = False) -> Any:
        """Perform an action; with ``answers`` return what it answers."""
        suffix = "?return_response" if answers else ""
        result = await self.post(f"/api/services/{domain}/{action}{suffix}", data)
        return result["service_response"] if answers else result

    async def config_entry(self, domain: str) -> Json | None:
        """Return the first config entry of an integration."""
        entries = await self.get(f"/api/config/config_entries/entry?domain={domain}")
        return entries[0] if entries else None

    async def websocket(self, command: Mapping[str, Any]) -> Any:
        """Send one WebSocket command and return its result. Raises StackError when it fails."""
        async with self._session.ws_connect("/api/websocket", max_msg_size=0) as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.token})
            if (await socket.receive_json())["type"] != "auth_ok":
                raise StackError("Home Assistant does not accept the access token")
            await socket.send_json({"id": 1, **command})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise StackError(f"Home Assistant refused {command['type']}: {answer['error']['message']}")
        return answer["result"]

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            async with self._session.request(method, path, json=body, headers=headers) as answer:
                if answer.status >= 400:
                    text = (await answer.text())[:500]
                    raise StackError(f"Home Assistant refused {method} {path}: {answer.status} {text}")
                if answer.content_type == "application/json":
                    return await answer.json()
                return await answer.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise StackError(f"Home Assistant does not answer {method} {path}: {error}") from error


async def wait_until[T](
    look: Callable[[], Awaitable[T | None]], what: str, *, timeout_s: float, every_s: float = 0.1
) -> T:
    """Return what ``look`` finds as soon as it is not None or False. Raises StackError when time is up."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                if found := await look():
                    return found
                await asyncio.sleep(every_s)
    except TimeoutError as error:
        raise StackError(f"Waited {timeout_s:g} s in vain for {what}") from error
