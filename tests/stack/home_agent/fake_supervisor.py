"""A stand-in for balena's Supervisor, which runs on gateways only: its documented addresses, forms and codes.

After docs.balena.io, Supervisor API: what it refuses, and when (423 while an update lock is held).
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from home_agent.defaults import SupervisorAddress

KEY = "supervisor-key-0123456789abcdef0123456789"
APP_ID = "1032480"
RELEASE = "4f0b5e1c9a7d4e6f8a1b2c3d4e5f6071"
SERVICES = ("home_assistant", "mosquitto", "influxdb", "nginx", "home_agent")
MOST_TAG_CHARACTERS = 255


@dataclass
class FakeSupervisor:
    """What it was asked for, and how it is. ``lock_file`` is the agent's lock as the Supervisor sees it."""

    lock_file: Path | None = None
    running: dict[str, str] = field(default_factory=lambda: dict.fromkeys(SERVICES, "Running"))
    restarted: list[str] = field(default_factory=list)
    reboots: int = 0
    purges: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    journal: str = ""
    broken: bool = False
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        application = web.Application(middlewares=[self._guarded])
        application.add_routes(
            [
                web.get("/v2/state/status", self._status),
                web.get("/v2/version", self._version),
                web.post("/v2/applications/{app_id}/restart-service", self._restart),
                web.post("/v2/applications/{app_id}/purge", self._purge),
                web.post("/v1/reboot", self._reboot),
                web.patch("/v2/device/tags", self._set_tags),
                web.post("/v2/journal-logs", self._journal),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Let the port go."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def address(self) -> SupervisorAddress:
        """Return how the agent reaches it."""
        return SupervisorAddress(url=self.url, key=KEY, app_id=APP_ID)

    @property
    def settings(self) -> dict[str, str]:
        """Return the variables that balena gives to a service with the label for it."""
        return {
            "BALENA_SUPERVISOR_ADDRESS": self.url,
            "BALENA_SUPERVISOR_API_KEY": KEY,
            "BALENA_APP_ID": APP_ID,
        }

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"status": "failed", "message": "Unauthorized"}, status=401)
        if self.broken:
            return web.json_response({"status": "failed", "message": "broken"}, status=500)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _status(self, _request: web.Request) -> web.Response:
        containers = [
            {"status": state, "serviceName": name, "appId": int(APP_ID), "containerId": f"{name:0<64}"}
            for name, state in self.running.items()
        ]
        return web.json_response(
            {
                "status": "success",
                "appState": "applied",
                "overallDownloadProgress": None,
                "containers": containers,
                "images": [],
                "release": RELEASE,
            }
        )

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "success", "version": "17.8.3"})

    async def _restart(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        if (refused := self._refused(request, asked)) is not None:
            return refused
        if asked.get("serviceName") not in self.running:
            return web.Response(status=404, text="Service not found")
        self.restarted.append(asked["serviceName"])
        return web.Response(text="OK")

    async def _purge(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request, await _body(request))) is not None:
            return refused
        self.purges += 1
        return web.Response(text="OK")

    async def _reboot(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        if self._is_locked and asked.get("force") is not True:
            return web.json_response({"Data": "", "Error": "Updates are locked"}, status=423)
        self.reboots += 1
        return web.json_response({"Data": "OK", "Error": None}, status=202)

    async def _set_tags(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        names_are_good = all(name and not any(map(str.isspace, name)) for name in asked)
        values = asked.values()
        if not asked or not names_are_good or not all(isinstance(value, str) for value in values):
            return web.json_response({"status": "failed", "message": "Invalid tags"}, status=400)
        assert all(len(value) <= MOST_TAG_CHARACTERS for value in values)
        self.tags |= asked
        return web.json_response({"status": "success"})

    async def _journal(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        assert asked["all"] is True
        assert asked["follow"] is False, "it would never end"
        lines = self.journal.splitlines(keepends=True)[-asked["count"] :]
        return web.Response(body="".join(lines).encode())

    @property
    def _is_locked(self) -> bool:
        return self.lock_file is not None and self.lock_file.exists()

    def _refused(self, request: web.Request, asked: dict[str, Any]) -> web.Response | None:
        if request.match_info["app_id"] != APP_ID:
            return web.json_response({"status": "failed", "message": "Unauthorized"}, status=401)
        if not self._is_locked:
            return None
        if asked.get("force") is not True:
            return web.json_response({"status": "failed", "message": "Updates are locked"}, status=423)
        # It breaks the lock for as long as it works, by removing the file.
        assert self.lock_file is not None
        self.lock_file.unlink()
        return None


async def _body(request: web.Request) -> dict[str, Any]:
    assert request.content_type == "application/json"
    value = json.loads(await request.read())
    assert isinstance(value, dict)
    return value
