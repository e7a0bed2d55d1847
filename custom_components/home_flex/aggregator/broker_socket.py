"""A connected socket to the broker, with the precise reason when there is none.

paho opens its socket in a thread that cannot be cancelled and loses the kind of error on the way; here
both steps are the event loop's, and cancelling closes the socket.
"""

import asyncio
import socket
import ssl

from .errors import AggregatorError, connection_error, is_client_certificate_alert

# Unacknowledged bytes may wait this long before the kernel gives the connection up.
_USER_TIMEOUT_MS = 20_000


class RememberingSocket(ssl.SSLSocket):
    """Remembers that the broker refused our certificate: with TLS 1.3 it says so after the handshake."""

    certificate_refused: bool = False

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read, and keep what a TLS alert says."""
        try:
            return super().recv(buflen, flags)
        except ssl.SSLError as error:
            self.certificate_refused |= is_client_certificate_alert(error)
            raise


async def open_socket(
    host: str, port: int, context: ssl.SSLContext | None, *, timeout_s: float
) -> socket.socket:
    """Connect to ``host`` and, with a ``context``, shake hands; non-blocking. Raises AggregatorError."""
    try:
        async with asyncio.timeout(timeout_s):
            connection = await _connect(host, port)
            return connection if context is None else await _shake_hands(connection, context, host)
    except OSError as error:
        raise connection_error(error, host, port) from error
    except ValueError as error:
        raise AggregatorError("unknown_host", f"{host!r} is not a host name") from error


async def _connect(host: str, port: int) -> socket.socket:
    """Try the host's addresses in turn."""
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
            await loop.sock_connect(connection, address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure or OSError(f"{host} has no address")


async def _shake_hands(connection: socket.socket, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
    """Wrap ``connection`` without blocking the loop; whatever goes wrong, no socket stays open."""
    context.sslsocket_class = RememberingSocket
    secure: ssl.SSLSocket | None = None
    try:
        secure = context.wrap_socket(connection, server_hostname=host, do_handshake_on_connect=False)
        while True:
            try:
                secure.do_handshake()
            except ssl.SSLWantReadError:
                await _until_readable(secure)
            else:
                return secure
    except ConnectionError as error:
        (secure or connection).close()
        raise AggregatorError("protocol", f"{host} hangs up when it is asked for TLS") from error
    except BaseException:
        (secure or connection).close()
        raise


async def _until_readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
