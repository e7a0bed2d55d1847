"""Losing a gateway on purpose: a home lives, is backed up and dies; an empty one takes its backup in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from home_agent.backup.keeper import BackupKeeper
from home_agent.backup.source import BackupSource
from home_agent.backup.store import BackupStore
from home_agent.defaults import BackupSettings
from home_agent.home.watch import HomeWatch

from scripts.home_stack.api import HomeAssistantApi, wait_until
from scripts.home_stack.broker import Broker
from scripts.home_stack.processes import StackError
from tests.stack.home_start.home import Home

from .backup_folder import BackupFolder

KEY = "the-key-of-this-home-in-the-operators-folder"
AREA = "Attic of the drill"
METER = "sensor.grid_meter_power"
AGGREGATOR = ("binary_sensor.", "_aggregator")
METER_NAME = "What the house draws"
SET_UP = "home_start: The home is set up\n"
_PATIENCE_S = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What a home shows of itself."""

    location: str
    entries: dict[str, Any]
    areas: set[str]
    meter_name: str | None


async def see(home: Home) -> Seen:
    """Look at a home with the token that its own agent has."""
    async with home.api() as api:
        areas = await api.websocket({"type": "config/area_registry/list"})
        meter = await api.websocket({"type": "config/entity_registry/get", "entity_id": METER})
        return Seen(
            location=(await api.get("/api/config"))["location_name"],
            entries=await home.entries(),
            areas={area["name"] for area in areas},
            meter_name=meter["name"],
        )


async def live_in(home: Home) -> None:
    """Change what a person changes: a new area, another name for the meter; then a restart.

    Home Assistant stores its registries up to three minutes late, but at the latest when it ends.
    """
    async with home.api() as api:
        await api.websocket({"type": "config/area_registry/create", "name": AREA})
        await api.websocket({"type": "config/entity_registry/update", "entity_id": METER, "name": METER_NAME})
    await home.stop()
    await home.start()
    await home.says(SET_UP, times=2, timeout_s=_PATIENCE_S)


async def lose(home: Home, to: Path) -> Home:
    """End a home and put its volumes out of reach; return an empty one in its place, at its port."""
    await home.stop()
    folder = home.config.parent
    folder.rename(to)
    empty = Home(folder)
    empty.port, empty.url = home.port, home.url
    empty.environment = dict(home.environment)
    return empty


def new_passwords(home: Home, broker: Broker, *, influxdb_token: str) -> None:
    """Give an empty home what its own gateway made for it, not what the lost one made."""
    home.provision(home.environment["HOME_RECORD"], broker)
    (home.credentials / "influxdb_token").write_text(influxdb_token)
    (home.credentials / "influxdb_org").write_text("home")


@asynccontextmanager
async def keeper_of(home: Home, folder: BackupFolder) -> AsyncIterator[BackupKeeper]:
    """Give the agent's keeper of backups, on its real connection to this home."""
    settings = BackupSettings(url=folder.url, key=KEY, with_database=False, every_days=7)
    async with aiohttp.ClientSession(trust_env=False) as session:
        watch = HomeWatch(session, home.url, home.owner, lambda: None)
        task = asyncio.create_task(watch.run())
        try:

            async def reached() -> bool:
                return watch.view.reachable

            await wait_until(reached, "the agent to reach the home", timeout_s=_PATIENCE_S)
            yield BackupKeeper(
                home_id="home-1",
                settings=settings,
                source=BackupSource(session, watch),
                store=BackupStore(session, folder.url, pauses_s=(0.5,)),
                path=home.config.parent / "backup.json",
                may_begin=lambda: True,
            )
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def knows_password(home: Home, password: str) -> bool:
    """Whether the owner logs in with a password, as a person does."""
    client = {"client_id": f"{home.url}/"}
    async with HomeAssistantApi(home.url) as api:
        flow = await api.post(
            "/auth/login_flow",
            {**client, "handler": ["homeassistant", None], "redirect_uri": f"{home.url}/?auth_callback=1"},
        )
        answer = await api.post(
            f"/auth/login_flow/{flow['flow_id']}", {**client, "username": "owner", "password": password}
        )
        return bool(answer["type"] == "create_entry")


async def local_backups(home: Home) -> list[str]:
    """Return the names of the backups that lie on the memory card."""
    async with home.api() as api:
        info = await api.websocket({"type": "backup/info"})
        return [backup["name"] for backup in info["backups"]]


async def aggregator_connects(home: Home) -> bool:
    """Whether Home Flex soon speaks to the broker that is there now."""
    async with home.api() as api:

        async def look() -> bool:
            try:
                states = await api.states()
            except StackError:
                return False
            begin, end = AGGREGATOR
            found = {
                state["state"]
                for name, state in states.items()
                if name.startswith(begin) and name.endswith(end)
            }
            return found == {"on"}

        return await wait_until(look, "the aggregator to be connected", timeout_s=_PATIENCE_S, every_s=1)
