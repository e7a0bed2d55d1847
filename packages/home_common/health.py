"""Asks a server on this machine how it is, at the cost of a socket: health checks run every minute."""

import socket
from pathlib import Path


def http_status(host: str, port: int, target: str, *, timeout_s: float = 5.0) -> int | None:
    """Return the status with which ``target`` is answered, None when nothing that speaks HTTP answers."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as link:
            return _status(link, target)
    except OSError:
        return None


def http_status_at(path: Path, target: str, *, timeout_s: float = 5.0) -> int | None:
    """Return what ``http_status`` does, of a server that listens on a socket in the file system."""
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(timeout_s)
            link.connect(str(path))
            return _status(link, target)
    except OSError:
        return None


def _status(link: socket.socket, target: str) -> int | None:
    """Ask over an open link. Raises OSError."""
    link.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
    version, _, rest = link.recv(64).partition(b" ")
    status = rest[:3]
    return int(status) if version.startswith(b"HTTP/") and status.isdigit() else None
