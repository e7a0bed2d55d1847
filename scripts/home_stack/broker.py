"""The aggregator's broker: a Mosquitto of our own, or an embedded broker where Mosquitto is missing."""

import getpass
import json
import secrets
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .processes import ManagedProcess, StackError, free_port

PREFIX = "home_flex"
VEN_ID = "home-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Who may log in to the broker."""

    username: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)


class Broker:
    """A broker on 127.0.0.1 with two accounts: a home that sees only its own topics, and the aggregator."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """Write the configuration into ``folder``; ``port`` None takes a free one, and keeps it."""
        self.folder = folder
        self.port = port or free_port()
        self.home = Account(username=VEN_ID)
        self.aggregator = Account(username="aggregator")
        self.mosquitto = _find("mosquitto")
        folder.mkdir(parents=True, exist_ok=True)
        self._process = ManagedProcess("The broker", self._arguments(), log=folder / "broker.log")

    @property
    def is_embedded(self) -> bool:
        """Whether this stands in for a missing Mosquitto: MQTT 3.1.1, nothing kept over a restart."""
        return self.mosquitto is None

    async def start(self) -> None:
        """Start it, again too. Returns when it takes connections."""
        if self.mosquitto is not None:
            await self._write_passwords()
        await self._process.start()
        await self._process.wait_for_port(self.port, timeout_s=15)

    async def stop(self) -> None:
        """End it in order."""
        await self._process.stop(patience_s=5)

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self._process.kill()

    def _arguments(self) -> list[str]:
        if self.mosquitto is None:
            settings = self.folder / "embedded.json"
            accounts = {account.username: account.password for account in (self.home, self.aggregator)}
            _write_secret(settings, json.dumps({"port": self.port, "accounts": accounts, "home": VEN_ID}))
            return [sys.executable, "-m", "scripts.home_stack.embedded_broker", str(settings)]
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(
            f"""listener {self.port} 127.0.0.1
allow_anonymous false
password_file {self.folder / "passwords"}
acl_file {self.folder / "acl"}
user {getpass.getuser()}
persistence true
persistence_location {self.folder}/
autosave_on_changes true
autosave_interval 1
persistent_client_expiration 7d
max_packet_size 262144
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
"""
        )
        _write_secret(self.folder / "acl", _access_rules(self.home, self.aggregator))
        return [self.mosquitto, "-c", str(configuration)]

    async def _write_passwords(self) -> None:
        """Hash the passwords into Mosquitto's file; they never stand on a command line others can read."""
        passwords = self.folder / "passwords"
        lines = (f"{account.username}:{account.password}\n" for account in (self.home, self.aggregator))
        _write_secret(passwords, "".join(lines))
        tool = _find("mosquitto_passwd")
        if tool is None:
            raise StackError("mosquitto_passwd is not installed: run scripts/setup")
        hashing = ManagedProcess(
            "mosquitto_passwd", [tool, "-U", str(passwords)], log=self.folder / "passwords.log"
        )
        await hashing.start()
        await hashing.wait(timeout_s=10)


def _access_rules(home: Account, aggregator: Account) -> str:
    """Return Mosquitto's access list: a home reads its own events and writes its own answers, no more."""
    own = f"{PREFIX}/vens/{home.username}"
    reads = (
        *("events/create", "events/update", "events/delete", "events/response", "reports/received"),
        *("invitations/told", "invitations/received"),
    )
    writes = (
        *("events/request", "reports/create", "resources/create", "resources/update", "status"),
        "invitations/answer",
    )
    return "\n".join(
        [
            f"user {home.username}",
            *(f"topic read {own}/{topic}" for topic in reads),
            *(f"topic write {own}/{topic}" for topic in writes),
            f"user {aggregator.username}",
            f"topic readwrite {PREFIX}/vens/#",
            "",
        ]
    )


def _find(program: str) -> str | None:
    """Return a program's path; Debian keeps daemons where only root looks."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
