"""A real Mosquitto on 127.0.0.1 that tests start, kill and start again on the same port."""

import contextlib
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from scripts.home_stack.processes import free_port

START_TIMEOUT_S = 10.0


def mosquitto_program() -> str | None:
    """Return where Mosquitto is, also where only root's PATH names it."""
    return which("mosquitto") or which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@dataclass(kw_only=True)
class Broker:
    """One Mosquitto with its own folder. ``options`` are lines for the end of its configuration.

    Messages survive ``stop``; with ``autosave_every_change`` (the default) they survive ``kill`` too.
    """

    folder: Path
    options: tuple[str, ...] = ()
    users: dict[str, str] = field(default_factory=dict)
    autosave_every_change: bool = True
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it listens."""
        program = mosquitto_program()
        if program is None:
            raise FileNotFoundError("mosquitto is not installed")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(  # noqa: S603 # our own configuration
            [program, "-c", str(self._write_configuration())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._listens():
            if self._process.poll() is not None:
                raise RuntimeError(f"mosquitto ended at once:\n{self.log()}")
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"mosquitto does not listen:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order; it writes its state first."""
        self._end(graceful=True)

    def kill(self) -> None:
        """End it with SIGKILL, as a power cut would."""
        self._end(graceful=False)

    def pause(self) -> None:
        """Let it stand still with its connections open, as a machine that hangs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start again on the same port."""
        self.stop()
        self.start()

    def saved(self, text: bytes) -> bool:
        """Whether ``text`` is in the state it has written to the disk."""
        with contextlib.suppress(FileNotFoundError):
            return text in (self.folder / "mosquitto.db").read_bytes()
        return False

    def log(self) -> str:
        """Return what it wrote to its log."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "mosquitto.log").read_text(encoding="utf-8")
        return ""

    def _end(self, *, graceful: bool) -> None:
        if (process := self._process) is None:
            return
        self._process = None
        if graceful:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        process.kill()
        process.wait(5)

    def _listens(self) -> bool:
        with socket.socket() as client:
            client.settimeout(0.5)
            return client.connect_ex((self.host, self.port)) == 0

    def _write_configuration(self) -> Path:
        lines = [
            f"listener {self.port} {self.host}",
            "user root",
            "persistence true",
            f"persistence_location {self.folder}/",
            f"log_dest file {self.folder}/mosquitto.log",
            "log_type all",
            "max_packet_size 4000000",
        ]
        if self.autosave_every_change:
            lines += ["autosave_on_changes true", "autosave_interval 1"]
        if self.users:
            lines += ["allow_anonymous false", f"password_file {self._write_passwords()}"]
        else:
            lines.append("allow_anonymous true")
        path = self.folder / "mosquitto.conf"
        path.write_text("\n".join([*lines, *self.options, ""]), encoding="utf-8")
        return path

    def _write_passwords(self) -> Path:
        path = self.folder / "passwords"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        program = which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
        for user, password in self.users.items():
            subprocess.run([program, "-b", path, user, password], check=True, capture_output=True, timeout=10)  # noqa: S603 # our own users
        return path
