"""Asks the broker, as a client with a password would, whether it takes connections (MQTT 3.1.1)."""

import socket
from typing import Final

_TIMEOUT_S: Final = 4.0
_CONNECT: Final = 0x10
_DISCONNECT: Final = b"\xe0\x00"
_ACCEPTED: Final = b"\x20\x02\x00\x00"
# Clean session, user name, password.
_FLAGS: Final = 0b1100_0010


def answers(host: str, port: int, username: str, password: str) -> bool:
    """Whether the broker accepts this client now."""
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT_S) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.sendall(_connect(username, password))
            accepted = connection.recv(len(_ACCEPTED)) == _ACCEPTED
            connection.sendall(_DISCONNECT)
    except OSError:
        return False
    return accepted


def _connect(username: str, password: str) -> bytes:
    keepalive = (10).to_bytes(2)
    body = _text("MQTT") + bytes([4, _FLAGS]) + keepalive
    body += _text("home_broker.health") + _text(username) + _text(password)
    return bytes([_CONNECT]) + _length(len(body)) + body


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2) + encoded


def _length(value: int) -> bytes:
    """Return the variable byte integer of section 2.2.3."""
    more, digit = divmod(value, 128)
    return bytes([digit | 0x80]) + _length(more) if more else bytes([digit])
