"""A small mail server of the tests' own, on real sockets: TLS at once or by STARTTLS, and AUTH."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trustme


@dataclass
class SmtpServer:
    """What it was told, and how it is told it. ``commands`` are the first words of lines, over TLS or not."""

    is_tls: bool = True
    offers_starttls: bool = True
    password: str | None = None
    authority: trustme.CA = field(default_factory=trustme.CA)
    mails: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def trust(self) -> ssl.SSLContext:
        """Who trusts this server's authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context

    @property
    def _own(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert("127.0.0.1").configure_cert(context)
        return context

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the context lasts."""
        own = self._own
        tls = own if self.is_tls else None

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await self._serve(reader, writer, own)
            except ConnectionError, ssl.SSLError, asyncio.IncompleteReadError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, own: ssl.SSLContext
    ) -> None:
        async def say(*lines: str) -> None:
            writer.write("".join(f"{line}\r\n" for line in lines).encode())
            await writer.drain()

        await say("220 ready")
        while line := (await reader.readline()).decode().strip():
            word, _, rest = line.partition(" ")
            self.commands.append(word.upper())
            match word.upper():
                case "EHLO":
                    starttls = ["250-STARTTLS"] if self.offers_starttls and not self.is_tls else []
                    await say("250-here", *starttls, "250 AUTH PLAIN")
                case "STARTTLS" if self.offers_starttls:
                    await say("220 go on")
                    await writer.start_tls(own)
                case "AUTH":
                    given = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")[2]
                    # As some servers do, it repeats what it was told.
                    await say("235 ok" if given == self.password else f"535 {given} is wrong")
                case "DATA":
                    await say("354 go on")
                    self.mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                    await say("250 taken")
                case "QUIT":
                    await say("221 bye")
                    return
                case "MAIL" | "RCPT" | "RSET":
                    await say("250 ok")
                case _:
                    await say("502 no")
