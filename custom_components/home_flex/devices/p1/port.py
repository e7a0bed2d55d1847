"""Where a P1 port is, and how its byte stream is opened."""

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

import serialx
from aiohttp import ClientSession

from ..driver import DeviceError
from .deciphering import MeterKeys
from .http_port import TelegramPoller

_CONNECT_TIMEOUT_S = 10.0


class Closes(Protocol):
    """What ends a byte stream."""

    def close(self) -> None:
        """Begin to close it."""
        ...

    async def wait_closed(self) -> None:
        """Wait until it is closed."""
        ...


type Stream = tuple[asyncio.StreamReader, Closes]

# DSMR 4 and 5 P1 companion standards section 5.3: 115200 baud, 8N1; DSMR 2.2 and 3.0: 9600 baud, 7E1.
_SERIAL_FRAMES = {
    115200: {"byte_size": 8, "parity": serialx.Parity.NONE, "stopbits": serialx.StopBits.ONE},
    9600: {"byte_size": 7, "parity": serialx.Parity.EVEN, "stopbits": serialx.StopBits.ONE},
}


@dataclass(frozen=True, slots=True)
class P1Settings:
    """Where a P1 port is, one of three.

    Behind a TCP bridge (``host`` and ``port``), on a serial line (``device``), or on a reader that is asked
    for telegrams over HTTP (``api_host``, with its port where that is not 80).
    ``baudrate`` is 115200 for DSMR 4 and newer, 9600 for DSMR 2.2 and 3.0, None while nobody knows: the
    meter shows it by its telegrams. A TCP bridge has its own. ``keys`` are those of a meter that encrypts.
    ``relay_port`` is the port of this machine at which telegrams are handed on.
    """

    host: str | None = None
    port: int | None = None
    device: str | None = None
    api_host: str | None = None
    baudrate: int | None = None
    keys: MeterKeys | None = None
    relay_port: int | None = None

    def __post_init__(self) -> None:
        """Refuse settings that name no port, or two."""
        tcp = self.host is not None and self.port is not None
        if [tcp, self.device is not None, self.api_host is not None].count(True) != 1:
            raise ValueError("a P1 port is either host and port, or a serial device, or the host of an API")
        if self.baudrate is not None and self.baudrate not in _SERIAL_FRAMES:
            raise ValueError(f"a P1 port speaks at {' or '.join(map(str, _SERIAL_FRAMES))} baud")

    @property
    def endpoint(self) -> str:
        """The port in words, for messages."""
        return self.device or self.api_host or f"{self.host}:{self.port}"

    @property
    def ways(self) -> tuple[P1Settings, ...]:
        """The ways to read this port, one of which is right: each speed of a serial line, the newer first."""
        if self.device is None or self.baudrate is not None:
            return (self,)
        return tuple(replace(self, baudrate=baudrate) for baudrate in _SERIAL_FRAMES)


async def open_stream(settings: P1Settings, session: ClientSession) -> Stream:
    """Open the byte stream of one way; ``session`` is what HTTP is spoken with.

    Raises DeviceError ``cannot_connect``, ``serial_unavailable``, ``api_disabled`` or ``not_p1``.
    """
    if settings.device is not None:
        return await _open_serial(settings.ways[0])
    if settings.api_host is not None:
        return await _open_api(settings.api_host, session)
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            return await asyncio.open_connection(settings.host, settings.port)
    except (OSError, OverflowError, ValueError) as err:  # a port or host name that can be none, too
        message = str(err) or "no answer"
        raise DeviceError("cannot_connect", f"{settings.endpoint}: {message}") from err


async def _open_api(host: str, session: ClientSession) -> Stream:
    try:
        poller = TelegramPoller(session, host)
    except ValueError as err:
        raise DeviceError("cannot_connect", f"{host}: {err}") from err
    await poller.open()
    return poller.reader, poller


async def _open_serial(settings: P1Settings) -> Stream:
    baudrate = settings.baudrate or 0
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            return await serialx.open_serial_connection(settings.device, baudrate, **_SERIAL_FRAMES[baudrate])
    except (serialx.SerialException, OSError, ValueError) as err:
        message = str(err) or "no answer"
        raise DeviceError("serial_unavailable", f"{settings.endpoint}: {message}") from err
