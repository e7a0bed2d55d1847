"""Gathers what goes into the bundle."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from ..defaults import AgentSettings
from ..home.link import HomeAssistantError
from ..home.watch import HomeWatch
from ..supervisor import Supervisor, SupervisorError
from .bundle import bundle
from .secrets import known_secrets

_TIMEOUT = aiohttp.ClientTimeout(total=30)
_LOG_LINES = 2000
_MOST_BYTES = 4 * 1024 * 1024


class Diagnostics:
    """Makes bundles on request."""

    def __init__(
        self,
        *,
        session: aiohttp.ClientSession,
        settings: AgentSettings,
        home: HomeWatch,
        supervisor: Supervisor | None,
        own: Callable[[], dict[str, Any]],
    ) -> None:
        """``own`` returns the agent's own documents: heartbeat, watchdog, audit."""
        self._session = session
        self._settings = settings
        self._home = home
        self._supervisor = supervisor
        self._own = own

    async def bundle(self) -> bytes:
        """Return the archive; what cannot be had is left out and told."""
        home_assistant, log, flex = await asyncio.gather(self._repairs(), self._journal(), self._home_flex())
        documents = {**self._own(), "home_assistant": home_assistant, "home_flex": flex}
        secrets = await asyncio.to_thread(known_secrets, self._settings)
        return await asyncio.to_thread(bundle, documents, {"services": log}, secrets)

    async def _repairs(self) -> dict[str, Any]:
        found: dict[str, Any] = {"view": str(self._home.view)}
        for name, command in {"repairs": "repairs/list_issues", "log": "system_log/list"}.items():
            try:
                found[name] = await self._home.command(command)
            except HomeAssistantError as error:
                found[name] = str(error)
        return found

    async def _journal(self) -> str:
        if self._supervisor is None:
            return "There is no Supervisor to ask for logs.\n"
        try:
            return await self._supervisor.journal(_LOG_LINES)
        except SupervisorError as error:
            return f"{error}\n"

    async def _home_flex(self) -> Any:
        """Return Home Flex's own diagnostics, which the integration has redacted already."""
        try:
            entries = await self._home.command("config_entries/get", domain="home_flex")
            if not entries:
                return "Home Flex is not set up"
            token = await asyncio.to_thread(self._home.token)
            url = f"{self._home.url}/api/diagnostics/config_entry/{entries[0]['entry_id']}"
            async with self._session.get(
                url, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT
            ) as answer:
                if answer.status != 200 or (answer.content_length or 0) > _MOST_BYTES:
                    return f"Home Assistant answers {answer.status}"
                return (await answer.json()).get("data")
        except (HomeAssistantError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return f"not available: {type(error).__name__}"
