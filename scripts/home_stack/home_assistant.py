"""A real Home Assistant: its configuration folder, its process, its first user and its log."""

import json
import re
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from .api import HomeAssistantApi, wait_until
from .processes import ROOT, ManagedProcess, StackError, free_port

_CONFIGURATION = """\
homeassistant:
  name: Home
  latitude: 52.09
  longitude: 5.12
  elevation: 5
  time_zone: Europe/Amsterdam
  unit_system: metric
  currency: EUR
  country: NL
frontend:
history:
logbook:
energy:
logger:
  default: warning
  logs:
    custom_components.home_flex: info
"""


class HomeAssistant:
    """Home Assistant on 127.0.0.1, with the integration of this work tree."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        more_configuration: str = "",
    ) -> None:
        """Write the configuration into ``folder``, which may hold that of an earlier run."""
        self._more_configuration = more_configuration
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.username = "resident"
        self.password = secrets.token_urlsafe(9)
        self.api: HomeAssistantApi
        self._write_configuration()
        self._process = ManagedProcess(
            "Home Assistant",
            [sys.executable, "-m", "homeassistant", "-c", str(folder), "--skip-pip", "--log-no-color"],
            log=folder / "process.log",
            environment={"PYTHONPATH": str(Path(__file__).with_name("stand_ins")), **(environment or {})},
        )

    @property
    def pid(self) -> int:
        """The process' id."""
        return self._process.pid

    async def start(self) -> None:
        """Start it, again too; returns when it is running and its user can use it."""
        await self._process.start()
        await self._process.wait_for_port(self.port, timeout_s=120)
        if not hasattr(self, "api"):
            self.api = HomeAssistantApi(self.url)
            await wait_until(self._answers, "Home Assistant to answer", timeout_s=60)
            await self.api.create_first_user(name="Resident", username=self.username, password=self.password)
        await wait_until(self._is_running, "Home Assistant to finish starting", timeout_s=120)

    async def version(self) -> str:
        """Return its version."""
        return str((await self.api.get("/api/config"))["version"])

    async def stop(self) -> None:
        """End it in order, and the connections to it."""
        await self._process.stop(patience_s=30)
        if hasattr(self, "api"):
            await self.api.close()

    async def restart(self) -> None:
        """End it in order and start it anew; whoever is logged in stays so."""
        await self._process.stop(patience_s=30)
        await self.start()

    async def stored(self, key: str, *, holding: str) -> None:
        """Wait until its store ``key`` holds ``holding``: it writes a moment after a change."""
        store = self.folder / ".storage" / key

        async def written() -> bool:
            return store.exists() and f'"{holding}"' in store.read_text()

        await wait_until(written, f"{key} to be stored", timeout_s=120)

    async def kill(self) -> None:
        """End it as a power cut would; ``start`` brings it back."""
        await self._process.kill()

    def log_lines(self) -> list[str]:
        """Return what it has logged, all runs."""
        return self._process.log.read_text(errors="replace").splitlines()

    def memory_kib(self) -> dict[str, int]:
        """Return the memory of its process: ``Pss`` (its share), ``Rss`` (all it touches), in KiB."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return {name: int(value) for name, value in re.findall(r"^(Pss|Rss):\s+(\d+) kB", text, re.MULTILINE)}

    async def _answers(self) -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/api/onboarding") as answer:
            return answer.status == 200

    async def _is_running(self) -> bool:
        try:
            return bool((await self.api.get("/api/config"))["state"] == "RUNNING")
        except StackError:
            return False

    def _write_configuration(self) -> None:
        storage = self.folder / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        (self.folder / "configuration.yaml").write_text(_CONFIGURATION + self._more_configuration)
        components = self.folder / "custom_components"
        if not components.exists():
            components.symlink_to(ROOT / "custom_components")
        # YAML under `http:` would only be tried for five minutes and then reverted; the store is final.
        _seed(
            storage,
            "http",
            version=2,
            minor_version=2,
            data={
                "stable": {
                    "server_host": ["127.0.0.1"],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": True,
                    "ssl_profile": "modern",
                    "use_x_frame_options": True,
                    "created_at": "2026-11-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        # Only the first user is left to create: the other steps would ask services on the internet.
        _seed(
            storage,
            "onboarding",
            version=4,
            minor_version=1,
            data={"done": ["core_config", "analytics", "integration"]},
        )


def _seed(storage: Path, key: str, *, version: int, minor_version: int, data: dict[str, Any]) -> None:
    path = storage / key
    if not path.exists():
        document = {"version": version, "minor_version": minor_version, "key": key, "data": data}
        path.write_text(json.dumps(document))


_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\S* (?P<level>[A-Z]+) ")
_SUSPICIOUS = re.compile(
    r"blocking call|deprecated|will stop working|never awaited|never retrieved|unclosed|ResourceWarning|"
    r"Task was destroyed|lingering|not thread-safe|home_flex.*(Traceback|Error doing job)",
    re.IGNORECASE,
)


def complaints(lines: Iterable[str], *, about: str = "home_flex") -> list[str]:
    """Return the log's records that complain about an integration: errors, and warnings of bad manners.

    A record is a line with a time stamp and all lines below it that have none (a traceback).
    """
    records: list[str] = []
    for line in lines:
        if _LINE.match(line) or not records:
            records.append(line)
        else:
            records[-1] += f"\n{line}"
    return [record for record in records if about in record and _complains(record)]


def _complains(record: str) -> bool:
    match = _LINE.match(record)
    is_error = match is None or match["level"] in {"ERROR", "CRITICAL"}
    return is_error or _SUSPICIOUS.search(record) is not None
