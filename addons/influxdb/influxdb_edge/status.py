"""What the agent and Home Assistant may read: a JSON file in the data folder, and the same over HTTP."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final, override

from home_common.files import write_json

from .hours import Gaps
from .queue_health import QueueHealth

_LOGGER = logging.getLogger(__name__)
VERSION: Final = 1


def document(  # the parts of one document
    *,
    at: datetime,
    home_id: str,
    influxdb_passes: bool,
    reconciled: bool,
    replication_configured: bool,
    queue: QueueHealth | None,
    gaps: Gaps | None,
    more_problems: tuple[str, ...],
) -> dict[str, Any]:
    """Return the health document. ``problems`` holds stable names; empty means all is well."""
    problems = [
        *(() if influxdb_passes else ("influxdb_down",)),
        *(() if reconciled else ("not_reconciled",)),
        *(queue.problems() if queue else ()),
        *(("gaps",) if gaps and gaps.stubborn_hours else ()),
        *more_problems,
    ]
    return {
        "version": VERSION,
        "at": at.isoformat(),
        "home": home_id,
        "influxdb": "pass" if influxdb_passes else "fail",
        "reconciled": reconciled,
        "replication": _queue(queue) if queue else {"configured": replication_configured},
        "gaps": _gaps(gaps) if gaps else None,
        "problems": problems,
    }


class Status:
    """The latest document, served read-only on a port of the home's inner network."""

    def __init__(self, path: Path, address: str) -> None:
        """Listen at once; until the first document the answer is 503."""
        self._path = path
        self._latest: bytes | None = None
        self._lock = Lock()
        host, _, port = address.rpartition(":")
        self._server = ThreadingHTTPServer((host or "0.0.0.0", int(port)), _handler(self))  # noqa: S104 # the inner network
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    def start(self) -> None:
        """Serve from a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and let the port go."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def publish(self, value: Mapping[str, Any]) -> None:
        """Make this the latest document."""
        with self._lock:
            self._latest = json.dumps(value).encode()
        try:
            write_json(self._path, value, durable=False)
        except OSError as error:
            _LOGGER.warning("The health file cannot be written: %s", error.strerror)

    def latest(self) -> bytes | None:
        """Return the latest document as JSON, None before the first."""
        with self._lock:
            return self._latest


def _handler(status: Status) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """GET /health, and nothing else."""

        timeout = 10

        def do_GET(self) -> None:  # the base class calls it so
            """Answer with the latest document."""
            latest = status.latest()
            if self.path != "/health":
                self.send_error(404)
            elif latest is None:
                self.send_error(503)
            else:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(latest)))
                self.end_headers()
                self.wfile.write(latest)

        @override
        def log_message(self, format: str, *args: object) -> None:  # the base class's name
            """Say nothing: it is asked every minute."""

    return Handler


def _queue(health: QueueHealth) -> dict[str, Any]:
    sample, since = health.sample, health.not_shorter_since
    return {
        "configured": True,
        "remaining_bytes": sample.remaining_bytes,
        "queue_bytes": sample.queue_bytes,
        "most_bytes": sample.most_bytes,
        "not_shorter_since": since.isoformat() if since else None,
        "latest_response_code": sample.latest_response_code,
        "points_not_queued": sample.points_not_queued,
        "bytes_dropped": sample.bytes_dropped,
    }


def _gaps(gaps: Gaps) -> dict[str, Any]:
    return {
        "checked_at": gaps.checked_at.isoformat(),
        "missing_hours": [hour.isoformat() for hour in gaps.missing_hours],
        "stubborn_hours": [hour.isoformat() for hour in gaps.stubborn_hours],
        "rewritten_hours": gaps.rewritten_hours,
    }
