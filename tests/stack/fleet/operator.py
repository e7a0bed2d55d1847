"""An operator at the command line.

A folder, a fleet in the fake of balena's API, and the tool as a process.
"""

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

from community_hub.canary.report import Report
from community_hub.canary.versions import digest_of_source
from cryptography import x509
from fleet.__main__ import main
from fleet.admission import CORE
from rich.console import Console

from .fake_balena import SLUG, TOKEN, FakeBalena, serve

TOOL = Path(__file__).parents[3] / "balena" / "fleet-tool"
OPERATOR_TOKEN = "operator-token-0123456789"
RECORD: dict[str, Any] = {
    "site": {
        "name": "Lime Street 4",
        "currency": "EUR",
        "main_fuse_a": 25,
        "phases": 3,
        "import_price": "0.30",
        "export_price": "0.08",
    },
    "location": {
        "latitude": 52.1,
        "longitude": 5.1,
        "time_zone": "Europe/Amsterdam",
        "country": "NL",
        "language": "en",
    },
    "devices": [{"type": "grid_meter", "connection": "tcp", "host": "192.168.1.20", "port": 8801}],
}


@dataclass
class Outcome:
    """How a command ended and everything it printed."""

    code: int
    output: str


@dataclass
class Operator:
    """Gives commands."""

    folder: Path
    balena: FakeBalena

    async def run(self, *words: str) -> Outcome:
        """Run one command in this process, on a thread of its own."""
        output = io.StringIO()
        console = Console(file=output, width=140)
        code = await asyncio.to_thread(main, ["--folder", str(self.folder), *words], console)
        return Outcome(code=code, output=output.getvalue())

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start one command as the operator would."""
        return await asyncio.create_subprocess_exec(
            TOOL,
            "--folder",
            self.folder,
            *words,
            env={**os.environ, "COLUMNS": "140"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def run_process(self, *words: str, typed: str = "") -> Outcome:
        """Run one command as the operator would, who types something; it has a minute."""
        process = await self.start(*words)
        try:
            output, _ = await asyncio.wait_for(process.communicate(typed.encode()), 60)
        except TimeoutError:
            process.kill()
            raise
        return Outcome(code=process.returncode or 0, output=output.decode())

    async def done(self, *words: str) -> str:
        """Run a command that must succeed."""
        outcome = await self.run(*words)
        assert outcome.code == 0, outcome.output
        return outcome.output

    async def enrol(
        self, *numbers: int, options: tuple[str, ...] = (), devices: Mapping[int, int] | None = None
    ) -> Outcome:
        """Enrol homes, each on the device of its number, or on one of ``devices``; 0 is none of the fleet."""
        return await self.run("enrol", str(self.batch(*numbers, devices=devices)), *options)

    def batch(self, *numbers: int, devices: Mapping[int, int] | None = None) -> Path:
        """Write a batch of homes."""
        uuids = {number: device.uuid for number, device in self.balena.devices.items()} | {0: ""}
        homes = [
            {
                "ven_id": ven_id(number),
                "device_uuid": uuids[(devices or {}).get(number, number)],
                "record": RECORD,
            }
            for number in numbers
        ]
        path = self.folder.parent / "batch.json"
        path.write_text(json.dumps(homes))
        return path

    def canary(self, admits: str, **other: Any) -> None:
        """Keep a canary's report that admits a release, but for what is ``other``."""
        told = {
            "release": admits,
            "made_at": datetime.now(UTC),
            "old": "0" * 64,
            "new": digest_of_source(CORE),
            "passed": True,
            "compared": 36,
            "scenarios": (),
        }
        Report(**{**told, **other}).save(self.folder / "canary" / f"{admits}.json")

    def operator_key(self) -> str:
        """Return the public half of the key that signs, as homes are told it."""
        return (self.folder / "centre" / "operator_key").read_text().strip()

    def file(self, number: int, name: str) -> str:
        """Return what the operator's folder keeps of a home."""
        return (self.folder / "homes" / ven_id(number) / name).read_text()

    def files(self) -> dict[str, bytes]:
        """Return every file of the folder."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }


def ven_id(number: int) -> str:
    """Return the venID of the home on a device."""
    return f"home-{number:04}"


@asynccontextmanager
async def operator(
    tmp_path: Path, *, size: int = 3, centre: dict[str, str] | None = None, extra: str = ""
) -> AsyncIterator[Operator]:
    """Give an operator with a fleet of some size and releases that a canary admits; without an authority."""
    balena = FakeBalena(size)
    folder = tmp_path / "fleet"
    folder.mkdir()
    async with serve(balena.application()) as url:
        table = "".join(f'{key} = "{value}"\n' for key, value in (centre or {}).items())
        (folder / "fleet.toml").write_text(
            f'[balena]\nfleet = "{SLUG}"\napi = "{url}"\n[centre]\n{table}{extra or QUICK}'
        )
        with patch.dict(os.environ, {"BALENA_TOKEN": TOKEN, "OPERATOR_TOKEN": OPERATOR_TOKEN}):
            someone = Operator(folder=folder, balena=balena)
            for release in ("1.1.0", "1.1.1"):
                someone.canary(release)
            yield someone


@asynccontextmanager
async def enrolled(
    tmp_path: Path, *numbers: int, centre: dict[str, str] | None = None
) -> AsyncIterator[Operator]:
    """Give an operator whose homes are enrolled and have their variables."""
    (tmp_path / "broker.pem").write_text("the broker's authority")
    settings = {
        "mqtt_broker": "mqtt.example.org:8883",
        "mqtt_ca_file": "../broker.pem",
        "replication_url": "https://ingest.example.org",
        **(centre or {}),
    }
    async with operator(tmp_path, centre=settings) as someone:
        await someone.done("authority", "Community fleet")
        assert (await someone.enrol(*numbers)).code == 0
        await someone.done("variables")
        yield someone


def accepted(someone: Operator) -> dict[str, list[str]]:
    """Return the token hashes the ingest proxy accepts."""
    tokens: dict[str, list[str]] = json.loads((someone.folder / "centre/ingest_tokens.json").read_text())
    return tokens


def token_hash(someone: Operator, number: int) -> str:
    """Return the hash of the token a home has."""
    device = someone.balena.devices[number]
    token = someone.balena.variable(device, "influxdb", "REPLICATION_TOKEN")
    assert token is not None
    return sha256(token.encode()).hexdigest()


def listed(someone: Operator) -> set[int]:
    """Return the revoked serial numbers."""
    found = x509.load_pem_x509_crl((someone.folder / "centre/crl.pem").read_bytes())
    return {entry.serial_number for entry in found}


def serial(pem: str) -> int:
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


QUICK = """
[rotation]
settle = "0s"
[rollout]
poll = "20ms"
rings = [
  {name = "lab", share = 0, soak = "100ms"},
  {name = "canary", share = 0.01, soak = "100ms"},
  {name = "early", share = 0.1, soak = "100ms"},
  {name = "all", share = 1, soak = "100ms"},
]
"""
