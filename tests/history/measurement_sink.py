"""A real store that takes line protocol (VictoriaMetrics), and a proxy before it that fails on purpose."""

import asyncio
import contextlib
import gzip
import json
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from scripts.home_stack.processes import free_port

START_TIMEOUT_S = 20.0
TOKEN = "write-only-token-of-the-home"
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"

type Sample = tuple[str, int, float]


@dataclass(kw_only=True)
class MeasurementSink:
    """One VictoriaMetrics on 127.0.0.1. It keeps numbers only, in ms, as ``measurement_field``."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        """Whether there is such a store on this machine."""
        return which("victoria-metrics") is not None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: S603 # our own arguments
            [
                which("victoria-metrics") or "",
                f"-storageDataPath={self.folder}",
                f"-httpListenAddr=127.0.0.1:{self.port}",
                "-retentionPeriod=1",
                "-memory.allowedBytes=64MB",
                "-loggerLevel=ERROR",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            with contextlib.suppress(OSError):
                self._get("/health")
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.stop()
                raise TimeoutError("victoria-metrics does not answer")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def samples(self, home: str) -> Counter[Sample]:
        """Return how often each sample of a home is there: series (name and device), time in ms, value."""
        self._get("/internal/force_flush")
        query = urllib.parse.urlencode({"match[]": f'{{home="{home}"}}'})
        found: Counter[Sample] = Counter()
        for row in self._get(f"/api/v1/export?{query}").splitlines():
            series = json.loads(row)
            name = f"{series['metric']['__name__']} {series['metric']['device']}"
            found.update(
                (name, stamp, value)
                for stamp, value in zip(series["timestamps"], series["values"], strict=True)
            )
        return found

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())


@dataclass(kw_only=True)
class FaultProxy:
    """Hands requests on to the sink, but first meets each with the next of ``faults``.

    A fault is ``drop`` (connection closed unread), ``cut_request`` (closed with half of it read), ``hang``,
    ``cut_answer`` (the sink took it, half of its answer comes), or a status (with Retry-After) and its words.
    ``taken`` lists the lines of each request that the sink took. ``token`` is the only one let in.
    """

    sink_port: int | None
    faults: deque[str] = field(default_factory=deque)
    token: str = TOKEN
    retry_after: str = "0"
    taken: list[list[str]] = field(default_factory=list)
    requests: int = 0
    paths: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the proxy listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; on the same port as before, after a ``stop``."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections from now on."""
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; return whether the connection goes on."""
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        fault = self.faults.popleft() if self.faults else ""
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        if fault == "drop":
            return False
        if fault == "cut_request":
            await reader.readexactly(length // 2)
            return False
        body = await reader.readexactly(length)
        if fault == "hang":
            await reader.read()
            return False
        answer = await self._answer(head, body, fault)
        writer.write(answer[: len(answer) // 2] if fault == "cut_answer" else answer)
        await writer.drain()
        return fault != "cut_answer"

    async def _answer(self, head: bytes, body: bytes, fault: str) -> bytes:
        if f"authorization: token {self.token}".encode().lower() not in head.lower():
            return _status(401, '{"code":"unauthorized","message":"unauthorized access"}')
        status, _, words = fault.partition(" ")
        if status.isdecimal():
            told = json.dumps({"message": words or "on purpose"})
            return _status(int(status), told, f"Retry-After: {self.retry_after}\r\n")
        answer = TAKEN
        if self.sink_port is not None:
            answer = await _forward(self.sink_port, head, body)
        if answer.startswith(b"HTTP/1.1 204"):
            self.paths.append(head.split(b" ")[1].decode())
            self.taken.append(gzip.decompress(body).decode().split("\n"))
        return answer


async def _forward(port: int, head: bytes, body: bytes) -> bytes:
    """Hand a request to the sink and return its answer, whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 204"):
            answer = _status(int(answer.split(b" ")[1]), "the sink refuses")
        return answer
    finally:
        writer.transport.abort()


def _status(status: int, body: str, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} Because\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@contextlib.asynccontextmanager
async def proxy(sink_port: int | None, *faults: str) -> AsyncIterator[FaultProxy]:
    """Run a proxy; without a sink it takes everything itself."""
    proxy = FaultProxy(sink_port=sink_port, faults=deque(faults))
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
