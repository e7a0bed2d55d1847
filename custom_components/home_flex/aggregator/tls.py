"""The TLS context towards the broker: the other side is always verified."""

import asyncio
import contextlib
import ssl
import tempfile
from pathlib import Path

from .errors import AggregatorError
from .settings import AggregatorSettings


async def create_tls_context(settings: AggregatorSettings) -> ssl.SSLContext | None:
    """Return the context for ``settings``, or None for a plain connection.

    Loading certificates reads files, so it happens in an executor. Raises AggregatorError ``invalid_pem``.
    """
    if not settings.tls:
        return None
    return await asyncio.to_thread(_build, settings)


def _build(settings: AggregatorSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=settings.ca_certificate or None)
    except (ssl.SSLError, ValueError, TypeError) as error:
        raise AggregatorError("invalid_pem", "The CA certificate is not a PEM certificate") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.client_certificate or settings.client_key:
        _load_client_certificate(context, settings.client_certificate or "", settings.client_key or "")
    return context


def _load_client_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Hand the pair to OpenSSL, which reads files only: 0600, and gone as soon as they are read."""
    with tempfile.TemporaryDirectory(prefix="home_flex") as folder, contextlib.ExitStack() as files:
        paths = []
        for text in (certificate, key):
            file = files.enter_context(tempfile.NamedTemporaryFile("w", dir=folder, encoding="utf-8"))
            file.write(text)
            file.flush()
            paths.append(Path(file.name))
        try:
            # An empty password makes an encrypted key an error, where OpenSSL would ask on the terminal.
            context.load_cert_chain(paths[0], paths[1], password="")
        except (ssl.SSLError, ValueError) as error:
            raise AggregatorError("invalid_pem", _client_pem_problem(error)) from None


def _client_pem_problem(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return "The client key does not belong to the client certificate"
    return "The client certificate and its key must both be PEM texts, the key without a password"
