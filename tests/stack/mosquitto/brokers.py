"""Both brokers as they are deployed: the home's through its entry point, the centre's from its own files."""

import asyncio
import getpass
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from home_broker import health, password_file

from scripts.home_stack.processes import ROOT, ManagedProcess, StackError, free_port, python_path

from . import programs
from .community import Community, Identity

START_TIMEOUT_S = 10.0
PATIENCE_S = 40.0
CENTRAL_FILES = ROOT / "addons" / "community_hub" / "broker"
# For the tests alone: it sees everything.
OBSERVER = "hub.observer"
HUB_PASSWORDS = {
    name: f"password-of-{name}-0123456789"
    for name in ("hub.ingest", "hub.dispatch", "hub.operator", OBSERVER)
}


async def eventually(condition: Callable[[], bool], explain: Callable[[], str]) -> None:
    """Wait until it is so. Raises AssertionError with the explanation."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(explain())
        await asyncio.sleep(0.05)


class Broker:
    """A Mosquitto process with its own folder, started, killed and started again on the same ports."""

    def __init__(self, folder: Path, name: str, arguments: list[str]) -> None:
        folder.mkdir()
        folder.chmod(0o755)
        self.folder = folder
        self.port = free_port()
        self.ports = [self.port]
        self.settings: dict[str, str] = {}
        self.log_file = folder / "log"
        self._name = name
        self._arguments = arguments
        self._process = self._new_process()

    def _new_process(self) -> ManagedProcess:
        return ManagedProcess(self._name, self._arguments, log=self.log_file, environment=self.settings)

    async def start(self) -> None:
        self._process = self._new_process()
        await self._process.start()
        for port in self.ports:
            await self._process.wait_for_port(port, timeout_s=START_TIMEOUT_S)

    async def kill(self) -> None:
        await self._process.kill()

    async def stop(self) -> None:
        await self._process.stop(patience_s=5)

    async def refusal(self) -> str:
        """Start it with settings with which it may not run, and return what it said when it ended."""
        self._process = self._new_process()
        await self._process.start()
        with pytest.raises(StackError, match="failed"):
            await self._process.wait(timeout_s=START_TIMEOUT_S)
        return self.log()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        process = self._process._process
        return process.returncode if process else None

    def reload(self) -> None:
        os.kill(self.pid, signal.SIGHUP)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    async def logs(self, pattern: str, *, times: int = 1) -> None:
        """Wait until its log has it."""
        await eventually(
            lambda: len(re.findall(pattern, self.log())) >= times,
            lambda: f"{pattern} is not in the log:\n{self.log()}",
        )


class CentralBroker(Broker):
    """The centre's, from the files of addons/community_hub/broker, at other places and ports only."""

    def __init__(self, folder: Path, community: Community, *, server: Identity | None = None) -> None:
        configuration = folder / "config" / "mosquitto.conf"
        super().__init__(folder, "The central broker", [str(programs.mosquitto()), "-c", str(configuration)])
        self.hub_port = free_port()
        self.ports.append(self.hub_port)
        self.community = community
        configuration.parent.mkdir()
        (folder / "data").mkdir()
        server = server or community.server()
        self.write("server_certificate.pem", server.certificate)
        self.write("server_key.pem", server.private_key)
        self.write("home_authority.pem", community.homes.certificate_pem)
        self.write("revoked_homes.pem", community.revocation_list())
        self.write("passwords", password_file.render(HUB_PASSWORDS))
        rules = (CENTRAL_FILES / "access_rules").read_text()
        self.write("access_rules", f"{rules}\nuser {OBSERVER}\ntopic read #\n")
        self.write("mosquitto.conf", self._configuration())

    def write(self, name: str, text: str) -> None:
        path = self.folder / "config" / name
        path.touch(mode=0o600)
        path.write_text(text)

    def _configuration(self) -> str:
        text = (CENTRAL_FILES / "mosquitto.conf").read_text()
        for old, new in {
            "listener 8883\n": f"listener {self.port} 127.0.0.1\n",
            "listener 8884\n": f"listener {self.hub_port} 127.0.0.1\n",
            "/mosquitto/": f"{self.folder}/",
            "/usr/lib/": f"{programs.plugins()}/",
        }.items():
            assert old in text
            text = text.replace(old, new)
        return f"{text}user {getpass.getuser()}\n"


class HomeBroker(Broker):
    """A home's, through its entry point; ``settings`` are added to the environment."""

    def __init__(self, folder: Path, home_id: str = "home-1", **settings: str) -> None:
        super().__init__(folder, "The home's broker", [sys.executable, "-m", "home_broker"])
        self.home_id = home_id
        self.topics = f"home_flex/vens/{home_id}"
        self.settings = {
            "PYTHONPATH": python_path("addons/mosquitto"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME_ID": home_id,
            "LISTEN_ADDRESS": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_FOLDER": str(folder / "data"),
            "CREDENTIALS_FOLDER": str(folder / "credentials"),
            "RUN_FOLDER": str(folder / "run"),
            "OPTIONS_FILE": str(folder / "options.json"),
            "SECRETS_FOLDER": str(folder / "secrets"),
            "HOME_GROUP": "2000" if os.geteuid() == 0 else str(os.getegid()),
            "MOSQUITTO_BINARY": str(programs.mosquitto()),
            "PLUGINS_FOLDER": str(programs.plugins()),
            "BRIDGE_RETRY_LEAST_SECONDS": "1",
            "BRIDGE_RETRY_MOST_SECONDS": "1",
            # An attempt that gets no answer is given up after as long.
            "BRIDGE_KEEPALIVE_SECONDS": "5",
            **settings,
        }

    async def let_observer_in(self) -> None:
        """Let OBSERVER say and hear everything, as the bridge does, until the broker is started again."""
        if OBSERVER in (self.folder / "run" / "access_rules").read_text():
            return
        rules = f"user {OBSERVER}\ntopic readwrite #\n"
        for name, text in (("passwords", password_file.render(HUB_PASSWORDS)), ("access_rules", rules)):
            with (self.folder / "run" / name).open("a") as file:
                file.write(text)
        self.reload()
        deadline = time.monotonic() + PATIENCE_S
        while not await asyncio.to_thread(
            health.answers, "127.0.0.1", self.port, OBSERVER, HUB_PASSWORDS[OBSERVER]
        ):
            assert time.monotonic() < deadline, self.log()
            await asyncio.sleep(0.02)

    def password(self, client: str) -> str:
        if client in HUB_PASSWORDS:
            return HUB_PASSWORDS[client]
        return (self.folder / "credentials" / client / "mqtt_password").read_text()

    async def is_healthy(self) -> bool:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "home_broker", "health"), env={**os.environ, **self.settings}
        )
        return await process.wait() == 0


def bridged(community: Community, port: int, identity: Identity) -> dict[str, str]:
    """Return the settings of a home that belongs to a community whose broker is at this port."""
    return {
        "CENTRAL_BROKER": f"127.0.0.1:{port}",
        "CENTRAL_CA": community.server_authority,
        "HOME_CERTIFICATE": identity.certificate,
        "HOME_PRIVATE_KEY": identity.private_key,
    }
