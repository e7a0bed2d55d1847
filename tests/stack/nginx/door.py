"""The home's nginx as a process: the real entry point, on folders and ports of its own."""

import os
import shutil
import signal
import sys
from pathlib import Path

from scripts.home_stack.api import wait_until
from scripts.home_stack.processes import ManagedProcess, StackError, free_port, python_path

HOME_ID = "home_1"
DEVICE = "abcdef0123456789abcdef0123456789"
PUBLIC_NAME = f"{DEVICE}.balena-devices.com"
NAME = "home.local"
_BEGINS = "home_nginx: home "
SYSTEM = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
UPSTREAMS = ("HOME_ASSISTANT", "OCPP", "HOME_AGENT", "CONFIG_EDITOR", "INFLUXDB")


def nginx_is_there() -> bool:
    """Whether this machine has nginx."""
    return shutil.which("nginx", path=SYSTEM) is not None


def free_ports(count: int) -> list[int]:
    """Return so many different ports that nobody listens on at this moment."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


class Door:
    """The service ``nginx``; what is behind it and not named is away."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Prepare it; ``folder`` may hold the volume of an earlier run."""
        self.folder = folder
        self.data = folder / "data"
        self.run = folder / "run"
        self.http_port, self.https_port, self.ocpp_port, *away = free_ports(3 + len(UPSTREAMS))
        self.environment = {
            "HOME_ID": HOME_ID,
            "BALENA_DEVICE_UUID": "",
            "DATA_FOLDER": str(self.data),
            "RUN_FOLDER": str(self.run),
            "LISTEN_ADDRESS": "127.0.0.1",
            "HTTP_PORT": str(self.http_port),
            "HTTPS_PORT": str(self.https_port),
            "OCPP_PORT": str(self.ocpp_port),
            **{name: f"127.0.0.1:{port}" for name, port in zip(UPSTREAMS, away, strict=True)},
            "PYTHONPATH": python_path("nginx"),
            "PATH": f"{folder}:{SYSTEM}",
            **environment,
        }
        folder.mkdir(parents=True, exist_ok=True)
        _write_nginx(folder / "nginx")
        self.log = folder / "nginx.log"
        self._process = self._command()

    @property
    def url(self) -> str:
        """Where a browser in the home goes."""
        return f"http://127.0.0.1:{self.http_port}"

    async def start(self) -> None:
        """Start it; returns when it takes connections."""
        begun = self.says().count(_BEGINS)
        await self._process.start()

        async def has_checked() -> bool:
            return self.says().count(_BEGINS) > begun or not self._process.running

        # nginx listens while it checks its configuration too, and then begins anew.
        await wait_until(has_checked, "nginx to check its configuration", timeout_s=60)
        for port in (self.http_port, self.https_port, self.ocpp_port):
            await self._process.wait_for_port(port, timeout_s=60)

    async def stop(self) -> None:
        """End it."""
        await self._process.stop()

    async def kill(self) -> None:
        """End it and its workers as a power cut would."""
        workers = self._workers()
        await self._process.kill()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)

    async def check_health(self) -> None:
        """Do what the engine does each minute. Raises StackError when it is not well."""
        process = self._command("health")
        await process.start()
        await process.wait(timeout_s=60)

    async def fails(self) -> str:
        """Return what it says when it does not start."""
        await self._process.start()
        try:
            await self._process.wait(timeout_s=60)
        except StackError:
            return self.says()
        raise AssertionError("It started")

    def says(self) -> str:
        """Return all that it has said."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _workers(self) -> list[int]:
        master = int((self.run / "nginx.pid").read_text())
        return [int(worker) for worker in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def _command(self, *words: str) -> ManagedProcess:
        return ManagedProcess(
            "nginx",
            [sys.executable, "-m", "home_nginx", *words],
            log=self.log,
            environment=self.environment,
        )


def _write_nginx(path: Path) -> None:
    """Write an nginx that stays root where it is run as root: another may not enter tests' folders."""
    user = "-g 'user root;'" if os.geteuid() == 0 else ""
    path.write_text(f'#!/bin/sh\nexec {shutil.which("nginx", path=SYSTEM)} {user} "$@"\n')
    path.chmod(0o755)
