"""The real ingest service as a process, and a store before it that answers as it is told."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, override

from influxdb_edge import flux
from influxdb_edge.api import InfluxApi
from influxdb_edge.hours import RemoteEnd

from scripts.home_stack.processes import free_port, python_path

TOKENS = {"home_1": "token-of-home-1-0123456789abcdef", "home_2": "token-of-home-2-fedcba9876543210"}
CENTRAL_TOKEN = "token-of-the-community-0123456789"
_ROOT = Path(__file__).parents[3]
_START_TIMEOUT_S = 20.0


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after: str | None

    @property
    def message(self) -> str:
        return str(json.loads(self.body)["message"])


@dataclass(kw_only=True)
class Ingest:
    """The running service."""

    url: str
    tokens_file: Path
    process: subprocess.Popen[bytes]

    def write(
        self,
        body: bytes,
        *,
        token: str | None = TOKENS["home_1"],
        precision: str = "ns",
        packed: bool = True,
        encoding: str = "gzip",
    ) -> Answer:
        headers = {"Content-Encoding": encoding} if packed else {}
        if token is not None:
            headers["Authorization"] = f"Token {token}"
        data = gzip.compress(body) if packed and encoding == "gzip" else body
        query = f"org=0000000000000000&bucket=any&precision={precision}"
        return _answer(f"{self.url}/api/v2/write?{query}", headers, data)

    def remote(self, home: str) -> RemoteEnd:
        """Return this end as a home's gap check knows it."""
        return RemoteEnd(api=InfluxApi(url=self.url, token=TOKENS[home]), org=flux.ORG, bucket=flux.QUARTERS)

    def count(self, start: str, stop: str, *, token: str | None = TOKENS["home_1"]) -> Answer:
        headers = {"Authorization": f"Token {token}"} if token else {}
        query = urllib.parse.urlencode({"start": start, "stop": stop})
        return _answer(f"{self.url}/api/v2/points_per_hour?{query}", headers, None)


def _answer(url: str, headers: dict[str, str], data: bytes | None) -> Answer:
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 # http, our own address
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 # as above
            return Answer(status=answer.status, body=answer.read(), retry_after=None)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(status=error.code, body=error.read(), retry_after=error.headers.get("Retry-After"))


@contextmanager
def running_ingest(
    folder: Path, central_url: str, *, kind: str, most_files: int = 1024, accepted: Path | None = None
) -> Iterator[Ingest]:
    """Run the service with the tokens of two homes, or with those that are ``accepted``."""
    folder.mkdir(exist_ok=True)
    tokens_file, central_token = folder / "tokens.json", folder / "central_token"
    known = json.dumps({home: [hashed(token)] for home, token in TOKENS.items()})
    tokens_file.write_text(known if accepted is None else accepted.read_text())
    central_token.write_text(CENTRAL_TOKEN)
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 # our own arguments
        [
            *(
                "prlimit",
                f"--nofile={most_files}",
                sys.executable,
                "-m",
                "community_hub.ingest",
                f"--port={port}",
                f"--tokens={tokens_file}",
            ),
            *(f"--central-kind={kind}", f"--central-url={central_url}"),
            f"--central-token-file={central_token}",
        ],
        env={**os.environ, "PYTHONPATH": python_path("addons/community_hub")},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(f"{url}/health", process)
        yield Ingest(url=url, tokens_file=tokens_file, process=process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 # http, our own address
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the ingest service does not answer")


class ToldStore:
    """A store that answers every write as it is told, and keeps what it was sent."""

    def __init__(self) -> None:
        """Listen."""
        self.status = 204
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, str | None, bytes]] = []
        self.csv = ""
        # While it is not set, the store keeps who writes waiting.
        self.open = Event()
        self.open.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _told(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _told(store: ToldStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers POST."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            store.requests.append((self.path, self.headers.get("Authorization"), body))
            store.open.wait(10)
            is_query = self.path.startswith("/api/v2/query")
            content = store.csv.encode() if is_query else b""
            self.send_response(200 if is_query and store.status == 204 else store.status)
            for name, value in store.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        @override
        def log_message(self, format: str, *args: Any) -> None:  # the base class's name
            """Say nothing."""

    return Handler
