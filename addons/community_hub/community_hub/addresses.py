"""Which addresses a secret may be sent to."""

from typing import Final
from urllib.parse import urlsplit

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_encrypted_or_here(url: str) -> bool:
    """Whether what is sent to an address is encrypted on its way, or never leaves this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _HERE))
