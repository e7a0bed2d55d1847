"""Who comes to the door: browsers at addresses of their own, and those who speak no proper HTTP."""

import asyncio
import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from .door import NAME, Door
from .stand_in import OPERATOR

# Each test that counts visits comes from an address of its own; the tunnel ends at this one.
TUNNEL = "127.0.0.9"
_TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: CIMultiDictProxy[str]
    text: str


def trusting(door: Door) -> ssl.SSLContext:
    """Return what a browser has that was told to trust the home's certificate."""
    return ssl.create_default_context(cafile=str(door.data / "certificate.pem"))


def browser(address: str = "127.0.0.1") -> aiohttp.ClientSession:
    """Return a browser at an address."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(local_addr=(address, 0), limit=0),
        timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S),
    )


async def visit(
    door: Door,
    path: str = "/",
    *,
    method: str = "GET",
    address: str = "127.0.0.1",
    host: str = NAME,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    **more: Any,
) -> Answer:
    """Ask the door once; over TLS when a context is given, with ``host`` as the name in both."""
    url = f"https://127.0.0.1:{door.https_port}" if tls else door.url
    if tls:
        more |= {"ssl": tls, "server_hostname": host}
    async with (
        browser(address) as session,
        session.request(
            method, f"{url}{path}", headers={"Host": host, **(headers or {})}, allow_redirects=False, **more
        ) as answer,
    ):
        return Answer(status=answer.status, headers=answer.headers, text=await answer.text())


async def speak(
    port: int,
    text: str | bytes,
    *,
    address: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    name: str = "",
) -> bytes:
    """Say something to a port and return all that comes back until the other side closes.

    Over TLS when a context is given, asking for ``name``, or for no name. Raises ssl.SSLError.
    """
    async with asyncio.timeout(_TIMEOUT_S):
        # An address as the name is never sent.
        named = (name or "127.0.0.1") if tls else None
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname=named, local_addr=(address, 0)
        )
        try:
            writer.write(text.encode() if isinstance(text, str) else text)
            return await reader.read()
        finally:
            writer.close()


async def offer(port: int, path: str, size: int) -> int:
    """Announce a body, as the operator, and return what the door says before it is sent: 100 to go on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(60):
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: home.local\r\nContent-Length: {size}\r\n"
                f"Authorization: {OPERATOR}\r\nExpect: 100-continue\r\n\r\n".encode()
            )
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()


def any_certificate(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """Return a client that takes any certificate, and speaks one version only when one is named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version is not None:
        # Else the client's own library refuses old versions, and the home is never asked.
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    return context
