"""The centre: a Mosquitto with the limits of the community's, and workers of the hub on one database."""

import getpass
import os
import re
import shutil
import ssl
import sys
from pathlib import Path
from typing import Final

import trustme

from ..processes import ROOT, ManagedProcess, StackError, free_port, python_path
from .fleet import Door

REFERENCE: Final = ROOT / "addons" / "community_hub" / "broker" / "mosquitto.conf"
_UNPACKED: Final = ROOT / ".cache" / "mosquitto-2.1"
# What of the reference holds for any broker: how much waits for whom, and what is on the disk when.
_LIMITS: Final = re.compile(
    r"^(?:persistent_client_expiration|max_queued_\w+|max_inflight_messages|max_packet_size|memory_limit|"
    r"retain_expiry_interval|set_tcp_nodelay) .*$",
    re.MULTILINE,
)


class CentralBroker:
    """A broker that asks nobody's name: a plain door, and one with certificates for both sides."""

    def __init__(self, folder: Path) -> None:
        """Write its configuration."""
        folder.mkdir()
        self.port, self.tls_port = free_port(), free_port()
        self._folder = folder
        self._authority = trustme.CA()
        self._process = self._new_process()

    async def start(self) -> None:
        """Start it, again too."""
        self._process = self._new_process()
        await self._process.start()
        for port in (self.port, self.tls_port):
            await self._process.wait_for_port(port, timeout_s=60)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._process.kill()

    async def stop(self) -> None:
        """End it in order."""
        await self._process.stop(patience_s=20)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def door(self, *, tls: bool = False) -> Door:
        """Return where homes connect."""
        if not tls:
            return Door(port=self.port)
        context = ssl.create_default_context(cafile=str(self._folder / "ca.pem"))
        self._authority.issue_cert("home.example", common_name="home").configure_cert(context)
        return Door(port=self.tls_port, context=context)

    def _new_process(self) -> ManagedProcess:
        configuration = self._folder / "mosquitto.conf"
        if not configuration.exists():
            configuration.write_text(self._configuration())
        return ManagedProcess(
            "Mosquitto", [str(_program()), "-c", str(configuration)], log=self._folder / "mosquitto.log"
        )

    def _configuration(self) -> str:
        folder = self._folder
        self._authority.cert_pem.write_to_path(folder / "ca.pem")
        own = self._authority.issue_cert("127.0.0.1")
        own.private_key_and_cert_chain_pem.write_to_path(folder / "broker.pem")
        limits = "\n".join(_LIMITS.findall(REFERENCE.read_text()))
        return f"""listener {self.port} 127.0.0.1
max_connections -1
listener {self.tls_port} 127.0.0.1
max_connections -1
certfile {folder / "broker.pem"}
keyfile {folder / "broker.pem"}
cafile {folder / "ca.pem"}
require_certificate true
allow_anonymous true
user {getpass.getuser()}
global_plugin {_plugin()}
plugin_opt_flush_period 0
persistence_location {folder}
{limits}
log_dest stderr
log_type error
log_type warning
"""


class HubWorker:
    """A worker of the hub's wire."""

    def __init__(self, folder: Path, name: str, database: str, broker_port: int, *options: str) -> None:
        """Prepare."""
        arguments = ["--database", database, "--broker", f"127.0.0.1:{broker_port}", "--plain", *options]
        self._process = ManagedProcess(
            f"Worker {name}",
            [sys.executable, "-m", "community_hub.wire", *arguments],
            log=folder / f"worker-{name}.log",
            environment={"PYTHONPATH": python_path("addons/community_hub", "packages/home_flex_core")},
        )
        self.most_memory_mb = 0.0

    async def start(self) -> None:
        """Start it, again too."""
        await self._process.start()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.note_memory()
        await self._process.kill()

    async def stop(self) -> None:
        """End it in order."""
        self.note_memory()
        await self._process.stop(patience_s=20)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def note_memory(self) -> None:
        """Note the most memory that it has had, MB of resident set."""
        if self._process.running:
            self.most_memory_mb = max(self.most_memory_mb, most_memory_mb(self._process.pid))


def most_memory_mb(pid: int) -> float:
    """Return the most memory that a process has had, MB of resident set (proc(5), VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def processor_s(pid: int) -> float:
    """Return the processor time that a process has had (proc(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_possible() -> bool:
    """Whether Mosquitto 2.1 with its database is there."""
    return any(_UNPACKED.rglob("mosquitto_persist_sqlite.so"))


def _program() -> Path:
    return _UNPACKED / "mosquitto" if is_possible() else Path(shutil.which("mosquitto") or "mosquitto")


def _plugin() -> Path:
    for found in _UNPACKED.rglob("mosquitto_persist_sqlite.so"):
        return found
    raise StackError("Mosquitto 2.1 is missing: run scripts/setup as root on Debian")
