"""The real entry point on a real D-Bus daemon; NetworkManager is a fake: test machines have no radio."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dbus_fast import Variant
from wifi_ap.alive import ALIVE_FILE

from scripts.home_stack.processes import python_path

from .fake_network_manager import DAEMON, FakeNetworkManager, bus

PACKAGE = Path(__file__).parents[3] / "addons" / "wifi_ap"
SECRET = "river-apple-stone-94"

needs_bus = pytest.mark.skipif(DAEMON is None, reason="dbus-daemon is not installed")


def environment(folder: Path, address: str, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": python_path("addons/wifi_ap"),
        "HOME_ID": "home-00c0ffee",
        "DATA_FOLDER": str(folder),
        "RUN_FOLDER": str(folder),
        "STATUS_FOLDER": str(folder),
        "DBUS_SYSTEM_BUS_ADDRESS": address,
        "AP_PASSWORD": SECRET,
        "LOOK_S": "0.1",
        **settings,
    }


@asynccontextmanager
async def service(folder: Path, address: str, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wifi_ap",
        env=environment(folder, address, **settings),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.communicate(), 10)


def status(folder: Path) -> dict[str, str]:
    try:
        shown: dict[str, str] = json.loads((folder / "status.json").read_text())
    except FileNotFoundError:
        return {}
    return shown


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a file of another process
            await asyncio.sleep(0.02)


@needs_bus
async def test_it_opens_a_network_that_is_stored_nowhere_and_ends_with_the_service(tmp_path: Path) -> None:
    manager = FakeNetworkManager()
    async with bus(tmp_path) as address:
        await manager.start(address)
        async with service(tmp_path, address):
            await eventually(lambda: status(tmp_path).get("state") == "on")
        manager.stop()
    (settings, options) = manager.raised[0]
    assert len(manager.raised) == 1
    assert settings["802-11-wireless"]["ssid"].value == b"HomeFlex-C0FFEE"
    assert settings["802-11-wireless-security"]["psk"].value == SECRET
    assert settings["802-11-wireless-security"]["proto"].value == ["rsn"]
    assert settings["ipv4"]["method"].value == "shared"
    assert {name: option.value for name, option in options.items()} == {
        "persist": "volatile",
        "bind-activation": "dbus-client",
    }


@needs_bus
async def test_it_gives_the_radio_back_when_the_cable_goes(tmp_path: Path) -> None:
    stored = {
        "connection": {"type": Variant("s", "802-11-wireless"), "id": Variant("s", "the home's WiFi")},
        "802-11-wireless": {"mode": Variant("s", "infrastructure")},
    }
    manager = FakeNetworkManager(stored=[stored])
    async with bus(tmp_path) as address:
        await manager.start(address)
        async with service(tmp_path, address):
            await eventually(lambda: status(tmp_path).get("state") == "on")
            manager.on_cable = False
            await eventually(lambda: status(tmp_path).get("state") == "disabled")
        manager.stop()
    assert len(manager.lowered) == 1


@needs_bus
async def test_a_radio_that_is_a_client_is_left_alone_and_the_status_says_why(tmp_path: Path) -> None:
    manager = FakeNetworkManager(radio_state=100, on_cable=False)
    async with bus(tmp_path) as address:
        await manager.start(address)
        async with service(tmp_path, address):
            await eventually(lambda: status(tmp_path).get("state") == "disabled")
            assert "connect a network cable" in status(tmp_path)["reason"]
        manager.stop()
    assert manager.raised == []


@needs_bus
async def test_a_radio_that_fails_after_all_is_told(tmp_path: Path) -> None:
    manager = FakeNetworkManager(fails=True)
    async with bus(tmp_path) as address:
        await manager.start(address)
        async with service(tmp_path, address):
            await eventually(lambda: "and fails" in status(tmp_path).get("reason", ""))
            assert status(tmp_path)["state"] == "disabled"
        manager.stop()


@needs_bus
async def test_it_comes_back_after_network_manager_was_started_again(tmp_path: Path) -> None:
    first, second = FakeNetworkManager(), FakeNetworkManager()
    async with bus(tmp_path) as address:
        await first.start(address)
        async with service(tmp_path, address):
            await eventually(lambda: status(tmp_path).get("state") == "on")
            first.stop()
            await eventually(lambda: status(tmp_path).get("state") == "disabled")
            await second.start(address)
            await eventually(lambda: status(tmp_path).get("state") == "on")
        second.stop()
    assert len(second.raised) == 1


@needs_bus
async def test_a_refusal_never_shows_the_password(tmp_path: Path) -> None:
    manager = FakeNetworkManager(refuses=True)
    async with bus(tmp_path) as address:
        await manager.start(address)
        async with service(tmp_path, address) as process:
            await eventually(lambda: "PermissionDenied" in status(tmp_path).get("reason", ""))
            assert SECRET not in (tmp_path / "status.json").read_text()
            process.terminate()
            _, log = await asyncio.wait_for(process.communicate(), 10)
        manager.stop()
    assert SECRET not in log.decode()


async def test_without_a_bus_it_goes_on_and_is_healthy(tmp_path: Path) -> None:
    address = f"unix:path={tmp_path}/nothing"
    async with service(tmp_path, address):
        await eventually(lambda: status(tmp_path).get("state") == "disabled")
        health = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wifi_ap", "health", env=environment(tmp_path, address)
        )
        assert await asyncio.wait_for(health.wait(), 10) == 0
        assert status(tmp_path)["reason"] == "this system offers no NetworkManager"
    assert status(tmp_path)["state"] == "off"


async def test_it_does_not_start_with_a_weak_password(tmp_path: Path) -> None:
    async with service(tmp_path, "unix:path=/nowhere", AP_PASSWORD="changeme") as process:
        _, log = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 2
    assert b"AP_PASSWORD" in log
    assert b"changeme" not in log
    assert status(tmp_path)["state"] == "disabled"
    assert "AP_PASSWORD" in status(tmp_path)["reason"]
    assert "changeme" not in status(tmp_path)["reason"]


async def test_a_service_that_does_not_look_is_unhealthy(tmp_path: Path) -> None:
    health = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wifi_ap", "health", env=environment(tmp_path, "unix:path=/nowhere")
    )
    assert await asyncio.wait_for(health.wait(), 10) == 1


async def test_a_status_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    """As on a full memory card."""
    settings = {"STATUS_FOLDER": str(tmp_path / "not_there"), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nobody"}
    async with service(tmp_path, "unix:path=/nobody", **settings) as process:
        await eventually((tmp_path / ALIVE_FILE).exists)
        await asyncio.sleep(0.5)
        assert process.returncode is None
