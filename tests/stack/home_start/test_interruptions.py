"""Power cuts in the middle, devices that sleep, wrong records, and persons who change their mind."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scripts.home_stack.api import wait_until
from scripts.home_stack.processes import free_port

from .conftest import Surroundings
from .home import Home, record_of

# Where the power goes, one start after the other: a file of the agent's, else words of the log.
_CUTS = ("owner_password", "Created the owner", "Set Home Flex up", "Added grid_meter")


@pytest.mark.timeout(150)
async def test_power_cuts_anywhere_end_in_a_complete_home_without_duplicates(
    surroundings: Surroundings,
) -> None:
    home = surroundings.home()
    try:
        for cut in _CUTS:
            await home.start()
            await (_written(home, cut) if cut.startswith("owner") else home.says(cut))
            await home.kill()
        await home.start()
        await home.says("home_start: The home is set up\n", timeout_s=60)
        entries = await home.entries()
        async with home.api() as api:
            users = await api.websocket({"type": "config/auth/list"})
            tokens = await api.websocket({"type": "auth/refresh_tokens"})
    finally:
        await home.kill()
    kinds = Counter(entries[key] for key in entries if key != "site")
    assert kinds == dict.fromkeys(["aggregator", "battery", "grid_meter", "measurement_store", "pv"], 1)
    assert sum(user["is_owner"] for user in users) == 1
    assert [user["name"] for user in users if not user["system_generated"]] == ["Owner"]
    assert sum(token["client_name"] == "Home agent" for token in tokens) == 1


async def _written(home: Home, name: str) -> None:
    async def look() -> bool:
        return (home.owner / name).exists()

    await wait_until(look, f"{name} to be written", timeout_s=60, every_s=0.01)


@pytest.mark.timeout(120)
async def test_what_sleeps_is_added_later_and_what_a_person_removed_is_not_added_again(
    surroundings: Surroundings,
) -> None:
    asleep_port = free_port()
    record = record_of(surroundings.house)
    record["devices"][1]["port"] = asleep_port
    home = surroundings.home(devices=record["devices"])
    try:
        await home.start()
        await home.says("set up, but for pv@")
        assert {"grid_meter", "battery"} <= set((await home.entries()).values())
        async with _awake(asleep_port, surroundings.house.ports.modbus_port):
            await home.says("home_start: The home is set up\n")
            await _remove(home, "battery")
            await home.stop()
            _renew_mqtt_credentials(home, surroundings)
            await home.start()
            await home.says("Changed aggregator")
            await home.says("home_start: The home is set up\n", times=2)
            after = await home.entries()
    finally:
        await home.kill()
    kinds = Counter(after[key] for key in after if key != "site")
    assert kinds == dict.fromkeys(["aggregator", "grid_meter", "measurement_store", "pv"], 1)
    assert home.text().count("pv@") == 3, "asleep, left, and added: each told once"


@asynccontextmanager
async def _awake(port: int, target_port: int) -> AsyncIterator[None]:
    """Let a device answer at ``port`` from now on."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.gather(carry(reader, there_writer), carry(there_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        try:
            yield
        finally:
            server.abort_clients()


async def _remove(home: Home, kind: str) -> None:
    """Remove a device as a person does."""
    entries = await home.entries()
    subentry_id = next(key for key, found in entries.items() if found == kind)
    async with home.api() as api:
        command = {"entry_id": entries["site"], "subentry_id": subentry_id}
        await api.websocket({"type": "config_entries/subentries/delete", **command})

        async def stored() -> bool:
            store = home.config / ".storage" / "core.config_entries"
            return subentry_id not in store.read_text()

        await wait_until(stored, "the removal to be stored", timeout_s=10)


def _renew_mqtt_credentials(home: Home, surroundings: Surroundings) -> None:
    """Give the home another account, as a broker on a new volume does."""
    account = surroundings.broker.aggregator
    (home.credentials / "mqtt_username").write_text(account.username)
    (home.credentials / "mqtt_password").write_text(account.password)


@pytest.mark.timeout(90)
async def test_with_a_wrong_record_home_assistant_starts_and_says_what_is_wrong(
    surroundings: Surroundings,
) -> None:
    home = surroundings.home(site={"name": "Home"})
    try:
        await home.start()
        await home.says(
            "HOME_RECORD.site.currency is missing: Home Assistant starts without Home Flex set up"
        )
        await home.says("Created the owner's account")
        await _written(home, "owner_token")
        async with home.api() as api:
            assert await api.config_entry("home_flex") is None
            steps: Any = await api.get("/api/config")
    finally:
        await home.kill()
    assert steps["version"].startswith("2026.11")
