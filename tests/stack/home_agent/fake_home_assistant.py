"""A stand-in for Home Assistant's interface as the agent uses it; test_home.py asks the real one."""

import contextlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientConnectionResetError, WSMsgType, web

TOKEN = "eyJhbGciOiJIUzI1NiJ9.owner-token-0123456789.abcdef"
ENTRY_ID = "01HOMEFLEX"
PV = "01PV"
EVENT = "sensor.home_flex_active_event"
PV_POWER = "sensor.pv_power"
WAITING = "sensor.home_flex_measurements_waiting"
BATTERY = "01BATTERY"
BATTERY_POWER = "sensor.battery_power"


@dataclass
class FakeHomeAssistant:
    """A home with Home Flex and a solar inverter.

    ``users``: each token, and whether it administrates. ``adds_battery``: the next time the entities are
    listed, a battery is added right after the list was made.
    """

    states: dict[str, tuple[str, dict[str, Any]]] = field(
        default_factory=lambda: {EVENT: ("idle", {}), PV_POWER: ("-1200", {}), WAITING: ("3", {})}
    )
    users: dict[str, bool] = field(default_factory=lambda: {TOKEN: True})
    log: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: dict[str, Any] = field(default_factory=dict)
    healthy: bool = True
    refused: int = 0
    looks: int = 0
    log_ins: int = 0
    adds_battery: bool = False
    entry_state: str = "loaded"
    status_asked: int = 0
    url: str = ""
    _followers: list[tuple[web.WebSocketResponse, int]] = field(default_factory=list)
    _registry_followers: list[tuple[web.WebSocketResponse, int]] = field(default_factory=list)
    _has_battery: bool = False
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/manifest.json", self._manifest),
                web.get("/api/websocket", self._websocket),
                web.get("/api/diagnostics/config_entry/{entry_id}", self._diagnostics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def hang_up(self) -> None:
        """End the connections of all who follow."""
        for socket, _ in self._followers:
            await socket.close()

    async def stop(self) -> None:
        """Let the port go."""
        await self.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()

    async def show(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Change a state and tell who follows."""
        self.states[entity_id] = (state, attributes)
        change = {"c": {entity_id: {"+": {"s": state, "a": attributes}}}}
        await _tell(self._followers, change)

    async def add_battery(self) -> None:
        """Register a battery and tell who follows."""
        self.adds_battery, self._has_battery = False, True
        self.states[BATTERY_POWER] = ("0", {})
        await _tell(self._registry_followers, {"event_type": "entity_registry_updated", "data": {}})

    async def _manifest(self, _request: web.Request) -> web.Response:
        return web.json_response({"name": "Home Assistant"}, status=200 if self.healthy else 500)

    async def _diagnostics(self, request: web.Request) -> web.Response:
        if not self.users.get(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            return web.Response(status=401)
        return web.json_response({"home_assistant": {}, "data": self.diagnostics})

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2026.11.0"})
        token = (await socket.receive_json())["access_token"]
        if token not in self.users:
            self.refused += 1
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access token or password"})
            await socket.close()
            return socket
        self.log_ins += 1
        await socket.send_json({"type": "auth_ok", "ha_version": "2026.11.0"})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, token, message.json())
        return socket

    async def _answer(self, socket: web.WebSocketResponse, token: str, asked: dict[str, Any]) -> None:
        results: dict[str, Any] = {
            "auth/current_user": {"id": "u", "name": "Owner", "is_admin": self.users[token]},
            "config_entries/get": [
                {"entry_id": ENTRY_ID, "domain": "home_flex", "title": "Test home", "state": self.entry_state}
            ],
            "call_service": {"response": {"telemetry": {"points_waiting": 7}}},
            "config_entries/subentries/list": [
                {"subentry_id": PV, "subentry_type": "pv", "title": "Roof"},
                *([{"subentry_id": BATTERY, "subentry_type": "battery"}] if self._has_battery else []),
                {"subentry_id": "01AGG", "subentry_type": "aggregator", "title": "Aggregator"},
            ],
            "manifest/get": {"domain": "home_flex", "version": "0.1.0"},
            "config/entity_registry/list": [
                _row(EVENT, None, f"{ENTRY_ID}_active_event"),
                _row(WAITING, None, f"{ENTRY_ID}_measurements_waiting"),
                _row(PV_POWER, PV, f"{PV}_power"),
                *([_row(BATTERY_POWER, BATTERY, f"{BATTERY}_power")] if self._has_battery else []),
                {**_row("light.kitchen", None, "x"), "platform": "hue"},
            ],
            "subscribe_events": None,
            "subscribe_entities": None,
            "unsubscribe_events": None,
            "system_log/list": self.log,
            "repairs/list_issues": {"issues": []},
        }
        number = asked["id"]
        # The agent reads it once with every look at the home.
        self.looks += asked["type"] == "system_log/list"
        self.status_asked += asked["type"] == "call_service"
        if asked["type"] not in results:
            error = {"code": "unknown_command", "message": "Unknown command."}
            await socket.send_json({"id": number, "type": "result", "success": False, "error": error})
            return
        result = results[asked["type"]]
        await socket.send_json({"id": number, "type": "result", "success": True, "result": result})
        if asked["type"] == "config/entity_registry/list" and self.adds_battery:
            await self.add_battery()
        if asked["type"] == "subscribe_events":
            self._registry_followers.append((socket, number))
        if asked["type"] == "unsubscribe_events":
            self._followers.remove((socket, asked["subscription"]))
        if asked["type"] == "subscribe_entities":
            self._followers.append((socket, number))
            chosen = {name: {"s": self.states[name][0], "a": self.states[name][1]} for name in self.states}
            added = {name: chosen[name] for name in asked["entity_ids"] if name in chosen}
            await socket.send_json({"id": number, "type": "event", "event": {"a": added}})


async def _tell(followers: list[tuple[web.WebSocketResponse, int]], event: dict[str, Any]) -> None:
    for socket, number in followers:
        # Who was killed a moment ago may not be known to be gone.
        with contextlib.suppress(ClientConnectionResetError):
            if not socket.closed:
                await socket.send_json({"id": number, "type": "event", "event": event})


def _row(entity_id: str, subentry_id: str | None, unique_id: str) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "platform": "home_flex",
        "config_subentry_id": subentry_id,
        "unique_id": unique_id,
        "disabled_by": None,
    }
