"""A HomeWizard P1 meter and socket, as their local API v1 (api-documentation.homewizard.com) shows them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .http_server import serving_http


@dataclass
class Socket:
    """A socket with a load of ``load_w`` behind it. ``writes`` are the states that it was told."""

    load_w: float = 1800.0
    is_on: bool = True
    is_locked: bool = False
    writes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def device(self) -> dict[str, str]:
        return _device("HWE-SKT", "Energy Socket", "3c39e7ddeeff")

    @property
    def power_w(self) -> float:
        return self.load_w if self.is_on else 0.0

    @property
    def data(self) -> dict[str, Any]:
        return {
            "wifi_ssid": "home",
            "wifi_strength": 90,
            "total_power_import_kwh": 63.651,
            "total_power_export_kwh": 0,
            "active_power_w": self.power_w,
            "active_power_l1_w": self.power_w,
        }

    @property
    def state(self) -> dict[str, Any]:
        return {"power_on": self.is_on, "switch_lock": self.is_locked, "brightness": 255}

    def tell(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Take a change of state; returns what was taken. A locked socket switches nothing."""
        self.writes.append(changes)
        if "power_on" in changes and not self.is_locked:
            self.is_on = bool(changes["power_on"])
        return {name: self.state[name] for name in changes}


@dataclass
class P1Reader:
    """A P1 meter of a house that draws ``house_w`` beside its sockets; import is positive."""

    house_w: float = 1500.0
    sockets: list[Socket] = field(default_factory=list)

    @property
    def power_w(self) -> float:
        return self.house_w + sum(each.power_w for each in self.sockets)

    @property
    def device(self) -> dict[str, str]:
        return _device("HWE-P1", "P1 meter", "3c39e7aabbcc")

    @property
    def data(self) -> dict[str, Any]:
        return {
            "wifi_ssid": "home",
            "wifi_strength": 90,
            "smr_version": 50,
            "meter_model": "ISKRA 2M550T-101",
            "unique_id": "00112233445566778899AABBCCDDEEFF",
            "active_tariff": 2,
            "total_power_import_kwh": 13779.338,
            "total_power_export_kwh": 13086.777,
            "active_power_w": self.power_w,
            "active_power_l1_w": self.power_w,
            "active_power_l2_w": 0,
            "active_power_l3_w": 0,
        }


def _device(product: str, name: str, serial: str) -> dict[str, str]:
    return {
        "product_type": product,
        "product_name": name,
        "serial": serial,
        "firmware_version": "4.19",
        "api_version": "v1",
    }


@asynccontextmanager
async def homewizard_device(device: P1Reader | Socket) -> AsyncIterator[str]:
    """Serve the API of a device; yields host and port."""

    async def about(_request: web.Request) -> web.Response:
        return web.json_response(device.device)

    async def data(_request: web.Request) -> web.Response:
        return web.json_response(device.data)

    async def system(_request: web.Request) -> web.Response:
        return web.json_response({"cloud_enabled": False})

    app = web.Application()
    app.router.add_get("/api", about)
    app.router.add_get("/api/v1/data", data)
    app.router.add_get("/api/v1/system", system)
    if isinstance(device, Socket):
        app.router.add_get("/api/v1/state", _state_of(device))
        app.router.add_put("/api/v1/state", _telling(device))
    async with serving_http(app) as host:
        yield host


def _state_of(socket: Socket) -> Any:
    async def state(_request: web.Request) -> web.Response:
        return web.json_response(socket.state)

    return state


def _telling(socket: Socket) -> Any:
    async def tell(request: web.Request) -> web.Response:
        return web.json_response(socket.tell(await request.json()))

    return tell
