"""What a health check hears, and what it costs."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server
from threading import Thread

import pytest
from home_common.health import http_status

from scripts.home_stack.processes import free_port, python_path


@contextmanager
def saying(answer: bytes) -> Iterator[int]:
    """Give the port of a server that answers the first who asks."""
    with create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1000)
                link.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", 200),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", 503),
        (b"SSH-2.0-OpenSSH\r\n", None),
        (b"HTTP/1.1 abc\r\n", None),
        (b"", None),
    ],
)
def test_the_status_of_the_answer_is_told(answer: bytes, status: int | None) -> None:
    with saying(answer) as port:
        assert http_status("127.0.0.1", port, "/health") == status


def test_where_nobody_listens_there_is_none() -> None:
    assert http_status("127.0.0.1", free_port(), "/health") is None


@pytest.mark.parametrize(
    ("folder", "package"), [("addons/home_agent", "home_agent"), ("addons/wifi_ap", "wifi_ap")]
)
def test_the_check_of_each_minute_imports_little(folder: str, package: str) -> None:
    """It runs in the memory that its service is limited to."""
    asked = subprocess.run(  # noqa: S603 # our own program
        [sys.executable, "-X", "importtime", "-m", package, "health"],
        env={"PYTHONPATH": python_path(folder), "RUN_FOLDER": "/nonexistent", "HTTP_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in asked.stderr.splitlines()}
    assert asked.returncode == 1
    assert not imported & {"aiohttp", "aiomqtt", "asyncio", "cryptography", "dbus_fast", "ssl", "urllib"}
