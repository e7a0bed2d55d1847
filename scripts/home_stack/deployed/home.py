"""A home as its operator deploys it: every service of the Compose files, run as its Dockerfile says."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from ..processes import ROOT, ManagedProcess
from . import compose, image
from .network import Network, need_root

ENTER = Path(__file__).with_name("enter.py")
STAND_INS = ROOT / "scripts" / "home_stack" / "stand_ins"
HOME_GROUP = 2000
STOP_PATIENCE_S = 40.0
# What a container engine's image has and this machine has elsewhere.
MACHINE: Mapping[str, Mapping[str, str]] = {
    "home_assistant": {"HOME_ASSISTANT_OPTIONS": "--skip-pip --log-no-color"},
}

type Tell = Callable[[str], None]


class DeployedHome:
    """``up`` starts all services on their volumes below ``folder``; ``down`` ends them; volumes stay."""

    def __init__(
        self,
        folder: Path,
        plan: compose.Home,
        *,
        number: int,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        others: Mapping[str, IPv4Address] | None = None,
        programs: Mapping[str, Path] | None = None,
        visible: Sequence[Path] = (),
    ) -> None:
        """Prepare; the home is number ``number`` of those that run on this machine.

        ``environment`` is what the fleet would set per service, ``others`` are more hosts by name,
        ``programs`` commands that the images bring and this machine has elsewhere; ``visible`` is what those
        need to see of this machine.
        """
        self.home = plan
        self.network = Network(plan, dict(others or {}), number=number)
        self.folder = folder
        self._environment = environment or {}
        self._visible = (ROOT / ".venv", ROOT / ".cache", *visible)
        self._programs = {"python3": Path(sys.executable), **(programs or {})}
        self._processes: dict[str, ManagedProcess] = {}

    async def up(self, *, without: Sequence[str] = (), tell: Tell = lambda _: None) -> None:
        """Start it. Raises StackError."""
        need_root()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "hosts").write_text(self.network.hosts)
        self._write_tools()
        await self.network.up()
        for name in self.home.services:
            if name not in without:
                await self.start(name)
                tell(f"{name} started")

    async def start(self, name: str) -> None:
        """Start one service, after it was killed too."""
        if name not in self._processes:
            self._processes[name] = self._process(self.home.services[name])
        await self._processes[name].start()

    async def kill(self, name: str) -> None:
        """End one service as a power cut would."""
        await self._processes[name].kill()

    async def stop(self, name: str) -> None:
        """End one service in order."""
        await self._processes[name].stop(patience_s=STOP_PATIENCE_S)

    async def down(self) -> None:
        """End everything; the volumes stay."""
        await asyncio.gather(*(self.stop(name) for name in self._processes))
        await self.network.down()

    def running(self, name: str) -> bool:
        """Whether a service runs."""
        return name in self._processes and self._processes[name].running

    def pids(self) -> dict[str, int]:
        """Return the first process of each service that runs, by its name."""
        return {name: process.pid for name, process in self._processes.items() if process.running}

    def log(self, name: str) -> str:
        """Return all that a service has said."""
        path = self._log(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def volume(self, name: str) -> Path:
        """Return where a volume lies on this machine."""
        return self.folder / "volumes" / name

    def address(self, name: str) -> IPv4Address:
        """Return where a host is reached from this machine."""
        return self.network.addresses[name]

    async def healthy(self, name: str) -> bool:
        """Ask a running service as its image's health check does."""
        service = self.home.services[name]
        picture = image.read(service.dockerfile, service.context)
        path = self._specification(service, picture, picture.health, joined=self._processes[name].pid)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ENTER), str(path)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            return await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()

    def _process(self, service: compose.Service) -> ManagedProcess:
        picture = image.read(service.dockerfile, service.context)
        path = self._specification(service, picture, picture.command)
        self._make_volumes(service, picture)
        # Its user may open it anew as /dev/stdout.
        self._log(service.name).touch()
        self._log(service.name).chmod(0o666)
        return ManagedProcess(
            service.name, [sys.executable, str(ENTER), str(path)], log=self._log(service.name)
        )

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _specification(
        self, service: compose.Service, picture: image.Image, command: Sequence[str], *, joined: int = 0
    ) -> Path:
        path = self.folder / f"{service.name}{'.health' if joined else ''}.json"
        binds = [
            *((str(source), place, True) for source, place in picture.copies),
            *((str(self.volume(mount.volume)), mount.path, mount.read_only) for mount in service.mounts),
            *((str(source), str(source), True) for source in self._visible),
            (str(STAND_INS), "/opt/stand_ins", True),
            (str(self.folder / "tools"), "/opt/tools", True),
        ]
        document = {
            "joined": joined,
            "network": self.network.namespace(service.name) if service.address else None,
            "sysctls": service.sysctls,
            "root": str(self.folder / "roots" / service.name),
            "hosts": str(self.folder / "hosts"),
            "binds": binds,
            "tmpfs": [*service.tmpfs, *(() if "/tmp" in service.tmpfs else ("/tmp",))],  # noqa: S108 # its own
            "user": service.user or picture.user,
            "groups": service.groups,
            "capabilities": service.capabilities,
            "environment": self._all_environment(service, picture),
            "folder": picture.folder,
            "command": command,
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(document))
        return path

    def _all_environment(self, service: compose.Service, picture: image.Image) -> dict[str, str]:
        environment = {
            "PATH": "/opt/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/tmp",  # noqa: S108 # the service's own
            "LANG": "C.UTF-8",
            **picture.environment,
            **service.environment,
            **MACHINE.get(service.name, {}),
            **self._environment.get(service.name, {}),
        }
        environment["PYTHONPATH"] = f"{environment.get('PYTHONPATH', '')}:/opt/stand_ins"
        return environment

    def _make_volumes(self, service: compose.Service, picture: image.Image) -> None:
        """Make volumes that are not there, with the owner of their image; shared ones are the group's."""
        user, _, group = (service.user or picture.user).partition(":")
        for mount in service.mounts:
            path = self.volume(mount.volume)
            if path.exists():
                continue
            path.mkdir(parents=True)
            if mount.volume.startswith("credentials_"):
                os.chown(path, 0, HOME_GROUP)
                path.chmod(0o2770)
            else:
                os.chown(path, int(user), int(group or user))

    def _write_tools(self) -> None:
        tools = self.folder / "tools"
        shutil.rmtree(tools, ignore_errors=True)
        tools.mkdir()
        for name, program in self._programs.items():
            (tools / name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            (tools / name).chmod(0o755)
