"""Broker, hub and wire as processes of this machine, each on a port of its own, with secrets made anew."""

import re
import sys
from pathlib import Path
from typing import Final

from ..central_files import DISPATCHER, LISTENER, CentralFiles
from ..processes import ManagedProcess, StackError, free_port, python_path

_CODE: Final = re.compile(rb"good for a day: (\S+)")
_HOST: Final = "127.0.0.1"


class Centre:
    """``start`` the broker, the hub and its wire; ``stop`` ends them. Everything is below ``folder``."""

    def __init__(self, folder: Path, *, port: int | None = None, rollouts: Path | None = None) -> None:
        """Prepare; ``port`` is the hub's own, None takes a free one."""
        self.port = port or free_port()
        self.home_port, hub_port = free_port(), free_port()
        self.files = CentralFiles(
            folder / "broker",
            _HOST,
            doors=(f"{self.home_port} {_HOST}", f"{hub_port} {_HOST}"),
        )
        self.database = f"sqlite:///{folder / 'hub.sqlite'}"
        passwords = self.files.passwords
        shared = {
            "PYTHONPATH": python_path("addons/community_hub", "packages/home_flex_core"),
            "HUB_DATABASE": self.database,
            "HUB_PUBLIC_URL": self.url,
            "HUB_MQTT_URL": f"mqtts://{_HOST}:{self.home_port}",
            "HUB_INGEST_PASSWORD": passwords[LISTENER],
            "HUB_DISPATCH_PASSWORD": passwords[DISPATCHER],
            "HUB_ROLLOUTS": str(rollouts or ""),
        }
        self._broker = ManagedProcess("Mosquitto", self.files.command, log=folder / "broker.log")
        self._hub = ManagedProcess(
            "The hub",
            [sys.executable, "-m", "community_hub.serve", "--port", str(self.port)],
            log=folder / "hub.log",
            environment=shared,
            pipe_output=True,
        )
        broker = ["--broker", f"{_HOST}:{hub_port}", "--broker-ca", str(self.files.public_authority)]
        self._wire = ManagedProcess(
            "The hub's wire",
            [sys.executable, "-m", "community_hub.wire", *broker],
            log=folder / "wire.log",
            environment=shared,
        )

    @property
    def url(self) -> str:
        """Where the console is; by this name browsers know passkeys."""
        return f"http://localhost:{self.port}"

    async def start(self) -> str:
        """Start everything; return the code that makes the first operator. Raises StackError."""
        await self._broker.start()
        await self._broker.wait_for_port(self.home_port, timeout_s=30)
        code = await self.start_hub()
        await self._wire.start()
        return code

    async def start_hub(self) -> str:
        """Start the hub without broker and wire; return as ``start``. Raises StackError."""
        await self._hub.start()
        line = await self._hub.read_line(timeout_s=60)
        if (found := _CODE.search(line)) is None:
            raise StackError(f"The hub printed no code but {line.decode(errors='replace')}")
        await self._hub.wait_for_port(self.port, timeout_s=60)
        return found[1].decode()

    async def stop(self) -> None:
        """End everything, in the order in which nothing is left waiting."""
        for process in (self._wire, self._hub, self._broker):
            await process.stop(patience_s=15)
