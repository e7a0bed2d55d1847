"""A name server as small as it can be: it answers one name with one address, which may change or vanish."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address


class NameServer(asyncio.DatagramProtocol):
    """Answers questions for an address (RFC 1035, section 4.1)."""

    def __init__(self, name: str, address: str | None) -> None:
        """Know one name."""
        self.name = name
        self.address = address
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Listen."""
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer; a name that is not known, or has no address now, does not exist."""
        question = data[12:]
        labels = b"".join(bytes([len(label)]) + label.encode() for label in self.name.split(".")) + b"\0"
        known = self.address is not None and question.startswith(labels)
        flags = 0x8180 if known else 0x8183
        answer = struct.pack("!2sHHHHH", data[:2], flags, 1, int(known), 0, 0) + question[: len(labels) + 4]
        if known and self.address is not None:
            # The name of byte 12, an address of the internet, for an hour: nginx is told to ask again sooner.
            answer += struct.pack("!HHHIH", 0xC00C, 1, 1, 3600, 4) + IPv4Address(self.address).packed
        assert self._transport is not None
        self._transport.sendto(answer, addr)


@asynccontextmanager
async def name_server(name: str, address: str) -> AsyncIterator[NameServer]:
    """Run one."""
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: NameServer(name, address), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
