"""Asks a server on this machine how it is, at the cost of a socket: health checks run every minute."""

import socket


def http_status(host: str, port: int, target: str, *, timeout_s: float = 5.0) -> int | None:
    """Return the status with which ``target`` is answered, None when nothing that speaks HTTP answers."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as link:
            link.settimeout(timeout_s)
            link.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
            answer = link.recv(64)
    except OSError:
        return None
    version, _, rest = answer.partition(b" ")
    status = rest[:3]
    return int(status) if version.startswith(b"HTTP/") and status.isdigit() else None
