"""Processes that end with us: started, waited for, stopped in order, or killed on purpose."""

import asyncio
import os
import random
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The kernel ends a child whose parent was killed, so that not even `kill -9` leaves a process behind.
_END_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


def python_path(*folders: str) -> str:
    """Return the PYTHONPATH of a service from folders of the repository: its image holds home_common too."""
    return os.pathsep.join(str(ROOT / folder) for folder in (*folders, "packages"))


class StackError(RuntimeError):
    """A part of the stack did not start or did not do what it was asked; the message says it in one line."""


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that nobody listens on at this moment.

    It is below those that the system gives to outgoing connections, which might take it before it is used.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class ManagedProcess:
    """One child process in its own session, its output in a log file."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        pipe_output: bool = False,
    ) -> None:
        """Prepare; nothing runs yet. With ``pipe_output`` only what it says on standard error is logged."""
        self.name = name
        self.log = log
        self._arguments = arguments
        self._environment = {**os.environ, **(environment or {})}
        self._pipe_output = pipe_output
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The id of the running process. Raises StackError when it does not run."""
        if self._process is None or self._process.returncode is not None:
            raise StackError(f"{self.name} is not running{self._last_words()}")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it. Raises StackError when the program is missing."""
        with self.log.open("ab") as log:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *_END_WITH_PARENT,
                    *self._arguments,
                    cwd=ROOT,
                    env=self._environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE if self._pipe_output else log,
                    stderr=log,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise StackError(f"{self.name} is not installed: run scripts/setup") from error

    async def read_line(self, *, timeout_s: float) -> bytes:
        """Return the next line of its standard output. Raises StackError when none comes."""
        if self._process is None or self._process.stdout is None:
            raise StackError(f"{self.name} has no output to read")
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise StackError(f"{self.name} said nothing for {timeout_s:g} s") from error
        if not line:
            raise StackError(f"{self.name} ended{self._last_words()}")
        return line

    async def wait_for_port(self, port: int, *, timeout_s: float) -> None:
        """Wait until it listens on ``port``. Raises StackError when it ends before, or takes too long."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.pid:
                    try:
                        _, writer = await asyncio.open_connection("127.0.0.1", port)
                    except OSError:
                        await asyncio.sleep(0.02)
                    else:
                        writer.close()
                        await writer.wait_closed()
                        return
        except TimeoutError as error:
            raise StackError(
                f"{self.name} did not listen on port {port} within {timeout_s:g} s{self._last_words()}"
            ) from error

    async def wait(self, *, timeout_s: float) -> None:
        """Wait for its end. Raises StackError when it fails or takes too long."""
        if self._process is None:
            raise StackError(f"{self.name} was not started")
        try:
            async with asyncio.timeout(timeout_s):
                status = await self._process.wait()
        except TimeoutError as error:
            await self.kill()
            raise StackError(f"{self.name} did not end within {timeout_s:g} s") from error
        if status:
            raise StackError(f"{self.name} failed{self._last_words()}")

    async def stop(self, *, patience_s: float = 20.0) -> None:
        """Ask it to end, and end it when it does not."""
        await self._end(signal.SIGTERM, patience_s)

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        await self._end(signal.SIGKILL, 5.0)

    async def _end(self, how: signal.Signals, patience_s: float) -> None:
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(how)
        try:
            async with asyncio.timeout(patience_s):
                await process.communicate() if self._pipe_output else await process.wait()
        except TimeoutError:
            process.kill()
            await process.communicate() if self._pipe_output else await process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return f": {lines[-1]}" if lines else ""
