"""Exchanges a one-time code for a certificate and the broker's address (addons/community_hub, enrolment)."""

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .errors import AggregatorError

_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_MOST_BYTES: Final = 64 * 1024
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REASONS: Final = {400: "code_refused", 403: "code_refused", 429: "too_many_codes"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What the community gave the home: PEM texts, and where its broker is."""

    certificate: str
    private_key: str = field(repr=False)
    host: str
    port: int
    prefix: str
    ca_certificate: str | None


async def redeem(session: aiohttp.ClientSession, url: str, ven_id: str, code: str) -> Enrolment:
    """Redeem a code at the enrolment service of ``url``; the key is made here and stays here.

    Raises AggregatorError: ``invalid_enrolment_url``, ``code_refused``, ``too_many_codes``,
    ``enrolment_unreachable`` or ``no_enrolment_service``.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    body = {"ven_id": ven_id, "code": code, "csr": _signing_request(ven_id, key)}
    answer = await _post(session, f"{_checked(url)}/redeem", body)
    try:
        broker = answer["broker"]
        return Enrolment(
            certificate=_text(answer["certificate"]),
            private_key=key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode(),
            host=_text(broker["host"]),
            port=int(broker["port"]),
            prefix=str(broker["prefix"]),
            ca_certificate=_text(broker["ca_certificate"]) if broker.get("ca_certificate") else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_service() from error


def _checked(url: str) -> str:
    """Return the address without a slash at its end; codes go over TLS, or stay on this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (is_safe and parts.hostname) or parts.query or parts.fragment or parts.username:
        raise AggregatorError("invalid_enrolment_url", "The address must begin with https://")
    return url.rstrip("/")


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, str]) -> Any:
    try:
        async with session.post(url, json=body, timeout=_TIMEOUT, allow_redirects=False) as answer:
            if (reason := _REASONS.get(answer.status)) is not None:
                raise AggregatorError(reason, f"The enrolment service answers {answer.status}")
            if answer.status != 200:
                raise _no_service()
            return json.loads(await _beginning(answer))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise AggregatorError(
            "enrolment_unreachable", "The enrolment service does not answer, or is not to be trusted"
        ) from error
    except ValueError as error:
        raise _no_service() from error


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """Return a body, however many pieces it comes in; of a long one what is needed to refuse it."""
    body = b""
    while len(body) < _MOST_BYTES and (piece := await answer.content.read(_MOST_BYTES - len(body))):
        body += piece
    return body


def _signing_request(ven_id: str, key: ec.EllipticCurvePrivateKey) -> str:
    """Return a PKCS #10 request (RFC 2986) with the venID as its common name and nothing else."""
    try:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ven_id)])
    except ValueError as error:
        raise AggregatorError("code_refused", "This cannot be a venID") from error
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("no text")
    return value


def _no_service() -> AggregatorError:
    return AggregatorError("no_enrolment_service", "What answers is no enrolment service of Home Flex")
