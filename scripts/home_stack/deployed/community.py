"""A deployed home with its community's broker, and what that has heard: for tests and measurements.

InfluxDB is a stand-in after its documented interface (tests/stack/influxdb) unless INFLUXD names a real one.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import aiomqtt
from influxdb_edge import annotated_csv, flux
from influxdb_edge.api import InfluxApi

from ..api import HomeAssistantApi, wait_until
from ..central_files import MOSQUITTO
from ..processes import ROOT, StackError
from . import centre as central
from . import compose
from .centre import Centre
from .home import DeployedHome
from .slots import HeldFolder, Slot

HOME_ID = "demo_home"
ROOT_TOPIC = f"home_flex/vens/{HOME_ID}"
FAKE_INFLUXDB = "tests.stack.influxdb.fake_influxdb"
UNCHANGED_FILES = ("configuration.yaml", ".storage/http")


class Community:
    """``up`` runs everything, from whatever the volumes hold; ``heard`` is what came to the centre."""

    def __init__(self, folder: Path, *, house: Mapping[str, str] | None = None) -> None:
        """Prepare below ``folder``; ``house`` is the environment of the simulated one.

        Raises StackError when a home runs in this folder, or as many as the machine has names for.
        """
        self._folder = HeldFolder(folder)
        self._slot = Slot.take()
        plan = compose.load(compose.DEMO, number=self._slot.number)
        influxd = _influxd(folder)
        environment: dict[str, dict[str, str]] = {
            "influxdb": {"INFLUXD_BINARY": "/opt/tools/influxd", "HTTP_ADDRESS": "0.0.0.0:8086"},
            "mosquitto": {},
            "home_simulator": dict(house or {}),
        }
        self.home = DeployedHome(
            folder / "home",
            plan,
            number=self._slot.number,
            environment=environment,
            others={central.NAME: central.address(plan)},
            programs={
                "influxd": influxd,
                "mosquitto": MOSQUITTO / "mosquitto",
            },
            visible=(ROOT / "tests", influxd),
        )
        self.centre = Centre(folder / "centre", plan, self.home.network.namespace(central.NAME))
        environment["mosquitto"] |= self.centre.environment(HOME_ID)
        self.heard: list[tuple[str, Any]] = []

    def hear(self, message: aiomqtt.Message) -> None:
        """Keep a message."""
        payload = bytes(message.payload)
        self.heard.append((str(message.topic), json.loads(payload) if payload[:1] == b"{" else payload))

    def last(self, topic: str) -> Any:
        """Return what came last on a topic of the home, or None."""
        return next(
            (payload for place, payload in reversed(self.heard) if place == f"{ROOT_TOPIC}/{topic}"), None
        )

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Run everything, from whatever the volumes hold."""
        try:
            await self.home.up()
            await self.centre.start()
            async with self.centre.listening(HOME_ID, self.hear):
                yield
        finally:
            await self.centre.stop()
            await self.home.down()

    async def works(self, *, timeout_s: float) -> float:
        """Wait until the home is complete, known at the centre, and stores its meter; return the seconds."""
        began, start = monotonic(), datetime.now(UTC)

        async def working() -> bool:
            status = self.last("status")
            told = {
                payload["object"]["resourceName"]
                for topic, payload in self.heard
                if topic.endswith("/resources/create")
            }
            return (
                isinstance(status, dict)
                and status["status"] == "ONLINE"
                and "Grid meter" in told
                and "The home is set up" in self.home.log("home_assistant")
                and "but for" not in self.home.log("home_assistant").splitlines()[-1]
                and bool(await asyncio.to_thread(self.samples, start, datetime.now(UTC)))
            )

        try:
            await wait_until(working, "the home to work", timeout_s=timeout_s, every_s=0.5)
        except Exception as error:
            for name in self.home.home.services:
                error.add_note(f"{name}: {self.home.log(name)[-1500:]}")
            error.add_note(f"heard: {self.heard[-10:]}")
            raise
        return monotonic() - began

    def samples(self, start: datetime, stop: datetime) -> list[datetime]:
        """Return when the meter's power was stored. Blocks. Raises ApiError."""
        token = self.home.volume("credentials_home_agent") / "influxdb_token"
        api = InfluxApi(url=f"http://{self.home.address('influxdb')}:8086").with_token(token.read_text())
        lines = annotated_csv.lines(api.flux(flux.points(flux.RAW, start, stop), org=flux.ORG))
        wanted = (
            line
            for line in lines
            if line.startswith("power,") and "kind=grid_meter" in line and "power_w=" in line
        )
        return sorted({datetime.fromtimestamp(int(line.rpartition(" ")[2]) / 1e9, UTC) for line in wanted})

    async def heartbeat(self, *, linked: set[str], timeout_s: float) -> dict[str, Any]:
        """Wait for a heartbeat of a healthy home with links to devices of the kinds ``linked``; return it."""

        async def well() -> bool:
            told = self.last("agent/heartbeat")
            return (
                isinstance(told, dict)
                and told["healthy"] is True
                and {device["kind"] for device in told["devices"] if device["linked"]} == linked
            )

        try:
            await wait_until(well, "a heartbeat of a healthy home", timeout_s=timeout_s, every_s=0.5)
        except StackError as error:
            error.add_note(f"the latest: {self.last('agent/heartbeat')}")
            raise
        told: dict[str, Any] = self.last("agent/heartbeat")
        return told

    async def all_healthy(self, *, timeout_s: float) -> None:
        """Wait until every service passes its health check."""

        async def all_pass() -> bool:
            for name in self.home.home.services:
                if not await self.home.healthy(name):
                    return False
            return True

        await wait_until(all_pass, "every service to pass its health check", timeout_s=timeout_s, every_s=0.5)

    def api(self) -> HomeAssistantApi:
        """Return Home Assistant's interface, with the token made for the agent."""
        api = HomeAssistantApi(f"http://{self.home.address('home_assistant')}:8123")
        api.token = (self.home.volume("credentials_agent_owner") / "owner_token").read_text()
        return api

    async def facts(self) -> dict[str, Any]:
        """Return what a second start must not change."""
        volume = self.home.volume("home_assistant")
        async with self.api() as api:
            entry = await api.config_entry("home_flex")
            if entry is None:
                raise StackError("Home Flex is not set up")
            members = await api.websocket(
                {"type": "config_entries/subentries/list", "entry_id": entry["entry_id"]}
            )
            energy = await api.websocket({"type": "energy/get_prefs"})
        return {
            "entry": entry["entry_id"],
            "members": sorted((member["subentry_type"], member["subentry_id"]) for member in members),
            "energy": energy,
            "files": {
                name: hashlib.sha256((volume / name).read_bytes()).hexdigest() for name in UNCHANGED_FILES
            },
            "credentials": {
                str(path.relative_to(self.home.folder)): path.read_text()
                for path in sorted(self.home.folder.glob("volumes/credentials_*/*"))
            },
        }


def _influxd(folder: Path) -> Path:
    """Return the influxd that INFLUXD names, else one in ``folder`` that starts the stand-in."""
    real = os.environ.get("INFLUXD")
    return Path(real).resolve() if real else influxd_stand_in(folder)


def influxd_stand_in(folder: Path) -> Path:
    """Write a program into ``folder`` that is started as influxd and is the fake; return it."""
    stand_in = folder / "influxd"
    stand_in.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m {FAKE_INFLUXDB} "$@"\n')
    stand_in.chmod(0o755)
    return stand_in
