"""A Shelly of either generation, after shelly-api-docs.shelly.cloud; what hangs on it is made up."""

import asyncio
import hashlib
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .http_server import serving_http

_REALM, _NONCE = "shellypro-aabbcc", "1625038762"


@dataclass
class Relay:
    """One switch with a load of ``load_w`` behind it; ``has_meter`` tells its power."""

    load_w: float = 1500.0
    is_on: bool = True
    has_meter: bool = True
    source: str = "init"
    timer_s: float | None = None
    _ends_s: float = field(default=0.0, init=False)

    def tell(self, *, is_on: bool, back_after_s: float | None, source: str = "http") -> None:
        """Switch, and begin the timer anew."""
        self.is_on, self.source, self.timer_s = is_on, source, back_after_s
        self._ends_s = time.monotonic() + (back_after_s or 0.0)

    def look(self) -> None:
        """Let the timer end when its time has come."""
        if self.timer_s is not None and time.monotonic() >= self._ends_s:
            self.is_on, self.source, self.timer_s = not self.is_on, "timer", None


@dataclass
class FakeShelly:
    """``phases_w``: the power of each clamp; ``profile`` is that of a three-phase meter.

    ``ignores`` takes orders and does nothing, ``has_no_timer`` forgets timers, ``error`` answers each
    request by this status, ``delay_s`` holds answers back. ``told`` are the orders that came.
    """

    generation: int = 3
    relays: list[Relay] = field(default_factory=list)
    phases_w: tuple[float, ...] = ()
    profile: str = "triphase"
    password: str | None = None
    ignores: bool = False
    has_no_timer: bool = False
    error: int | None = None
    delay_s: float = 0.0
    told: list[dict[str, str]] = field(default_factory=list)

    def about(self) -> dict[str, Any]:
        if self.generation == 1:
            return {"type": "SHEM-3", "mac": "A4CF12F3C8B5", "auth": self.password is not None, "fw": "1.14"}
        return {
            "id": "shellypro3em-a4cf12f3c8b5",
            "mac": "A4CF12F3C8B5",
            "model": "SPEM-003CEBEU",
            "gen": self.generation,
            "ver": "1.4.4",
            "app": "Pro3EM",
            "auth_en": self.password is not None,
        }

    def switch(self, query: dict[str, str], *, is_on: bool, back_after_s: float | None, number: int) -> None:
        self.told.append(query)
        if not self.ignores:
            timer_s = None if self.has_no_timer else back_after_s
            self.relays[number].tell(is_on=is_on, back_after_s=timer_s)

    def status(self) -> dict[str, Any]:
        for relay in self.relays:
            relay.look()
        return self._first_status() if self.generation == 1 else self._status()

    def _status(self) -> dict[str, Any]:
        found: dict[str, Any] = {"sys": {"uptime": 100}}
        if self.phases_w and self.profile == "triphase":
            phases = dict(zip("abc", self.phases_w, strict=True))
            found["em:0"] = {
                "id": 0,
                **{f"{name}_act_power": power_w for name, power_w in phases.items()},
                **{f"{name}_voltage": 230.5 for name in phases},
                **{f"{name}_current": abs(power_w) / 230.5 for name, power_w in phases.items()},
                "total_act_power": sum(self.phases_w),
            }
            found["emdata:0"] = {"id": 0, "total_act": 12_345.6, "total_act_ret": 789.0}
        elif self.phases_w:
            for number, power_w in enumerate(self.phases_w):
                found[f"em1:{number}"] = {"id": number, "act_power": power_w, "voltage": 230.5}
                found[f"em1data:{number}"] = {"total_act_energy": 100.0 * number, "total_act_ret_energy": 1.0}
        for number, relay in enumerate(self.relays):
            found[f"switch:{number}"] = {
                "id": number,
                "source": relay.source,
                "output": relay.is_on,
                **({"apower": relay.load_w if relay.is_on else 0.0} if relay.has_meter else {}),
                **({"aenergy": {"total": 4321.0}} if relay.has_meter else {}),
                **({"timer_duration": relay.timer_s} if relay.timer_s is not None else {}),
            }
        return found

    def _first_status(self) -> dict[str, Any]:
        emeters = [
            {"power": power_w, "voltage": 230.5, "current": 1.0, "is_valid": True, "total": 100.0}
            for power_w in self.phases_w
        ]
        relays = [
            {"ison": each.is_on, "has_timer": each.timer_s is not None, "source": each.source}
            for each in self.relays
        ]
        meters = [
            {"power": each.load_w if each.is_on else 0.0, "is_valid": True, "total": 6000}
            for each in self.relays
        ]
        return {"emeters": emeters, "relays": relays, "meters": meters}

    def knows(self, request: web.Request) -> bool:
        """Whether the password came with the request: digest with SHA-256 (RFC 7616), basic on Gen1."""
        header = request.headers.get("Authorization", "")
        if self.password is None:
            return True
        if self.generation == 1:
            return header == f"Basic {b64encode(f'admin:{self.password}'.encode()).decode()}"
        parts = dict(re.findall(r'(\w+)="?([^",]+)"?', header))
        if not parts:
            return False
        first = _sha256(f"admin:{_REALM}:{self.password}")
        second = _sha256(f"{request.method}:{parts['uri']}")
        expected = _sha256(f"{first}:{_NONCE}:{parts['nc']}:{parts['cnonce']}:auth:{second}")
        return bool(parts["response"] == expected and parts["uri"] == request.path_qs)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@asynccontextmanager
async def shelly(device: FakeShelly) -> AsyncIterator[str]:
    """Serve a Shelly; yields host and port."""

    async def about(_request: web.Request) -> web.Response:
        return web.json_response(device.about())

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(device.delay_s)
        if device.error is not None:
            return web.json_response({"code": -114, "message": "no"}, status=device.error)
        if not device.knows(request):
            challenge = f'Digest qop="auth", realm="{_REALM}", nonce="{_NONCE}", algorithm=SHA-256'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        return web.json_response(_handled(device, request))

    app = web.Application()
    app.router.add_get("/shelly", about)
    paths = ["/status", r"/relay/{id:\d}"] if device.generation == 1 else [r"/rpc/{method}"]
    for path in paths:
        app.router.add_get(path, answer)
    async with serving_http(app) as host:
        yield host


def _handled(device: FakeShelly, request: web.Request) -> dict[str, Any]:
    query = dict(request.query)
    if request.path.startswith("/relay"):
        timer_s = float(query["timer"]) if "timer" in query else None
        number = int(request.match_info["id"])
        device.switch(query, is_on=query["turn"] == "on", back_after_s=timer_s, number=number)
        return {"ison": device.relays[number].is_on}
    if request.path == "/rpc/Switch.Set":
        was_on = device.relays[int(query["id"])].is_on
        timer_s = float(query["toggle_after"]) if "toggle_after" in query else None
        device.switch(query, is_on=query["on"] == "true", back_after_s=timer_s, number=int(query["id"]))
        return {"was_on": was_on}
    return device.status()
