"""What a health check hears, and what it costs."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from home_common.health import http_status, http_status_at

from scripts.home_stack.processes import free_port, python_path


@contextmanager
def saying(answer: bytes) -> Iterator[int]:
    """Give the port of a server that answers the first who asks."""
    with answering(socket.socket(), ("127.0.0.1", 0), answer) as server:
        yield server.getsockname()[1]


@contextmanager
def answering(
    server: socket.socket, address: str | tuple[str, int], answer: bytes
) -> Iterator[socket.socket]:
    """Have a server answer the first who asks."""
    with server:
        server.bind(address)
        server.listen()

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(1000)
                link.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield server
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


def test_a_server_on_a_socket_of_the_file_system_is_asked_as_one_on_a_port(tmp_path: Path) -> None:
    path = tmp_path / "health.sock"
    assert http_status_at(path, "/health") is None
    with answering(socket.socket(socket.AF_UNIX), str(path), b"HTTP/1.1 204 No Content\r\n\r\n"):
        assert http_status_at(path, "/health") == 204
    assert http_status_at(path, "/health") is None


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
