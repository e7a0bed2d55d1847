"""Asks each service of the home whether it works; nothing outside of the home is asked."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from .bounded import beginning
from .defaults import AgentSettings
from .mqtt import MqttLine
from .supervisor import Supervisor, SupervisorError

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MOST_BYTES = 64 * 1024
_STOPPED = frozenset({"exited", "dead", "stopped"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What the probes found; ``services`` holds whether each service works, by its name."""

    services: Mapping[str, bool] = field(default_factory=dict)
    influxdb: Mapping[str, Any] | None = None
    release: str | None = None
    supervisor_version: str | None = None


class Probes:
    """The probes of one home."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: AgentSettings,
        line: MqttLine,
        supervisor: Supervisor | None,
    ) -> None:
        """Ask through ``session``, which the caller closes."""
        self._session = session
        self._settings = settings
        self._line = line
        self._supervisor = supervisor
        self._supervisor_version: str | None = None

    async def look(self) -> Findings:
        """Ask every service at once; takes 10 s at most, or 30 s when the Supervisor hangs."""
        settings = self._settings
        home_assistant, influxdb, nginx, status = await asyncio.gather(
            self._answers(f"{settings.home_assistant_url}/manifest.json"),
            self._document(settings.influxdb_health_url),
            _accepts(settings.nginx_address) if settings.nginx_address else asyncio.sleep(0, None),
            self._status(),
        )
        services = {
            "mosquitto": self._line.connected,
            "influxdb": influxdb is not None and influxdb.get("influxdb") == "pass",
            "home_assistant": home_assistant,
        }
        if nginx is not None:
            services["nginx"] = nginx
        for container in status.get("containers", []):
            name = str(container.get("serviceName"))
            if name in services and str(container.get("status")).lower() in _STOPPED:
                services[name] = False
        return Findings(
            services=services,
            influxdb=influxdb,
            release=status.get("release"),
            supervisor_version=self._supervisor_version,
        )

    async def _answers(self, url: str) -> bool:
        try:
            async with self._session.get(url, timeout=_TIMEOUT) as answer:
                return answer.status == 200
        except aiohttp.ClientError, TimeoutError, OSError:
            return False

    async def _document(self, url: str) -> dict[str, Any] | None:
        try:
            async with self._session.get(url, timeout=_TIMEOUT) as answer:
                if answer.status != 200:
                    return None
                value = json.loads(await beginning(answer, _MOST_BYTES))
        except aiohttp.ClientError, TimeoutError, OSError, ValueError:
            return None
        return value if isinstance(value, dict) else None

    async def _status(self) -> dict[str, Any]:
        if self._supervisor is None:
            return {}
        try:
            if self._supervisor_version is None:
                self._supervisor_version = await self._supervisor.version()
            return await self._supervisor.status()
        except SupervisorError:
            return {}


async def _accepts(address: str) -> bool:
    """Whether somebody takes a connection at ``host:port``."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
    except OSError, ValueError:
        return False
    return True
