"""balena's Supervisor on the gateway, by its HTTP interface (docs.balena.io, Supervisor API)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from .bounded import beginning
from .defaults import SupervisorAddress

_TIMEOUT = aiohttp.ClientTimeout(total=30)
# A restart stops a container in order first; Home Assistant takes its time.
_ACTION_TIMEOUT = aiohttp.ClientTimeout(total=300)
_MOST_BYTES = 512 * 1024


class SupervisorError(Exception):
    """The Supervisor does not answer or refuses; the message holds nothing that was sent."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the HTTP status it refused with."""
        super().__init__(message)
        self.status = status

    @property
    def is_locked(self) -> bool:
        """Whether an update lock is in the way."""
        return self.status == HTTPStatus.LOCKED


class Supervisor:
    """What the agent may ask of the gateway."""

    def __init__(self, session: aiohttp.ClientSession, address: SupervisorAddress) -> None:
        """Use ``session``, which the caller closes."""
        self._session = session
        self._address = address

    async def status(self) -> dict[str, Any]:
        """Return the release (``release``) and the state of each container. Raises SupervisorError."""
        answer = await self._ask("GET", "/v2/state/status")
        return answer if isinstance(answer, dict) else {}

    async def version(self) -> str | None:
        """Return its own version. Raises SupervisorError."""
        answer = await self._ask("GET", "/v2/version")
        return answer.get("version") if isinstance(answer, dict) else None

    async def restart_service(self, service: str) -> None:
        """Restart a service, also while we hold the update lock: take the lock again afterwards.

        Raises SupervisorError.
        """
        path = f"/v2/applications/{self._address.app_id}/restart-service"
        await self._ask("POST", path, {"serviceName": service, "force": True}, limit=_ACTION_TIMEOUT)

    async def reboot(self) -> None:
        """Reboot the gateway, unless an update lock is held. Raises SupervisorError."""
        await self._ask("POST", "/v1/reboot", {"force": False})

    async def set_tags(self, tags: Mapping[str, str]) -> None:
        """Give the device tags; the Supervisor (17.8 or newer) delivers them later when the line is down.

        Raises SupervisorError.
        """
        await self._ask("PATCH", "/v2/device/tags", dict(tags))

    async def purge(self) -> None:
        """Empty every volume of the home and start its services anew. Raises SupervisorError."""
        path = f"/v2/applications/{self._address.app_id}/purge"
        await self._ask("POST", path, {"force": True}, limit=_ACTION_TIMEOUT)

    async def journal(self, lines: int) -> str:
        """Return the last lines all services logged. Raises SupervisorError."""
        body = {"all": True, "follow": False, "count": lines, "format": "short"}
        return str(await self._ask("POST", "/v2/journal-logs", body) or "")

    async def _ask(
        self, method: str, path: str, body: Any = None, *, limit: aiohttp.ClientTimeout = _TIMEOUT
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._address.key}"}
        try:
            async with self._session.request(
                method, f"{self._address.url}{path}", headers=headers, json=body, timeout=limit
            ) as answer:
                content = await beginning(answer, _MOST_BYTES)
                if answer.status >= HTTPStatus.BAD_REQUEST:
                    raise SupervisorError(
                        f"The Supervisor refused {method} {path}: {answer.status}", status=answer.status
                    )
                if answer.content_type == "application/json":
                    return json.loads(content)
                return content.decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise SupervisorError(f"The Supervisor does not answer {method} {path}") from error
