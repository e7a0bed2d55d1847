"""A home that starts by itself: the real entry point as a process, on folders that stand for its volumes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.home_stack.api import HomeAssistantApi, wait_until
from scripts.home_stack.broker import PREFIX, VEN_ID, Broker
from scripts.home_stack.house import House
from scripts.home_stack.processes import _END_WITH_PARENT, ROOT, free_port, python_path

HASS_CONFIG = ROOT / "hass-config"
STAND_INS = ROOT / "scripts" / "home_stack" / "stand_ins"


def record_of(house: House, **changes: Any) -> dict[str, Any]:
    """Return the provisioning record of the simulated house, without its charger."""
    sunspec = {"host": "127.0.0.1", "port": house.ports.modbus_port}
    record = {
        "version": 1,
        "site": {
            "name": "Test home",
            "currency": "EUR",
            "main_fuse_a": 25,
            "phases": 3,
            "import_price": "0.30",
            "export_price": "0.08",
            "ocpp_port": free_port(),
        },
        "location": {
            "latitude": 52.09,
            "longitude": 5.12,
            "time_zone": "Europe/Amsterdam",
            "country": "NL",
            "language": "en",
        },
        "devices": [
            {"type": "grid_meter", "connection": "tcp", "host": "127.0.0.1", "port": house.ports.p1_port},
            {"type": "pv", **sunspec, "unit_id": house.ports.pv_unit_id},
            {"type": "battery", **sunspec, "unit_id": house.ports.battery_unit_id},
        ],
    }
    return {**record, **changes}


class Home:
    """The service ``home_assistant`` as a process."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Prepare volumes below ``folder``, which may hold those of an earlier run."""
        self.config = folder / "config"
        self.credentials = folder / "credentials"
        self.owner = folder / "owner"
        self.log = folder / "home.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.credentials.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "HOME_ID": VEN_ID,
            "CONFIG_FOLDER": str(self.config),
            "COMPONENT_FOLDER": str(ROOT / "custom_components" / "home_flex"),
            "SEED_FOLDER": str(HASS_CONFIG / "seed"),
            "CREDENTIALS_FOLDER": str(self.credentials),
            "OWNER_FOLDER": str(self.owner),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(self.port),
            "TRUSTED_PROXIES": "127.0.0.1",
            "MQTT_HOST": "127.0.0.1",
            "MQTT_PREFIX": PREFIX,
            "INFLUXDB_URL": f"http://127.0.0.1:{free_port()}",
            "HOME_ASSISTANT_OPTIONS": "--skip-pip --log-no-color",
            "LEAST_RETRY_S": "0.5",
            "MOST_RETRY_S": "1",
            **environment,
        }
        self.python_path = f"{python_path('hass-config')}:{STAND_INS}"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The id of the entry point's process."""
        assert self._process is not None
        return self._process.pid

    def provision(self, record: Mapping[str, Any] | str, broker: Broker | None = None) -> None:
        """Give the home its record, and its credentials at the broker."""
        text = record if isinstance(record, str) else json.dumps(record)
        self.environment["HOME_RECORD"] = text
        if broker is not None:
            self.environment["MQTT_PORT"] = str(broker.port)
            (self.credentials / "mqtt_username").write_text(broker.home.username)
            (self.credentials / "mqtt_password").write_text(broker.home.password)

    async def start(self) -> None:
        """Start it in a process group of its own."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_END_WITH_PARENT,
                sys.executable,
                "-m",
                "home_start",
                cwd=ROOT,
                env={**os.environ, **self.environment, "PYTHONPATH": self.python_path},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def kill(self) -> None:
        """Cut the power."""
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int:
        """Tell it to end, as the container engine does, and return its status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Return its status once it has ended by itself."""
        assert self._process is not None
        async with asyncio.timeout(30):
            return await self._process.wait()

    def text(self) -> str:
        """Return everything it logged, all runs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    async def says(self, words: str, *, timeout_s: float = 60, times: int = 1) -> None:
        """Wait until it has logged ``words`` so many times."""

        async def look() -> bool:
            assert self._process is not None
            assert self._process.returncode is None, self.text()[-3000:]
            return self.text().count(words) >= times

        try:
            await wait_until(look, f"the home to say {words!r}", timeout_s=timeout_s)
        except Exception as error:
            error.add_note(self.text()[-5000:])
            raise

    def secret(self, name: str) -> str:
        """Return what the agent reads."""
        return (self.owner / name).read_text()

    def api(self) -> HomeAssistantApi:
        """Return the home's interface, used with the token that the agent got."""
        api = HomeAssistantApi(self.url)
        api.token = self.secret("owner_token")
        return api

    async def entries(self) -> dict[str, Any]:
        """Return the ids of everything that is set up."""
        async with self.api() as api:
            entry = await api.config_entry("home_flex")
            assert entry is not None
            command = {"type": "config_entries/subentries/list", "entry_id": entry["entry_id"]}
            members = await api.websocket(command)
        return {"site": entry["entry_id"], **{one["subentry_id"]: one["subentry_type"] for one in members}}

    async def energy(self) -> Any:
        """Return what the Energy dashboard shows."""
        async with self.api() as api:
            return await api.websocket({"type": "energy/get_prefs"})
