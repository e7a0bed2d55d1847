"""How a charger dials in (OCPP-J 1.6 sections 3.1 and 6.2), and whether it may."""

import base64
import hmac
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

from aiohttp import hdrs, web

from .callers import Attempt, Refusal
from .settings import ChargerSettings

_LONGEST_IDENTITY: Final = 64


def read_attempt(request: web.Request) -> Attempt:
    """Read who dials in. The identity is the last part of the path that is not empty.

    Chargers append it themselves, whether it is there already or not, and with a slash too many.
    """
    parts = [part for part in request.match_info.get("path", request.path).split("/") if part]
    user, password = _credentials(request.headers.get(hdrs.AUTHORIZATION))
    return Attempt(
        identity=parts[-1][:_LONGEST_IDENTITY] if parts else "",
        path=request.path,
        protocols=request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, ""),
        user=user,
        remote=request.remote,
        password=password,
        certificate=_common_name(request),
        is_websocket=request.headers.get(hdrs.UPGRADE, "").lower() == "websocket",
    )


def why_not(attempt: Attempt, settings: ChargerSettings) -> Refusal | None:
    """Return why a charger is not let in to what was set up for it; None when it is.

    Without a password (security profile 0) only from the home's own network. With one (profiles 1 and 2)
    by HTTP Basic, where the user is the identity. One that shows a certificate (profile 3) needs no password,
    and must be who the certificate says.
    """
    if attempt.certificate is not None:
        is_it = attempt.certificate.casefold() == settings.identity.casefold()
        return None if is_it else Refusal.WRONG_CERTIFICATE
    if settings.password is None:
        return None if _is_local(attempt.remote) else Refusal.NOT_LOCAL
    if attempt.password is None or attempt.user is None:
        return Refusal.NO_PASSWORD
    is_user = hmac.compare_digest(attempt.user.casefold().encode(), settings.identity.casefold().encode())
    matches = [
        hmac.compare_digest(attempt.password.encode("latin-1"), each) for each in _keys(settings.password)
    ]
    return None if is_user and any(matches) else Refusal.WRONG_PASSWORD


def _keys(password: str) -> tuple[bytes, ...]:
    """Return the bytes of a password: as text, and those it writes in hexadecimal.

    The security white paper has AuthorizationKey hexadecimal, and a charger may send either.
    """
    readings = [password.encode()]
    with suppress(ValueError):
        readings.append(bytes.fromhex(password))
    return tuple(readings)


def _credentials(header: str | None) -> tuple[str | None, str | None]:
    """Read Basic credentials (RFC 7617); each byte of the password is a character, as it may be no text."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        user, colon, password = base64.b64decode(token).decode("latin-1").partition(":")
    except ValueError:
        return None, None
    return (user, password) if colon else (None, None)


def _common_name(request: web.Request) -> str | None:
    """Return the common name of the certificate that the charger's TLS connection was made with."""
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    names = [pair for part in (certificate or {}).get("subject", ()) for pair in part]
    return next((value for name, value in names if name == "commonName"), None)


def _is_local(remote: str | None) -> bool:
    try:
        address = ip_address(remote or "")
    except ValueError:
        return False
    return address.is_private or address.is_loopback or address.is_link_local
