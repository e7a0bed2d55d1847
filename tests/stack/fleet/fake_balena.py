"""A fake of balena's API: an HTTP server on the loopback address that keeps one fleet in memory.

It answers in the shapes that docs.balena.io documents for version 7 (``{"d": [...]}``, navigation fields as
``{"__id": n}``, expansions as lists) and takes only the queries the tool sends: an unknown filter is a 400,
so that a query balena would not understand does not pass here unnoticed. Devices update and send heartbeats
as soon as they are told to.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

TOKEN = "balena-token-for-tests"
FLEET_ID = 77
SLUG = "community/homes"
SERVICES = {
    name: number
    for number, name in enumerate(
        ("home_assistant", "mosquitto", "influxdb", "home_agent", "nginx", "config_editor", "wifi_ap"),
        start=1,
    )
}
GOOD, BAD, FIXED = 100, 101, 102
_VARIABLES = "device_service_environment_variable"


@dataclass
class FakeDevice:
    """A device; ``health`` is what its agent says, as a function of the release it runs.

    None: it is silent.
    """

    id: int
    uuid: str
    running: int | None = GOOD
    pinned: int | None = None
    device_type: str = "raspberrypi4-64"
    tags: dict[str, str] = field(default_factory=dict)
    health: Callable[[int | None], str | None] = lambda _: "ok"
    access_point: str = "on: commissioning"
    clock_ahead: timedelta = timedelta()


@dataclass
class Fault:
    """What the next requests are answered with instead."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class FakeBalena:
    """The fleet and every write it received."""

    def __init__(self, size: int) -> None:
        """Make devices that run the good release."""
        self.devices = {number: FakeDevice(id=number, uuid=f"{number:032x}") for number in range(1, size + 1)}
        self.fleet_release: int | None = GOOD
        self.tracks_latest = False
        self.variables: dict[int, dict[str, Any]] = {}
        self.writes: list[tuple[str, str, Any]] = []
        self.purged: list[str] = []
        self.faults: list[Fault] = []
        self.requests = 0
        self.offline = False

    def health_of_all(self, health: Callable[[int | None], str | None]) -> None:
        """Let every device answer alike."""
        for device in self.devices.values():
            device.health = health

    def told(self, release: int) -> list[FakeDevice]:
        """Return the devices whose own pin is a release."""
        return [device for device in self.devices.values() if device.pinned == release]

    def variable(self, device: FakeDevice, service: str, name: str) -> str | None:
        """Return the value of a device's variable."""
        install = _install(device.id, SERVICES[service])
        values = (
            row["value"]
            for row in self.variables.values()
            if (row["service_install"], row["name"]) == (install, name)
        )
        return next(values, None)

    def application(self) -> web.Application:
        """Return the server."""
        application = web.Application(middlewares=[self._gate])
        application.router.add_route("*", "/v7/{resource}", self._resource)
        application.router.add_post("/supervisor/v1/purge", self._purge)
        return application

    @property
    def _gate(self) -> Any:
        @web.middleware
        async def gate(request: web.Request, handler: Any) -> web.StreamResponse:
            self.requests += 1
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.Response(status=401, text="Unauthorized")
            if self.faults:
                fault = self.faults.pop(0)
                return web.Response(status=fault.status, headers=fault.headers, text="refused")
            if request.method != "GET":
                self.writes.append((request.method, request.path, await _body(request)))
            response: web.StreamResponse = await handler(request)
            return response

        return gate

    async def _resource(self, request: web.Request) -> web.Response:
        found = re.fullmatch(r"(\w+)(?:\((.+)\))?", request.match_info["resource"])
        if not found:
            return web.Response(status=400, text="cannot parse")
        name, key = found[1], found[2]
        if request.method == "GET":
            return self._page(name, request.query)
        body = await _body(request)
        change = getattr(self, f"_{request.method.lower()}_{name}", None)
        if change is None:
            return web.Response(status=405, text="not faked")
        answer: web.Response = change(key, body) or web.Response(text="OK")
        return answer

    def _page(self, name: str, query: Any) -> web.Response:
        wanted = query.get("$filter", "")
        rows: list[dict[str, Any]] | None = None
        match name:
            case "application" if wanted == f"slug eq '{SLUG}'":
                rows = [self._fleet_row()]
            case "application":
                rows = []
            case "device" if wanted == f"belongs_to__application eq {FLEET_ID}":
                rows = [self._device_row(device) for device in self.devices.values()]
            case "release":
                rows = _releases(wanted)
            case "service_install" if uuid := re.fullmatch(r"device/uuid eq '([0-9a-f]+)'", wanted):
                rows = [_install_row(self._by_uuid(uuid[1]).id, service) for service in SERVICES]
            case "device_service_environment_variable" if uuid := re.fullmatch(
                r"service_install/any\(si:si/device/any\(d:d/uuid eq '([0-9a-f]+)'\)\)", wanted
            ):
                rows = self._variable_rows(self._by_uuid(uuid[1]))
        if rows is None or query.get("$orderby") != "id asc":
            return web.Response(status=400, text="cannot parse")
        skip, top = int(query["$skip"]), int(query["$top"])
        return web.json_response({"d": rows[skip : skip + top]})

    def _fleet_row(self) -> dict[str, Any]:
        return {
            "id": FLEET_ID,
            "slug": SLUG,
            "should_track_latest_release": self.tracks_latest,
            "should_be_running__release": _link(self.fleet_release),
        }

    def _device_row(self, device: FakeDevice) -> dict[str, Any]:
        device.running = target = device.pinned or self.fleet_release
        if (health := device.health(device.running)) is not None:
            beat = datetime.now(UTC) + device.clock_ahead
            device.tags |= {"heartbeat_at": beat.isoformat(), "health": health}
            device.tags["access_point"] = device.access_point
        else:
            device.tags["heartbeat_at"] = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
        return {
            "id": device.id,
            "uuid": device.uuid,
            "device_name": f"home {device.id}",
            "is_online": health is not None,
            "is_running__release": _link(device.running),
            "is_pinned_on__release": _link(device.pinned),
            "should_be_running__release": _link(target),
            "is_of__device_type": [{"slug": device.device_type}],
            "device_tag": [{"tag_key": key, "value": value} for key, value in device.tags.items()],
        }

    def _variable_rows(self, device: FakeDevice) -> list[dict[str, Any]]:
        installs = {_install(device.id, number): service for service, number in SERVICES.items()}
        return [
            {
                "id": number,
                "name": row["name"],
                "value": row["value"],
                "service_install": [
                    {
                        "id": row["service_install"],
                        "installs__service": [{"service_name": installs[row["service_install"]]}],
                    }
                ],
            }
            for number, row in self.variables.items()
            if row["service_install"] in installs
        ]

    def _patch_device(self, key: str, body: dict[str, Any]) -> None:
        self.devices[int(key)].pinned = body["is_pinned_on__release"]

    def _patch_application(self, key: str, body: dict[str, Any]) -> None:
        assert int(key) == FLEET_ID
        self.fleet_release = body["should_be_running__release"]
        self.tracks_latest = body["should_track_latest_release"]

    def _post_device_tag(self, _: None, body: dict[str, Any]) -> web.Response | None:
        tags = self.devices[body["device"]].tags
        if body["tag_key"] in tags:
            return web.Response(status=409, text="Unique key constraint violated")
        tags[body["tag_key"]] = body["value"]
        return web.json_response({"id": 1}, status=201)

    def _patch_device_tag(self, key: str, body: dict[str, Any]) -> None:
        device, name = _tag_key(key)
        self.devices[device].tags[name] = body["value"]

    def _delete_device_tag(self, key: str, _: Any) -> None:
        device, name = _tag_key(key)
        del self.devices[device].tags[name]

    def _post_device_service_environment_variable(self, _: None, body: dict[str, Any]) -> web.Response | None:
        if any(
            (row["service_install"], row["name"]) == (body["service_install"], body["name"])
            for row in self.variables.values()
        ):
            return web.Response(status=409, text="Unique key constraint violated")
        self.variables[max(self.variables, default=0) + 1] = dict(body)
        return web.json_response({"id": 1}, status=201)

    def _patch_device_service_environment_variable(self, key: str, body: dict[str, Any]) -> None:
        self.variables[int(key)]["value"] = body["value"]

    def _delete_device_service_environment_variable(self, key: str, _: Any) -> None:
        del self.variables[int(key)]

    async def _purge(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["data"]["appId"] == FLEET_ID
        if self.offline:
            return web.Response(status=404, text="No online device(s) found")
        self.purged.append(body["uuid"])
        return web.json_response({"Data": "OK", "Error": ""})

    def _by_uuid(self, uuid: str) -> FakeDevice:
        return next(device for device in self.devices.values() if device.uuid == uuid)


@asynccontextmanager
async def serve(application: web.Application) -> AsyncIterator[str]:
    """Run a server on a free loopback port until the block ends; gives its address."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def _body(request: web.Request) -> Any:
    return json.loads(await request.read() or b"{}")


def _releases(wanted: str) -> list[dict[str, Any]]:
    versions = {GOOD: "1.0.0", BAD: "1.1.0", FIXED: "1.1.1"}
    return [
        {
            "id": number,
            "commit": f"{number:032x}",
            "raw_version": version,
            "status": "success",
            "is_invalidated": False,
        }
        for number, version in versions.items()
        if wanted
        in {
            f"belongs_to__application eq {FLEET_ID} and raw_version eq '{version}'",
            f"belongs_to__application eq {FLEET_ID} and commit eq '{number:032x}'",
            f"belongs_to__application eq {FLEET_ID} and id eq {number}",
        }
        or number in _numbers(wanted)
    ]


def _numbers(wanted: str) -> set[int]:
    found = re.fullmatch(rf"belongs_to__application eq {FLEET_ID} and id in \(([\d,]+)\)", wanted)
    return {int(number) for number in found[1].split(",")} if found else set()


def _install(device: int, service: int) -> int:
    return device * 10 + service


def _install_row(device: int, service: str) -> dict[str, Any]:
    return {"id": _install(device, SERVICES[service]), "installs__service": [{"service_name": service}]}


def _link(number: int | None) -> dict[str, int] | None:
    return None if number is None else {"__id": number}


def _tag_key(key: str) -> tuple[int, str]:
    found = re.fullmatch(r"device=(\d+),tag_key='(\w+)'", key)
    assert found
    return int(found[1]), found[2]
