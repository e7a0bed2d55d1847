"""The hub as an authenticator knows it: by the name in its public address (WebAuthn 3, 5.1.2 and 13.4.9)."""

import ipaddress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from ...web import Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class RelyingParty:
    """``id`` is the host's name, ``origin`` what a browser says that its page came from."""

    id: str
    origin: str

    @classmethod
    def at(cls, public_url: str) -> Self:
        """Return the hub's own. Raises Problem 409 where browsers know no passkeys.

        They do where a host has a name and speaks TLS, or is the machine itself by the name ``localhost``.
        """
        url = urlsplit(public_url)
        host = url.hostname or ""
        usual = {"https": 443, "http": 80}.get(url.scheme)
        is_secure = url.scheme == "https" or host == "localhost"
        if not is_secure or not host.isascii() or _is_number(host):
            raise Problem(
                HTTPStatus.CONFLICT,
                "no-passkeys",
                "The hub's address is no name over https, and browsers want one for passkeys.",
            )
        port = "" if url.port in {None, usual} else f":{url.port}"
        return cls(id=host, origin=f"{url.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
